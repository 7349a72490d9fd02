"""Metrics against ir-measures, trec_eval and scikit-learn, worked by hand, and under changes that must not matter."""

import ir_measures
import numpy as np
import pytest
import pytrec_eval
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    ndcg_score,
    precision_recall_fscore_support,
    root_mean_squared_error,
)

from eval.measures.metrics import (
    absolute_error_sums,
    f1_at_k,
    hits_of,
    log_loss_sums,
    mae,
    mse,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
    rmse,
    squared_error_sums,
    zero_filled_error_sums,
)

OF_RELEVANT = [recall_at_k, f1_at_k, ndcg_at_k]
ERROR_SUMS = [squared_error_sums, absolute_error_sums]
MEANS = [mse, rmse, mae]


@st.composite
def rankings(draw, *, full=False):
    """Ranked lists (B, k), with empty places at the end unless full, and relevant items (B, I), 1 or more each."""
    n_users, n_items = draw(st.integers(1, 5)), draw(st.integers(2, 15))
    k = draw(st.integers(1, n_items if full else n_items + 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    order = rng.permuted(np.tile(np.arange(n_items), (n_users, 1)), axis=1)
    ranked = np.full((n_users, max(k, n_items)), -1)
    ranked[:, :n_items] = order
    if not full:
        ranked[np.arange(ranked.shape[1]) >= rng.integers(1, k + 1, size=(n_users, 1))] = -1
    relevant = rng.random((n_users, n_items)) < draw(st.sampled_from([0.1, 0.5, 0.9]))
    relevant[np.arange(n_users), rng.integers(n_items, size=n_users)] = True
    return ranked[:, :k], relevant


@st.composite
def hits_and_counts(draw):
    """Hits (n_users, k) and n_relevant, at least the number of hits and at least 1."""
    n_users, k = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    hits = rng.random((n_users, k)) < draw(st.sampled_from([0.1, 0.5, 0.9]))
    return hits, np.maximum(hits.sum(axis=1) + rng.integers(0, 5, size=n_users), 1)


def all_metrics(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """(5, n_users)."""
    by_relevant = [metric(hits, n_relevant) for metric in OF_RELEVANT]
    return np.stack([precision_at_k(hits), reciprocal_rank_at_k(hits), *by_relevant])


def as_trec(ranked: np.ndarray, relevant: np.ndarray) -> tuple[dict, dict]:
    """Judgements and runs as dicts of dicts; scores fall strictly, so that the referee breaks no ties."""
    qrels = {str(user): {str(item): 1 for item in np.flatnonzero(row)} for user, row in enumerate(relevant)}
    runs = {
        str(user): {str(item): float(-place) for place, item in enumerate(row) if item >= 0}
        for user, row in enumerate(ranked)
    }
    return qrels, runs


# Reference


@settings(deadline=None, max_examples=60)
@given(rankings())
def test_ranking_metrics_equal_ir_measures(case):
    ranked, relevant = case
    k = ranked.shape[1]
    hits, n_relevant = hits_of(ranked, sp.csr_array(relevant)), relevant.sum(axis=1)
    ours = {
        ir_measures.P @ k: precision_at_k(hits),
        ir_measures.R @ k: recall_at_k(hits, n_relevant),
        ir_measures.nDCG @ k: ndcg_at_k(hits, n_relevant),
        ir_measures.RR @ k: reciprocal_rank_at_k(hits),
    }
    theirs = list(ir_measures.iter_calc(list(ours), *as_trec(ranked, relevant)))
    assert len(theirs) == 4 * len(ranked)
    for value in theirs:
        assert ours[value.measure][int(value.query_id)] == pytest.approx(value.value, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(rankings())
def test_ranking_metrics_equal_trec_eval(case):
    ranked, relevant = case
    k = ranked.shape[1]
    hits, n_relevant = hits_of(ranked, sp.csr_array(relevant)), relevant.sum(axis=1)
    qrels, runs = as_trec(ranked, relevant)
    names = {f"P.{k}", f"recall.{k}", f"ndcg_cut.{k}", "recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(runs)
    ours = {
        f"P_{k}": precision_at_k(hits),
        f"recall_{k}": recall_at_k(hits, n_relevant),
        f"ndcg_cut_{k}": ndcg_at_k(hits, n_relevant),
        "recip_rank": reciprocal_rank_at_k(hits),
    }
    for name, values in ours.items():
        np.testing.assert_allclose(values, [theirs[str(u)][name] for u in range(len(ranked))], atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(rankings(full=True))
def test_ndcg_equals_scikit_learn(case):
    ranked, relevant = case
    hits = hits_of(ranked, sp.csr_array(relevant))
    scores = np.zeros(relevant.shape)
    rows = np.arange(len(ranked))[:, np.newaxis]
    scores[rows, ranked] = np.arange(ranked.shape[1], 0, -1)
    scores[scores == 0] -= np.arange((scores == 0).sum())  # untied below the list
    for user, value in enumerate(ndcg_at_k(hits, relevant.sum(axis=1))):
        theirs = ndcg_score(relevant[[user]], scores[[user]], k=ranked.shape[1], ignore_ties=True)
        assert value == pytest.approx(theirs, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(rankings(full=True))
def test_precision_recall_and_f1_equal_scikit_learn_on_the_set_of_listed_items(case):
    ranked, relevant = case
    hits, n_relevant = hits_of(ranked, sp.csr_array(relevant)), relevant.sum(axis=1)
    ours = np.stack([precision_at_k(hits), recall_at_k(hits, n_relevant), f1_at_k(hits, n_relevant)], axis=1)
    for user in range(len(ranked)):
        listed = np.isin(np.arange(relevant.shape[1]), ranked[user])
        theirs = precision_recall_fscore_support(relevant[user], listed, average="binary", zero_division=0)
        np.testing.assert_allclose(ours[user], theirs[:3], atol=1e-12)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_ratings=st.integers(1, 50))
def test_mean_errors_equal_scikit_learn(seed, n_ratings):
    rng = np.random.default_rng(seed)
    predicted, stars = rng.uniform(1, 5, n_ratings), rng.integers(1, 6, n_ratings)
    assert mse(predicted, stars) == pytest.approx(mean_squared_error(stars, predicted))
    assert rmse(predicted, stars) == pytest.approx(root_mean_squared_error(stars, predicted))
    assert mae(predicted, stars) == pytest.approx(mean_absolute_error(stars, predicted))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_ratings=st.integers(0, 50), n_users=st.integers(1, 8))
def test_error_sums_equal_a_loop_over_ratings(seed, n_ratings, n_users):
    rng = np.random.default_rng(seed)
    predicted, stars = rng.uniform(1, 5, n_ratings), rng.integers(1, 6, n_ratings)
    user_idx = rng.integers(n_users, size=n_ratings)
    squared, absolute = np.zeros(n_users), np.zeros(n_users)
    for user, error in zip(user_idx, predicted - stars, strict=True):
        squared[user] += error**2
        absolute[user] += abs(error)
    np.testing.assert_allclose(squared_error_sums(predicted, stars, user_idx, n_users), squared)
    np.testing.assert_allclose(absolute_error_sums(predicted, stars, user_idx, n_users), absolute)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_zero_filled_errors_equal_scikit_learn_on_the_dense_matrix(seed):
    rng = np.random.default_rng(seed)
    held_out = rng.integers(1, 6, (4, 7)) * (rng.random((4, 7)) < 0.3)
    predicted = rng.uniform(0, 5, (4, 7))
    squared, absolute = zero_filled_error_sums(predicted, sp.csr_array(held_out))
    assert squared.sum() / 28 == pytest.approx(mean_squared_error(held_out, predicted))
    np.testing.assert_allclose(absolute / 7, mean_absolute_error(held_out.T, predicted.T, multioutput="raw_values"))


# Under changes that must not matter, or matter in one direction


@settings(deadline=None)
@given(hits_and_counts())
def test_every_ranking_metric_lies_between_0_and_1(case):
    values = all_metrics(*case)
    assert values.dtype == np.float64
    assert ((values >= 0) & (values <= 1)).all()


@settings(deadline=None)
@given(hits_and_counts(), st.randoms(use_true_random=False))
def test_permuting_users_permutes_values(case, random):
    hits, n_relevant = case
    order = list(range(len(hits)))
    random.shuffle(order)
    np.testing.assert_array_equal(all_metrics(hits, n_relevant)[:, order], all_metrics(hits[order], n_relevant[order]))


@settings(deadline=None)
@given(rankings(), st.integers(1, 10))
def test_places_beyond_k_do_not_change_the_metrics_at_k(case, k):
    ranked, relevant = case
    assume(k <= ranked.shape[1])
    hits = hits_of(ranked, sp.csr_array(relevant))
    short = hits_of(ranked[:, :k], sp.csr_array(relevant))
    n_relevant = relevant.sum(axis=1)
    np.testing.assert_array_equal(all_metrics(hits[:, :k], n_relevant), all_metrics(short, n_relevant))


@settings(deadline=None)
@given(hits_and_counts())
def test_appending_a_miss_changes_neither_recall_nor_reciprocal_rank_nor_an_untruncated_ndcg(case):
    hits, n_relevant = case
    longer = np.column_stack([hits, np.zeros(len(hits), dtype=bool)])
    np.testing.assert_array_equal(recall_at_k(longer, n_relevant), recall_at_k(hits, n_relevant))
    np.testing.assert_array_equal(reciprocal_rank_at_k(longer), reciprocal_rank_at_k(hits))
    whole = n_relevant <= hits.shape[1]
    np.testing.assert_array_equal(ndcg_at_k(longer, n_relevant)[whole], ndcg_at_k(hits, n_relevant)[whole])


@settings(deadline=None)
@given(hits_and_counts(), st.integers(1, 11))
def test_moving_a_hit_up_one_place_never_lowers_a_metric(case, place):
    hits, n_relevant = case
    assume(place < hits.shape[1])
    better = hits.copy()
    better[:, place - 1], better[:, place] = (
        hits[:, [place - 1, place]].any(axis=1),
        hits[:, [place - 1, place]].all(axis=1),
    )
    assert (all_metrics(better, n_relevant) >= all_metrics(hits, n_relevant)).all()


@pytest.mark.parametrize("k", [1, 2, 5, 10, 50])
def test_a_perfect_list_has_an_ndcg_of_exactly_1(k):
    n_relevant = np.arange(1, 2 * k + 1)
    hits = np.arange(k) < n_relevant[:, np.newaxis]
    np.testing.assert_array_equal(ndcg_at_k(hits, n_relevant), 1.0)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_sum_of_all_users_error_sums_is_the_global_error(seed):
    rng = np.random.default_rng(seed)
    predicted, stars, user_idx = rng.uniform(1, 5, 40), rng.integers(1, 6, 40), rng.integers(6, size=40)
    assert squared_error_sums(predicted, stars, user_idx, 6).sum() / 40 == pytest.approx(mse(predicted, stars))
    assert absolute_error_sums(predicted, stars, user_idx, 6).sum() / 40 == pytest.approx(mae(predicted, stars))


def test_zero_filled_errors_do_not_depend_on_the_chunk():
    rng = np.random.default_rng(0)
    predicted, held_out = rng.random((6, 5)), sp.csr_array(rng.integers(0, 6, (6, 5)))
    whole = np.stack(zero_filled_error_sums(predicted, held_out))
    chunks = [np.stack(zero_filled_error_sums(predicted[rows], held_out[rows])) for rows in (slice(0, 4), slice(4, 6))]
    np.testing.assert_allclose(np.concatenate(chunks, axis=1), whole, rtol=1e-12)


def test_errors_of_single_precision_predictions_are_summed_in_double_precision():
    predicted, stars = np.full(1001, 3.1, dtype=np.float32), np.zeros(1001, dtype=np.float32)
    assert mse(predicted, stars) == pytest.approx(float(np.float32(3.1)) ** 2, rel=1e-12)


# Worked by hand


def test_metrics_of_one_list_worked_by_hand():
    hits, n_relevant = np.array([[False, True, False, True]]), np.array([6])
    dcg, ideal = 1 / np.log2(3) + 1 / np.log2(5), 1 + 1 / np.log2(3) + 1 / np.log2(4) + 1 / np.log2(5)
    expected = [2 / 4, 1 / 2, 2 / 6, 2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3), dcg / ideal]
    np.testing.assert_allclose(all_metrics(hits, n_relevant)[:, 0], expected, rtol=1e-12)


def test_a_user_without_a_hit_has_0_everywhere():
    np.testing.assert_array_equal(all_metrics(np.zeros((1, 3), dtype=bool), np.array([2])), 0.0)


def test_an_empty_place_is_a_miss_even_if_the_last_item_is_relevant():
    assert not hits_of(np.array([[-1, -1]]), sp.csr_array([[0, 0, 1]])).any()


def test_a_stored_zero_is_not_relevant():
    relevant = sp.csr_array(([0, 1], ([0, 0], [0, 2])), shape=(1, 3))
    assert hits_of(np.array([[0, 2]]), relevant).tolist() == [[False, True]]


def test_metrics_of_no_users_are_empty():
    assert all_metrics(np.zeros((0, 3), dtype=bool), np.zeros(0, dtype=int)).shape == (5, 0)


def test_a_user_without_held_out_ratings_has_error_sum_0():
    assert squared_error_sums(np.array([2.0]), np.array([5]), np.array([1]), 3).tolist() == [0, 9, 0]


# Refusals

HITS = np.array([[True, False], [True, True]])


@pytest.mark.parametrize("metric", OF_RELEVANT)
@pytest.mark.parametrize(
    ("n_relevant", "message"),
    [
        ([1, 2, 3], r"n_relevant has shape \(3,\) but hits \(2, 2\); expected \(2,\)"),
        ([1.0, 2.0], r"n_relevant has dtype float64; expected integers: use n_relevant.astype"),
        ([1, 0], r"1 users have nothing relevant held out \(n_relevant < 1\), the first in row 1; leave them out"),
        ([1, 1], r"1 users have more hits than relevant items, the first in row 1 \(2 hits, 1 relevant\)"),
    ],
)
def test_metrics_of_relevant_items_refuse_wrong_counts(metric, n_relevant, message):
    with pytest.raises(ValueError, match=message):
        metric(HITS, np.array(n_relevant))


@pytest.mark.parametrize("hits", [HITS.astype(int), HITS[0], HITS[:, :0]])
def test_every_ranking_metric_refuses_hits_that_are_no_bool_matrix(hits):
    for metric in (precision_at_k, reciprocal_rank_at_k):
        with pytest.raises(ValueError, match=rf"dtype {hits.dtype}; expected a bool matrix \(n_users, k\) with k >= 1"):
            metric(hits)
    for metric in OF_RELEVANT:
        with pytest.raises(ValueError, match=rf"dtype {hits.dtype}; expected a bool matrix \(n_users, k\) with k >= 1"):
            metric(hits, np.array([2, 2]))


@pytest.mark.parametrize(
    ("ranked", "message"),
    [
        ([[0], [1]], r"ranked has shape \(2, 1\) but relevant \(1, 3\); expected \(B, k\) and \(B, I\)"),
        ([0, 1], r"ranked has shape \(2,\)"),
        ([[0.0, 1.0]], r"ranked has dtype float64; expected integers"),
        ([[0, 3]], r"ranked holds 1 values outside -1\.\.2, the first 3 in row 0"),
        ([[-2, -3]], r"ranked holds 2 values outside -1\.\.2, the first -2 in row 0"),
        ([[2, 0, 2]], r"1 lists repeat an item, the first in row 0"),
    ],
)
def test_hits_refuse_lists_that_are_no_ranking(ranked, message):
    with pytest.raises(ValueError, match=message):
        hits_of(np.array(ranked), sp.csr_array([[1, 0, 1]]))


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize(
    ("predicted", "stars", "message"),
    [
        ([], [], r"got 0 ratings; a mean error needs at least 1"),
        ([1.0, 2.0], [1.0], r"predicted has shape \(2,\) but stars have \(1,\)"),
        ([1.0, np.nan], [1.0, 2.0], r"predicted holds 1 values that are NaN or infinite, the first at index \(1,\)"),
        ([1.0, 2.0], [np.inf, 2.0], r"stars holds 1 values that are NaN or infinite, the first at index \(0,\)"),
    ],
)
def test_mean_errors_refuse_what_has_no_mean(mean, predicted, stars, message):
    with pytest.raises(ValueError, match=message):
        mean(np.array(predicted), np.array(stars))


@pytest.mark.parametrize("sums", ERROR_SUMS)
@pytest.mark.parametrize(
    ("predicted", "user_idx", "message"),
    [
        ([1.0, 2.0], [0], r"user_idx has shape \(1,\) and predicted \(2,\)"),
        ([[1.0, 2.0]], [[0, 1]], r"expected two vectors \(N,\)"),
        ([1.0, 2.0], [0.0, 1.0], r"user_idx has dtype float64; expected integers"),
        ([1.0, 2.0], [0, 2], r"user_idx holds 1 values outside 0\.\.1, the first 2 at index 1"),
        ([1.0, 2.0], [-1, 0], r"user_idx holds 1 values outside 0\.\.1, the first -1 at index 0"),
        ([1.0, np.nan], [0, 1], r"predicted holds 1 values that are NaN or infinite, the first at index \(1,\)"),
        ([1.0], [1], r"predicted has shape \(1,\) but stars have \(2,\)"),
    ],
)
def test_error_sums_refuse_ratings_without_a_user(sums, predicted, user_idx, message):
    with pytest.raises(ValueError, match=message):
        sums(np.array(predicted), np.array([1.0, 2.0]), np.array(user_idx), 2)


def test_zero_filled_errors_refuse_another_shape_and_nan():
    with pytest.raises(ValueError, match=r"predicted has shape \(2, 3\) but stars have \(2, 2\)"):
        zero_filled_error_sums(np.zeros((2, 3)), sp.csr_array((2, 2)))
    with pytest.raises(
        ValueError, match=r"predicted holds 4 values that are NaN or infinite, the first at index \(0, 0\)"
    ):
        zero_filled_error_sums(np.full((2, 2), np.nan), sp.csr_array((2, 2)))


@given(seed=st.integers(0, 2**32 - 1))
def test_log_losses_agree_with_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    distribution = rng.dirichlet(np.ones(5), 30)
    level, user_idx = rng.integers(0, 5, 30), rng.integers(0, 4, 30)
    given_to_it = distribution[np.arange(30), level]
    total = log_loss_sums(given_to_it, user_idx, 4).sum() / 30
    assert total == pytest.approx(log_loss(level, distribution, labels=range(5)), rel=1e-6)


def test_an_impossible_rating_costs_much_but_not_everything():
    assert log_loss_sums(np.array([0.0]), np.array([0]), 1)[0] == pytest.approx(-np.log(1e-12))


@pytest.mark.parametrize("probability", [np.nan, -0.1, 1.1])
def test_log_loss_refuses_what_is_no_probability(probability):
    with pytest.raises(ValueError, match="1 probabilities are NaN or outside 0..1, the first .* at index 1; expected"):
        log_loss_sums(np.array([0.5, probability]), np.array([0, 0]), 1)
