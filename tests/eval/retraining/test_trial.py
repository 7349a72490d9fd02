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


def test_nobody_is_asked_for_what_came_with_others_at_once():
    """As what a guest brings along does: lists may have shown it to them, which nobody knows."""
    alone, at_once = 6, 4
    entered = np.tile([*range(1, alone + 1), *[alone + 1] * at_once], 2)
    asked = newest(given(sp.csr_array(np.ones((2, alone + at_once))), entered)).reshape(2, -1)
    expected = [False] * (alone - 2) + [True, True] + [False] * at_once
    assert asked.tolist() == [expected, expected]


def test_nobody_s_only_rating_is_held_out():
    stars = sp.csr_array([[1.0, 0.0], [1.0, 1.0]])
    assert newest(given(stars, np.array([5.0, 7.0, 6.0]))).tolist() == [False, True, False]
    assert newest(given(sp.csr_array((0, 2)))).tolist() == []


def test_nobody_is_asked_for_what_a_list_had_shown_them(town):
    people = given(town.stars, NOON + np.arange(town.stars.nnz))
    shown = replace(people, was_shown=people.item_idx % 2 == 0)
    asked = trial_of(town.dataset, joined(town.dataset, shown), shown, Order().settings).held_out
    theirs = asked[town.dataset.ratings.n_ratings :]
    assert 0 < theirs.sum() <= newest(people).sum()
    assert not (theirs & shown.was_shown).any()
    assert not newest(replace(people, was_shown=np.ones(people.n_ratings, dtype=bool))).any()
