"""The quick normal distribution against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from recsys.models.numeric.quick_normal import (
    density,
    draw_between,
    nearer_tail,
    quantile,
    share_below,
    share_between,
    standard_normal,
    tail,
)

VALUES = np.linspace(-6, 6, 2001, dtype=np.float32)


def test_shares_and_densities_are_those_of_the_normal_distribution():
    np.testing.assert_allclose(share_below(VALUES), stats.norm.cdf(VALUES), atol=3e-7)
    np.testing.assert_allclose(density(VALUES), stats.norm.pdf(VALUES), rtol=3e-6)
    below, far = VALUES[VALUES < 0], np.float32([-np.inf, np.inf])
    np.testing.assert_allclose(share_below(below), stats.norm.cdf(below), rtol=4e-3)
    np.testing.assert_allclose(tail(-below), stats.norm.sf(-below), rtol=4e-3)
    assert (share_below(far).tolist(), density(far).tolist()) == ([0.0, 1.0], [0.0, 0.0])


def test_quantiles_are_those_of_the_normal_distribution():
    shares = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 5001), np.logspace(-12, -1, 50)]).astype(np.float32)
    np.testing.assert_allclose(quantile(shares), stats.norm.ppf(shares.astype(np.float64)), atol=2e-5)
    assert np.isfinite(quantile(np.float32([0.0, 1.0]))).all()


@pytest.mark.parametrize("shift", [-5.0, -1.0, 0.0, 1.0, 5.0])
def test_shares_of_intervals_keep_their_digits_on_either_side(shift):
    ends = np.float32([-np.inf, -0.5, -0.1, 0.3, 1.2, np.inf]) + np.float32(shift)
    low, high = ends[:-1], ends[1:]
    exact = np.where(low < 0, np.diff(stats.norm.cdf(ends)), -np.diff(stats.norm.sf(ends)))
    np.testing.assert_allclose(share_between(low, high), exact, rtol=6e-3, atol=1e-12)


def test_intervals_above_zero_are_turned_over():
    low, high = np.float32([-1, 1, -np.inf, 2, -3]), np.float32([2, 3, 1, np.inf, 1])
    lower, upper, sign = nearer_tail(low, high)
    assert lower.tolist() == [-2, -3, -np.inf, -np.inf, -3]
    assert upper.tolist() == [1, -1, 1, -2, 1]
    assert sign.tolist() == [-1, -1, 1, -1, 1]


@pytest.mark.parametrize(("low", "high"), [(-np.inf, 0.3), (-0.2, 0.1), (0.5, 1.5), (3.5, np.inf), (-4.5, -4.0)])
def test_draws_between_ends_are_of_a_truncated_normal(low, high):
    ends = np.full((2, 5000), [[low], [high]], dtype=np.float32)
    draws = draw_between(*ends, np.random.default_rng(0))
    assert ((ends[0] <= draws) & (draws <= ends[1])).all()
    assert stats.kstest(draws, stats.truncnorm(low, high).cdf).pvalue > 0.01


@pytest.mark.parametrize("shape", [(7,), (100, 201), (0, 3)])
def test_standard_normal_numbers_are_so_and_of_any_shape(shape):
    found = standard_normal(shape, np.random.default_rng(0))
    assert (found.shape, found.dtype) == (shape, np.float32)
    assert np.isfinite(found).all()
    if found.size > 1000:
        numbers = found.ravel()
        assert stats.kstest(numbers, "norm").pvalue > 0.01
        assert abs(np.corrcoef(numbers[: len(numbers) // 2], numbers[-(len(numbers) // 2) :])[0, 1]) < 0.03


def test_a_draw_hardly_moves_when_its_ends_hardly_do():
    """Where an interval begins to be turned over, so that its draw is of the other tail, nothing leaps."""
    just_below, just_above = (
        draw_between(
            np.full(1000, -1.0, dtype=np.float32), np.full(1000, high, dtype=np.float32), np.random.default_rng(0)
        )
        for high in (1.0 - 1e-4, 1.0 + 1e-4)
    )
    np.testing.assert_allclose(just_below, just_above, atol=1e-3)
