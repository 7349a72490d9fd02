"""Recommenders before simulated people: what is measured, and how it is told."""
