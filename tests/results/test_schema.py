"""results.json: what eval writes, to the letter, and what is read of files that are old, altered or hostile."""

import copy
import json
import math
import random
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from eval.reporting import results as writing
from eval.reporting.results import as_json, write_results
from eval.running.experiment import Settings
from recsys.errors import DataError
from recsys.models import MODELS
from recsys.results.found import PUBLISHED
from recsys.results.reading import read_results
from recsys.results.schema import Difference, Figure, ModelRun, ReliabilityTable, Results, SplitFacts
from tests.support.made_up_measurements import spoil
from tests.support.small_reports import small_outcome, small_report, trained_outcome

ROOT = Path(__file__).parents[2]
NO_PROBABILITIES = {"nll": None, "ece": None}
OF_STARS = {"mse": 1.0, "rmse": 1.0, "mae": 1.0}
OF_REST = {
    "precision@2": 0.5,
    "recall@2": 1.0,
    "f1@2": 0.75,
    "ndcg@2": 0.5,
    "mrr@2": 0.5,
    "paper_mse": 4.0,
    "paper_rmse": 2.0,
    "paper_mae": 2.0,
}


def run_with(metrics, **changes):
    """A run as it stands in results.json."""
    return {
        "model": "ease",
        "split": "u1",
        "metrics": metrics,
        "n_test_ratings": 4,
        "n_ranked_users": 2,
        "epochs": 0,
        "seconds_per_epoch": None,
        "fit_seconds": 1.5,
        "score_seconds": 0.25,
        "peak_rss_bytes": None,
        "learning_curve": [],
        "reliability": None,
        **changes,
    }


def summary_of(metrics):
    """Means over one split; nothing varies from person to person."""
    return [
        {"model": "ease", "metric": metric, "mean": mean, "stderr": 0.0, "n_splits": 1}
        for metric, mean in metrics.items()
        if mean is not None
    ]


def whole(report, runs, summary):
    """The content of results.json before a run is finished."""
    return {
        "version": 1,
        "dataset": "films",
        "dataset_sha256": report.dataset.sha256,
        "source": report.dataset.source,
        "cleaning": asdict(report.dataset.cleaning),
        "protocol": "folds",
        "protocol_rules": "every rating is in the test part of one of five folds and in the training part of the other "
        "four",
        "protocol_procedure": "Part of the ratings that people gave was hidden. Each model learned from the rest, and "
        "then had to guess the hidden stars and to list films for every person. The hidden ratings tell how often it "
        "was right.",
        "seed": 0,
        "k": [2],
        "relevant_from": 4.0,
        "command": "python -m eval.run",
        "environment": {"python": "3.11.7", "keras": None, "cores": 2},
        "splits": [
            {
                "name": "u1",
                "n_users": 3,
                "n_items": 4,
                "n_train_ratings": 5,
                "n_test_ratings": 4,
                "n_test_users": 3,
                "n_ranked_users": 2,
                "n_cells": 12,
                "zero_mse": 6.25,
                "zero_rmse": 2.5,
                "zero_mae": 0.75,
                "n_asked": None,
            }
        ],
        "models": {"ease": json.loads(json.dumps(asdict(MODELS["ease"].config)))},
        "runs": runs,
        "summary": summary,
    }


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr(writing, "environment", lambda: {"python": "3.11.7", "keras": None, "cores": 2})


def same(written, expected):
    """Whether keys, their order and values are the same; 1 is not 1.0."""
    return json.dumps(written, indent=1, allow_nan=False) == json.dumps(expected, indent=1)


@pytest.mark.usefixtures("environment")
def test_what_eval_writes_has_these_keys_in_this_order(tmp_path):
    report = small_report(tmp_path, small_outcome())
    metrics = OF_STARS | NO_PROBABILITIES | OF_REST
    expected = whole(report, [run_with(metrics)], summary_of(metrics))
    assert same(as_json(report, finished=False), expected)
    comparisons = {figure["metric"]: {"best": "ease", "differences": {"ease": None}} for figure in expected["summary"]}
    assert same(as_json(report, finished=True), expected | {"comparisons": comparisons})
    write_results(tmp_path, report)
    assert (tmp_path / "results.json").read_text() == json.dumps(expected, indent=1) + "\n"


@pytest.mark.usefixtures("environment")
def test_epochs_and_probabilities_of_stars_are_written_too(tmp_path):
    report = small_report(tmp_path, trained_outcome())
    metrics = OF_STARS | {"nll": 1.0, "ece": 0.0} | OF_REST
    run = run_with(
        metrics,
        epochs=2,
        seconds_per_epoch=0.5,
        peak_rss_bytes=1024,
        learning_curve=[{"epoch": 1, "loss": -0.5}, {"epoch": 2, "loss": 0.25}],
        reliability={
            "stars": [2.0, 3.0, 4.0, 5.0],
            "predicted": [[*[None] * 3, 0.25, *[None] * 11]] * 4,
            "observed": [[*[None] * 3, 0.5, *[None] * 11]] * 4,
            "count": [[*[0] * 3, 4, *[0] * 11]] * 4,
        },
    )
    assert same(as_json(report, finished=False), whole(report, [run], summary_of(metrics)))


def test_a_difference_from_the_best_is_written_with_its_interval_and_p_value(tmp_path):
    worse = small_outcome("popularity", squared_error=small_outcome().per_user["squared_error"] * 4)
    comparison = as_json(small_report(tmp_path, small_outcome(), worse), finished=True)["comparisons"]["rmse"]
    assert comparison["best"] == "ease"
    assert comparison["differences"]["ease"] is None
    difference = comparison["differences"]["popularity"]
    assert list(difference) == ["difference", "low", "high", "p_value"]
    assert difference["difference"] == 1.0


# ---- what is read


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report as it was written, in JSON."""
    report = small_report(tmp_path_factory.mktemp("run"), trained_outcome(), small_outcome("popularity"))
    return json.dumps(as_json(report, finished=True))


@pytest.fixture
def results(written):
    """The same, to be altered."""
    return json.loads(written)


def read(folder, results, **limits):
    path = folder / "results.json"
    path.write_text(results if isinstance(results, str) else json.dumps(results), encoding="utf-8")
    return read_results(path, **limits)


@pytest.mark.parametrize("limited", [True, False])
def test_what_is_written_reads_as_the_same(tmp_path, results, limited):
    assert same(read(tmp_path, results, limited=limited).model_dump(exclude_unset=True), results)


def test_the_figures_that_come_with_the_program_read_as_they_stand():
    found = read_results(PUBLISHED)
    assert found.model_dump(mode="json", exclude_unset=True) == {
        key: value
        for key, value in json.loads(PUBLISHED.read_text(encoding="utf-8")).items()
        if key in Results.model_fields
    }


OF_FIRST_REPORTS = (
    *("version", "dataset", "dataset_sha256", "protocol", "seed", "k", "relevant_from", "command"),
    *("environment", "models"),
)
OF_THEIR_PARTS = {
    "splits": "name n_users n_items n_train_ratings n_test_ratings n_test_users n_ranked_users zero_mse zero_rmse "
    "zero_mae",
    "runs": "model split metrics n_test_ratings n_ranked_users epochs seconds_per_epoch fit_seconds score_seconds "
    "peak_rss_bytes learning_curve",
    "summary": "model metric mean stderr",
}


def test_a_report_as_the_first_were_is_read(tmp_path, results):
    first = {key: results[key] for key in OF_FIRST_REPORTS}
    for part, keys in OF_THEIR_PARTS.items():
        first[part] = [{key: entry[key] for key in keys.split()} for entry in results[part]]
    found = read(tmp_path, first)
    assert found.protocol_rules == found.protocol_procedure == ""
    assert (found.splits[0].n_asked, found.comparisons, found.runs[0].reliability) == (None, {}, None)


REQUIRED = {
    "results": {*OF_FIRST_REPORTS, "splits", "runs", "summary"} - {"environment"},
    "split": {"name", "n_users", "n_items", "n_test_ratings", "n_test_users", "n_ranked_users"},
    "run": {"model", "split"},
    "reliability": {"stars", "predicted", "observed", "count"},
    "figure": {"model", "metric", "mean", "stderr"},
    "comparison": {"best", "differences"},
    "difference": {"low", "high"},
}
PARTS = {  # where an example of each part is
    "results": lambda results: results,
    "split": lambda results: results["splits"][0],
    "run": lambda results: results["runs"][0],
    "reliability": lambda results: results["runs"][0]["reliability"],
    "figure": lambda results: results["summary"][0],
    "comparison": lambda results: results["comparisons"]["nll"],
    "difference": lambda results: results["comparisons"]["rmse"]["differences"]["popularity"],
}


@pytest.mark.parametrize("part", PARTS)
def test_a_key_that_reports_of_before_lack_may_be_missing_and_no_other(tmp_path, results, part):
    for key in PARTS[part](results):
        without = copy.deepcopy(results)
        del PARTS[part](without)[key]
        if key not in REQUIRED[part]:
            read(tmp_path, without)
        else:
            with pytest.raises(DataError, match=rf"{key} is missing|{key}: field required|got results of version None"):
                read(tmp_path, without)


MORE_THAN_CAN_BE_SHOWN = {
    "dataset: string should have at most 200": {"dataset": "a" * 201},
    "command: string should have at most 2000": {"command": "a" * 2001},
    "protocol_rules: string should have at most 1000": {"protocol_rules": "a" * 1001},
    "k.0: input should be less than or equal to 1000": {"k": [2000]},
    "k: list should have at most 10 items": {"k": list(range(1, 12))},
    "relevant_from.constrained-float: input should be less than": {"relevant_from": 1e10},
    "there are 61 models, more than 60": {"runs": [{"model": f"m{at}", "split": "u1"} for at in range(61)]},
    "summary.0.mean: input should be less than or equal to 1000000000": {
        "summary": [{"model": "vae", "metric": "paper_mse", "mean": 1e10, "stderr": None}]
    },
    "runs.0.reliability.stars: list should have at most 20": {
        "runs": [
            {
                "model": "bmf",
                "split": "u1",
                "reliability": {
                    "stars": [2.0] * 99,
                    **{key: [[None]] * 99 for key in ("predicted", "observed")},
                    "count": [[0]] * 99,
                },
            }
        ]
    },
}


@pytest.mark.parametrize("message", MORE_THAN_CAN_BE_SHOWN)
def test_more_than_can_be_shown_may_be_measured_but_is_not_shown(tmp_path, results, message):
    results |= MORE_THAN_CAN_BE_SHOWN[message]
    read(tmp_path, results, limited=False)
    with pytest.raises(DataError, match=f"{message}.*; the file was altered, measure again"):
        read(tmp_path, results)


def test_a_large_run_is_written(tmp_path):
    values = {name: small_outcome().per_user[f"{name}@2"] for name in ("precision", "recall", "f1", "ndcg", "mrr")}
    outcome = small_outcome(**{f"{name}@2000": value for name, value in values.items()})
    report = replace(small_report(tmp_path, outcome), settings=Settings(ks=(2, 2000)))
    write_results(tmp_path, report, finished=True)
    assert read_results(tmp_path / "results.json", limited=False).k == [2, 2000]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("limited", [True, False])
def test_what_is_no_finite_number_is_no_figure(tmp_path, results, value, limited):
    results["summary"][0]["mean"] = value
    with pytest.raises(DataError, match=r"summary\.0\.mean: input should be a finite number"):
        read(tmp_path, results, limited=limited)
    with pytest.raises(ValueError, match="finite number"):
        Difference(low=0.0, high=value)


@pytest.mark.parametrize("limited", [True, False])
def test_any_damage_is_refused_in_a_sentence_or_read(tmp_path, written, limited):
    rng = random.Random(0)
    refusals = []
    for _ in range(100):
        results = json.loads(written)
        for _ in range(rng.randint(1, 2)):
            spoil(results, rng)
        try:
            read(tmp_path, json.dumps(results), limited=limited)
        except DataError as reason:
            refusals.append(str(reason))
    assert 20 < len(refusals) < 100
    assert all("\n" not in refusal and len(refusal) < 600 for refusal in refusals)


@pytest.mark.parametrize("part", [Results, SplitFacts, ModelRun, ReliabilityTable, Figure])
def test_every_key_is_explained_where_programmers_look(part):
    page = (ROOT / "docs/reference/results-json.md").read_text(encoding="utf-8")
    only_published = {"measured_on", "about"}
    assert [key for key in part.model_fields if f"`{key}`" not in page and key not in only_published] == []
