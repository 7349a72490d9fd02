"""The list of the best unseen items, against a plain stable sort."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recsys.ranking import top_k

FEW_VALUES = st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 0.5, np.inf])  # so that most scores tie
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=9)


def naive_top_k(scores: np.ndarray, seen: np.ndarray, k: int) -> np.ndarray:
    ranked = np.full((len(scores), k), -1)
    for user in range(len(scores)):
        unseen = [item for item in range(scores.shape[1]) if not seen[user, item]]
        best = sorted(unseen, key=lambda item: -scores[user, item])[:k]
        ranked[user, : len(best)] = best
    return ranked


@st.composite
def scored_histories(draw):
    shape = draw(SHAPES)
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    values = draw(st.sampled_from([FEW_VALUES, st.floats(allow_nan=False, width=32)]))
    scores = draw(hnp.arrays(dtype, shape, elements=values))
    seen = draw(hnp.arrays(bool, shape))
    return scores, seen, draw(st.integers(1, 12))


@settings(deadline=None, max_examples=400)
@given(scored_histories())
def test_top_k_equals_a_stable_sort_of_the_unseen_items(case):
    scores, seen, k = case
    ranked = top_k(scores, sp.csr_array(seen), k)
    assert ranked.dtype == np.int32
    np.testing.assert_array_equal(ranked, naive_top_k(scores, seen, k))


@pytest.mark.parametrize("n_levels", [1, 2, 10, 10**6])
def test_top_k_equals_a_stable_sort_on_large_batches_with_few_or_many_ties(n_levels):
    rng = np.random.default_rng(n_levels)
    scores = rng.integers(n_levels, size=(60, 500)).astype(np.float32)
    seen = rng.random(scores.shape) < 0.1
    np.testing.assert_array_equal(top_k(scores, sp.csr_array(seen), 10), naive_top_k(scores, seen, 10))


@settings(deadline=None)
@given(scored_histories())
def test_a_batch_is_ranked_as_its_users_one_by_one(case):
    scores, seen, k = case
    history = sp.csr_array(seen)
    for user, row in enumerate(top_k(scores, history, k)):
        np.testing.assert_array_equal(row, top_k(scores[[user]], history[[user]], k)[0])


@settings(deadline=None)
@given(scored_histories())
def test_a_shorter_list_is_the_start_of_a_longer_one(case):
    scores, seen, k = case
    np.testing.assert_array_equal(top_k(scores, sp.csr_array(seen), k), top_k(scores, sp.csr_array(seen), k + 1)[:, :k])


def test_scores_are_left_as_they_were():
    scores = np.random.default_rng(0).random((4, 6))
    before = scores.copy()
    top_k(scores, sp.csr_array(np.eye(4, 6)), 3)
    np.testing.assert_array_equal(scores, before)


def test_without_a_history_every_item_may_be_listed():
    assert top_k(np.array([[1.0, 3.0, 2.0]]), None, 3).tolist() == [[1, 2, 0]]


def test_a_stored_zero_is_not_a_seen_item():
    history = sp.csr_array(([0.0, 4.0], ([0, 0], [1, 2])), shape=(1, 3))
    assert top_k(np.array([[1.0, 3.0, 2.0]]), history, 3).tolist() == [[1, 0, -1]]


def test_a_seen_item_is_not_confused_with_an_unseen_one_of_score_minus_infinity():
    scores = np.array([[-np.inf, np.inf, -np.inf, 0.0]])
    assert top_k(scores, sp.csr_array([[5, 5, 0, 0]]), 2).tolist() == [[3, 2]]


def test_a_person_who_has_seen_everything_gets_an_empty_list():
    assert top_k(np.ones((1, 3)), sp.csr_array(np.ones((1, 3))), 2).tolist() == [[-1, -1]]


def test_top_k_refuses_nan_and_says_where():
    scores = np.zeros((3, 4), dtype=np.float32)
    scores[1, 2] = scores[2, 0] = np.nan
    with pytest.raises(ValueError, match=r"scores hold 2 NaN, the first in row 1, column 2;"):
        top_k(scores, None, 2)


@pytest.mark.parametrize("scores", [np.zeros(4), np.zeros((2, 3), dtype=int), np.zeros((2, 3), dtype=bool)])
def test_top_k_refuses_scores_that_are_no_floating_matrix(scores):
    with pytest.raises(ValueError, match=rf"dtype {scores.dtype}; expected a floating matrix"):
        top_k(scores, None, 2)


def test_top_k_refuses_the_histories_of_another_batch():
    with pytest.raises(ValueError, match=r"history has shape \(3, 4\) but scores have \(2, 4\)"):
        top_k(np.zeros((2, 4)), sp.csr_array((3, 4)), 2)


@pytest.mark.parametrize("k", [0, -1])
def test_top_k_refuses_a_list_without_places(k):
    with pytest.raises(ValueError, match=rf"k is {k}; a list needs at least 1 place"):
        top_k(np.zeros((2, 4)), None, k)
