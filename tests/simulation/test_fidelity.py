"""How true to life: against scikit-learn, by hand, and with people who are so by construction."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from recsys.data.scale import WHOLE_STARS
from recsys.simulation.fidelity import (
    RATIOS,
    HeldOut,
    agreement,
    anybodys_stars,
    means,
    others,
    pairs_ahead,
    simulated_stars,
    star_distance,
    told_apart,
)
from recsys.simulation.people import People
from recsys.simulation.traits import Traits


def people_who(wish, stars=None):
    """People of these wishes, to whom every film is as likely to be liked."""
    nobody = np.zeros(len(wish), dtype=int)
    given = np.full(wish.shape, 3.0) if stars is None else stars
    return People(Traits(nobody, nobody, nobody), wish, given, np.full(wish.shape, 0.5), WHOLE_STARS)


def held_out_of(stars):
    return HeldOut(sp.csr_array(stars), sp.csr_array(np.zeros(stars.shape)))


def test_shares_of_pairs_are_the_auc_of_scikit_learn():
    values = np.random.default_rng(0).integers(0, 6, (50, 10)).astype(float)  # with ties
    is_first = np.arange(10) == 0
    expected = np.mean([roc_auc_score(is_first, row) for row in values])
    assert pairs_ahead(values)[:, 0].mean() == pytest.approx(expected)


@pytest.fixture(scope="module")
def true_people():
    """Wishes, and one film of each person's 80, chosen by them as by a softmax: what is told of them is true."""
    rng = np.random.default_rng(0)
    wish = rng.normal(0, 1.5, (3000, 80))
    chosen = np.array([rng.choice(80, p=each) for each in softmax(wish, axis=1)])
    stars = np.zeros(wish.shape)
    stars[np.arange(3000), chosen] = 5
    return people_who(wish), held_out_of(stars)


@pytest.mark.parametrize("ratio", RATIOS)
def test_people_who_are_true_to_life_tell_likes_as_well_as_their_own(true_people, ratio):
    found = told_apart(*true_people, ratio, np.random.default_rng(1))
    assert found.simulated_auc == pytest.approx(found.auc, abs=0.02)
    assert found.simulated_first == pytest.approx(found.first, abs=0.025)
    assert found.auc > 0.75


def test_more_films_make_it_harder_to_find_the_like_but_not_to_tell_it_from_one(true_people):
    found = [told_apart(*true_people, ratio, np.random.default_rng(1)) for ratio in RATIOS]
    assert all(one.first > other.first + 0.1 for one, other in pairwise(found))
    assert max(each.auc for each in found) - min(each.auc for each in found) < 0.03


def test_people_too_sure_of_themselves_promise_more_than_is_true(true_people):
    people, held_out = true_people
    sure = people_who(people.wish * 3)
    found = told_apart(sure, held_out, 3, np.random.default_rng(1))
    assert found.simulated_auc > found.auc + 0.05


def test_by_chance_half_of_the_pairs_are_right():
    rng = np.random.default_rng(0)
    found = told_apart(people_who(rng.normal(size=(400, 400))), held_out_of(np.eye(400) * 4), 9, rng)
    assert found.auc == pytest.approx(0.5, abs=0.06)
    same = told_apart(people_who(np.zeros((40, 40))), held_out_of(np.eye(40) * 4), 3, rng)
    assert (same.auc, same.first) == (0.5, 0.25)


def test_dislikes_and_people_who_have_seen_everything_are_left_out():
    stars = np.array([[5.0, 0, 1], [5, 5, 5]])
    found = told_apart(people_who(np.array([[2.0, 1, 9], [0, 0, 0]])), held_out_of(stars), 3, np.random.default_rng(0))
    assert (found.auc, found.first) == (1, 1)  # the first person's like against film 1 alone
    assert np.isnan(told_apart(people_who(np.ones((1, 2))), held_out_of(np.array([[1.0, 0]])), 3, None).auc)


def test_other_films_have_not_been_seen():
    seen = np.random.default_rng(0).random((20, 9)) < 0.8
    seen[:, 0] = False
    rows = np.repeat(np.arange(20), 5)
    found = others(seen, rows, 4, np.random.default_rng(0))
    assert not seen[rows[:, None], found].any()


def test_distances_by_hand():
    held_out = held_out_of(np.array([[5.0, 3, 0], [0, 1, 3]]))
    found = star_distance(np.array([4.0, 3, 1, 3]), held_out)
    assert found.stars == 0.25
    assert found.people == pytest.approx(0.25)  # means 4, 2 and 3.5, 2
    assert found.films == pytest.approx(1 / 3)  # means 5, 2, 3 and 4, 2, 3
    assert means(np.array([1.0, 3, 5]), np.array([2, 2, 0])).tolist() == [5, 2]
    assert np.isnan(star_distance(np.zeros(0), held_out_of(np.zeros((1, 1)))).stars)


def test_stars_of_anybody_have_the_right_distribution_and_know_nobody(data):
    rng = np.random.default_rng(0)
    held_out = HeldOut(data.stars, sp.csr_array(data.shape))
    anybody = star_distance(anybodys_stars(data, held_out, rng), held_out)
    itself = star_distance(simulated_stars(people_who(np.zeros(data.shape), data.stars.toarray()), held_out), held_out)
    assert (itself.stars, itself.people, itself.films) == (0, 0, 0)
    assert anybody.stars < 0.1 < anybody.people


def test_orders_agree_or_not():
    assert agreement(np.array([1, 2, 3, 4]), np.array([10, 20, 40, 30])) == pytest.approx(4 / 6)
