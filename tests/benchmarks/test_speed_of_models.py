"""Seconds to fit, score, predict and rank, model beside model.

The call that is checked first is also the one that warms up caches and compilers; where nothing is timed, it is the
only one. A fit compiles whenever it runs, so its time has the compiling in it.
"""

from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from recsys.data.interactions import Histories
from recsys.models import MODELS
from recsys.models.base import Model, RatingModel
from recsys.ranking import top_k
from tests.benchmarks.checks import check_lists, check_scores, check_stars
from tests.benchmarks.workloads import K, Workload, fit, time_it

QUICK_TO_FIT = ("global-mean", "item-mean", "user-mean", "baseline", "popularity", "user-knn")
SAME_CODE = {
    "ease-binary": "ease",
    "ease-features": "ease",
    "vae-bce": "vae",
    "vae-masked": "vae",
}  # as slow, so on much data timed once
PREDICT_NO_STARS = [name for name, recipe in MODELS.items() if not recipe.predicts_stars]

Fitted = Callable[[str], Model]
Scored = Callable[[str], np.ndarray]


@pytest.mark.parametrize("name", MODELS)
def test_fit(benchmark: BenchmarkFixture, workload: Workload, scored: Scored, name: str):
    check_scores(name, scored(name), workload)
    if benchmark.enabled and workload.is_large and name in SAME_CODE:
        pytest.skip(f"{name} is checked, but fitted by the code of {SAME_CODE[name]}, which is timed")
    rounds = 5 if name in QUICK_TO_FIT else 1
    time_it(benchmark, f"fit, {workload.name}", workload.label(name), lambda: fit(name, workload), rounds)


@pytest.mark.parametrize("name", MODELS)
def test_score(benchmark: BenchmarkFixture, workload: Workload, fitted: Fitted, name: str):
    model = fitted(name)
    check_scores(name, model.score(Histories(workload.histories)), workload)
    group = f"score {workload.n_scored} people, {workload.name}"
    time_it(benchmark, group, name, lambda: model.score(Histories(workload.histories)), rounds=3)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in PREDICT_NO_STARS])
def test_predict(benchmark: BenchmarkFixture, workload: Workload, fitted: Fitted, name: str):
    model = fitted(name)
    assert isinstance(model, RatingModel)
    check_stars(name, model.predict(Histories(workload.histories)), workload)
    group = f"predict for {workload.n_scored} people, {workload.name}"
    time_it(benchmark, group, name, lambda: model.predict(Histories(workload.histories)), rounds=2)


@pytest.mark.parametrize("name", MODELS)
def test_top_k(benchmark: BenchmarkFixture, workload: Workload, scored: Scored, name: str):
    histories, scores = workload.histories, scored(name)
    check_lists(top_k(scores, histories, K), scores, histories)
    group = f"top {K} of {workload.n_scored} people's scores, {workload.name}"
    time_it(benchmark, group, name, lambda: top_k(scores, histories, K), rounds=10)


@pytest.mark.parametrize("name", MODELS)
def test_top_k_of_one_person(benchmark: BenchmarkFixture, workload: Workload, fitted: Fitted, name: str):
    model, history = fitted(name), workload.one_history
    check_lists(top_k(model.score(Histories(history)), history, K), model.score(Histories(history)), history)
    group = f"one person's top {K}, {workload.name}"
    time_it(benchmark, group, name, lambda: top_k(model.score(Histories(history)), history, K), rounds=20)


def test_every_model_that_predicts_stars_is_timed_at_it(fitted: Fitted):
    predicting = {name for name in MODELS if isinstance(fitted(name), RatingModel)}
    assert predicting == set(MODELS) - set(PREDICT_NO_STARS)
