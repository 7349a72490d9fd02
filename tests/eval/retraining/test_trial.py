"""What is held out, and what a version had learned."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.sparse as sp

from eval.retraining.order import Order
from eval.retraining.people import joined
from eval.retraining.trial import newest, trial_of
from tests.eval.retraining.conftest import NOON, given

N_FILMS = 50


@pytest.fixture(scope="module")
def trial(town):
    people = given(town.stars, NOON + np.arange(town.stars.nnz))
    return trial_of(town.dataset, joined(town.dataset, people), people, Order().settings)


def test_a_version_knew_what_there_was_when_it_read_people_s_ratings(trial):
    """Whatever their owners say of when they were given, which is long ago."""
    n_before = 300
    known = trial.learned(datetime.fromtimestamp(NOON + n_before, UTC)).n_ratings
    is_held_out = trial.held_out[trial.n_base :]
    n_of_base = trial.n_base - int(trial.held_out[: trial.n_base].sum())
    assert known == n_of_base + int(np.sum(~is_held_out[:n_before]))
    assert trial.learned(datetime.fromtimestamp(NOON, UTC)).n_ratings == n_of_base


def test_what_somebody_entered_last_is_held_out(trial):
    people = trial.whole.ratings.user_idx[trial.n_base :]
    for person in np.unique(people):
        is_held_out = trial.held_out[trial.n_base :][people == person]
        n_held_out = int(np.ceil(0.2 * len(is_held_out)))
        assert is_held_out.tolist() == [False] * (len(is_held_out) - n_held_out) + [True] * n_held_out


def test_of_films_that_were_entered_at_once_chance_holds_some_out():
    n_people = 200
    held_out = newest(given(sp.csr_array(np.ones((n_people, N_FILMS)))), seed=0)
    of_films = held_out.reshape(n_people, N_FILMS).sum(axis=0)
    assert held_out.sum() == n_people * N_FILMS / 5
    assert of_films.min() > 15
    assert of_films.max() < 70


def test_nobody_s_only_rating_is_held_out():
    stars = sp.csr_array([[1.0, 0.0], [1.0, 1.0]])
    assert newest(given(stars, np.array([5.0, 7.0, 6.0])), seed=0).tolist() == [False, True, False]
    assert newest(given(sp.csr_array((0, 2))), seed=0).tolist() == []


def test_nobody_is_asked_for_what_a_list_had_shown_them(town):
    people = given(town.stars, NOON + np.arange(town.stars.nnz))
    shown = replace(people, was_shown=people.item_idx % 2 == 0)
    asked = trial_of(town.dataset, joined(town.dataset, shown), shown, Order().settings).held_out
    theirs = asked[town.dataset.ratings.n_ratings :]
    assert 0 < theirs.sum() <= newest(people, seed=0).sum()
    assert not (theirs & shown.was_shown).any()
    assert not newest(replace(people, was_shown=np.ones(people.n_ratings, dtype=bool)), seed=0).any()
