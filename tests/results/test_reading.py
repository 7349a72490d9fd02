"""Files that are no results.json, or an altered one, are refused in a sentence that says where."""

import math
import re

import pytest

from recsys.errors import DataError
from recsys.results import reading
from recsys.results.found import read_measurements
from tests.support.made_up_measurements import curve, results_of, some_figures, write

DAMAGED = {
    "{": r"not JSON \(",
    "": r"not JSON \(",
    "[" * 100_000: r"not JSON \(",
    "[]": "got results of version None, expected 1",
    '{"version": 9}': "got results of version 9, expected 1",
    '{"version": 1}': "dataset_sha256, .* is missing; the file was altered",
}
ALTERED = {
    "summary.0.mean: input should be a valid number": lambda results: results["summary"][0].update(mean="0.5"),
    "summary.0.mean: input should be a finite number": lambda results: results["summary"][0].update(mean=math.nan),
    "summary.0.mean: input should be greater than": lambda results: results["summary"][0].update(mean=-1.0),
    "summary.0.stderr: field required": lambda results: results["summary"][0].pop("stderr"),
    "summary.0.model: string should have at most 200": lambda results: results["summary"][0].update(model="a" * 201),
    "k: list should have at least 1 item": lambda results: results.update(k=[]),
    "k: input should be a valid list": lambda results: results.update(k={"5": 5}),
    "splits.1: input should be": lambda results: results["splits"].__setitem__(1, "u2"),
    "a run is on 'u9', which is none of the splits": lambda results: results["runs"][0].update(split="u9"),
    "there are 61 models, more than 60": lambda results: results.update(
        runs=[{"model": f"m{at}", "split": "u1"} for at in range(61)]
    ),
    "runs.0.reliability: predicted, observed and count differ in shape": lambda results: results["runs"][0].update(
        reliability=curve() | {"count": [[1, 2]]}
    ),
    "reliability differs in shape between splits": lambda results: [
        results["runs"][at].update(reliability=curve() | {"stars": [2.0, 3.0 + at]}) for at in (0, 3)
    ],
    "no model has a figure that is known here": lambda results: results.update(summary=[]),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED.items(), ids=[key[:14] for key in DAMAGED])
def test_a_file_that_is_no_results_is_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read_measurements(write(tmp_path / "results.json", content))


@pytest.mark.parametrize("message", ALTERED)
def test_a_file_with_something_altered_is_refused_by_its_place(tmp_path, message):
    results = results_of(some_figures())
    read_measurements(write(tmp_path / "results.json", results))
    ALTERED[message](results)
    with pytest.raises(DataError, match=re.escape(message)) as error:
        read_measurements(write(tmp_path / "results.json", results))
    assert str(error.value).startswith(f"{tmp_path / 'results.json'}: ")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


def test_a_file_that_is_too_large_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST", 2 * 2**20)
    path = write(tmp_path / "results.json", " " * (3 * 2**20))
    with pytest.raises(DataError, match="has 3 MiB; expected the results.json of a run, of at most 2 MiB"):
        read_measurements(path)
