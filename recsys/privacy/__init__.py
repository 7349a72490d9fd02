"""Differential privacy: what a model may give away of one person, and the noise that keeps it to that."""
