"""Boltzmann machines: what goes together has a low energy."""
