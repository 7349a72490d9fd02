"""Rounds: what is added, what is left alone, and that nobody is shown a film twice."""

import numpy as np
import pytest

from recsys.data.scale import WHOLE_STARS
from recsys.models import create
from recsys.simulation.habits import Habits
from recsys.simulation.people import people_of
from recsys.simulation.retraining import World, lists_of, rounds
from recsys.simulation.session import VisitConfig
from recsys.training import Training

N_ROUNDS = 3


@pytest.fixture(scope="module")
def world(crowd):
    people = people_of(crowd, Habits(base=-1.0, appeal=1.0), np.random.default_rng(0))
    return World(crowd.data, people, VisitConfig(page_size=2, pages=3), seed=4)


@pytest.fixture(scope="module")
def model(world):
    return refit(world.data, 0)


def refit(data, _):
    return create("popularity", WHOLE_STARS).fit(data, Training(seed=0))


def test_every_round_learns_from_what_was_watched_in_those_before(world, model):
    told, seen = [], []

    def noting(data, number):
        told.append((number, data.n_ratings))
        seen.append(data.stars.toarray())
        return refit(data, number)

    found = list(rounds(world, model, N_ROUNDS, noting))
    assert [each.n_ratings for each in found] == [world.data.n_ratings, *(n for _, n in told)]
    assert [number for number, _ in told] == [1, 2, 3]
    first = world.data.stars.toarray()
    for before, after in zip([first, *seen], seen, strict=False):
        assert (after[before > 0] == before[before > 0]).all()
        new = (after > 0) & (before == 0)
        assert new.any()
        np.testing.assert_array_equal(after[new], world.people.stars[new])


def test_a_model_that_stays_is_never_trained_again_and_histories_grow_all_the_same(world, model):
    found = list(rounds(world, model, N_ROUNDS, None))
    assert {each.n_ratings for each in found} == {world.data.n_ratings}
    shown = lists_of(model, world.data.histories, 6)
    data = world.with_watched(world.data, world.visits(shown, 0))
    again = lists_of(model, data.histories, 6)
    watched = world.visits(shown, 0)
    for row in range(len(shown)):
        assert not set(again[row]) & set(watched.shown[row, watched.watched[row]])


def test_the_first_round_is_the_same_with_and_without_training_and_the_seed_decides(world, model):
    one, other = (next(iter(rounds(world, model, 1, how))) for how in (refit, None))
    np.testing.assert_array_equal(one.satisfaction, other.satisfaction)
    assert (one.coverage, one.pages) == (other.coverage, other.pages)
    elsewhere = next(iter(rounds(World(world.data, world.people, world.config, seed=5), model, 1, None)))
    assert (elsewhere.satisfaction != one.satisfaction).any()


def test_figures_of_a_round(world, model):
    found = next(iter(rounds(world, model, 0, None)))
    assert 0 < found.coverage < 1
    assert 1 <= found.pages <= 3
    assert 0 < found.share_watched < 1
    assert found.satisfaction.shape == found.entropy.shape == (world.data.shape[0],)
    assert found.entropy.max() <= np.log(3) + 1e-9


def test_lists_do_not_depend_on_the_batch(world, model, monkeypatch):
    whole = lists_of(model, world.data.histories, 6)
    monkeypatch.setattr("recsys.simulation.retraining.BATCH", 7)
    np.testing.assert_array_equal(lists_of(model, world.data.histories, 6), whole)
