"""Sums over people that hide each of them: nobody counts for more than so much, and normal noise is added.

Legend: U people, K and L numbers on either side of a product, I columns.
"""

import secrets
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtri

SECRET_BITS = 53  # of a number that is drawn in secret


class Noise(Protocol):
    """Where normal noise and the drawing of people come from."""

    def uniform(self, n: int) -> np.ndarray:
        """(n,) float64 in (0, 1)."""

    def normal(self, n: int) -> np.ndarray:
        """(n,) float64 of N(0, 1)."""


class SeededNoise:
    """Noise that comes again with its seed: whoever knows the seed can take it away, and is kept from nothing."""

    def __init__(self, seed: int | Sequence[int]):
        self.rng = np.random.default_rng(seed)

    def uniform(self, n: int) -> np.ndarray:
        """See `Noise`."""
        return self.rng.random(n)

    def normal(self, n: int) -> np.ndarray:
        """See `Noise`."""
        return self.rng.standard_normal(n)


class SecretNoise:
    """Noise of the system's own secrets, which nobody can draw again."""

    def uniform(self, n: int) -> np.ndarray:
        """See `Noise`."""
        drawn = np.frombuffer(secrets.token_bytes(8 * n), dtype=np.uint64) >> np.uint64(64 - SECRET_BITS)
        return (drawn + 0.5) * 2.0**-SECRET_BITS

    def normal(self, n: int) -> np.ndarray:
        """See `Noise`."""
        return np.asarray(ndtri(self.uniform(n)))


class Parts(Protocol):
    """What each of some people adds to a sum of arrays."""

    def squares(self) -> np.ndarray:
        """(U,) float64, the squared length of what each adds, over all arrays together."""

    def summed(self, weights: np.ndarray) -> list[np.ndarray]:
        """The sum of what they add times their weights, (U,)."""


class Rows:
    """People who add a row of a matrix each, (U, I)."""

    def __init__(self, matrix: sp.csr_array):
        self.matrix = matrix

    def squares(self) -> np.ndarray:
        """See `Parts`."""
        return np.asarray(self.matrix.power(2).sum(axis=1), dtype=np.float64).ravel()

    def summed(self, weights: np.ndarray) -> list[np.ndarray]:
        """See `Parts`; (I,) alone."""
        return [np.asarray(self.matrix.T @ weights)]


class Products:
    """People who add outer products of two vectors to matrices, as they do to the gradient of a dense layer.

    Their lengths come without the products being made (Goodfellow 2015, "Efficient per-example gradient computations").
    """

    def __init__(self, pairs: Sequence[tuple[np.ndarray, np.ndarray]]):
        self.pairs = pairs  # (U, K), (U, L) for each matrix, (K, L)

    def squares(self) -> np.ndarray:
        """See `Parts`."""
        lengths = [np.sum(left**2, axis=1) * np.sum(right**2, axis=1) for left, right in self.pairs]
        return np.asarray(np.sum(lengths, axis=0), dtype=np.float64)

    def summed(self, weights: np.ndarray) -> list[np.ndarray]:
        """See `Parts`; (K, L) for each matrix."""
        return [left.T @ (right * weights[:, None]) for left, right in self.pairs]


def clipping(squares: np.ndarray, most: float) -> np.ndarray:
    """(U,) by what to multiply what people add, of these squared lengths, for none to be longer than that.

    >>> clipping(np.array([25.0, 0.25, 0.0]), 1.0)
    array([0.2, 1. , 1. ])
    """
    lengths = np.sqrt(squares)
    return np.divide(most, lengths, out=np.ones_like(lengths), where=lengths > most)


def noisy_sum(parts: Parts, *, most: float, deviation: float, noise: Noise, sampling: float = 1.0) -> list[np.ndarray]:
    """The sum of what people add, where each adds at most so much, with normal noise.

    Args:
        parts: what they add.
        most: the length, over all arrays together, to which one person's part is shortened.
        deviation: of the noise in every number.
        noise: where it comes from.
        sampling: the chance of each person to be in the sum at all, by themselves (Poisson sampling).
    """
    weights = clipping(parts.squares(), most)
    if sampling < 1:
        weights = weights * (noise.uniform(len(weights)) < sampling)
    return [each + deviation * noise.normal(each.size).reshape(each.shape) for each in parts.summed(weights)]
