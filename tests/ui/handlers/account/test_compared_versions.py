"""What members see while two versions are compared: lists of both that stay as they are, or one of both alone."""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime

import gradio as gr
import pytest

from recsys.serve.comparing import Trial
from recsys.ui.shared.visits import Visits
from recsys.versions.comparison import new_comparison
from tests.support.pages.page_server import made
from tests.ui.handlers.conftest import engine_with, said
from tests.ui.handlers.hostile import FILM
from tests.ui.handlers.test_rate import event, handlers_of

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def both(board):
    return made("svd", board), made("item-knn", board)


@pytest.fixture
def compare(both, shelves, spaces, monkeypatch):
    """What begins a comparison, and gives the handlers of a page meanwhile."""

    def compare(by):
        trial = Trial(new_comparison(by, 1, 2, BEGAN), *both)
        monkeypatch.setattr(shelves, "trial", lambda: trial)
        return handlers_of(Visits(engine_with(both[0]), shelves, spaces, gr.BrowserState({})))

    return compare


def act(handlers, request, **done):
    return asyncio.run(handlers.act(event(**done), request, {}, *said(), [], []))


def films_of(updates, handlers):
    return re.findall(r'<li data-film="([^"]*)"', updates[handlers.lists.films])


def kept(handlers, request):
    _, shelf = handlers.visits.of({}, request)
    return shelf._store.exports.everything(shelf._person)["lists"]


def test_a_list_of_both_is_the_same_at_each_look_and_kept_once_with_its_picks(compare, member, both):
    handlers = compare("list")
    first = films_of(act(handlers, member, do="rate", film=FILM, stars=5), handlers)
    for _ in range(3):
        assert films_of(handlers.suggest(member, {}, *said()), handlers) == first
    (shown,) = kept(handlers, member)
    counted = Counter(film["version"] for film in shown["films"])
    assert counted == {model.version: 5 for model in both}
    assert shown["comparison"].startswith("list:")


def test_a_longer_list_goes_on_as_it_began(compare, member):
    handlers = compare("list")
    first = films_of(act(handlers, member, do="rate", film=FILM, stars=5), handlers)
    longer = films_of(handlers.go_on(member, {}, *said()), handlers)
    assert longer[: len(first)] == first
    assert len(longer) > len(first)


def test_what_is_marked_stays_in_its_place_and_an_undo_brings_the_list_back(compare, member):
    handlers = compare("list")
    first = films_of(act(handlers, member, do="rate", film=FILM, stars=5), handlers)
    marked = films_of(act(handlers, member, do="hidden", film=first[3], staying=[first[3]]), handlers)
    assert marked[: len(first)] == first
    assert first[3] not in films_of(handlers.suggest(member, {}, *said()), handlers)
    assert films_of(act(handlers, member, do="undo"), handlers) == first


def test_filters_hold_for_both(compare, member, both):
    handlers = compare("list")
    act(handlers, member, do="rate", film=FILM, stars=5)
    found = films_of(handlers.suggest(member, {}, *said(decades=["1970s"])), handlers)
    assert found
    assert all(re.search(r"\(197\d\)", film) for film in found)
    assert {film["version"] for film in kept(handlers, member)[-1]["films"]} == {model.version for model in both}


def test_in_another_order_the_list_is_the_champions(compare, member, both):
    handlers = compare("list")
    act(handlers, member, do="rate", film=FILM, stars=5)
    found = films_of(handlers.suggest(member, {}, *said(order="newest")), handlers)
    years = [int(re.search(r"\((\d+)\)", film)[1]) for film in found]
    assert years == sorted(years, reverse=True)
    assert kept(handlers, member)[-1]["version"] == both[0].version
    assert "comparison" not in kept(handlers, member)[-1]


def test_guests_have_the_champions_list(compare, guest, both, shelves):
    handlers = compare("list")
    shown = films_of(act(handlers, guest, do="rate", film=FILM, stars=5), handlers)
    shelves.trial = lambda: None
    assert films_of(act(handlers, guest, do="rate", film=FILM, stars=5), handlers) == shown


def test_by_person_all_that_a_member_sees_is_of_one_version(compare, member, both):
    handlers = compare("person")
    model, shelf = handlers.visits.of({}, member)
    assert model in both
    assert model is shelf.model
    act(handlers, member, do="rate", film=FILM, stars=5)
    (shown,) = kept(handlers, member)
    assert shown["version"] == model.version
    assert shown["comparison"].startswith("person:")
    assert all("version" not in film for film in shown["films"])
