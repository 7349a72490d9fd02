"""What the features of films are worth to people, in stars: ridge regressions that share what tastes usually are.

A taste w is drawn from N(0, noise S), and a residual of the offsets from N(features . w, noise): a linear mixed model,
fitted by expectation maximization (Dempster, Laird and Rubin 1977, section 4.4). With S = I / l2 it is one plain ridge
regression for each person.

Legend: B people, U training users, I items, K features, the last a constant.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.base import entry_rows, with_values
from recsys.models.numeric.grams import chunks, grams

TINY = 1e-9  # noise over the variance of the ratings, below which nothing is left to explain


@dataclass(frozen=True, eq=False)
class Offsets:
    """Stars of a film for a person without a taste: the mean and the film's offset.

    Attributes:
        mean: of all ratings.
        of_items: (I,).
    """

    mean: float
    of_items: np.ndarray

    def residuals(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> the same entries with what the offsets leave over, float64."""
        return with_values(history, history.data - self.mean - self.of_items[history.indices])

    @classmethod
    def of_kinds(cls, mean: float, rest: sp.csr_array, features: np.ndarray, l2: float, l2_kind: float) -> Self:
        """Offsets that are drawn to what is usual of films with such features; those of unrated films are just that.

        Args:
            mean: of all ratings.
            rest: (U, I), what is left of the ratings without the mean and tastes.
            features: (I, K).
            l2: in ratings; a film with so many stands halfway between its own and its kind's.
            l2_kind: in films, of the regression on features.
        """
        n = np.bincount(rest.indices, minlength=len(features))
        sums = np.bincount(rest.indices, weights=rest.data, minlength=len(features))
        weight = np.divide(n, n + l2, out=np.zeros(len(n)), where=n > 0)  # (I,) how much is known of a film
        own = sums / np.maximum(n, 1)
        kind = features @ ridge(features, own, weight, l2_kind)
        return cls(mean, kind + weight * (own - kind))


def ridge(features: np.ndarray, values: np.ndarray, weights: np.ndarray, l2: float) -> np.ndarray:
    """(K,) that minimise sum weights (values - features . w)^2 + l2 |w|^2; features (I, K), the others (I,)."""
    weighted = features * weights[:, None]
    return np.linalg.solve(features.T @ weighted + l2 * np.eye(features.shape[1]), weighted.T @ values)


def tastes(residuals: sp.csr_array, features: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """(B, K) likeliest taste of each person, 0 without ratings; precision is S^-1, (K, K)."""
    found = np.zeros((residuals.shape[0], features.shape[1]))
    for rows in chunks(len(found), features.shape[1]):
        pull = residuals[rows] @ features
        found[rows] = np.linalg.solve(grams(residuals[rows], features) + precision, pull[:, :, None])[:, :, 0]
    return found


def spread_again(
    residuals: sp.csr_array, features: np.ndarray, precision: np.ndarray, noise: float
) -> tuple[np.ndarray, float, np.ndarray]:
    """One step of expectation maximization: precision and noise that make the residuals likelier, and tastes, (B, K).

    Nobody without ratings counts. Precision and noise stay as they are where nothing is left to explain.
    """
    found, outer = np.zeros((residuals.shape[0], len(precision))), np.zeros_like(precision)
    squares, n_people = 0.0, int(np.count_nonzero(np.diff(residuals.indptr)))
    for rows in chunks(len(found), len(precision)):
        some, has_ratings = residuals[rows], np.diff(residuals[rows].indptr) > 0
        gram = grams(some, features)
        unsure = np.linalg.inv(gram + precision)  # (B, K, K), over the noise
        found[rows] = np.einsum("bkl,bl->bk", unsure, some @ features)
        missed = some.data - np.einsum("nk,nk->n", found[rows][entry_rows(some)], features[some.indices])
        outer += found[rows].T @ found[rows] + noise * unsure[has_ratings].sum(axis=0)
        squares += float(missed @ missed) + noise * float(np.sum(unsure * gram))
    left = squares / max(residuals.nnz, 1)
    if left <= TINY * float(residuals.data @ residuals.data) / max(residuals.nnz, 1):
        return precision, noise, found
    return left * n_people * np.linalg.inv(outer), left, found


def fit_tastes(
    train: sp.csr_array,
    features: np.ndarray,
    offsets: Offsets,
    *,
    sweeps: int,
    l2: float,
    l2_item: float,
    l2_kind: float,
) -> tuple[Offsets, np.ndarray]:
    """Offsets and the precision of tastes, (K, K), found in turns.

    Args:
        train: (U, I) stars.
        features: (I, K).
        offsets: to begin with.
        sweeps: turns.
        l2: of tastes in the first turn, in ratings.
        l2_item, l2_kind: see `Offsets.of_kinds`.
    """
    precision = l2 * np.eye(features.shape[1])
    residuals = offsets.residuals(train)
    noise = float(residuals.data @ residuals.data) / max(train.nnz, 1)
    for _ in range(sweeps if train.nnz else 0):
        precision, noise, found = spread_again(offsets.residuals(train), features, precision, noise)
        explained = np.einsum("nk,nk->n", found[entry_rows(train)], features[train.indices])
        rest = with_values(train, train.data - offsets.mean - explained)
        offsets = Offsets.of_kinds(offsets.mean, rest, features, l2_item, l2_kind)
    return offsets, precision
