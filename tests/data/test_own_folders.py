"""A folder may be called anything: films are named by the data that a model was fitted on, or by their ids."""

import csv
import json
import shutil
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.artifacts.data_folder import note_place, noted_place
from recsys.artifacts.fitting import fit_all
from recsys.artifacts.manifest import write_manifest
from recsys.artifacts.runs import models_fitted_on, startup_run
from recsys.data.movielens import load_dataset
from recsys.data.sources.identity import FIRST_FILMS, is_published, pinned_sha256, ratings_sha256
from recsys.data.sources.names import NAMES
from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.find_model import ModelRequest, find_model
from recsys.serve.other_models import OtherModels
from recsys.training import Training
from tests.support.pages.page_server import write_data
from tests.support.small_models import ratings

N_FILMS = 26
GENRES = ("Comedy", "Drama", "War")
NAMED = ("films", "ml-100k", "ml-1m")


def titled(word: str) -> list[str]:
    return [f"{word} {item} ({1950 + item})" for item in range(N_FILMS)]


def folder_of(place: Path, name: str, word: str, seed: int = 0) -> Path:
    """A folder `name` with films called by a word; the ids are the same for every word."""
    genres = [GENRES[item % 3] for item in range(N_FILMS)]
    return write_data(place / name, ratings(seed, (30, N_FILMS), 0.97), titled(word), genres)


def saved(data: Path, run: Path, name: str = "ease", *, noted: bool = False, **facts: object) -> Path:
    """A model of a folder as an evaluation leaves it; a fact that is None is not there."""
    dataset = load_dataset(data, min_ratings=1)
    artifact = fit_all(name, dataset, Training(seed=0), epochs=1)
    kept = {fact: value for fact, value in (artifact.facts | facts).items() if value is not None}
    folder = run / "artifacts" / "all" / name
    save_artifact(folder, replace(artifact, facts=kept))
    if noted:
        note_place(run, data)
    return folder


def titles_of(model: Recommender) -> set[str]:
    return {title.split(" ")[0] for title in model.display_titles}


def loaded(folder: Path, titles: Path | str | None = None, *, doubtful: bool) -> Recommender:
    with pytest.warns(UserWarning, match="Films are called by their ids") if doubtful else nullcontext():
        return Recommender.from_pretrained(folder, titles=titles)


# ---- two folders of one name


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("seed", [0, 1])
def test_films_of_another_folder_of_that_name_are_never_taken(name, seed, tmp_path, monkeypatch):
    own, other = folder_of(tmp_path / "own", name, "Own"), folder_of(tmp_path / "other", name, "Other", seed)
    model = saved(own, tmp_path / "runs" / "one")
    monkeypatch.setenv("MOVIE_VAE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("recsys.data.movielens.fetch_films", lambda *_, **__: pytest.fail("another set was fetched"))
    if name not in NAMES:
        assert titles_of(loaded(model, own, doubtful=False)) == {"Own"}
        monkeypatch.chdir(tmp_path / "own")
        assert titles_of(loaded(model, doubtful=False)) == {"Own"}
    monkeypatch.chdir(tmp_path / "other")
    if name != "ml-1m":  # which is looked up where it is published
        assert titles_of(loaded(model, doubtful=True)) == {"film"}
        assert titles_of(loaded(model, other, doubtful=True)) == {"film"}
    assert titles_of(loaded(model, own, doubtful=False)) == {"Own"}


@pytest.mark.parametrize("name", NAMED)
def test_films_are_found_again_where_a_run_has_noted_its_data(name, tmp_path, monkeypatch):
    own = folder_of(tmp_path / "own", name, "Own")
    model = saved(own, tmp_path / "runs" / "one", noted=True)
    monkeypatch.setattr("recsys.data.movielens.fetch_films", refuse)
    folder_of(tmp_path, name, "Other")
    monkeypatch.chdir(tmp_path)
    assert titles_of(loaded(model, doubtful=False)) == {"Own"}
    shutil.rmtree(own)
    assert noted_place(model) is None
    assert titles_of(loaded(model, doubtful=True)) == {"film"}


def refuse(*_: object, **__: object) -> None:
    raise DataError("there is no network")


def test_where_a_data_set_lies_is_in_no_file_of_the_model(tmp_path):
    own = folder_of(tmp_path / "somebody", "films", "Own")
    model = saved(own, tmp_path / "run", noted=True)
    assert noted_place(model) == own
    assert all(b"somebody" not in path.read_bytes() for path in model.iterdir())


@pytest.mark.parametrize("said", ["", "films", "/no/where", "\0", "/" + "a" * 9000])
def test_a_note_that_names_no_folder_is_none(tmp_path, said):
    model = tmp_path / "artifacts" / "all" / "ease"
    model.mkdir(parents=True)
    (tmp_path / "dataset_folder.txt").write_text(said)
    assert noted_place(model) is None


@pytest.mark.parametrize("named", ["../elsewhere/films", "/dev", r"\\server\share", "C:films", ".", None])
def test_a_model_does_not_send_anybody_to_a_place(named, tmp_path, monkeypatch):
    folder_of(tmp_path / "elsewhere", "films", "Own")
    model = saved(folder_of(tmp_path, "films", "Own"), tmp_path / "run", dataset=named)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert titles_of(loaded(model, doubtful=True)) == {"film"}


# ---- the same folder, changed


def rows_of(folder: Path) -> list[list[str]]:
    with (folder / "movies.csv").open(newline="") as stream:
        return [*csv.reader(stream)][1:]


def changed(folder: Path, rng: np.random.Generator, how: str) -> None:
    """Change the films of a folder."""
    rows = rows_of(folder)
    at, other = rng.choice(N_FILMS, 2, replace=False)
    if how == "titles exchanged":
        rows[at][1], rows[other][1] = rows[other][1], rows[at][1]
    elif how == "ids moved":
        for place, row in enumerate(rows):
            row[0] = str((place + 1) % N_FILMS)
    elif how == "another year":
        rows[at][1] = rows[at][1][:-5] + "2020)"
    elif how == "another genre":
        rows[at][2] = "Western"
    else:
        rows[at][1] = "Another (2001)"
    with (folder / "movies.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("movieId", "title", "genres"), *rows])


@pytest.mark.parametrize("how", ["titles exchanged", "ids moved", "another year", "another genre", "another title"])
@pytest.mark.parametrize("seed", range(3))
def test_films_that_have_changed_are_called_by_their_ids_and_a_page_trains_anew(how, seed, tmp_path, recwarn):
    own = folder_of(tmp_path, "films", "Own")
    wanted = ModelRequest(runs=tmp_path / "runs", dataset=str(own), name="ease")
    model = saved(own, wanted.runs / "one")
    assert "was read from" in find_model(wanted).sentence
    changed(own, np.random.default_rng(seed), how)
    assert titles_of(loaded(model, own, doubtful=True)) == {"film"}
    served = find_model(wanted)
    assert "was trained just now" in served.sentence
    assert served.recommender.catalog.sha256 == load_dataset(own).catalog.sha256
    assert find_model(wanted).sentence.count("trained just now") == 0
    recwarn.clear()


@pytest.mark.parametrize("seed", range(3))
def test_ratings_that_have_changed_leave_the_titles_and_make_a_page_train_anew(seed, tmp_path):
    own = folder_of(tmp_path, "films", "Own")
    wanted = ModelRequest(runs=tmp_path / "runs", dataset=str(own), name="ease")
    model = saved(own, wanted.runs / "one")
    folder_of(tmp_path, "films", "Own", seed=seed + 1)
    assert titles_of(loaded(model, own, doubtful=False)) == {"Own"}
    assert models_fitted_on(wanted.runs, wanted.dataset, wanted.name) == []
    assert "was trained just now" in find_model(wanted).sentence


def test_rows_in_another_order_are_the_same_films(tmp_path):
    own = folder_of(tmp_path, "films", "Own")
    model = saved(own, tmp_path / "run")
    rows = rows_of(own)
    with (own / "movies.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("movieId", "title", "genres"), *reversed(rows), (99, "New (2020)", "War")])
    assert titles_of(loaded(model, own, doubtful=False)) == {"Own"}


# ---- models that were fitted before there was a digest of films


def test_for_an_older_model_the_ratings_decide(tmp_path):
    own, other = folder_of(tmp_path / "own", "films", "Own"), folder_of(tmp_path / "other", "films", "Other", seed=1)
    model = saved(own, tmp_path / "run", films_sha256=None)
    assert titles_of(loaded(model, own, doubtful=False)) == {"Own"}
    assert titles_of(loaded(model, other, doubtful=True)) == {"film"}


def test_a_model_without_any_digest_has_the_films_that_somebody_names(tmp_path, monkeypatch):
    own = folder_of(tmp_path, "films", "Own")
    model = saved(own, tmp_path / "run", films_sha256=None, dataset_sha256=None)
    assert titles_of(loaded(model, own, doubtful=False)) == {"Own"}
    monkeypatch.chdir(tmp_path)
    assert titles_of(loaded(model, doubtful=True)) == {"film"}


def test_an_older_program_reads_what_is_written_now(tmp_path):
    model = saved(folder_of(tmp_path, "films", "Own"), tmp_path / "run")
    description = json.loads((model / "model.json").read_text())
    assert description["format"] == 2
    assert {key: type(value) for key, value in description["facts"].items()}["films_sha256"] is str
    del description["facts"]["films_sha256"]
    (model / "model.json").write_text(json.dumps(description))
    write_manifest_anew(model)
    assert Recommender.from_pretrained(model, titles=tmp_path / "films").artifact.facts["dataset"] == "films"


def write_manifest_anew(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    write_manifest(folder)


# ---- what a page serves


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_is_called_like_a_published_set_is_not_served_as_it(name, tmp_path, monkeypatch):
    monkeypatch.setattr("recsys.data.sources.identity.fetch", refuse_or(tmp_path / "published" / name))
    folder_of(tmp_path / "published", name, "Published", seed=5)
    saved(folder_of(tmp_path / "own", name, "Own"), tmp_path / "runs" / "one")
    named = ModelRequest(runs=tmp_path / "runs", dataset=name, name="ease")
    assert models_fitted_on(named.runs, name, named.name) == []
    assert len(models_fitted_on(named.runs, str(tmp_path / "own" / name), named.name)) == 1


def refuse_or(folder: Path):
    def fetch(name: str, **_: object):
        from recsys.data.sources.published import Fetched

        return Fetched(folder, f"{name} is there.")

    return fetch


@pytest.mark.parametrize("same_ratings", [True, False])
def test_every_data_set_has_its_own_place_and_keeps_it(same_ratings, tmp_path):
    folders = [
        folder_of(tmp_path / word, "films", word, seed=0 if same_ratings else seed)
        for seed, word in enumerate(["Own", "Other", "Third"])
    ]
    wanted = [ModelRequest(runs=tmp_path / "runs", dataset=str(folder), name="ease") for folder in folders]
    with pytest.warns(UserWarning, match="They are not of") if same_ratings else nullcontext():
        assert all("was trained just now" in find_model(wish).sentence for wish in wanted)
        again = [find_model(wish) for wish in wanted]
    assert len([*(tmp_path / "runs").glob("startup-films-*")]) == 3
    assert [titles_of(found.recommender) for found in again] == [{"Own"}, {"Other"}, {"Third"}]
    assert not any("trained just now" in found.sentence for found in again)


def test_a_model_in_the_place_of_earlier_versions_is_found_if_it_is_of_these_data(tmp_path):
    own, other = folder_of(tmp_path / "own", "films", "Own"), folder_of(tmp_path / "other", "films", "Other", seed=1)
    kept = saved(own, tmp_path / "runs" / "startup", films_sha256=None)
    before = (kept / "model.json").read_bytes()
    wanted = ModelRequest(runs=tmp_path / "runs", dataset=str(own), name="ease")
    assert find_model(wanted).sentence.startswith(f"The model was read from the folder {kept}.")
    assert "was trained just now" in find_model(replace(wanted, dataset=str(other))).sentence
    assert (kept / "model.json").read_bytes() == before


def test_a_model_that_somebody_asks_for_keeps_its_own_films_beside_other_data(tmp_path):
    own, other = folder_of(tmp_path / "own", "films", "Own"), folder_of(tmp_path / "other", "films", "Other")
    model = saved(own, tmp_path / "runs" / "one", noted=True)
    for wish in (
        ModelRequest(model=str(model), runs=tmp_path, dataset=str(other)),
        ModelRequest(setting=str(model), runs=tmp_path, dataset=str(other)),
    ):
        with pytest.warns(UserWarning, match="They are not of"):
            found = find_model(wish)
        assert titles_of(found.recommender) == {"Own"}
        assert f"They are not of {other}: the model was fitted on films of sha256" in found.sentence


def test_a_place_is_called_by_the_published_name_only_for_published_ratings(tmp_path, ml_100k):
    assert startup_run(tmp_path, ml_100k) == tmp_path / "startup-ml-100k"
    own = load_dataset(folder_of(tmp_path, "ml-100k", "Own"), min_ratings=1)
    assert startup_run(tmp_path, own).name.startswith("startup-ml-100k-")
    assert len(startup_run(tmp_path, replace(own, name="x" * 300)).name) < 100


# ---- which data set it is


def test_published_films_are_known_by_ratings_that_are_pinned_or_by_the_first_films(tmp_path):
    first = [f"{title} (1995)" for title in FIRST_FILMS.values()]
    titles = ["Nothing", *first, *titled("Own")[11:]]
    unlike = ["Nothing", "Toy Story (1996)", *first[1:], *titled("Own")[11:]]
    genres = ["War"] * N_FILMS
    for name, wanted, named in (("a", True, titles), ("b", False, unlike), ("c", False, titled("Own"))):
        folder = write_data(tmp_path / name, ratings(0, (30, N_FILMS), 0.97), named, genres)
        dataset = load_dataset(folder, min_ratings=1)
        assert is_published("ml-25m", dataset.sha256, dataset.catalog) == wanted
        assert not is_published(name, dataset.sha256, dataset.catalog)
        assert not is_published("ml-100k", dataset.sha256, dataset.catalog)
        assert is_published("ml-100k", pinned_sha256("ml-100k"), dataset.catalog)


@pytest.mark.data
def test_movielens_is_published(ml_100k, latest_small):
    assert ml_100k.is_published
    assert load_dataset(latest_small).is_published
    assert ratings_sha256("ml-100k") == ml_100k.sha256


# ---- models beside the one that answers


def waited(others: OtherModels, name: str, served: Recommender) -> Recommender:
    deadline = time.monotonic() + 60
    while (found := others.ask(name, served)) is None:
        assert time.monotonic() < deadline, f"{name} took more than 60 s"
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("same_ratings", [True, False])
def test_models_of_another_folder_of_that_name_are_not_compared(name, same_ratings, tmp_path):
    own = folder_of(tmp_path / "own", name, "Own")
    other = folder_of(tmp_path / "other", name, "Other", seed=0 if same_ratings else 1)
    served = Recommender.from_pretrained(saved(own, tmp_path / "runs" / "one"), titles=own)
    saved(own, tmp_path / "runs" / "one", "baseline")
    saved(other, tmp_path / "runs" / "two", "item-mean")
    others = OtherModels(str(own), tmp_path / "runs")
    assert "baseline" in others.names(served)
    assert "item-mean" not in others.names(served)
    assert titles_of(waited(others, "baseline", served)) == {"Own"}


@pytest.mark.filterwarnings("ignore:films was read from the folder")  # which a thread would take for a failure
@pytest.mark.parametrize("change", [{"min_ratings": 3}, {"films_sha256": None}])
def test_a_model_that_does_not_tell_its_films_is_compared_only_if_they_are_these(change, tmp_path):
    own, other = folder_of(tmp_path / "own", "films", "Own"), folder_of(tmp_path / "other", "films", "Other")
    served = Recommender.from_pretrained(saved(own, tmp_path / "runs" / "one"), titles=own)
    saved(own, tmp_path / "runs" / "one", "baseline", **change)
    saved(other, tmp_path / "runs" / "two", "item-mean", noted=True, **{"min_ratings": 3})
    others = OtherModels(str(own), tmp_path / "runs")
    assert titles_of(waited(others, "baseline", served)) == {"Own"}
    with pytest.raises(DataError, match="The films of item-mean, .* are not those of ease: number 0 is 'Other 0"):
        waited(others, "item-mean", served)


@pytest.mark.parametrize("told", [{}, {"dataset_sha256": None}])
def test_no_model_is_trained_on_other_ratings_than_those_of_the_one_that_answers(told, tmp_path):
    own, other = folder_of(tmp_path / "own", "films", "Own"), folder_of(tmp_path / "other", "films", "Own", seed=1)
    served = Recommender.from_pretrained(saved(own, tmp_path / "run", **told), titles=own)
    beside = Recommender(served.artifact, served.catalog)
    with pytest.raises(DataError, match="No other model can be trained beside ease: no data set that is here has the"):
        waited(OtherModels(str(other), tmp_path), "popularity", beside)
    if not told:
        found = waited(OtherModels(str(other), tmp_path), "popularity", served)
        assert found.artifact.facts["dataset_sha256"] == ratings_sha256(own)
