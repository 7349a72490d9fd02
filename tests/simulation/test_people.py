"""What makes people watch, and what they say: against scikit-learn, by hand, and found again after it was drawn."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from recsys.data.scale import WHOLE_STARS
from recsys.simulation.habits import RIDGE, Habits, base_for, best_pull, film_chances, logistic, pulled
from recsys.simulation.people import Crowd, calibrated, drawn, people_of
from recsys.simulation.truths import TRUTHS
from recsys.training import Training
from tests.simulation.conftest import N_ITEMS, N_USERS


def test_logistic_regression_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    motives = rng.normal(size=(400, 3))
    happened = rng.random(400) < expit(motives @ [1.0, -2.0, 0.0] + 0.5)
    found = logistic(motives, happened)
    other = LogisticRegression(C=1 / (RIDGE * 400), tol=1e-10).fit(motives, happened)
    np.testing.assert_allclose(found, [*other.intercept_, *other.coef_[0]], atol=1e-5)


def test_what_says_nothing_has_no_weight():
    happened = np.arange(100) < 30
    assert logistic(np.zeros((100, 2)), happened)[1:].tolist() == [0, 0]


def test_the_base_gives_the_share_that_is_wanted():
    wishes = np.random.default_rng(0).normal(size=1000)
    assert expit(base_for(wishes, 0.07) + wishes).mean() == pytest.approx(0.07)


def test_stars_are_pulled_towards_everybodys_by_conformity():
    own, everybody = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert pulled(own, everybody, np.array([0.0, 0.3])).tolist() == [[1, 0], [0.7, 0.3]]


def test_the_pull_is_found_that_stars_were_drawn_with():
    rng = np.random.default_rng(0)
    own, everybody, conformity = rng.dirichlet(np.ones(5), 5000), rng.dirichlet(np.ones(5), 5000), np.full(5000, 0.5)
    levels = drawn(pulled(own, everybody, 0.6 * conformity), rng)
    rows = np.arange(5000)
    assert best_pull(own[rows, levels], everybody[rows, levels], conformity) == pytest.approx(0.6, abs=0.11)


def test_levels_are_drawn_by_their_chances():
    chances = np.array([0.1, 0.0, 0.6, 0.3])
    found = np.bincount(drawn(np.tile(chances, (20000, 1)), np.random.default_rng(0)), minlength=4) / 20000
    np.testing.assert_allclose(found, chances, atol=0.015)


def test_a_film_without_ratings_gets_everybodys_stars():
    found = film_chances(np.array([0, 4, 4]), np.array([0, 0, 1]), 3, WHOLE_STARS)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found[2], [2 / 8, 1 / 8, 1 / 8, 1 / 8, 3 / 8])
    assert found[1, 4] > found[2, 4]


def test_habits_are_found_again_in_what_people_with_them_watched(crowd):
    rng = np.random.default_rng(0)
    people = people_of(crowd, Habits(base=-1.0, appeal=1.5), rng)
    unseen = crowd.data.stars.toarray() == 0
    watched = (rng.random(people.wish.shape) < expit(people.wish)) & unseen
    found = calibrated(crowd, sp.csr_array(np.where(watched, people.stars, 0)), rng)
    assert found.appeal == pytest.approx(1.5, abs=0.35)


def test_a_film_by_chance_is_watched_as_often_as_one_is_rated(crowd):
    rng = np.random.default_rng(0)
    aside = sp.csr_array((crowd.data.stars.toarray() == 0) * (rng.random((N_USERS, N_ITEMS)) < 0.1) * 4.0)
    people = people_of(crowd, calibrated(crowd, aside, rng), rng)
    unseen = (crowd.data.stars + aside).toarray() == 0
    share = (crowd.data.n_ratings + aside.nnz) / unseen.size
    assert expit(people.wish)[unseen].mean() == pytest.approx(share, rel=0.1)


def test_joy_goes_from_the_lowest_star_to_the_highest(crowd):
    people = people_of(crowd, Habits(), np.random.default_rng(0))
    assert {*np.unique(people.stars)} == {1, 2, 3, 4, 5}
    assert {*np.unique(people.joy)} == {-1, -0.5, 0, 0.5, 1}
    np.testing.assert_allclose(people.likes, 0.4, atol=1e-6)
    np.testing.assert_allclose(people.worth, expit(people.wish) * people.joy)


def test_those_who_conform_give_stars_like_everybodys(crowd):
    habits = Habits(pull=0.9)
    people = people_of(crowd, habits, np.random.default_rng(0))
    likes_of_all = crowd.everybody[:, 3:].sum(axis=1)
    expected = 0.1 * 0.4 + 0.9 * likes_of_all
    alike = people.likes[crowd.traits.conformity == 2]
    np.testing.assert_allclose(alike, np.tile(expected, (len(alike), 1)), atol=1e-5)
    unlike = crowd.traits.conformity == 0
    np.testing.assert_allclose(people.likes[unlike], 0.4, atol=1e-6)


@pytest.mark.parametrize("name", TRUTHS)
def test_a_truth_knows_whom_a_film_appeals_to_and_what_stars_it_gets(name, data):
    truth = TRUTHS[name](WHOLE_STARS, epochs=4).fit(data, Training(seed=0))
    crowd = Crowd(truth, data, WHOLE_STARS)
    seen = data.stars.toarray() > 0
    (rows, motives, chances), *_ = crowd.batches()
    appeal = motives[..., 0]
    assert np.exp(appeal).mean() == pytest.approx(1, abs=1e-3)
    assert appeal[seen[rows]].mean() > appeal[~seen[rows]].mean()
    np.testing.assert_allclose(chances.sum(axis=2), 1, atol=1e-5)
    told = (chances @ WHOLE_STARS.levels)[seen[rows]]
    assert np.corrcoef(told, data.stars[rows].data)[0, 1] > 0.3
    again = TRUTHS[name](WHOLE_STARS, epochs=4).fit(data, Training(seed=0))
    np.testing.assert_array_equal(again.appeal(data.histories), truth.appeal(data.histories))


def test_people_are_the_same_whatever_the_batch_and_differ_by_seed(crowd, monkeypatch):
    habits = Habits(base=-1, fame=0.5, novelty=-0.5)
    one, other = (people_of(crowd, habits, np.random.default_rng(seed)) for seed in (0, 1))
    assert (one.stars != other.stars).any()
    monkeypatch.setattr("recsys.simulation.people.BATCH", 7)
    again = people_of(crowd, habits, np.random.default_rng(0))
    np.testing.assert_array_equal(again.stars, one.stars)
    np.testing.assert_allclose(again.wish, one.wish, rtol=1e-6)
