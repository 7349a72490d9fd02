"""Histories as a transformer reads them: a token for each rating, in no order.

Legend: B histories in a batch, I items, T tokens of the longest, N ratings in all, S anchors of the scale.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import keep_entries
from recsys.models.base import entry_rows

N_ANCHORS = 5  # S


@dataclass(frozen=True, eq=False)
class Tokens:
    """Ratings of some people, filled up to the same number.

    Attributes:
        films: (B, T) int, which film; 0 where there is none.
        grades: (B, T) float32, how it was rated, from 0 to 1.
        is_token: (B, T) bool, False where there is none.
    """

    films: np.ndarray
    grades: np.ndarray
    is_token: np.ndarray

    @classmethod
    def of(cls, grades: sp.csr_array) -> Self:
        """All that is stored in (B, I), float32."""
        rows, lengths = entry_rows(grades), np.diff(grades.indptr)
        columns = np.arange(grades.nnz) - grades.indptr[rows]
        shape = (grades.shape[0], int(lengths.max(initial=0)))
        films, found = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.float32)
        films[rows, columns], found[rows, columns] = grades.indices, grades.data
        return cls(films, found, np.arange(shape[1]) < lengths[:, None])


def anchored(grades: np.ndarray) -> np.ndarray:
    """What share each of S anchors, evenly from grade 0 to 1, has in a grade: (N,) -> (N, S) float32.

    A grade is between two anchors, and the nearer it is to one, the larger is its share.

    >>> anchored(np.array([0.0, 0.25, 0.375]))
    array([[1. , 0. , 0. , 0. , 0. ],
           [0. , 1. , 0. , 0. , 0. ],
           [0. , 0.5, 0.5, 0. , 0. ]], dtype=float32)
    """
    apart = np.abs(grades[:, None] * (N_ANCHORS - 1) - np.arange(N_ANCHORS))
    return np.maximum(1 - apart, 0).astype(np.float32)


def ranks(matrix: sp.csr_array, order: np.ndarray) -> np.ndarray:
    """The place of each stored entry in its row, (nnz,) int from 0, where (nnz,) `order` is smallest first."""
    rows = entry_rows(matrix)
    sorted_ = np.lexsort((order, rows))
    found = np.empty(matrix.nnz, dtype=np.int64)
    found[sorted_] = np.arange(matrix.nnz) - matrix.indptr[rows]
    return found


def highest(grades: sp.csr_array, n_most: int) -> sp.csr_array:
    """The n_most highest of each row, (B, I); of equal ones those of the first films. Their order is that of films."""
    ordered = grades.sorted_indices()
    return keep_entries(ordered, ranks(ordered, -ordered.data) < n_most)


def told_and_hidden(
    ratings: sp.csr_array, hides: tuple[float, float], n_most: int, rng: np.random.Generator
) -> np.ndarray:
    """Which ratings are told, (nnz,) bool: of each person another share is hidden, and at most n_most are told.

    Args:
        ratings: (B, I).
        hides: the least and the largest share, between which each person's is drawn.
        n_most: of a person.
        rng: draws shares, and which ratings.
    """
    share = rng.uniform(*hides, ratings.shape[0])
    n_told = np.minimum(np.rint((1 - share) * np.diff(ratings.indptr)), n_most)
    return ranks(ratings, rng.random(ratings.nnz)) < n_told[entry_rows(ratings)]
