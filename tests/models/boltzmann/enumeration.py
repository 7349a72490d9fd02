"""Machines so small that all their states can be counted."""

from itertools import product

import numpy as np

from recsys.models.boltzmann.machine import Batch, Parameters, Units, energy, free_energy

N_FILMS, N_LEVELS, N_HIDDEN = 3, 3, 2
LEVELS = np.array([-1.0, 0.5, 2.0])


def machine_of(n_visible: int, seed: int = 0, n_hidden: int = N_HIDDEN) -> Parameters:
    """Weights of a size that matters, float64, with all that any kind of units has."""
    rng = np.random.default_rng(seed)
    return {
        "weights": rng.normal(0, 0.7, (n_visible, n_hidden)),
        "visible_bias": rng.normal(0, 0.5, n_visible),
        "hidden_bias": rng.normal(0, 0.5, n_hidden),
        "generosity": np.array([0.6]),
        "rated_weights": rng.normal(0, 0.7, (N_FILMS, n_hidden)),
    }


def levels_of(states: np.ndarray) -> np.ndarray:
    """Levels of films, (B, I) int, -1 = unrated, as units: (B, K I)."""
    return np.concatenate([states == level for level in range(N_LEVELS)], axis=1).astype(float)


def told(states: np.ndarray, generosity: float = 0.4) -> Batch:
    """People who gave these levels, (B, I) int, -1 = unrated, to a machine that is told all there is."""
    rated = (states >= 0).astype(float)
    given = np.full((len(states), 1), generosity)
    return Batch(values=levels_of(states), is_unit=np.tile(rated, (1, N_LEVELS)), generosity=given, rated=rated)


def all_levels(n_films: int = N_FILMS) -> np.ndarray:
    """(K^I, I) every way of giving levels to films."""
    return np.array(list(product(range(N_LEVELS), repeat=n_films)))


def all_hidden(n_hidden: int = N_HIDDEN) -> np.ndarray:
    """(2^F, F) every state of the hidden units."""
    return np.array(list(product((0.0, 1.0), repeat=n_hidden)))


def energies(units: Units, batch: Batch, machine: Parameters) -> np.ndarray:
    """(B, 2^F) of these visible units with every state of the hidden ones."""
    n_people, n_hidden = len(batch.values), len(machine["hidden_bias"])
    columns = [energy(units, batch, np.tile(state, (n_people, 1)), machine) for state in all_hidden(n_hidden)]
    return np.stack(columns, axis=1)


def log_chances(units: Units, machine: Parameters) -> np.ndarray:
    """(K^I,) log chance of all levels of all films, divided by the sum over all states, Z."""
    log_weight = -free_energy(units, told(all_levels()), machine)
    return log_weight - np.logaddexp.reduce(log_weight)
