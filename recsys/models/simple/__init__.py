"""Means, offsets and popularity: what every other model has to beat."""
