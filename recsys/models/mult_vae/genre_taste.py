"""What genres that somebody asks for say about their taste: a second, small encoder beside that of the ratings.

Both encoders answer with a normal distribution over z, and are put together as a product of experts (Wu and Goodman
2018, "Multimodal generative models for scalable weakly-supervised learning", equation 3).

Legend: M networks, P training people, B people who ask, G genres, F features, L latent dimensions.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.stated_genres import genre_shares, stated_genres

STATEMENTS = (1, 2, 3)  # numbers of genres that training people are taken to ask for
LEAST_VARIANCE = 1e-3  # keeps a precision finite


@dataclass(frozen=True, eq=False)
class GenreTaste:
    """A ridge regression from stated genres to the mean of z, and how far people are from what it says.

    Attributes:
        weights: (M, F, L), the constant first.
        variance: (M, L) in (0, 1].
    """

    weights: np.ndarray
    variance: np.ndarray

    @classmethod
    def learn(cls, genres: np.ndarray, mean: np.ndarray, variance: np.ndarray, l2: float) -> Self:
        """Fit on people whose taste is known.

        Args:
            genres: (P, G) bool, what they would ask for.
            mean, variance: (M, P, L) of their z.
            l2: > 0, in people.
        """
        asked = features(genres)
        precision = asked.T @ asked + l2 * np.eye(asked.shape[1])
        weights = np.linalg.solve(precision, np.einsum("pf,mpl->mfl", asked, mean))
        rest = mean - np.einsum("pf,mfl->mpl", asked, weights)
        spread = np.mean(rest**2 + variance, axis=1)
        return cls(weights, np.clip(spread, LEAST_VARIANCE, 1.0))

    def combined(self, genres: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Posterior given ratings and genres.

        Args:
            genres: (B, G) bool; a row without any changes nothing.
            mean, variance: (M, B, L) given the ratings alone.

        Returns:
            mean and variance, (M, B, L) float32: precisions add up, less that of the prior, which both contain.
        """
        said = np.einsum("bf,mfl->mbl", features(genres), self.weights)
        spread = self.variance[:, None, :]
        precision = 1 / variance + np.maximum(1 / spread - 1, 0)
        joint = (mean / variance + said / spread) / precision
        asks = np.any(genres, axis=1).reshape(1, -1, 1)
        chosen = np.where(asks, joint, mean), np.where(asks, 1 / precision, variance)
        return chosen[0].astype(np.float32), chosen[1].astype(np.float32)


def features(genres: np.ndarray) -> np.ndarray:
    """(B, G) bool -> (B, F = 1 + 2 G) float64: 1, each genre, and each genre's share of those asked for."""
    asked = genres.astype(np.float64)
    shares = asked / np.maximum(asked.sum(axis=1, keepdims=True), 1)
    return np.column_stack([np.ones(len(asked)), asked, shares])


def statements(train: sp.csr_array, item_genres: np.ndarray, liked_from: np.ndarray | float) -> np.ndarray:
    """What training people, (P, I) stars, would ask for if they named one, two or three genres: (3 P, G) bool."""
    reference = genre_shares(train, item_genres, liked_from)
    asked = [stated_genres(train, item_genres, reference, n, liked_from) for n in STATEMENTS]
    return np.concatenate(asked)
