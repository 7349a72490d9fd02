"""Ordered probit: against SciPy's distributions, by hand, and against slopes found by differences."""

import numpy as np
import pytest
from scipy import stats

from recsys.models.bayes.probit import (
    density,
    draw_latent,
    expected_latent,
    first_cutpoints,
    improved_cutpoints,
    of_levels,
    with_ends,
)
from recsys.models.numeric.normal_levels import level_probabilities

CUTPOINTS = np.array([-1.5, -0.5, 0.4, 1.2])
SCALES = [2, 5, 10, 19]  # numbers of levels


def float32(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def cutpoints_of(n_levels: int) -> np.ndarray:
    return np.sort(np.random.default_rng(n_levels).normal(size=n_levels - 1))


def test_level_probabilities_are_slices_of_a_normal():
    latent, variance = np.array([0.3, -2.0]), np.array([0.0, 1.5])
    found = level_probabilities(latent, CUTPOINTS, variance)
    for row in range(2):
        below = stats.norm.cdf(CUTPOINTS, latent[row], np.sqrt(1 + variance[row]))
        np.testing.assert_allclose(found[row], np.diff([0, *below, 1]), rtol=1e-10)


def test_level_probabilities_of_any_shape_are_those_of_each_and_sure_where_no_variance_is_given():
    latent = np.array([[0.3, -2.0, 0.0], [1.0, 5.0, -0.7]])
    found = level_probabilities(latent, CUTPOINTS)
    assert found.shape == (2, 3, 5)
    for place in np.ndindex(2, 3):
        below = stats.norm.cdf(CUTPOINTS, latent[place], 1.0)
        np.testing.assert_allclose(found[place], np.diff([0, *below, 1]), atol=1e-12)


def test_latent_draws_stay_in_their_slice_and_have_its_mean():
    ends = np.array([-np.inf, *CUTPOINTS, np.inf])
    for level in range(5):
        latent, places = np.full(20_000, 0.7, dtype=np.float32), of_levels(np.full(20_000, level), 5)
        draws = draw_latent(latent, places, CUTPOINTS, np.random.default_rng(level))
        assert ((draws >= ends[level] - 1e-6) & (draws <= ends[level + 1] + 1e-6)).all()
        slice_ = stats.truncnorm(ends[level] - 0.7, ends[level + 1] - 0.7, loc=0.7)
        assert draws.mean() == pytest.approx(slice_.mean(), abs=0.02)
        assert expected_latent(0.7, ends[level], ends[level + 1]) == pytest.approx(slice_.mean(), abs=1e-9)


def test_cutpoints_climb_to_the_truth():
    rng = np.random.default_rng(0)
    latent = float32(rng.normal(size=40_000))
    level = np.searchsorted(CUTPOINTS, latent + rng.normal(size=latent.size))
    cutpoints = first_cutpoints(np.bincount(level))
    for _ in range(30):
        cutpoints = improved_cutpoints(cutpoints, latent, of_levels(level, 5))
    np.testing.assert_allclose(cutpoints, CUTPOINTS, atol=0.04)


def test_a_level_that_nobody_used_keeps_its_cutpoint_finite():
    level = np.array([0, 0, 4, 4])
    cutpoints = first_cutpoints(np.bincount(level))
    for _ in range(50):
        cutpoints = improved_cutpoints(cutpoints, np.zeros(4, dtype=np.float32), of_levels(level, 5))
    assert np.isfinite(cutpoints).all()
    assert (np.diff(cutpoints) >= 0).all()


def test_a_slice_that_is_as_good_as_impossible_leaves_draws_and_means_finite():
    far, ends = float32([40.0, -40.0, 40.0]), with_ends(CUTPOINTS)
    level = np.array([0, 4, 2])
    draws = draw_latent(far, of_levels(level, 5), CUTPOINTS, np.random.default_rng(0))
    np.testing.assert_allclose(draws, [-1.5, 1.2, 0.4], atol=1e-5)  # as near as they may be
    assert np.isfinite(improved_cutpoints(CUTPOINTS, far, of_levels(level, 5))).all()
    assert np.isfinite(expected_latent(far, ends[level], ends[level + 1])).all()


@pytest.mark.parametrize("n_levels", SCALES)
def test_latent_draws_are_distributed_as_a_truncated_normal(n_levels):
    """Each draw, put through its own distribution function, is uniform."""
    rng, cutpoints = np.random.default_rng(0), cutpoints_of(n_levels)
    latent, level = float32(rng.normal(size=4000)), rng.integers(n_levels, size=4000)
    draws, ends = draw_latent(latent, of_levels(level, n_levels), cutpoints, rng), with_ends(cutpoints)
    below, above = (stats.norm.cdf(ends[level + side] - latent) for side in (0, 1))
    shares = (stats.norm.cdf(draws - latent) - below) / (above - below)
    assert stats.kstest(shares, "uniform").pvalue > 0.01


def test_the_density_is_that_of_the_standard_normal():
    values = np.array([[-np.inf, -2.0, 0.0], [0.3, 3.0, np.inf]])
    np.testing.assert_allclose(density(values), stats.norm.pdf(values), rtol=1e-12)


def test_ends_are_added_to_every_row_of_cutpoints():
    found = with_ends(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert found.tolist() == [[-np.inf, 1, 2, np.inf], [-np.inf, 3, 4, np.inf]]


def test_first_cutpoints_give_the_levels_their_frequencies():
    """Three levels of 5, 1 and 0 ratings, and one more each: 6, 2 and 1 of 9."""
    found = first_cutpoints(np.array([5, 1, 0]))
    np.testing.assert_allclose(stats.norm.cdf(found), [6 / 9, 8 / 9], rtol=1e-12)


def log_likelihood(cutpoints: np.ndarray, latent: np.ndarray, level: np.ndarray) -> float:
    ends = np.array([-np.inf, *cutpoints, np.inf])
    return float(np.log(stats.norm.cdf(ends[level + 1] - latent) - stats.norm.cdf(ends[level] - latent)).sum())


@pytest.mark.parametrize("n_levels", SCALES)
def test_a_step_of_the_cutpoints_is_one_of_fisher_scoring(n_levels):
    """By the slope of the log-likelihood, over squared slopes of the ratings on either side and a prior of one rating.

    A cutpoint's slopes are found by differences, one rating at a time.
    """
    rng, cutpoints = np.random.default_rng(1), cutpoints_of(n_levels)
    latent, level = rng.normal(size=60), rng.integers(n_levels, size=60)
    expected = []
    for place in range(n_levels - 1):
        nudge = 1e-6 * (np.arange(n_levels - 1) == place)
        slopes = [
            (log_likelihood(cutpoints + nudge, *one) - log_likelihood(cutpoints - nudge, *one)) / 2e-6
            for one in zip(latent[:, np.newaxis], level[:, np.newaxis], strict=True)
        ]
        expected.append(cutpoints[place] + np.sum(slopes) / (np.sum(np.square(slopes)) + 1))
    found = improved_cutpoints(cutpoints, float32(latent), of_levels(level, n_levels))
    np.testing.assert_allclose(found, np.sort(expected), rtol=1e-4, atol=1e-5)


def test_a_step_worked_by_hand():
    """Two levels, the cutpoint at the mean of one rating of the lower: slope pdf(0) / (1 / 2), its square, and a 1."""
    slope = 2 / np.sqrt(2 * np.pi)
    found = improved_cutpoints(np.zeros(1), np.zeros(1, dtype=np.float32), of_levels(np.zeros(1, dtype=int), 2))
    np.testing.assert_allclose(found, [slope / (slope**2 + 1)], rtol=1e-6)
