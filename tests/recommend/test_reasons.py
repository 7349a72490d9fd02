import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.recommend.reasons import most_telling, scores_with_reasons, strongest, with_and_without
from tests.support.small_models import N_ITEMS, fitted, ratings

TRAIN = ratings(1)
LINEAR = fitted("ease", TRAIN)


def test_a_history_is_followed_by_itself_without_each_rating():
    history = sp.csr_array([[0, 5.0, 0, 3.0, 1.0]])
    expected = [[0, 5, 0, 3, 1], [0, 0, 0, 3, 1], [0, 5, 0, 0, 1], [0, 5, 0, 3, 0]]
    np.testing.assert_array_equal(with_and_without(history, np.arange(history.nnz)).toarray(), expected)
    np.testing.assert_array_equal(with_and_without(sp.csr_array((1, 3)), np.arange(0)).toarray(), [[0, 0, 0]])


def test_the_score_is_the_model_s_own():
    for name in ("ease", "als", "popularity"):
        model = fitted(name, TRAIN)
        np.testing.assert_allclose(
            scores_with_reasons(model, TRAIN[[2]])[0], model.score(Histories(TRAIN[[2]]))[0], rtol=1e-5
        )


def test_what_a_linear_model_adds_up_is_what_supports_a_film():
    """EASE's score is a sum over ratings of grade * weight; the mean over all films is taken off."""
    history = TRAIN[[2]]
    _, support = scores_with_reasons(LINEAR, history)
    added = LINEAR.feedback(history).data[:, None] * LINEAR.weights[history.indices]
    np.testing.assert_allclose(support, added - added.mean(axis=1, keepdims=True), atol=1e-5)


def test_the_strongest_reason_is_named_and_none_where_nothing_speaks_for_a_film():
    support = np.array([[0.5, -1.0, 0.0], [0.2, -2.0, 0.1]])
    assert strongest(support, np.array([2, 1, 0]), liked=np.ones(len(support), dtype=bool)) == [1, None, 0]
    assert strongest(np.zeros((0, 3)), np.array([1, 0]), liked=np.zeros(0, dtype=bool)) == [None, None]


def test_a_model_that_tells_everybody_the_same_has_no_reasons():
    _, support = scores_with_reasons(fitted("popularity", TRAIN), TRAIN[[2]])
    assert strongest(support, np.arange(N_ITEMS), liked=np.ones(len(support), dtype=bool)) == [None] * N_ITEMS


@pytest.mark.parametrize("name", ["hybrid-vae", "bmf-ordinal", "user-knn"])
def test_any_kind_of_model_can_be_asked(name):
    scores, support = scores_with_reasons(fitted(name, TRAIN), TRAIN[[2]])
    assert (scores.shape, support.shape) == ((N_ITEMS,), (TRAIN[[2]].nnz, N_ITEMS))
    np.testing.assert_allclose(support.mean(axis=1), 0, atol=1e-5)


def test_what_was_disliked_is_a_reason_only_where_nothing_that_was_liked_is():
    support = np.array([[0.9, 0.9, 0.9], [0.2, -0.1, 0.0]])
    assert strongest(support, np.array([0, 1, 2]), liked=np.array([False, True])) == [1, 0, 0]


def test_of_many_ratings_the_highest_are_tried_as_reasons():
    history = TRAIN[[2]]
    tried = most_telling(history, 3)
    assert sorted(history.data[tried]) == sorted(history.data)[-3:]
    np.testing.assert_array_equal(most_telling(history), np.arange(history.nnz))
    every = scores_with_reasons(LINEAR, history)
    some = scores_with_reasons(LINEAR, history, tried)
    np.testing.assert_allclose(some[0], every[0], rtol=1e-6)
    np.testing.assert_allclose(some[1], every[1][tried], atol=1e-6)
