"""The version that a page answers with: found at its start, replaced while people ask, and never by what is broken."""

import gc
import logging
import shutil
import sys
import threading
import weakref
import zlib
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from recsys.recommend import answers
from recsys.serve import versions as module
from recsys.serve.api.app import rest_api
from recsys.serve.engine import Engine
from recsys.serve.find_model import ModelRequest, ServedModel
from recsys.serve.versions import SECONDS
from recsys.testing.synthetic import checkerboard
from recsys.ui.command import main
from recsys.versions.errors import VersionError
from recsys.versions.lineage import Lineage
from recsys.versions.promoted import InFolder, OnHub, promoted_in
from recsys.versions.registry import Registry
from tests.support.pages.page_server import fitted_on, wait_for, write_data

N_FILMS = 24
TITLES = [f"Film {number} (19{60 + number})" for number in range(N_FILMS)]
RATED = {TITLES[0]: 5, TITLES[1]: 1}
NAMES = ("ease", "popularity", "svd")
ASKING = 4  # programs at once
SWAPS = 6


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("versions") / "films"
    return write_data(folder, checkerboard(40, N_FILMS), TITLES, ["Comedy", "War"] * (N_FILMS // 2))


@pytest.fixture(scope="module")
def models(films):
    """Three models of the same films."""
    dataset = load_dataset(films)
    return [fitted_on(name, dataset) for name in NAMES]


@pytest.fixture
def registry(models, tmp_path):
    """Three versions, the first of which was promoted."""
    registry = Registry(tmp_path / "versions")
    for model in models:
        registry.add(model.artifact, Lineage())
    registry.promote(1)
    return registry


def none_found(*_, **__):
    raise DataError("nothing else was to be looked for")


@pytest.fixture
def start(films, registry, monkeypatch):
    """What starts an engine as a page does, but that it looks for another version only when it is told to."""
    monkeypatch.setattr("recsys.serve.engine.find_model", none_found)
    started = []

    def start(place=None, seconds=3600.0) -> Engine:
        engine = Engine.of(None, str(films), None, InFolder(place or registry), seconds)
        started.append(engine)
        engine.start()
        wait_for(lambda: not engine.is_finding, 30, "starting")
        return engine

    yield start
    for engine in started:
        engine.versions.end()


def look(engine):
    engine.versions.look(engine)


def breaks(registry, number):
    """Alter the model of a version, which stays promoted if it was."""
    (registry.version(number).folder / "arrays.safetensors").write_bytes(b"cut off")


def promoted_unseen(registry, number, monkeypatch):
    """Promote what does not load, as a registry on another machine may."""
    with monkeypatch.context() as patch:
        patch.setattr("recsys.versions.registry.loaded", lambda _: None)
        registry.promote(number)


def lists(models):
    return {model.version: [film.title for film in answers.recommend(model, RATED)] for model in models}


def asked(program):
    """Status, version and titles of an answer."""
    answer = program.post("/v1/recommend", json={"ratings": RATED})
    return answer.status_code, answer.headers.get("Model-Version"), [film["title"] for film in answer.json()]


def test_a_page_begins_with_the_version_that_was_promoted_and_takes_the_next_over(start, registry, models):
    engine = start()
    assert (engine.ready().version, engine.number) == (models[0].version, 1)
    assert engine.sentence.startswith("It is version 1. The model was read from the folder ")
    look(engine)
    assert engine.number == 1
    registry.promote(2)
    look(engine)
    assert (engine.ready().version, engine.number) == (models[1].version, 2)
    registry.rollback()
    look(engine)
    assert engine.ready().version == models[0].version == registry.current().record.fingerprint


def test_a_page_with_a_promoted_version_trains_nothing_to_answer_at_once(start, registry, monkeypatch):
    asked = []
    monkeypatch.setattr("recsys.serve.engine.find_model", lambda *said, **named: asked.append(said))
    registry.promote(1)
    engine = start()
    assert (asked, engine.number, engine.improving, engine.problem) == ([], 1, False, None)


def test_pages_look_often_enough_by_themselves(start, registry):
    assert SECONDS <= 30  # to look, to load and to swap within a minute
    engines = [start(seconds=0.01), start(seconds=0.01)]
    registry.promote(3)
    for engine in engines:
        wait_for(lambda one=engine: one.number == 3, 30, "a swap")


def test_answers_say_which_version_gave_them_and_none_fails_while_versions_change(start, registry, models):
    assert len({tuple(titles) for titles in lists(models).values()}) == len(models)
    engine, expected, found, ended = start(), lists(models), [], threading.Event()
    page = rest_api(engine, "/api")

    def ask() -> None:
        with TestClient(page) as program:
            while not ended.is_set():
                found.append(asked(program))

    threads = [threading.Thread(target=ask) for _ in range(ASKING)]
    for thread in threads:
        thread.start()
    for number in [2, 3, 1] * (SWAPS // 3):
        n_before = len(found)
        registry.promote(number)
        look(engine)
        wait_for(lambda n_before=n_before: len(found) > n_before + ASKING, 30, "some answers")
    ended.set()
    for thread in threads:
        thread.join()
    assert {status for status, *_ in found} == {200}
    assert all(titles == expected[version] for _, version, titles in found)
    assert len({version for _, version, _ in found}) == len(models)


def test_the_model_before_is_dropped(start, registry):
    engine = start()
    page = rest_api(engine, "/api")
    with TestClient(page) as program:
        for number in (2, 3, 1, 2):
            before = weakref.ref(engine.ready())
            asked(program)
            registry.promote(number)
            look(engine)
            asked(program)
            look(engine)
            gc.collect()
            assert before() is None


def test_whoever_asks_goes_on_sooner_while_a_version_is_made_ready(start, registry, monkeypatch):
    engine, seen, usual = start(), [], sys.getswitchinterval()
    recommend = module.Recommender.recommend
    monkeypatch.setattr(
        module.Recommender, "recommend", lambda *asked: seen.append(sys.getswitchinterval()) or recommend(*asked)
    )
    registry.promote(2)
    look(engine)
    assert seen == [pytest.approx(usual / 10)]
    assert (engine.number, sys.getswitchinterval()) == (2, usual)


def test_a_version_that_does_not_load_changes_nothing_but_what_is_told(start, registry, models, monkeypatch, caplog):
    engine = start()
    breaks(registry, 2)
    promoted_unseen(registry, 2, monkeypatch)
    with caplog.at_level(logging.WARNING):
        look(engine)
        look(engine)
    assert engine.ready().version == models[0].version
    [told] = [line for line in caplog.messages if "cannot be used" in line]
    assert told.startswith("Version 2 was promoted, but cannot be used here: ")
    with TestClient(rest_api(engine, "/api")) as program:
        said = program.get("/v1/model").json()
    assert (said["number"], said["version"], said["model"]) == (1, models[0].version, "ease")
    assert said["problem"].startswith("Version 2 was promoted, but cannot be used here: arrays.safetensors: got sha256")
    assert str(registry.folder) not in said["problem"]
    registry.promote(3)
    look(engine)
    assert (engine.number, engine.versions.problem) == (3, None)


def test_what_could_not_be_had_is_tried_again_later(start, registry, monkeypatch):
    engine = start()
    breaks(registry, 2)
    promoted_unseen(registry, 2, monkeypatch)
    look(engine)
    tried = []
    monkeypatch.setattr(module, "ready", lambda answering, *_: tried.append(answering.key) or none_found())
    look(engine)
    assert tried == []
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    look(engine)
    assert tried == [f"2-{registry.version(2).record.fingerprint}"]


def test_whatever_a_version_does_to_the_page_it_does_not_take_its_place(start, registry, monkeypatch):
    engine = start()
    registry.promote(2)
    monkeypatch.setattr(module.Recommender, "recommend", lambda *_: 1 / 0)
    look(engine)
    assert (engine.number, engine.versions.problem) == (
        1,
        "Version 2 was promoted, but cannot be used here: ZeroDivisionError",
    )


WHATEVER = (ValueError("cut"), KeyError("number"), zlib.error("-3"), MemoryError(), BaseException())


def raises(error):
    def raising(*_):
        raise error

    return raising


def test_whatever_a_damaged_registry_raises_pages_go_on_looking(start, registry, monkeypatch, caplog):
    engine, looks = start(seconds=0.005), []
    for error in WHATEVER:
        told, looks[:] = f"({type(error).__name__}).", []
        with monkeypatch.context() as patched:
            patched.setattr(Registry, "current", lambda _, error=error: looks.append(1) or raises(error)())
            wait_for(lambda: len(looks) > 3, 30, "some looks")
            assert engine.versions.problem.endswith(told)
        assert sum(told in line for line in caplog.messages) == 1  # once, however often it is tried
    assert all(record.exc_info for record in caplog.records if record.levelno >= logging.WARNING)
    with monkeypatch.context() as patched:
        patched.setattr(Registry, "comparison", lambda _: looks.append(1) or raises(KeyError("by"))())
        n_before = len(looks)
        wait_for(lambda: len(looks) > n_before + 2, 30, "some looks")
        assert (engine.number, engine.versions.problem) == (1, None)
    registry.promote(2)
    wait_for(lambda: (engine.number, engine.versions.problem) == (2, None), 30, "a swap")


def test_whatever_a_damaged_registry_raises_a_page_starts_with_what_can_be_had(start, registry, models, monkeypatch):
    found = ServedModel(models[0], "It was found elsewhere.")
    monkeypatch.setattr("recsys.serve.engine.find_model", lambda *_, **__: found)
    with monkeypatch.context() as patched:
        for name in ("current", "way_back"):
            patched.setattr(Registry, name, raises(KeyError("number")))
        engine = start()
    assert (engine.number, engine.problem, engine.sentence) == (None, None, "It was found elsewhere.")
    assert engine.versions.problem == "Nobody can tell which version is to answer (KeyError)."
    look(engine)
    assert (engine.number, engine.versions.problem) == (1, None)


def test_a_page_whose_version_does_not_load_begins_with_the_one_before(start, registry, monkeypatch):
    registry.promote(3)
    breaks(registry, 2)
    promoted_unseen(registry, 2, monkeypatch)
    engine = start()
    assert engine.number == 3
    assert "Version 2 was promoted, but cannot be used here" in engine.versions.problem
    registry.rollback()
    look(engine)
    assert (engine.number, engine.versions.problem) == (3, None)


@pytest.mark.parametrize("name", ["version.json", "model"])
def test_a_page_begins_with_one_before_whatever_is_damaged(start, registry, name, caplog):
    registry.promote(3)
    registry.promote(2)
    place = registry.folder / "0002" / name
    shutil.rmtree(place) if place.is_dir() else place.write_text("{")
    (registry.folder / "0003" / "version.json").write_text("{")
    assert start().number == 1
    assert "Version 3 is damaged, and left out" in caplog.text


def test_a_disk_that_cannot_be_read_does_not_keep_a_page_from_starting(start, registry, models, monkeypatch):
    asked_for = []
    monkeypatch.setattr(
        "recsys.serve.engine.find_model",
        lambda *_, **how: asked_for.append(how) or ServedModel(models[0], "It was found elsewhere."),
    )
    with monkeypatch.context() as patched:
        patched.setattr(Registry, "current", lambda _: Path("/proc/nowhere").read_text())
        patched.setattr(Registry, "way_back", lambda _: Path("/proc/nowhere").read_text())
        engine = start()
    assert (engine.number, engine.sentence) == (None, "It was found elsewhere.")
    assert engine.versions.problem.startswith("Nobody can tell which version is to answer (")
    look(engine)
    assert (engine.number, engine.versions.problem) == (1, None)


def test_another_model_of_the_same_number_is_noticed(start, registry, models):
    registry.promote(2)
    engine = start()
    shutil.rmtree(registry.folder / "0002")
    shutil.copytree(registry.folder / "0003", registry.folder / "0002")
    record = registry.folder / "0002" / "version.json"
    record.write_text(record.read_text().replace('"number": 3', '"number": 2'))
    look(engine)
    assert (engine.number, engine.ready().version) == (2, models[2].version)


# ---- a promotion while a page starts


@pytest.mark.parametrize("how_it_ends", ["a model", "a sentence"])
def test_a_version_that_is_promoted_during_a_training_stays(
    registry, films, models, monkeypatch, tmp_path, how_it_ends
):
    begun, may_end = threading.Event(), threading.Event()

    def train(request, *, on_progress, on_usable):
        begun.set()
        assert may_end.wait(30)
        on_usable(ServedModel(models[0], "A part of it."))
        return ServedModel(models[0], "All of it.") if how_it_ends == "a model" else none_found()

    monkeypatch.setattr("recsys.serve.engine.find_model", train)
    later = Registry(tmp_path / "later")
    engine = Engine.of(None, str(films), None, InFolder(later), look_every=3600.0)
    engine.start()
    assert begun.wait(30)
    later.promote(later.add(models[1].artifact, Lineage()).number)
    look(engine)
    may_end.set()
    wait_for(lambda: not engine.is_finding, 30, "the end of the training")
    assert (engine.number, engine.ready().version) == (1, models[1].version)
    assert (engine.problem, engine.improving, engine.sentence[:16]) == (None, False, "It is version 1.")
    engine.versions.end()


def test_a_look_and_a_start_at_once_load_a_version_once(start, models, tmp_path, monkeypatch):
    later = Registry(tmp_path / "later")
    engine = start(later)
    assert engine.recommender is None
    later.promote(later.add(models[1].artifact, Lineage()).number)
    loading, may_go_on, loaded = threading.Event(), threading.Event(), []

    def slowly(answering, *_):
        loaded.append(answering.key)
        loading.set()
        assert may_go_on.wait(30)
        return ServedModel(models[1], "It is version 1.", 1)

    monkeypatch.setattr(module, "ready", slowly)
    looks = threading.Thread(target=look, args=(engine,))
    looks.start()
    assert loading.wait(30)
    engine.start()  # somebody has pressed the button
    may_go_on.set()
    looks.join()
    wait_for(lambda: not engine.is_finding, 30, "starting")
    assert (engine.number, len(loaded), engine.problem) == (1, 1, None)


def test_films_without_titles_take_the_place_of_none_with_titles(start, registry, models, films, monkeypatch):
    engine = start()
    engine.versions.titles = None
    registry.promote(2)
    with pytest.warns(UserWarning, match="Films are called by their ids"):
        look(engine)
    assert engine.number == 1
    assert "the titles of its films could not be had" in engine.versions.problem


def test_before_the_first_promotion_the_page_answers_as_without_versions(start, models, tmp_path, monkeypatch):
    (tmp_path / "later").mkdir()
    later = Registry(tmp_path / "later")
    asked_for = []
    monkeypatch.setattr(
        "recsys.serve.engine.find_model", lambda request, **_: asked_for.append(request) or none_found()
    )
    engine = start(later)
    assert isinstance(asked_for[0], ModelRequest)
    assert engine.problem == "nothing else was to be looked for"
    later.promote(later.add(models[1].artifact, Lineage()).number)
    look(engine)
    assert (engine.number, engine.ready().version, engine.problem) == (1, models[1].version, None)


def test_a_registry_that_cannot_be_read_changes_nothing(start, registry):
    engine = start()
    (registry.folder / "promotions.json").write_text("{")
    look(engine)
    assert engine.number == 1
    assert engine.versions.problem.startswith("Nobody can tell which version is to answer (")


def test_a_version_keeps_its_fingerprint_where_a_later_program_would_work_out_another(start, registry):
    record = registry.folder / "0002" / "version.json"
    record.write_text(record.read_text().replace(registry.version(2).record.fingerprint, "0123456789ab"))
    registry.promote(2)
    assert start().ready().version == "0123456789ab"


# ---- where versions are


def test_a_place_is_a_folder_that_is_there_or_a_repository(tmp_path):
    assert promoted_in(str(tmp_path)).registry.folder == tmp_path
    assert promoted_in("someone/movies") == OnHub("someone/movies")
    assert promoted_in("runs/versions").registry.folder == Path("runs/versions")  # before the first is there
    with pytest.raises(VersionError, match="there is no folder .*nothing; expected one of"):
        promoted_in(str(tmp_path / "nothing"))
    with pytest.raises(VersionError, match="expected USER/REPO, whose main branch has what answers"):
        promoted_in("someone/movies@v1")


def test_a_model_and_versions_are_not_named_together(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--model", "somewhere", "--versions", "elsewhere"])
    assert "not allowed with argument --model" in capsys.readouterr().err
