"""Two versions that are compared: who sees what, that it stays so, and that what fails leaves the champion alone."""

import gc
import logging
import weakref
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import pytest

from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from recsys.recommend import answers
from recsys.serve import comparing
from recsys.serve.accounts.guest_shelf import GuestShelf
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.comparing import Trial, entrant_of, made_by, require_comparable
from recsys.serve.engine import Engine
from recsys.serve.security.cookies import SessionCookie
from recsys.store import open_store
from recsys.testing.synthetic import checkerboard
from recsys.versions.comparison import new_comparison
from recsys.versions.lineage import Lineage
from recsys.versions.promoted import InFolder
from recsys.versions.registry import Registry
from tests.support.pages.page_server import fitted_on, wait_for, write_data
from tests.support.store_places import CHEAP

N_FILMS, K = 24, 8
TITLES = [f"Film {number} (19{60 + number})" for number in range(N_FILMS)]
RATED = {TITLES[0]: 5.0, TITLES[1]: 1.0}
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
KEY = b"secret"
N_PEOPLE = 1000


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparing") / "films"
    return write_data(folder, checkerboard(40, N_FILMS), TITLES, ["Comedy", "War"] * (N_FILMS // 2))


@pytest.fixture(scope="module")
def models(films):
    dataset = load_dataset(films)
    return [fitted_on(name, dataset) for name in ("svd", "item-knn", "popularity")]


def trial_of(models, by, champion=0, challenger=1):
    return Trial(new_comparison(by, 1, 2, BEGAN), models[champion], models[challenger])


def listed(model, ratings=RATED, k=K):
    return answers.recommend(model, ratings, k=k)


# --- which version a page has ready


@pytest.fixture
def registry(models, tmp_path):
    registry = Registry(tmp_path / "versions")
    for model in models:
        registry.add(model.artifact, Lineage())
    registry.promote(1)
    return registry


@pytest.fixture
def engine(films, registry, monkeypatch):
    """What answers as a page does, but looks only when it is told to."""
    engine = Engine.of(None, str(films), None, InFolder(registry), 3600.0)
    engine.start()
    wait_for(lambda: not engine.is_finding, 30, "starting")
    yield engine
    engine.versions.end()


def look(engine):
    engine.versions.look(engine)


def test_a_page_has_what_is_compared_ready_at_its_next_look_until_that_ends(engine, registry, models):
    look(engine)
    assert engine.trial is None
    begun = registry.compare(2)
    look(engine)
    trial = engine.trial
    assert (trial.comparison, trial.champion) == (begun, engine.ready())
    assert trial.challenger.version == models[1].version
    assert trial.label() == f"list:{begun.id}:{models[0].version}:{models[1].version}"
    look(engine)
    assert engine.trial is trial  # and it is not loaded again
    registry.end_comparison()
    look(engine)
    assert engine.trial is None
    assert engine.number == 1


def test_another_comparison_takes_the_place_of_one(engine, registry):
    registry.compare(2)
    look(engine)
    registry.end_comparison()
    begun = registry.compare(3, "person")
    look(engine)
    assert engine.trial.comparison == begun


def test_a_promotion_ends_it_and_lets_go_of_the_other_version(engine, registry):
    registry.compare(2)
    look(engine)
    gone = weakref.ref(engine.trial.challenger)
    registry.promote(3)
    look(engine)
    assert (engine.trial, engine.number) == (None, 3)
    gc.collect()
    assert gone() is None


def test_the_log_says_once_that_a_comparison_began_and_once_that_it_ended(engine, registry, caplog):
    caplog.set_level(logging.INFO, "recsys.serve.comparing")

    def news():
        for _ in range(2):
            look(engine)
        told = [record.message for record in caplog.records if record.name == "recsys.serve.comparing"]
        caplog.clear()
        return told

    def ended(begun):
        since = f"{begun.began:%Y-%m-%d %H:%M}"
        return (
            f"The comparison of version {begun.challenger} with version 1 by {begun.by}, begun {since} UTC, has ended; "
            "`python -m recsys.loop report` tells what came of it."
        )

    assert news() == []
    first, began = registry.compare(2), "Version 2 is compared with the version that answers, by list."
    assert news() == [began]
    registry.end_comparison()
    assert news() == [ended(first)]
    second = registry.compare(2)
    assert news() == [began]
    registry.end_comparison()
    third = registry.compare(3, "person")
    assert news() == [ended(second), "Version 3 is compared with the version that answers, by person."]
    registry.promote(2)
    assert news() == [ended(third)]


def test_a_challenger_that_cannot_be_had_leaves_the_champion_alone_with_a_line(engine, registry, caplog, monkeypatch):
    registry.compare(2)
    arrays = registry.version(2).folder / "arrays.safetensors"
    whole = arrays.read_bytes()
    arrays.write_bytes(b"cut off")
    for _ in range(2):
        look(engine)
    assert (engine.trial, engine.number, engine.versions.problem) == (None, 1, None)
    lines = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == 1
    assert lines[0].startswith("Version 2 was to be compared, but cannot be used here: ")
    assert engine.ready().recommend(RATED, K) is not None
    arrays.write_bytes(whole)
    monkeypatch.setattr(comparing, "AGAIN_SECONDS", 0.0)
    look(engine)
    assert engine.trial is not None


def test_a_file_that_was_altered_leaves_the_champion_alone_with_a_line(engine, registry, caplog):
    registry.compare(2)
    look(engine)
    (registry.folder / "comparison.json").write_text("[]")
    look(engine)
    assert (engine.trial, engine.number, engine.versions.problem) == (None, 1, None)
    assert "Nothing is compared: nobody can tell" in caplog.text


def test_versions_of_other_films_are_not_compared(models, tmp_path):
    other = [title.replace("Film 3", "Another 3") for title in TITLES]
    folder = write_data(tmp_path / "films", checkerboard(40, N_FILMS), other, ["Comedy", "War"] * (N_FILMS // 2))
    with pytest.raises(DataError, match="its films are not those of the version that answers"):
        require_comparable(fitted_on("popularity", load_dataset(folder)), models[2], "list")


def test_in_a_list_of_both_no_film_tells_its_version_by_having_no_stars(models):
    with pytest.raises(DataError, match="its expected stars are not those of the version that answers"):
        require_comparable(models[2], models[0], "list")
    require_comparable(models[2], models[0], "person")
    require_comparable(models[1], models[0], "list")


# --- whose version is whose


def test_by_person_everybody_has_one_of_both_for_good_and_half_have_either(models):
    trial = trial_of(models, "person")
    sides = [entrant_of(trial, KEY, person).model for person in range(N_PEOPLE)]
    assert sides == [entrant_of(trial, KEY, person).model for person in range(N_PEOPLE)]
    assert abs(Counter(sides)[trial.backed] / N_PEOPLE - 0.5) < 0.07  # over four standard deviations


def test_lots_are_drawn_anew_for_another_comparison_and_depend_on_the_secret(models):
    one, other = trial_of(models, "person"), trial_of(models, "person")
    sides = [
        [entrant_of(trial, key, person).model is trial.backed for person in range(N_PEOPLE)]
        for trial, key in ((one, KEY), (other, KEY), (one, b"another"))
    ]
    for these in sides[1:]:
        same = sum(a == b for a, b in zip(sides[0], these, strict=True)) / N_PEOPLE
        assert abs(same - 0.5) < 0.07


# --- lists of both


def test_a_drafted_list_shows_each_film_as_the_version_has_it_that_picked_it(models):
    trial = trial_of(models, "list")
    found = entrant_of(trial, KEY, 1).drafted(listed, RATED, K)
    own = {model.version: {film.item_id: film for film in listed(model)} for model in trial.both}
    assert len(found.films) == K
    assert all(film == own[found.picks[film.item_id]][film.item_id] for film in found.films)
    counted = Counter(found.picks.values())
    assert counted.keys() == own.keys()
    assert abs(counted[models[0].version] - counted[models[1].version]) <= 1


def test_a_list_is_drawn_once_for_what_somebody_said_and_anew_for_something_else(models):
    trial = trial_of(models, "list")
    ann, ben = (entrant_of(trial, KEY, person) for person in (1, 2))
    first = ann.drafted(listed, RATED, K)
    assert ann.drafted(listed, dict(reversed(RATED.items())), K) == first
    picks = [[*each.drafted(listed, RATED, K).picks.items()] for each in (ann, ben)]
    more = [[*ann.drafted(listed, RATED | {TITLES[5]: stars}, K).picks.items()] for stars in (1.0, 3.0, 5.0)]
    assert len({tuple(each) for each in (*picks, *more)}) > 2
    longer = ann.drafted(partial(listed, k=2 * K), RATED, 2 * K)
    assert longer.films[:K] == first.films


@pytest.mark.parametrize("failure", [DataError("none like these"), ValueError("a fault")])
def test_where_the_challenger_has_no_list_there_is_the_champions(models, failure, caplog):
    trial = trial_of(models, "list")

    def list_by(model):
        if model is trial.challenger:
            raise failure
        return listed(model)

    found = entrant_of(trial, KEY, 1).drafted(list_by, RATED, K)
    assert (found.films, found.picks) == (listed(trial.champion), {})
    assert str(failure) in caplog.text


def test_whoever_sees_a_challenger_that_has_no_list_sees_the_champions_and_the_log_says_it_once(models, caplog):
    trial = trial_of(models, "person")
    ones = [entrant_of(trial, KEY, number) for number in range(20)]
    mine = next(one for one in ones if one.model is trial.backed)

    def list_by(model):
        if model is trial.challenger:
            raise ValueError("NaN")
        return listed(model)

    for _ in range(3):
        found = mine.own(list_by)
        assert (found.films, found.picks, found.model) == (listed(trial.champion), {}, trial.champion)
    stood_in = made_by(trial.champion, mine, False, stands_in=True)
    assert (stood_in.version, stood_in.comparison) == (trial.champion.version, trial.label() + ":stood-in")
    assert made_by(trial.champion, mine, False).comparison is None  # of a model that was chosen
    assert caplog.text.count("has no answer where the other has: NaN") == 1
    assert mine.own(listed).model is None


def test_where_the_champion_has_no_list_there_is_none(models):
    def list_by(_):
        raise DataError("none like these")

    with pytest.raises(DataError, match="none like these"):
        entrant_of(trial_of(models, "list"), KEY, 1).drafted(list_by, RATED, K)


# --- members' shelves


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("comparing") / "people.sqlite3", config=CHEAP) as opened:
        yield opened


@pytest.fixture
def shelves(store):
    """What finds shelves, and lets a test say what is compared."""
    members = Members(lambda: store)
    members.start()
    members._thread.join()
    shelves = Shelves(members, SessionCookie(lambda: b"key"))
    names = iter(range(10**6))

    def person():
        name = f"{id(shelves)} {next(names)}"
        return store.accounts.person_of(store.accounts.register(name, "four random words", name))

    return SimpleNamespace(shelves=shelves, person=person)


def shelf_of(shelves, model, person, trial):
    shelves.shelves.trial = lambda: trial
    shelves.shelves.person = lambda _: person
    return shelves.shelves.of(model, None, None)


def test_guests_have_the_champion_alone(shelves, models):
    shelf = shelf_of(shelves, models[0], None, trial_of(models, "person"))
    assert isinstance(shelf, GuestShelf)
    assert shelf.model is models[0]
    assert shelf.drafted(models[0], listed, K).picks == {}


def test_a_member_of_a_comparison_by_person_has_one_model_whose_lists_say_so(shelves, models, store):
    trial, kept = trial_of(models, "person"), set()
    for _ in range(12):
        person = shelves.person()
        shelf = shelf_of(shelves, models[0], person, trial)
        assert shelf_of(shelves, models[0], person, trial).model is shelf.model
        shelf.record("for you", shelf.model, {}, shelf.drafted(shelf.model, listed, K).films)
        shelf.record("side by side", models[2], {}, listed(models[2]))
        beside, own = store.exports.everything(person)["lists"][::-1]
        assert (own["version"], own["comparison"]) == (shelf.model.version, trial.label())
        assert "comparison" not in beside
        kept.add(own["version"])
    assert kept == {model.version for model in trial.both}


def test_a_member_of_a_comparison_by_list_has_the_champion_and_lists_of_both(shelves, models, store):
    trial, person = trial_of(models, "list"), shelves.person()
    shelf = shelf_of(shelves, models[0], person, trial)
    assert shelf.model is models[0]
    found = shelf.drafted(models[0], listed, K)
    for _ in range(2):
        shelf.record("for you", models[0], {}, found.films, found.picks)
    (kept,) = store.exports.everything(person)["lists"]
    assert kept["version"] == f"{models[0].version}+{models[1].version}"
    assert (kept["model"], kept["comparison"]) == ("svd+item-knn", trial.label())
    assert [film["version"] for film in kept["films"]] == [found.picks[film.item_id] for film in found.films]
    assert shelf.drafted(models[2], listed, K).picks == {}  # whoever has chosen another model has that


def test_a_comparison_with_another_champion_is_none(shelves, models):
    shelf = shelf_of(shelves, models[2], shelves.person(), trial_of(models, "list"))
    assert shelf.drafted(models[2], listed, K).picks == {}
    assert shelf.model is models[2]


def test_where_nothing_is_compared_lists_are_kept_as_ever(shelves, models, store):
    person = shelves.person()
    shelf = shelf_of(shelves, models[0], person, None)
    found = shelf.drafted(models[0], listed, K)
    assert found == comparing.Drafted(listed(models[0]))
    shelf.record("for you", models[0], {}, found.films, found.picks)
    (kept,) = store.exports.everything(person)["lists"]
    assert (kept["version"], kept.get("comparison")) == (models[0].version, None)


def test_the_secret_of_lots_is_the_databases(shelves, store):
    assert shelves.shelves._key == store.secret("comparisons")
