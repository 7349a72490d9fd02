"""How somebody uses the star levels: who never gives 1 or 3 stars will hardly start now.

Legend: B people, I items, N star levels.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.base import entry_rows

LEAST = 1e-6  # expected number of a level; keeps a quotient finite


def with_level_use(
    distribution: np.ndarray, history: sp.csr_array, scale: RatingScale, prior_ratings: float
) -> np.ndarray:
    """Tilt star probabilities towards the levels that a person gives more often than was expected of the rated films.

    With n_l ratings of level l, e_l expected ones and n in all, the probability of l is multiplied by
    (n_l + a e_l / n) / (e_l + a e_l / n), a = prior_ratings, and the whole is normalised again. It is the ratio of the
    posterior mean of a person's share of level l, under a Dirichlet prior of a ratings, to the share that was expected.

    Args:
        distribution: (B, I, N) float32, summing to 1. history: (B, I) stars. prior_ratings: a > 0.

    Returns:
        (B, I, N) float32 summing to 1; unchanged for somebody without ratings.
    """
    rows, n_levels = entry_rows(history), len(scale.levels)
    level = scale.level_of(history.data)
    given = np.zeros((history.shape[0], n_levels))
    np.add.at(given, (rows, level), 1.0)
    expected = np.full(given.shape, LEAST)
    np.add.at(expected, rows, distribution[rows, history.indices])
    n_ratings = expected.sum(axis=1, keepdims=True)  # (B, 1)
    believed = prior_ratings * expected / n_ratings
    has_any = np.diff(history.indptr)[:, None] > 0
    factor = np.where(has_any, (given + believed) / (expected + believed), 1.0).astype(np.float32)
    tilted = distribution * factor[:, None, :]
    return tilted / tilted.sum(axis=2, keepdims=True)
