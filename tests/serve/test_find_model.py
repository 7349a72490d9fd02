"""Which model a page serves: what was asked for, what is set up, the newest of eval.run, or one trained now."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.artifacts.artifact import load_artifact
from recsys.artifacts.fitting import fit_all
from recsys.errors import DataError
from recsys.hub import Hub
from recsys.models import create
from recsys.serve.find_model import ModelRequest, find_model
from tests.support.data_folders import write_genres
from tests.support.small_models import small_config

NOWHERE = Hub("http://127.0.0.1:9", token=False)  # where no server listens


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_genres(tmp_path_factory.mktemp("data") / "films")


@pytest.fixture
def wanted(data, tmp_path) -> ModelRequest:
    return ModelRequest(runs=tmp_path / "runs", dataset=str(data), name="ease")


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory) -> Path:
    """A model folder."""
    runs = tmp_path_factory.mktemp("trained") / "runs"
    find_model(ModelRequest(runs=runs, dataset=str(data), name="ease"))
    [folder] = runs.glob("startup-films-*/artifacts/all/ease")
    return folder


def with_run(wanted: ModelRequest, model: Path, name: str, age: int) -> Path:
    """A copy of a model as a run left it, `age` seconds ago."""
    folder = wanted.runs / name / "artifacts" / "u1" / "ease"
    shutil.copytree(model, folder)
    now = 1_700_000_000
    os.utime(folder / "model.json", (now - age, now - age))
    return folder


def test_without_any_model_one_is_trained_and_kept_for_the_next_start(wanted):
    seen = []
    found = find_model(wanted, on_progress=lambda stage, *_, **__: seen.append(stage))
    assert found.sentence.startswith("ease was trained just now on the ")
    assert "films was read from the folder" in found.sentence
    assert "read" in seen
    again = find_model(wanted)
    assert again.sentence.startswith(f"The model was read from the folder {wanted.runs}")
    assert again.recommender.artifact.facts["split"] == "all"
    history = np.array(found.recommender.model.weights)
    np.testing.assert_array_equal(again.recommender.model.weights, history)


def test_quick_models_answer_then_a_part_of_the_flagship_and_at_last_all_of_it(wanted, monkeypatch):
    monkeypatch.setattr("recsys.artifacts.at_once.LARGEST_SIDE", 1)
    monkeypatch.setattr(
        "recsys.artifacts.fitting.create",
        lambda name, scale, **_: create(name, scale, config=small_config(name)),
    )
    usable = []
    found = find_model(replace(wanted, name="hybrid-vae"), on_usable=usable.append)
    said = [re.sub(r"on the [\d,]+ ratings of films", "on R", each.sentence) for each in usable]
    waits = "to answer at once; hybrid-vae is being trained now, and then takes its place by itself."
    assert [each.partition(" films was read")[0] for each in said] == [
        f"Lists by popularity and stars by baseline were fitted on R {waits}",
        f"Lists by ease-features and stars by baseline were fitted on R {waits}",
        "A part of hybrid-vae was trained on R; the rest is being trained now, then all of it answers.",
    ]
    names = [each.recommender.artifact.name for each in usable]
    assert names == ["weighted", "weighted", "hybrid-vae"]
    assert len({each.recommender.version for each in [*usable, found]}) == 4
    for each in usable:
        listed = each.recommender.recommend({"Film 3": 4}, k=3)
        assert len(listed) == 3
        assert listed["stars"].notna().all()
    assert found.sentence.startswith("hybrid-vae was trained just now on the ")
    assert "ratings kept aside" in found.recommender.artifact.facts["chosen"]


def test_what_answers_meanwhile_may_fail_and_the_model_takes_its_place(wanted, monkeypatch, caplog):
    def in_stages(name, dataset, training, least):
        yield fit_all("popularity", dataset, training), False
        yield fit_all(name, dataset, training), True

    def fails(usable):
        assert usable.sentence.startswith("popularity was fitted on the ")
        raise RuntimeError("a bug")

    monkeypatch.setattr("recsys.serve.find_model.fit_all_in_stages", in_stages)
    assert find_model(wanted, on_usable=fails).recommender.artifact.name == "ease"
    assert caplog.messages == ["popularity was to answer meanwhile, and cannot"]
    assert caplog.records[0].exc_info[0] is RuntimeError


def test_of_a_model_that_takes_seconds_nothing_answers_before(wanted):
    usable = []
    find_model(wanted, on_usable=usable.append)
    assert usable == []


def test_a_disk_that_cannot_be_written_does_not_matter(wanted):
    wanted.runs.parent.mkdir(exist_ok=True)
    wanted.runs.write_text("a file in the way")
    assert "and is kept in memory only (" in find_model(wanted).sentence


def test_the_newest_model_of_eval_run_is_taken(wanted, trained):
    with_run(wanted, trained, "old", age=900)
    new = with_run(wanted, trained, "new", age=5)
    with_run(wanted, trained, "older", age=1000)
    assert find_model(wanted).sentence.startswith(f"The model was read from the folder {new}.")


def test_a_model_of_other_data_or_of_another_name_is_not_taken(wanted, trained, tmp_path):
    with_run(wanted, trained, "run", age=5)
    other = write_genres(tmp_path / "others", n_items=29)
    find_model(ModelRequest(runs=wanted.runs, dataset=str(other), name="ease"))
    [kept] = wanted.runs.glob("startup-*/artifacts/all/ease")
    assert load_artifact(kept).facts["dataset"] == "others"
    assert (
        "was trained just now"
        in find_model(ModelRequest(runs=wanted.runs, dataset=str(other), name="popularity")).sentence
    )


def test_a_broken_model_is_passed_over_and_that_is_said(wanted, trained):
    broken = with_run(wanted, trained, "new", age=5)
    (broken / "arrays.safetensors").write_bytes(b"")
    good = with_run(wanted, trained, "old", age=900)
    sentence = find_model(wanted).sentence
    assert sentence.startswith(f"The model in {broken} could not be used ({broken}/arrays.safetensors: got sha256 ")
    assert f"The model was read from the folder {good}." in sentence


def test_a_model_of_films_with_some_ratings_has_a_place_of_its_own(wanted, trained):
    some = replace(wanted, min_film_ratings=11)
    with_run(wanted, trained, "of-all", age=1)
    found = find_model(some)
    assert found.sentence.startswith("ease was trained just now")
    facts, model = found.recommender.artifact.facts, found.recommender.model
    assert facts["min_film_ratings"] == model.least == 11
    assert 2 <= len(model.known.films) < 30
    assert find_model(some).sentence.startswith(f"The model was read from the folder {wanted.runs}/startup-11-films-")
    of_all = find_model(replace(wanted, min_film_ratings=0)).recommender
    assert "min_film_ratings" not in of_all.artifact.facts
    rare = int(model.known.rare[0])
    title = found.recommender.display_titles[rare]
    assert found.recommender.titles.find(title) == rare
    assert rare not in found.recommender.recommend({title: 5}, k=10)["item_id"].tolist()


def test_what_is_set_up_comes_first_and_if_it_fails_the_next(wanted, trained):
    with_run(wanted, trained, "run", age=5)
    set_up = ModelRequest(setting=str(trained), runs=wanted.runs, dataset=wanted.dataset, name="ease")
    assert find_model(set_up).sentence.startswith(f"The model was read from the folder {trained}.")
    away = ModelRequest(setting="someone/movie-vae", runs=wanted.runs, dataset=wanted.dataset, name="ease")
    sentence = find_model(away, hub=NOWHERE).sentence
    assert sentence.startswith(
        "The model that MOVIE_VAE_MODEL names could not be had (someone/movie-vae: the Hub could"
    )
    assert "The model was read from the folder" in sentence


@pytest.mark.parametrize("model", ["someone/movie-vae", "./nothing"])
def test_what_somebody_asked_for_is_served_or_refused(wanted, trained, model):
    with_run(wanted, trained, "run", age=5)
    with pytest.raises(DataError, match="someone/movie-vae: the Hub could not be reached|there is no folder nothing"):
        find_model(ModelRequest(model=model, runs=wanted.runs, dataset=wanted.dataset), hub=NOWHERE)
    asked = ModelRequest(model=str(trained), setting="x/y", runs=wanted.runs, dataset=wanted.dataset)
    assert find_model(asked, hub=NOWHERE).sentence.startswith(f"The model was read from the folder {trained}.")


def test_without_model_and_data_there_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="no data set or folder is called"):
        find_model(ModelRequest(runs=tmp_path, dataset=str(tmp_path / "nothing"), name="ease"))


def test_the_environment_sets_up_a_model(monkeypatch):
    monkeypatch.setenv("MOVIE_VAE_MODEL", "someone/movie-vae@v1")
    assert ModelRequest.of_environment().setting == "someone/movie-vae@v1"
    monkeypatch.setenv("MOVIE_VAE_MODEL", "")
    assert ModelRequest.of_environment("a/b") == ModelRequest(model="a/b")
