"""Boltzmann machines of more than one hidden layer."""
