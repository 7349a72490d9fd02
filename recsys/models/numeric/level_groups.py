"""Many star levels for the price of a few: thresholds are learned between groups of neighbouring levels.

The thresholds between the levels of a group lie on straight lines through those that were learned. Legend: N star
levels, K groups of `size` levels each; the last may have fewer.
"""

from functools import cache

import numpy as np

MOST_GROUPS = 11  # a finer scale is grouped; ten half stars are not


def group_size(n_levels: int) -> int:
    """How many levels a group has; 1 on a scale of few levels."""
    return -(-n_levels // MOST_GROUPS)


def n_groups(n_levels: int) -> int:
    """K, how many groups that makes."""
    return -(-n_levels // group_size(n_levels))


@cache
def spreading(n_levels: int) -> np.ndarray:
    """(N - 1, K - 1) float32: what makes the thresholds between all levels of those between the groups.

    >>> spreading(3)
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    size, n_learned = group_size(n_levels), n_groups(n_levels) - 1
    if size == 1:
        return kept(np.eye(n_learned, dtype=np.float32))
    place = np.arange(1, n_levels) / size - 1  # in groups, from the first learned threshold
    before = np.clip(np.floor(place).astype(np.int64), 0, n_learned - 2)
    share = (place - before)[:, None]  # below 0 and above 1 beyond the ends
    return kept(((1 - share) * np.eye(n_learned)[before] + share * np.eye(n_learned)[before + 1]).astype(np.float32))


def kept(array: np.ndarray) -> np.ndarray:
    """The array, which nobody may change from now on."""
    array.flags.writeable = False
    return array
