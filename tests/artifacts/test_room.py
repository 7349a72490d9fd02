"""A model that memory has no room for is refused before anything is fitted, in a sentence that says what would fit."""

import re

import numpy as np
import pytest

from eval.run import main
from eval.tune import main as tune
from recsys.artifacts import room
from recsys.artifacts.fitting import fit_all, fit_on
from recsys.artifacts.room import misfits
from recsys.data.interactions import Interactions
from recsys.data.movielens import load_dataset
from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.models import create
from recsys.models.needs import Extent, bytes_needed
from recsys.training import Training
from tests.support.data_folders import write_genres
from tests.support.small_models import ratings

STARS = ratings(0, (60, 300), 0.3)
NEEDED = bytes_needed(create("slim", WHOLE_STARS), Extent.of(STARS))


def let_free(monkeypatch, n_bytes: float | None) -> None:
    monkeypatch.setattr(room, "free_memory", lambda: n_bytes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_genres(tmp_path_factory.mktemp("room") / "films", n_users=30)


def test_the_sentence_says_what_is_needed_what_is_there_and_what_fits(monkeypatch):
    let_free(monkeypatch, 500_000)
    with pytest.raises(DataError) as refusal:
        fit_on(Interactions(STARS), create("slim", WHOLE_STARS), Training())
    assert str(refusal.value) == (
        "slim takes at least 0.6 MB of memory to learn from 60 people's ratings of 300 films, and 0.5 MB are free. End "
        "other programs, or take the model ease, or pass --min-film-ratings 14, which leaves it 254 films."
    )


@pytest.mark.parametrize("free", [None, NEEDED, NEEDED + 1])
def test_what_fits_or_may_fit_is_fitted(monkeypatch, free):
    let_free(monkeypatch, free)
    fit_on(Interactions(STARS), create("slim", WHOLE_STARS), Training())


def test_of_several_models_those_that_do_not_fit_are_told(monkeypatch):
    let_free(monkeypatch, NEEDED - 1)
    assert list(misfits(["popularity", "slim", "baseline"], STARS, WHOLE_STARS)) == ["slim"]


@pytest.mark.parametrize(
    ("name", "free", "word"),
    [
        ("slim", 20_000, "popularity"),
        ("ease", 20_000, "popularity"),
        ("hybrid-vae", 50_000, "als"),
        ("als", 2000, "baseline"),
    ],
)
def test_what_is_named_instead_fits_if_anything_does(monkeypatch, name, free, word):
    let_free(monkeypatch, free)
    assert f"or take the model {word}" in misfits([name], STARS, WHOLE_STARS)[name]


def test_fewer_films_that_are_named_fit_and_no_more_would(monkeypatch):
    for free in np.linspace(20_000, NEEDED - 1, 7):
        let_free(monkeypatch, free)
        said = misfits(["slim"], STARS, WHOLE_STARS)["slim"]
        [(least, n_films)] = re.findall(r"ratings (\d+), which leaves it (\d+)", said)
        assert np.sum(np.diff(STARS.tocsc().indptr) >= int(least)) == int(n_films)
        assert misfits(["slim"], STARS, WHOLE_STARS, int(least)) == {}
        assert misfits(["slim"], STARS, WHOLE_STARS, int(least) - 1)


def test_nothing_is_named_that_would_not_fit_either(monkeypatch):
    let_free(monkeypatch, 1)
    assert misfits(["slim"], STARS, WHOLE_STARS)["slim"].endswith("are free. End other programs.")


def test_a_model_that_hides_people_is_told_of_all_films(monkeypatch):
    let_free(monkeypatch, 100)
    assert "min-film-ratings" not in misfits(["dp-vae"], STARS, WHOLE_STARS)["dp-vae"]


def test_a_model_that_lacks_a_library_is_left_to_its_fit(monkeypatch):
    let_free(monkeypatch, 1)
    monkeypatch.setattr(room, "create", lambda *_: (_ for _ in ()).throw(DataError("no Keras")))
    assert misfits(["vae"], STARS, WHOLE_STARS) == {}


@pytest.mark.parametrize("name", ["slim", "hybrid-vae"])
def test_a_page_does_not_begin_to_train_what_does_not_fit(folder, monkeypatch, name):
    let_free(monkeypatch, 10)
    with pytest.raises(DataError, match=f"^{name} takes at least"):
        fit_all(name, load_dataset(folder), Training(seed=0))


@pytest.mark.parametrize("asked", [["--models", "popularity", "slim"], ["--models", "popularity", "--fit-all", "slim"]])
def test_a_run_is_refused_whose_model_was_asked_for_by_name(folder, tmp_path, monkeypatch, capsys, asked):
    let_free(monkeypatch, 1000)
    monkeypatch.setattr("eval.runner.run_experiment", None)  # nothing is fitted
    assert main(["--dataset", str(folder), "--out", str(tmp_path / "out"), *asked]) == 2
    said = capsys.readouterr().err
    assert re.search("eval.run: slim takes at least .* take the model popularity", said, re.DOTALL)


def test_of_a_group_the_others_are_run_and_the_rest_is_said(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("eval.run.GROUPS", {"all": [], "shelf": ["popularity", "slim"]})
    let_free(monkeypatch, 1000)
    out = tmp_path / "out"
    assert main(["--dataset", str(folder), "--out", str(out), "--models", "shelf"]) == 1
    assert [path.name for path in (out / "artifacts").glob("*/*")] == ["popularity"]
    failures = (out / "failures.txt").read_text()
    assert re.fullmatch(r"slim takes at least .*\.\n", failures)
    assert "1 of 2 model runs are finished" in capsys.readouterr().err


def test_a_study_is_refused_before_its_first_trial(folder, tmp_path, monkeypatch, capsys):
    let_free(monkeypatch, 10)
    monkeypatch.setattr(room, "fewer_films", lambda *_: "pass --min-film-ratings 9")
    assert tune(["--model", "slim", "--dataset", str(folder), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "eval.tune: slim takes at least" in said
    assert "or pass --min-film-ratings 9." in said
    assert not list((tmp_path / "out").glob("*.db"))
