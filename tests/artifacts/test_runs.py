"""The layout of runs/: where a run's results and models are, which is the newest, and which belong to a data set."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.artifacts import runs
from recsys.artifacts.artifact import save_artifact
from recsys.artifacts.fitting import fit_all
from recsys.artifacts.runs import (
    ALL,
    are_of_same_data,
    is_fitted_on,
    is_of_all_ratings,
    model_folder,
    model_folders,
    models_beside,
    models_fitted_on,
    results_file,
    results_files,
    run_of,
    startup_run,
)
from recsys.data.movielens import load_dataset
from recsys.data.sources.identity import pinned_sha256
from recsys.training import Training
from tests.support.data_folders import write_genres

NOW = 1_700_000_000
NAMES = st.text("abc-01", min_size=1, max_size=8)


def written(path, age):
    """A file that was written `age` seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    os.utime(path, (NOW - age, NOW - age))
    return path


# ---- places


@given(run=NAMES, split=NAMES, model=NAMES)
def test_a_models_folder_leads_back_to_its_run(run, split, model):
    folder = model_folder(PurePosixPath("runs") / run, split, model)
    assert str(folder) == f"runs/{run}/artifacts/{split}/{model}"
    assert run_of(folder) == PurePosixPath("runs") / run
    assert is_of_all_ratings(folder) == (split == ALL)


@pytest.mark.parametrize("folder", ["", "a", "a/b", "/", "/a", "/a/b"])
def test_a_folder_that_lies_in_no_run_has_the_first_above_it(folder):
    assert run_of(PurePosixPath(folder)) == PurePosixPath("/" if folder[:1] == "/" else ".")
    assert not is_of_all_ratings(PurePosixPath(folder))


def test_files_come_the_newest_first_and_what_is_no_file_does_not_come(tmp_path):
    ages = {"b": 30, "a": 10, "c": 20}
    for name, age in ages.items():
        written(results_file(tmp_path / name), age)
        written(model_folder(tmp_path / name, "u1", "ease") / "model.json", age)
        written(model_folder(tmp_path / name, "u1", "svd") / "model.json", age + 100)
    results_file(tmp_path / "d").mkdir(parents=True)
    written(tmp_path / "results.json", 0)
    written(tmp_path / "e" / "deeper" / "results.json", 0)
    assert results_files(tmp_path) == [tmp_path / name / "results.json" for name in "acb"]
    assert model_folders(tmp_path, "ease") == [tmp_path / name / "artifacts" / "u1" / "ease" for name in "acb"]
    assert len(model_folders(tmp_path)) == 6
    assert results_files(tmp_path / "nothing") == model_folders(tmp_path / "nothing") == []


def test_a_file_that_has_just_gone_counts_as_the_oldest(tmp_path):
    assert runs.written_at(tmp_path / "gone") == 0 < runs.written_at(written(tmp_path / "there", 5))


def test_to_name_a_place_takes_no_library():
    code = "import recsys.artifacts.runs, sys; print(*{'numpy', 'scipy', 'pandas', 'keras'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


# ---- start-up


def data_set(name="films", sha256="1", films="2", folder=None):
    return SimpleNamespace(name=name, sha256=sha256, films_sha256=films, folder=folder)


def test_every_data_set_has_a_startup_run_of_its_own():
    published = data_set("ml-100k", pinned_sha256("ml-100k"))
    others = [
        data_set("ml-100k"),
        data_set("ml-100k", pinned_sha256("ml-100k"), folder=Path("mine")),
        data_set(),
        data_set(sha256="2"),
        data_set(films="1"),
        data_set("x" * 300),
        data_set("x" * 300, films="1"),
    ]
    places = [startup_run(Path("runs"), each) for each in (published, *others)]
    assert places[0] == Path("runs/startup-ml-100k")
    assert len({*places}) == len(places)
    assert max(len(place.name) for place in places) < 100


# ---- whose models


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return write_genres(tmp_path_factory.mktemp("films") / "films")


@pytest.fixture(scope="module")
def fitted(films):
    """A model of these films, and what it says of them."""
    return fit_all("popularity", load_dataset(films), Training(seed=0))


@pytest.fixture
def saved(fitted, tmp_path):
    """Leaves a copy in a run, as it would be of other data or of another age."""

    def save(run, split=ALL, age=5, **facts):
        folder = model_folder(tmp_path / run, split, "popularity")
        save_artifact(folder, replace(fitted, facts={**fitted.facts, "split": split, **facts}))
        os.utime(folder / "model.json", (NOW - age, NOW - age))
        return folder

    return save


def test_models_of_these_very_ratings_are_found_and_of_others_only_what_cannot_be_read(saved, films, tmp_path):
    old, new = saved("old", "u1", age=90), saved("new", "u2")
    saved("other", dataset_sha256="0" * 64)
    assert models_fitted_on(tmp_path, str(films), "popularity") == [new, old]
    broken = saved("broken", age=30)
    (broken / "model.json").write_text("{")
    os.utime(broken / "model.json", (NOW - 30, NOW - 30))
    assert models_fitted_on(tmp_path, str(films), "popularity") == [new, broken, old]
    assert models_fitted_on(tmp_path, str(films), "ease") == []


def test_where_the_ratings_are_gone_a_model_of_the_same_name_has_to_do(saved, tmp_path):
    gone = tmp_path / "gone" / "films"
    folder = saved("run")
    saved("other", dataset="others")
    assert models_fitted_on(tmp_path, str(gone), "popularity") == [folder]
    assert is_fitted_on(folder, str(gone), None)
    assert not is_fitted_on(folder, str(gone), "0" * 64)


def test_of_several_models_of_a_name_one_of_all_ratings_stands_beside_another_and_else_the_newest(
    saved, fitted, tmp_path
):
    facts = fitted.facts
    assert models_beside(tmp_path, facts) == {}
    old = saved("old", "u1", age=90)
    assert models_beside(tmp_path, facts) == {"popularity": old}
    new = saved("new", "u1", age=5)
    assert models_beside(tmp_path, facts) == {"popularity": new}
    whole = saved("whole", ALL, age=200)
    assert models_beside(tmp_path, facts) == {"popularity": whole}
    newer = saved("newer", ALL, age=100)
    saved("others", ALL, age=0, dataset_sha256="0" * 64)
    assert models_beside(tmp_path, facts) == {"popularity": newer}
    (newer / "model.json").write_text("{")
    assert models_beside(tmp_path, facts) == {"popularity": whole}


FACTS = {"dataset_sha256": "1", "films_sha256": "2", "min_ratings": 20}


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, True),
        ({"dataset_sha256": "0"}, False),
        ({"dataset_sha256": None}, False),
        ({"films_sha256": "0"}, False),
        ({"min_ratings": 5}, True),
        ({"min_ratings": 5, "films_sha256": "0"}, True),  # other films are left
        ({"dataset": "under another name"}, True),
    ],
)
def test_the_same_data_are_the_same_ratings_and_as_far_as_is_told_the_same_films(changed, same):
    assert are_of_same_data(FACTS, {**FACTS, **changed}) == are_of_same_data({**FACTS, **changed}, FACTS) == same
    assert not are_of_same_data({}, {})
    assert are_of_same_data(FACTS, {"dataset_sha256": "1"})
