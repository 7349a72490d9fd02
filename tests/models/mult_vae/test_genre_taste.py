"""What genres say of a taste: worked by hand, and as a ridge regression."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.mult_vae.genre_taste import LEAST_VARIANCE, GenreTaste, features, statements
from tests.support.small_models import N_ITEMS, ratings

GENRES = np.random.default_rng(5).random((N_ITEMS, 4)) < 0.4


def test_features_are_a_constant_the_genres_and_their_shares():
    asked = np.array([[True, False, True], [False, True, False], [False, False, False]])
    expected = [[1, 1, 0, 1, 0.5, 0, 0.5], [1, 0, 1, 0, 0, 1, 0], [1, 0, 0, 0, 0, 0, 0]]
    assert features(asked).tolist() == expected


def test_the_product_of_two_experts_worked_by_hand():
    """One dimension: ratings say N(1, 1/2), genres N(2, 1/4), the prior is N(0, 1): precisions 2 + 4 - 1."""
    weights = np.zeros((1, 5, 1))
    weights[0, 0, 0] = 2.0  # the constant
    taste = GenreTaste(weights, np.array([[0.25]]))
    mean, variance = taste.combined(np.array([[True, False]]), np.array([[[1.0]]]), np.array([[[0.5]]]))
    assert variance[0, 0, 0] == pytest.approx(1 / 5)
    assert mean[0, 0, 0] == pytest.approx((1 / 0.5 + 2 / 0.25) / 5)


def test_learned_genres_are_a_ridge_regression():
    rng = np.random.default_rng(0)
    asked, mean = rng.random((50, 3)) < 0.5, rng.normal(0, 0.8, size=(2, 50, 4))
    taste = GenreTaste.learn(asked, mean, np.full(mean.shape, 0.1), l2=7.0)
    stacked = np.vstack([features(asked), np.sqrt(7.0) * np.eye(7)])
    for network in range(2):
        expected = np.linalg.lstsq(stacked, np.vstack([mean[network], np.zeros((7, 4))]), rcond=None)[0]
        np.testing.assert_allclose(taste.weights[network], expected, atol=1e-10)
        squares = np.square(mean[network] - features(asked) @ expected)  # (P, L)
        np.testing.assert_allclose(taste.variance[network], np.clip(squares.mean(axis=0) + 0.1, 0, 1))
    assert taste.variance.min() < 1


def test_training_people_state_one_two_and_three_genres():
    asked = statements(ratings(1), GENRES, 4.0)
    assert asked.shape == (120, 4)
    assert (asked[:40].sum(axis=1) == 1).all()
    assert (asked[:40] <= asked[40:80]).all()
    assert (asked[40:80] <= asked[80:]).all()


def test_who_asks_for_nothing_keeps_the_taste_of_their_ratings():
    """Three networks, two people, three genres, two dimensions; the second person asks for one genre."""
    taste = GenreTaste(np.ones((3, 7, 2)), np.full((3, 2), 0.4))
    mean, variance = np.full((3, 2, 2), 0.7), np.full((3, 2, 2), 0.3)
    joint, left = taste.combined(np.array([[False] * 3, [False, True, False]]), mean, variance)
    assert (joint.dtype, left.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(joint[:, 0], np.float32(0.7))
    np.testing.assert_array_equal(left[:, 0], np.float32(0.3))
    # ratings 1 / .3, genres 1 / .4, prior 1; the genres say 1 + 1 + 1: for the constant, the genre and its share
    precision = 1 / 0.3 + 1 / 0.4 - 1
    np.testing.assert_allclose(left[:, 1], 1 / precision, rtol=1e-6)
    np.testing.assert_allclose(joint[:, 1], (0.7 / 0.3 + 3 / 0.4) / precision, rtol=1e-6)


def test_genres_that_say_nothing_leave_the_variance_alone():
    """As far from what they say as people are from each other: a precision of 1, that of the prior."""
    taste = GenreTaste(np.zeros((1, 3, 1)), np.ones((1, 1)))
    mean, variance = taste.combined(np.array([[True]]), np.full((1, 1, 1), 0.5), np.full((1, 1, 1), 0.25))
    assert variance[0, 0, 0] == pytest.approx(0.25)
    assert mean[0, 0, 0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("tastes", "variance", "expected"),
    [
        ([0.25, 0.75], 0.1, 0.0625 + 0.1),  # both ask for the same; the mean is .5, each .25 from it
        ([0.5, 0.5], 0.0, LEAST_VARIANCE),
        ([-3.0, 3.0], 0.5, 1.0),
    ],
)
def test_how_far_people_are_from_what_genres_say_worked_by_hand(tastes, variance, expected):
    asked, mean = np.ones((2, 1), dtype=bool), np.array(tastes).reshape(1, 2, 1)
    taste = GenreTaste.learn(asked, mean, np.full(mean.shape, variance), l2=1e-9)
    assert taste.variance[0, 0] == pytest.approx(expected, rel=1e-6)


def test_what_people_would_ask_for_follows_from_what_they_like_and_from_how_many_genres_they_name():
    """From 3.5 half stars on the first likes three films of genre 1, two of genre 0, one of 3; the second one of 2."""
    genres = np.eye(4, dtype=bool)[[0, 0, 1, 1, 1, 3, 2]]
    train = sp.csr_array(np.array([[3.5, 4, 4, 5, 5, 5, 0.5], [3, 3, 0, 0, 0, 0, 4.5]], dtype=np.float32))
    found = statements(train, genres, 3.5).astype(int)
    # of seven likes 2, 3, 1 and 1: for the first 7 / (5 + 12 / 7), 8 / (5 + 18 / 7), none, 6 / (5 + 6 / 7)
    of_first, of_second = [[0, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 1]], [0, 0, 1, 0]
    assert found.tolist() == [row for of_both in zip(of_first, [of_second] * 3, strict=True) for row in of_both]
