"""How far a model of tastes is believed where ratings are few: plain offsets, which do better there, have the rest.

Legend: U users, I items, n ratings that were kept aside.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.simple.baseline import Baseline

MANY = 25  # ratings for each person and film: with so many nothing is gained by plain offsets
ASIDE, FEWEST_ASIDE = 0.1, 50  # share of ratings, and number of them, that tell otherwise
TINY = 1e-12  # squared stars; keeps a quotient finite


def needs_plain_offsets(train: sp.csr_array, n_aside: int) -> bool:
    """Whether (U, I) stars are so few that plain offsets may do better, and those kept aside enough to tell."""
    return are_few(train.nnz, train.shape, n_aside)


def are_few(n_ratings: int, shape: tuple[int, int], n_aside: int) -> bool:
    """The same of so many ratings of people and films, (U, I)."""
    return n_ratings < MANY * sum(shape) and n_aside >= FEWEST_ASIDE


def sure_share(beyond: np.ndarray, missed: np.ndarray) -> float:
    """What share of a correction, (n,), is worth making, where so much, (n,), is missed without it; in [0, 1].

    The slope of the regression of one on the other, less two standard errors.

    >>> sure_share(np.array([1.0, -1.0, 2.0]), np.array([1.0, -1.0, 2.0]))
    1.0
    """
    squares = max(float(beyond @ beyond), TINY)
    slope = float(missed @ beyond) / squares
    error = float(np.sqrt(np.mean((missed - slope * beyond) ** 2) / squares))
    return min(max(slope - 2 * error, 0.0), 1.0)


def plain_offsets(scale: RatingScale, mean: float, item_offset: np.ndarray | None) -> Baseline:
    """The model of a mean and items' offsets, (I,), which were learned."""
    assert item_offset is not None, "only where they have a share"
    return Baseline(scale=scale).restore({"mean": np.asarray(mean), "item_offset": item_offset})
