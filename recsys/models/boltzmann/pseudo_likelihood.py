"""Boltzmann machines without hidden units: how likely each unit is, given all others.

A state of the units, each 0 or 1, has the energy -v' W v / 2 - b' v, where W is symmetric and its diagonal 0, and is
the likelier the lower that is. So a unit is on with the log odds b + W v, which do not depend on itself.

Legend: U people, I units, C chains.
"""

import numpy as np
import scipy.sparse as sp

from recsys.models.numeric.dense_stack import sigmoid

BLOCK = 1024  # people at once


def pseudo_slopes(states: sp.csr_array, weights: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Derivatives of the pseudo-likelihood's logarithm with its sign turned (Besag 1975).

    It is the sum over people and units of log(1 + exp(z)) - v z, with z = V W + b: a logistic regression of each unit
    on all others, of which each has a column of its own here.

    Args:
        states: (U, I) float32, stored where a unit is on.
        weights: (I, I), symmetric, 0 on the diagonal.
        bias: (I,).

    Returns:
        By the weights, (I, I), column by column; by the bias, (I,); and the sum itself, in nats.
    """
    by_weights, by_bias, nats = np.zeros_like(weights), np.zeros_like(bias), 0.0
    for start in range(0, states.shape[0], BLOCK):
        block = states[start : start + BLOCK]
        odds = block @ weights + bias
        nats += float(np.logaddexp(0, odds).sum() - block.multiply(odds).sum())
        beyond = sigmoid(odds) - block.toarray()
        by_weights += block.T @ beyond
        by_bias += beyond.sum(axis=0)
    return by_weights, by_bias, nats


def tied(slopes: np.ndarray) -> np.ndarray:
    """The same where two regressions share a weight and none has one for its own unit, (I, I): half of it for each."""
    shared = (slopes + slopes.T) / 2
    np.fill_diagonal(shared, 0)
    return shared


def gibbs(weights: np.ndarray, bias: np.ndarray, n_chains: int, n_sweeps: int, rng: np.random.Generator) -> np.ndarray:
    """Draws of a machine, (C, I) of 0 and 1: chains in which one unit after the other is drawn given all others.

    Args:
        weights: (I, I), symmetric, 0 on the diagonal.
        bias: (I,).
        n_chains: C; they begin with every unit as likely as its bias alone says.
        n_sweeps: how often each unit is drawn.
        rng: draws.
    """
    states = (rng.random((n_chains, len(bias))) < sigmoid(bias)).astype(weights.dtype)
    for _ in range(n_sweeps):
        for unit, dice in enumerate(rng.random((len(bias), n_chains))):
            states[:, unit] = dice < sigmoid(states @ weights[unit] + bias[unit])
    return states
