"""Expected calibration error: worked by hand, against a naive loop and scikit-learn, and under resampling."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from eval.measures.calibration import N_BINS, Reliability, calibration_error_sums, reliability_of
from eval.measures.stats import UserSums, estimate, standard_error


def forecasts(seed: int, n: int = 200, n_levels: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts (n, n_levels) float32, levels (n,), the highest too often for them, and whose each is, (n,) of 20."""
    rng = np.random.default_rng(seed)
    forecast = rng.dirichlet(np.ones(n_levels), size=n)
    drawn = (rng.random((n, 1)) > np.cumsum(forecast, axis=1)[:, :-1]).sum(axis=1)
    level = np.where(rng.random(n) < 0.2, n_levels - 1, drawn)
    return forecast.astype(np.float32), level, rng.integers(20, size=n)


def ece(forecast: np.ndarray, level: np.ndarray) -> float:
    return calibration_error_sums(forecast, level, np.zeros(len(level), dtype=np.int64), 1)[0] / len(level)


def naive_ece(forecast: np.ndarray, level: np.ndarray) -> float:
    """The definition, word by word."""
    n_ratings, n_levels = forecast.shape
    errors = []
    for threshold in range(1, n_levels):
        bins: list[list[tuple[float, bool]]] = [[] for _ in range(15)]
        for row, given_level in zip(forecast.tolist(), level.tolist(), strict=True):
            probability = min(sum(row[threshold:]), 1.0)
            bins[min(int(probability * 15), 14)].append((probability, given_level >= threshold))
        error = 0.0
        for members in filter(None, bins):
            mean_probability = sum(probability for probability, _ in members) / len(members)
            share = sum(happened for _, happened in members) / len(members)
            error += len(members) / n_ratings * abs(mean_probability - share)
        errors.append(error)
    return sum(errors) / len(errors)


# Worked by hand


def test_three_levels_by_hand():
    """Second level or more: 0.5 and 0.5 in bin 7, one came true: right. Third: 0.3 twice in bin 4, one came true."""
    forecast = np.array([[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]])
    level = np.array([2, 0])
    assert ece(forecast, level) == pytest.approx((0.0 + abs(0.3 - 0.5)) / 2)
    curve = reliability_of(forecast, level)
    np.testing.assert_array_equal(curve.count.sum(axis=1), [2, 2])
    np.testing.assert_allclose(curve.mean_predicted[:, [7, 4]], [[0.5, np.nan], [np.nan, 0.3]])
    assert curve.share_observed[1, 4] == 0.5


def test_thresholds_are_not_pooled():
    """One event is said too rarely, the other too often, both with probability 0.5: pooled, they would cancel."""
    forecast = np.tile([[0.5, 0.0, 0.5]], (4, 1))  # "second or more" 0.5, "third" 0.5
    level = np.array([1, 1, 1, 0])  # came true 3 of 4 times, and never
    assert ece(forecast, level) == pytest.approx((0.25 + 0.5) / 2)


def test_certainty_that_comes_true_has_no_error():
    assert ece(np.eye(5, dtype=np.float32), np.arange(5)) == 0


def test_certainty_that_never_comes_true_has_error_one():
    assert ece(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([0, 0])) == 1


def test_bins_end_where_they_should():
    """0 is in the first bin, an edge in the bin above it, 1 in the last."""
    forecast = np.array([[1.0, 0.0], [0.8, 0.2], [0.0, 1.0]])
    curve = reliability_of(forecast, np.array([0, 0, 1]))
    assert np.flatnonzero(curve.count[0]).tolist() == [0, 3, 14]


# Reference


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), n_levels=st.integers(2, 10))
def test_the_error_agrees_with_a_naive_loop(seed, n_levels):
    forecast, level, _ = forecasts(seed, 60, n_levels)
    assert ece(forecast, level) == pytest.approx(naive_ece(forecast, level), abs=1e-7)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_curve_agrees_with_scikit_learn(seed):
    forecast, level, _ = forecasts(seed)
    curve = reliability_of(forecast, level)
    for threshold in range(1, 5):
        probability = forecast[:, threshold:].sum(axis=1, dtype=np.float64).clip(0, 1)
        share, mean = calibration_curve(level >= threshold, probability, n_bins=N_BINS)
        filled = curve.count[threshold - 1] > 0
        np.testing.assert_allclose(curve.share_observed[threshold - 1, filled], share)
        np.testing.assert_allclose(curve.mean_predicted[threshold - 1, filled], mean, rtol=1e-6)
        assert np.isnan(curve.share_observed[threshold - 1, ~filled]).all()


# Per user


def test_users_parts_sum_to_the_error_and_follow_their_user():
    forecast, level, user_idx = forecasts(0)
    parts = calibration_error_sums(forecast, level, user_idx, 21)
    assert parts.shape == (21,)
    assert parts[20] == 0
    assert parts.sum() / 200 == pytest.approx(ece(forecast, level))
    order = np.random.default_rng(1).permutation(200)
    shuffled = calibration_error_sums(forecast[order], level[order], user_idx[order], 21)
    np.testing.assert_allclose(shuffled, parts, atol=1e-12)


def test_the_standard_error_agrees_with_a_bootstrap_that_measures_anew():
    """Resampled users, signs and all; the forecasts are wrong enough for the signs to be certain."""
    forecast, level, user_idx = forecasts(2, n=4000, n_levels=3)
    level = np.where(np.random.default_rng(3).random(4000) < 0.5, 2, level)
    parts = calibration_error_sums(forecast, level, user_idx, 20)
    sums = UserSums(parts[np.newaxis], np.bincount(user_idx, minlength=20)[np.newaxis].astype(np.float64))
    assert estimate(sums) == pytest.approx(ece(forecast, level))
    rows, rng = [np.flatnonzero(user_idx == user) for user in range(20)], np.random.default_rng(4)
    drawn = [np.concatenate([rows[user] for user in rng.integers(20, size=20)]) for _ in range(400)]
    spread = np.std([ece(forecast[each], level[each]) for each in drawn])
    assert standard_error(sums) == pytest.approx(spread, rel=0.15)


def test_two_parts_of_the_ratings_add_up_to_the_whole():
    forecast, level, _ = forecasts(5)
    whole = reliability_of(forecast, level)
    added = reliability_of(forecast[:70], level[:70]) + reliability_of(forecast[70:], level[70:])
    assert isinstance(added, Reliability)
    for name in ("predicted", "observed", "count"):
        np.testing.assert_allclose(getattr(added, name), getattr(whole, name))


def test_no_ratings_are_no_error():
    assert calibration_error_sums(np.zeros((0, 5)), np.zeros(0, np.int64), np.zeros(0, np.int64), 2).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("forecast", "level", "message"),
    [
        (
            np.ones(3),
            np.zeros(3, int),
            "forecast has shape (3,) and level (3,); expected (N, L) with at least 2 levels",
        ),
        (np.ones((3, 1)), np.zeros(3, int), "forecast has shape (3, 1)"),
        (np.full((3, 2), 0.5), np.zeros(2, int), "forecast has shape (3, 2) and level (2,)"),
        (np.array([[0.5, 0.5], [np.nan, 1]]), np.zeros(2, int), "1 forecasts are NaN or outside 0..1, the first [nan"),
        (np.array([[1.5, 0.5]]), np.zeros(1, int), "1 forecasts are NaN or outside 0..1"),
        (np.full((2, 2), 0.5), np.array([0, 2]), "levels run from 0 to 2; expected 0 to 1"),
        (np.full((2, 2), 0.5), np.array([-1, 1]), "levels run from -1 to 1; expected 0 to 1"),
    ],
)
def test_what_is_no_forecast_is_refused(forecast, level, message):
    for measure in (reliability_of, lambda *given: calibration_error_sums(*given, np.zeros(len(level), int), 1)):
        with pytest.raises(ValueError, match=re.escape(message)):
            measure(forecast, level)
