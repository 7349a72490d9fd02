"""Which films people of a profile choose: log-linear in what is known of the films, bilinear in both.

    log p(i | u) = popularity_i + features_i . (W' profile_u) + what makes the sum over i of p equal 1

Legend: B people, U training users, I items, K features, the last a constant, P = 2 + 2 K numbers of a profile.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from recsys.liking import liked
from recsys.models.base import rated
from recsys.models.content.tastes import ridge

BLOCK = 256  # people whose chances are dense at once
UNIT = 4.0  # of the logarithm of a number of ratings; keeps it as large as the rest of a profile


def popularity(n_likes: np.ndarray, n_ratings: np.ndarray, features: np.ndarray, kind_likes: float) -> np.ndarray:
    """(I,) log of how many like a film, to which some are added of those that are usual of its kind.

    Args:
        n_likes, n_ratings: (I,); what is usual is learned from films with ratings.
        features: (I, K).
        kind_likes: > 0, what share of the usual number is added.
    """
    usual = np.exp(features @ ridge(features, np.log(n_likes + 0.5), (n_ratings > 0).astype(float), 1.0))
    return np.log(n_likes + kind_likes * usual)


def profiles(history: sp.csr_array, features: np.ndarray, least: np.ndarray, shrinkage: float) -> np.ndarray:
    """(B, P) of people with (B, I) stars: 1, how much was rated, the mean features of liked and of rated films.

    Args:
        least: (B,) stars of a like.
        shrinkage: in films.
    """
    n_ratings = np.diff(history.indptr)[:, None]
    means = [
        (matrix @ features) / np.maximum(np.diff(matrix.indptr)[:, None] + shrinkage, 1)
        for matrix in (liked(history, least).astype(np.float64), rated(history))
    ]
    return np.concatenate([np.ones((len(n_ratings), 1)), np.log1p(n_ratings) / UNIT, *means], axis=1)


@dataclass(frozen=True, eq=False)
class Choices:
    """Who chose what, and the loss of weights that are to say why.

    Attributes:
        chosen: (U, I) 1.0 where a film was chosen.
        profile: (U, P).
        features: (I, K).
        popularity: (I,).
        l2: in choices.
    """

    chosen: sp.csr_array
    profile: np.ndarray
    features: np.ndarray
    popularity: np.ndarray
    l2: float

    def fit(self, steps: int) -> np.ndarray:
        """(P, K) weights that make the choices likeliest, less l2 / 2 of their squares: L-BFGS from 0."""
        shape = self.profile.shape[1], self.features.shape[1]
        n_chosen = max(self.chosen.nnz, 1)

        def of(weights: np.ndarray) -> tuple[float, np.ndarray]:
            loss, gradient = self.loss(weights.reshape(shape))
            return loss / n_chosen, gradient.ravel() / n_chosen

        found = minimize(of, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": steps})
        weights: np.ndarray = found.x.reshape(shape)
        return weights

    def loss(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Nats of all choices and the penalty, and the gradient, (P, K)."""
        loss, gradient = 0.5 * self.l2 * float(np.sum(weights**2)), self.l2 * weights
        for rows in self.blocks():
            chosen, profile = self.chosen[rows], self.profile[rows]
            n_chosen, pull = np.diff(chosen.indptr)[:, None], chosen @ self.features  # (B, 1), (B, K)
            wish = profile @ weights  # (B, K)
            logits = wish @ self.features.T + self.popularity  # (B, I)
            highest = logits.max(axis=1, keepdims=True)
            chances = np.exp(np.subtract(logits, highest, out=logits), out=logits)
            total = chances.sum(axis=1, keepdims=True)
            loss += float(np.sum(n_chosen * (highest + np.log(total))) - np.sum(wish * pull))
            loss -= float(np.sum(self.popularity[chosen.indices]))
            gradient = gradient + profile.T @ (chances @ self.features * (n_chosen / total) - pull)
        return loss, gradient

    def blocks(self) -> Iterator[slice]:
        """The people, in order."""
        return (slice(start, start + BLOCK) for start in range(0, len(self.profile), BLOCK))
