"""Seconds for each metric over all lists or ratings of a workload, checked against plain loops."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from pytest_benchmark.fixture import BenchmarkFixture

from eval.measures import metrics
from eval.measures.stats import UserSums, paired_bootstrap
from recsys.data.interactions import Histories
from recsys.models.base import Model, entry_rows
from recsys.ranking import top_k
from recsys.results.schema import Difference
from tests.benchmarks.workloads import RELEVANT_FROM, K, Workload, time_it

N_DENSE = 100  # people whose zero-filled errors are summed at once


@dataclass(frozen=True, eq=False)
class Measured:
    """What metrics are given: lists of the most popular films, item means as predicted stars.

    Legend: U users with something relevant held out, I items, N held-out ratings of all users, D users made dense.
    """

    ranked: np.ndarray  # (U, K) item_idx
    relevant: sp.csr_array  # (U, I)
    n_relevant: np.ndarray  # (U,)
    hits: np.ndarray  # (U, K) bool
    predicted: np.ndarray  # (N,) stars
    stars: np.ndarray  # (N,) stars
    user_idx: np.ndarray  # (N,)
    n_users: int
    dense: np.ndarray  # (D, I) predicted stars
    held_out: sp.csr_array  # (D, I) stars


@pytest.fixture(scope="module")
def measured(workload: Workload, fitted: Callable[[str], Model]) -> Measured:
    train, test = workload.train, workload.split.test
    liked = sp.csr_array(test >= RELEVANT_FROM)
    with_liked = np.flatnonzero(np.diff(liked.indptr))
    popular = fitted("popularity").score(Histories(train[with_liked]))
    ranked, relevant = top_k(popular, train[with_liked], K), liked[with_liked]
    item_stars = fitted("item-mean").score(Histories(train[:N_DENSE]))
    return Measured(
        ranked=ranked,
        relevant=relevant,
        n_relevant=np.diff(relevant.indptr),
        hits=metrics.hits_of(ranked, relevant),
        predicted=item_stars[0, test.indices],
        stars=test.data,
        user_idx=entry_rows(test),
        n_users=test.shape[0],
        dense=item_stars,
        held_out=test[:N_DENSE],
    )


def naive_hits(m: Measured) -> list[list[bool]]:
    liked = [set(indices.tolist()) for indices in np.split(m.relevant.indices, m.relevant.indptr[1:-1])]
    return [[item in wanted for item in ranked] for ranked, wanted in zip(m.ranked.tolist(), liked, strict=True)]


def naive_precision(m: Measured) -> list[float]:
    return [sum(row) / K for row in m.hits.tolist()]


def naive_recall(m: Measured) -> list[float]:
    return [sum(row) / n for row, n in zip(m.hits.tolist(), m.n_relevant.tolist(), strict=True)]


def naive_f1(m: Measured) -> list[float]:
    both = zip(naive_precision(m), naive_recall(m), strict=True)
    return [2 * p * r / (p + r) if p + r else 0.0 for p, r in both]


def naive_ndcg(m: Measured) -> list[float]:
    def gain(row: list[bool]) -> float:
        return sum(hit / math.log2(place + 2) for place, hit in enumerate(row))

    return [gain(row) / gain([True] * min(n, K)) for row, n in zip(m.hits.tolist(), m.n_relevant.tolist(), strict=True)]


def naive_reciprocal_rank(m: Measured) -> list[float]:
    return [1 / (row.index(True) + 1) if any(row) else 0.0 for row in m.hits.tolist()]


def naive_errors(m: Measured) -> list[float]:
    return [p - s for p, s in zip(m.predicted.tolist(), m.stars.tolist(), strict=True)]


def naive_sums(m: Measured, of_error: Callable[[float], float]) -> list[float]:
    sums = [0.0] * m.n_users
    for user, error in zip(m.user_idx.tolist(), naive_errors(m), strict=True):
        sums[user] += of_error(error)
    return sums


def naive_log_losses(m: Measured) -> list[float]:
    sums = [0.0] * m.n_users
    for user, probability in zip(m.user_idx.tolist(), (m.stars / 6).tolist(), strict=True):
        sums[user] -= math.log(probability)
    return sums


def naive_mean(m: Measured, of_error: Callable[[float], float]) -> float:
    return math.fsum(of_error(error) for error in naive_errors(m)) / len(m.stars)


def naive_zero_filled(m: Measured) -> list[list[float]]:
    rows = zip(m.dense.tolist(), m.held_out.toarray().tolist(), strict=True)
    errors = [[p - s for p, s in zip(*row, strict=True)] for row in rows]
    return [[sum(of_error(e) for e in row) for row in errors] for of_error in (square, abs)]


def square(error: float) -> float:
    return error**2


METRICS: dict[str, tuple[Callable[[Measured], Any], Callable[[Measured], Any]]] = {  # name: what is timed, naively
    "hits_of": (lambda m: metrics.hits_of(m.ranked, m.relevant), naive_hits),
    "precision_at_k": (lambda m: metrics.precision_at_k(m.hits), naive_precision),
    "recall_at_k": (lambda m: metrics.recall_at_k(m.hits, m.n_relevant), naive_recall),
    "f1_at_k": (lambda m: metrics.f1_at_k(m.hits, m.n_relevant), naive_f1),
    "ndcg_at_k": (lambda m: metrics.ndcg_at_k(m.hits, m.n_relevant), naive_ndcg),
    "reciprocal_rank_at_k": (lambda m: metrics.reciprocal_rank_at_k(m.hits), naive_reciprocal_rank),
    "squared_error_sums": (
        lambda m: metrics.squared_error_sums(m.predicted, m.stars, m.user_idx, m.n_users),
        lambda m: naive_sums(m, square),
    ),
    "absolute_error_sums": (
        lambda m: metrics.absolute_error_sums(m.predicted, m.stars, m.user_idx, m.n_users),
        lambda m: naive_sums(m, abs),
    ),
    "log_loss_sums": (
        lambda m: metrics.log_loss_sums(m.stars / 6, m.user_idx, m.n_users),
        naive_log_losses,
    ),
    "mse": (lambda m: metrics.mse(m.predicted, m.stars), lambda m: naive_mean(m, square)),
    "rmse": (lambda m: metrics.rmse(m.predicted, m.stars), lambda m: math.sqrt(naive_mean(m, square))),
    "mae": (lambda m: metrics.mae(m.predicted, m.stars), lambda m: naive_mean(m, abs)),
    "zero_filled_error_sums": (lambda m: metrics.zero_filled_error_sums(m.dense, m.held_out), naive_zero_filled),
}


@pytest.mark.parametrize("name", METRICS)
def test_metric(benchmark: BenchmarkFixture, workload: Workload, measured: Measured, name: str):
    call, naive = METRICS[name]
    np.testing.assert_allclose(call(measured), naive(measured), rtol=1e-6)
    time_it(benchmark, f"metrics, {workload.name}", name, lambda: call(measured), rounds=20)


def test_paired_bootstrap(benchmark: BenchmarkFixture, workload: Workload, measured: Measured):
    ndcg = metrics.ndcg_at_k(measured.hits, measured.n_relevant)
    chance = np.random.default_rng(0).random(measured.hits.shape) < measured.hits.mean() / 2
    precision_of_chance = metrics.precision_at_k(chance)

    def call() -> Difference:
        a, b = (UserSums(values[np.newaxis], np.ones((1, len(values)))) for values in (ndcg, precision_of_chance))
        return paired_bootstrap(a, b, rng=np.random.default_rng(0))

    result = call()
    assert result.difference == pytest.approx(ndcg.mean() - precision_of_chance.mean())
    spread = 2 * 1.96 * (ndcg - precision_of_chance).std() / math.sqrt(len(ndcg))
    assert result.low < result.difference < result.high
    assert result.high - result.low == pytest.approx(spread, rel=0.1)
    time_it(benchmark, f"metrics, {workload.name}", "paired_bootstrap, 2000 resamples", call, rounds=3)


def test_every_metric_is_timed():
    public = inspect.getmembers(metrics, inspect.isfunction)
    assert {name for name, f in public if f.__module__ == metrics.__name__ and not name.startswith("_")} == set(METRICS)
