"""What films are called goes into the store with the first member, and from there into what people take away."""

import csv
import json
from types import SimpleNamespace

import pytest

from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts import files
from recsys.serve.accounts.downloads import Downloads
from recsys.serve.accounts.film_names import FilmNames, named
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.security.cookies import SESSION, SessionCookie
from recsys.store import open_store
from tests.support.pages.page_server import BOLD, TWIN, made, write_board
from tests.support.store_places import CHEAP


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    return made("popularity", write_board(tmp_path_factory.mktemp("named") / "board"))


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "people.sqlite3", config=CHEAP) as opened:
        yield opened


@pytest.fixture
def shelves(store):
    members = Members(lambda: store)
    members.start()
    members._thread.join()
    return Shelves(members, SessionCookie(lambda: b"key"))


@pytest.fixture
def member(shelves, store):
    """The request of somebody who has just registered."""
    header = shelves.cookie.header(store.accounts.register("Ann", "four random words", "here"), 100, False)
    return SimpleNamespace(cookies={SESSION: header.split("=", 1)[1].split(";")[0]})


def test_names_are_kept_when_a_member_comes_and_not_for_guests(board, store, shelves, member):
    label = keys_of(board).label
    shelves.of(board, {}, SimpleNamespace(cookies={}))
    assert store.films.of(label) == {}
    shelves.of(board, {}, member)
    assert store.films.of(label) == named(board)
    assert {film.dated for film in named(board).values()} == set(board.display_titles)


def test_numbers_that_stand_for_titles_are_not_kept_as_names(board, store):
    nameless = Recommender(board.artifact, board.catalog, films_from=None)
    FilmNames().note(nameless, store)
    assert store.films.of(keys_of(nameless).label) == {}


def written(answer):
    return answer._file.read().decode("utf-8-sig")


def test_every_export_names_films_of_all_data_sets(board, store, shelves, member):
    shelf = shelves.of(board, {}, member)
    shelf.rate(BOLD, 4.0)
    shelf.rate(TWIN, 5.0)
    shelf.mark("Film 8 (1968)", "later")
    person, other = shelves.person(member), Recommender(board.artifact, board.catalog, films_from=None)
    account = SimpleNamespace(
        person=lambda: person,
        note_films=lambda: None,
        store=store,
        engine=SimpleNamespace(recommender=other),  # a page that does not know what these films are called
        downloads=Downloads(),
    )
    everything = files.export_json(account)
    said = json.loads(written(everything))
    everything._close()
    assert {f"{rating['title']} ({rating['year']})" for rating in said["ratings"]} == {BOLD, TWIN}
    table = files.export_csv(account)
    assert {row["title"] for row in csv.DictReader(written(table).splitlines())} == {BOLD, TWIN, "Film 8 (1968)"}
    table._close()
    for_letterboxd = files.export_for_letterboxd(account)
    rows = [*csv.DictReader(written(for_letterboxd).splitlines())]
    for_letterboxd._close()
    assert {f"{row['Title']} ({row['Year']})": row["Rating"] for row in rows} == {BOLD: "4", TWIN: "5"}
