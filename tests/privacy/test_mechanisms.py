"""Noisy sums: nobody counts for more than they may, whatever they bring, and noise is what it is said to be."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from recsys.privacy.config import PrivacyConfig
from recsys.privacy.mechanisms import Products, Rows, SecretNoise, SeededNoise, clipping, noisy_sum

seeds = st.integers(0, 2**32 - 1)


def pairs(rng: np.random.Generator, n_people: int = 7) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(rng.normal(size=(n_people, k)), rng.normal(size=(n_people, n))) for k, n in ((3, 2), (4, 1))]


def without(parts: list[tuple[np.ndarray, np.ndarray]], person: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [tuple(np.delete(side, person, axis=0) for side in pair) for pair in parts]


def flat(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([each.ravel() for each in arrays])


def told(parts, most: float = 1.0) -> np.ndarray:
    return flat(noisy_sum(parts, most=most, deviation=0.0, noise=SeededNoise(0)))


@given(seed=seeds, most=st.floats(0.01, 10))
def test_a_person_moves_a_sum_by_no_more_than_they_may(seed, most):
    rng = np.random.default_rng(seed)
    parts, person = pairs(rng), int(rng.integers(7))
    moved = told(Products(parts), most) - told(Products(without(parts, person)), most)
    assert np.linalg.norm(moved) <= most * (1 + 1e-9)
    rows = sp.csr_array(rng.random((7, 9)) < 0.5, dtype=float)
    moved = told(Rows(rows), most) - told(Rows(rows[np.arange(7) != person]), most)
    assert np.linalg.norm(moved) <= most * (1 + 1e-9)


@given(seed=seeds)
def test_products_are_those_of_every_person_by_themselves(seed):
    parts, weights = pairs(np.random.default_rng(seed)), np.random.default_rng(seed + 1).random(7)
    each = [flat([np.outer(left[u], right[u]) for left, right in parts]) for u in range(7)]
    np.testing.assert_allclose(Products(parts).squares(), np.square(each).sum(axis=1))
    np.testing.assert_allclose(flat(Products(parts).summed(weights)), weights @ np.array(each), atol=1e-12)


def test_who_is_short_enough_counts_in_full_and_others_keep_their_direction():
    rows = sp.csr_array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    np.testing.assert_allclose(told(Rows(rows), 1.0), [0.6 + 0.3, 0.8 + 0.4])
    assert clipping(np.array([0.0]), 1.0) == 1


@pytest.mark.parametrize("noise", [SeededNoise(3), SecretNoise()], ids=["seeded", "secret"])
def test_noise_is_normal_of_its_deviation_and_new_every_time(noise):
    nothing = Rows(sp.csr_array((1, 20_000)))
    one, other = (noisy_sum(nothing, most=1.0, deviation=2.5, noise=noise)[0] for _ in range(2))
    assert not np.array_equal(one, other)
    assert kstest(one / 2.5, "norm").pvalue > 1e-6
    assert kstest(noise.uniform(20_000), "uniform").pvalue > 1e-6


def test_people_are_sampled_each_by_themselves():
    """Poisson sampling: how many are in a sum is binomial, not fixed."""
    everybody, noise = Rows(sp.csr_array(np.ones((1000, 1)))), SeededNoise(0)
    numbers = [
        noisy_sum(everybody, most=1.0, deviation=0.0, noise=noise, sampling=0.3)[0][0].round() for _ in range(400)
    ]
    assert np.mean(numbers) == pytest.approx(300, abs=3)
    assert np.var(numbers) == pytest.approx(210, rel=0.25)


def test_settings_say_which_noise_and_what_may_be_promised():
    same = [PrivacyConfig().source(5).normal(4) for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert not np.array_equal(same[0], np.random.default_rng(5).standard_normal(4)), "the model draws these itself"
    secret = PrivacyConfig(noise="secret", epsilon=2.5)
    assert not np.array_equal(*(secret.source(5).normal(4) for _ in range(2)))
    assert PrivacyConfig().delta_for(943) == pytest.approx(1 / 9430)
    assert PrivacyConfig(delta=1e-6).delta_for(943) == 1e-6
    assert "(2.5, 0.0001)" in secret.promise(1e-4)
    assert "seed" not in secret.promise(1e-4)
    assert "knows or guesses the seed" in PrivacyConfig().promise(1e-4)
    with pytest.raises(ValueError, match="expected epsilon > 0"):
        PrivacyConfig(epsilon=0.0)
