"""Many star levels in a few groups: which are in which, and where the thresholds between them lie."""

import numpy as np
import pytest

from recsys.models.numeric.level_groups import MOST_GROUPS, group_size, n_groups, spreading

every_number = pytest.mark.parametrize("n_levels", [2, 3, 10, 11, 12, 21, 23, 90, 100, 101, 1000])


@every_number
def test_groups_are_of_one_size_but_the_last_and_few(n_levels):
    size = group_size(n_levels)
    counts = np.bincount(np.arange(n_levels) // size)
    assert len(counts) == n_groups(n_levels) <= MOST_GROUPS
    assert (counts[:-1] == size).all()
    assert 1 <= counts[-1] <= size
    assert (size == 1) == (n_levels <= MOST_GROUPS)


@every_number
def test_thresholds_between_groups_stay_and_those_inside_lie_on_straight_lines(n_levels):
    size, rng = group_size(n_levels), np.random.default_rng(0)
    learned = np.cumsum(rng.uniform(0.5, 2, n_groups(n_levels) - 1))
    spread = spreading(n_levels) @ learned
    assert spread.shape == (n_levels - 1,)
    assert (np.diff(spread) > 0).all()
    places = np.arange(size, n_levels, size)  # the first level of each group but the lowest
    np.testing.assert_allclose(spread[places - 1], learned, rtol=1e-5)
    bends = np.flatnonzero(np.abs(np.diff(spread, 2)) > 1e-4) + 2  # the levels at whose lower end a line bends
    assert set(bends) <= set(places)


def test_thresholds_of_21_levels_worked_by_hand():
    """Groups of two; thresholds at 0, 2, 4, ... are learned at levels 2, 4, ..., and level l begins at l - 2."""
    learned = 2.0 * np.arange(10)
    np.testing.assert_allclose(spreading(21) @ learned, np.arange(1, 21) - 2, rtol=1e-6, atol=1e-6)
