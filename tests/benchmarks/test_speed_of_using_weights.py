"""Seconds from nothing to a first list, beside those that importing Keras takes; and of every further list."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from recsys import Recommender
from recsys.artifacts.artifact import Artifact, Items, save_artifact
from recsys.models import FLAGSHIP
from recsys.models.base import Model
from tests.benchmarks.workloads import Workload, time_it

RATINGS = {"Film 1 (1990)": 5, "Film 2 (1990)": 4}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where a model is, and where its films' titles are."""
    folder = tmp_path_factory.mktemp("weights")
    return folder / "model", folder / "films"


@pytest.fixture(scope="module")
def recommender(places: tuple[Path, Path], workload: Workload, fitted: Callable[[str], Model]) -> Recommender:
    """The flagship, saved and loaded."""
    model, films = places
    ids = np.arange(workload.train.shape[1]) + 1
    films.mkdir(exist_ok=True)
    titles = [f"{number},Film {number} (1990),Drama" for number in ids]
    (films / "movies.csv").write_text("\n".join(["movieId,title,genres", *titles, ""]))
    save_artifact(model, Artifact(FLAGSHIP, fitted(FLAGSHIP), Items.of(ids, workload.train), {}))
    return Recommender.from_pretrained(model, titles=films)


def in_a_fresh_interpreter(code: str) -> str:
    """What a program prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_keras(benchmark: BenchmarkFixture, workload: Workload):
    code = "import recsys, keras; print('done')"
    if benchmark.enabled:
        assert in_a_fresh_interpreter(code) == "done\n"
    time_it(benchmark, f"to a first list, {workload.name}", "import keras", lambda: in_a_fresh_interpreter(code), 5)


def test_first_list(
    benchmark: BenchmarkFixture, workload: Workload, places: tuple[Path, Path], recommender: Recommender
):
    model, films = map(str, places)
    load = f"from recsys import Recommender; model = Recommender.from_pretrained({model!r}, titles={films!r})"
    code = f"{load}; print(*model.recommend({RATINGS!r}).item_id)"
    if benchmark.enabled:
        assert in_a_fresh_interpreter(code).split() == recommender.recommend(RATINGS).item_id.astype(str).tolist()
    label, group = "from_pretrained and recommend", f"to a first list, {workload.name}"
    time_it(benchmark, group, label, lambda: in_a_fresh_interpreter(code), 5)


def test_further_lists(benchmark: BenchmarkFixture, workload: Workload, recommender: Recommender):
    table = recommender.recommend(RATINGS)
    assert len(table) == 10
    assert not set(RATINGS) & set(table.title)
    time_it(benchmark, f"a further list, {workload.name}", "recommend", lambda: recommender.recommend(RATINGS), 200)
