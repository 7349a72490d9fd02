"""Films that stand for all: their chances, and sums that are right on the average."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.models.networks.film_sample import FilmSample, FilmSampler, chances


@given(seed=st.integers(0, 2**32 - 1), n_films=st.integers(1, 300), share=st.floats(0.01, 1))
@settings(max_examples=50, deadline=None)
def test_so_many_films_are_drawn_each_once_in_order(seed, n_films, share):
    rng = np.random.default_rng(seed)
    n_ratings = np.floor(rng.pareto(0.7, n_films) * 3)
    n_sampled = max(1, int(share * n_films))
    sampler = FilmSampler(n_ratings, n_sampled)
    assert sampler.chances.sum() == pytest.approx(n_sampled)
    assert (sampler.chances > 0).all()
    assert (sampler.chances <= 1).all()
    columns, log_weights = sampler.draw(rng)
    assert (columns.dtype, log_weights.dtype) == (np.int32, np.float32)
    assert (np.diff(columns) > 0).all()
    assert len(columns) == n_sampled
    np.testing.assert_allclose(np.exp(-log_weights), sampler.chances[columns], rtol=1e-5)


def test_chances_follow_the_number_of_ratings_until_they_are_certain():
    assert chances(np.array([255.0, 15, 15, 0]), 2).tolist() == pytest.approx([1, 8 / 17, 8 / 17, 1 / 17])
    assert chances(np.array([7.0, 0, 3]), 3).tolist() == [1, 1, 1]


def test_more_films_than_there_are_is_all_of_them():
    columns, log_weights = FilmSampler(np.array([5, 0, 9]), 8).draw(np.random.default_rng(0))
    assert (columns.tolist(), log_weights.tolist()) == ([0, 1, 2], [0, 0, 0])


def test_places_worked_by_hand():
    sample = FilmSample(np.array([1, 4, 6], dtype=np.int32), np.zeros(3, dtype=np.float32))
    assert sample.places(np.array([4, 0, 6, 1, 9])).tolist() == [1, 3, 2, 0, 3]


def test_films_are_drawn_with_their_chances_and_sums_are_right_on_the_average():
    rng = np.random.default_rng(0)
    n_ratings = rng.integers(0, 50, 40)
    sampler, values, n_draws = FilmSampler(n_ratings, 12), rng.random(40) * (n_ratings + 1), 4000
    drawn, totals = np.zeros(40), np.zeros(n_draws)
    for number in range(n_draws):
        columns, log_weights = sampler.draw(rng)
        drawn[columns] += 1
        totals[number] = values[columns] @ np.exp(log_weights)
    spread = np.sqrt(sampler.chances * (1 - sampler.chances) / n_draws)
    assert (np.abs(drawn / n_draws - sampler.chances) <= 4 * spread + 1e-9).all()
    assert totals.mean() == pytest.approx(values.sum(), abs=4 * totals.std() / np.sqrt(n_draws))
    assert totals.std() < 0.2 * values.sum()
