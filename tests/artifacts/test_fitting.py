"""A name is the same model wherever it is fitted: by the harness, at the start of a page, to compare it on the page."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from eval.reporting.results import Report
from eval.runner import Run
from eval.running.experiment import Settings
from recsys.artifacts.artifact import Artifact, load_artifact
from recsys.artifacts.fitting import artifact_of, fit_all, fit_on
from recsys.artifacts.runs import ALL
from recsys.data.interactions import Histories, Interactions
from recsys.data.movielens import load_dataset
from recsys.models import create
from recsys.recommend.recommender import Recommender
from recsys.serve.find_model import ModelRequest, find_model
from recsys.serve.other_models import QUICK, OtherModels
from recsys.training import Training
from tests.support.data_folders import write_genres

PATIENCE = 120  # seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_genres(tmp_path_factory.mktemp("fitting") / "films", n_users=30)


@pytest.fixture(scope="module")
def dataset(folder):
    return load_dataset(folder)


def by_the_harness(name: str, dataset, out: Path) -> Artifact:
    report = Report(dataset, "folds", Settings(), (), (), "python -m eval.run", 0)
    folder = Run(report, [], [name], out, Console(file=io.StringIO())).fit_all(name)
    return load_artifact(folder, train=dataset.interactions())


def at_the_start(name: str, folder: Path, runs: Path) -> Recommender:
    return find_model(ModelRequest(runs=runs, dataset=str(folder), name=name)).recommender


def on_the_page(name: str, served: Recommender, folder: Path, runs: Path) -> Recommender:
    others, deadline = OtherModels(str(folder), runs), time.monotonic() + PATIENCE
    while (found := others.ask(name, served)) is None:
        assert time.monotonic() < deadline, f"{name} took more than {PATIENCE} s"
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("name", QUICK)
def test_a_model_is_the_same_wherever_it_is_fitted(name, folder, dataset, tmp_path):
    measured = by_the_harness(name, dataset, tmp_path / "measured")
    started = at_the_start(name, folder, tmp_path / "started").artifact
    compared = on_the_page(name, Recommender(started, dataset.catalog), folder, tmp_path / "nothing").artifact
    assert measured.fingerprint() == started.fingerprint() == compared.fingerprint()
    history = dataset.ratings.matrix()[:5]
    for other in (started, compared):
        np.testing.assert_array_equal(other.model.score(Histories(history)), measured.model.score(Histories(history)))
        assert other.model.arrays().keys() == measured.model.arrays().keys()
        for key, array in measured.model.arrays().items():
            np.testing.assert_array_equal(other.model.arrays()[key], array)


def test_a_model_that_stops_early_keeps_a_validation_part_wherever_it_is_fitted(dataset):
    train = dataset.ratings.matrix()
    expected = fit_on(Interactions(train), create("vae", dataset.ratings.scale, epochs=2), Training(seed=0))
    fitted = fit_all("vae", dataset, Training(seed=0), epochs=2).model
    np.testing.assert_array_equal(fitted.score(Histories(train[:5])), expected.score(Histories(train[:5])))
    without = create("vae", dataset.ratings.scale, epochs=2).fit(Interactions(train), Training(seed=0))
    assert not np.array_equal(fitted.score(Histories(train[:5])), without.score(Histories(train[:5])))


def test_an_artifact_says_which_ratings_and_films_it_is_of_and_what_else_it_is_told(dataset):
    train = dataset.ratings.matrix()
    model = fit_on(Interactions(train), create("popularity", dataset.ratings.scale), Training(seed=0))
    facts = artifact_of("popularity", model, train, dataset, split=ALL, seed=3, command="by hand").facts
    assert facts == {
        "dataset": "films",
        "dataset_sha256": dataset.sha256,
        "films_sha256": dataset.catalog.sha256,
        "published": False,
        "split": "all",
        "seed": 3,
        "n_users": train.shape[0],
        "n_ratings": train.nnz,
        "min_ratings": 20,
        "command": "by hand",
    }


def test_what_was_asked_and_measured_does_not_make_another_model(dataset):
    plain = fit_all("popularity", dataset, Training(seed=0))
    told = fit_all("popularity", dataset, Training(seed=0), command="by hand", metrics={"rmse": 0.9}, protocol="folds")
    assert told.fingerprint() == plain.fingerprint()
    assert fit_all("popularity", dataset, Training(seed=1)).fingerprint() != plain.fingerprint()
