"""What counts as a like: one rule for models, lists and figures, on every scale.

Legend: B people, I items.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import ROUNDING, RatingScale
from recsys.settings import MEAN, Liking


def least_stars(liking: Liking, scale: RatingScale, history: sp.csr_array) -> np.ndarray:
    """(B,) float64 stars that a like has at least, of people with these histories, (B, I) stars.

    By one's own mean, somebody without ratings has that of the level.
    """
    stars = scale.liked_from if isinstance(liking, str) else float(liking)
    least = np.full(history.shape[0], stars - ROUNDING * scale.width)
    if liking == MEAN:
        n_ratings = np.diff(history.indptr)
        sums = np.bincount(owners(history), weights=history.data, minlength=history.shape[0])
        least[n_ratings > 0] = (sums / np.maximum(n_ratings, 1) + ROUNDING * scale.width)[n_ratings > 0]
    return least


def likes(ratings: sp.csr_array, least: np.ndarray | float) -> np.ndarray:
    """(nnz,) bool, which stored ratings, (B, I) stars, are likes; least: for all, or (B,) for each person."""
    return ratings.data >= np.broadcast_to(least, ratings.shape[0])[owners(ratings)]


def liked(ratings: sp.csr_array, least: np.ndarray | float) -> sp.csr_array:
    """(B, I) bool of the ratings that are likes; no other cell is stored."""
    cells = (likes(ratings, least), ratings.indices.copy(), ratings.indptr.copy())
    found = sp.csr_array(cells, shape=ratings.shape)
    found.eliminate_zeros()
    return found


def owners(matrix: sp.csr_array) -> np.ndarray:
    """(nnz,) int row of every stored entry."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def in_words(liking: Liking) -> str:
    """What a like is, where `liking` is stars or a rule: "4 stars or more"."""
    return "more stars than the person's mean" if liking == MEAN else f"{liking:g} stars or more"
