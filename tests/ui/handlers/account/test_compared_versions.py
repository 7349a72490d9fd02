"""What members see while two versions are compared: lists of both that stay as they are, or one of both alone."""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import gradio as gr
import pytest

from recsys.serve.comparing import Trial
from recsys.serve.other_models import SERVED
from recsys.ui.film.handlers import FilmPanelHandlers
from recsys.ui.genres.tab import GenreHandlers
from recsys.ui.rate.surprise import SurpriseBox, SurpriseHandlers
from recsys.ui.shared.visits import Visits
from recsys.versions.comparison import new_comparison
from tests.support.pages.page_server import made
from tests.ui.handlers import test_explore, test_tonight
from tests.ui.handlers import test_my_films as my_films
from tests.ui.handlers.conftest import comparing, controls_of_a_list, engine_with, said
from tests.ui.handlers.hostile import FILM, OTHER
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
    assert model.version in {one.version for one in both}
    assert model is shelf.model
    act(handlers, member, do="rate", film=FILM, stars=5)
    (shown,) = kept(handlers, member)
    assert shown["version"] == model.version
    assert shown["comparison"].startswith("person:")
    assert all("version" not in film for film in shown["films"])


# --- where the version that is compared has no answer


@pytest.fixture
def fallen(compare, member, both, monkeypatch):
    """What finds the model of a member who sees the challenger, by person, which answers nothing."""
    for _ in range(100):
        visits = compare("person").visits
        if visits.of({}, member)[0] is not both[0]:
            break
    _, shelf = visits.of({}, member)
    for film, stars in ((FILM, 5.0), (OTHER, 1.0), *((f"Film {number} (19{60 + number})", 3.0) for number in (20, 21))):
        shelf.rate(film, stars)
    shelf.mark("Film 10 (1970)", "later")

    def fail(*_, **__):
        raise ValueError("it was never trained")

    for answer in ("scores", "adventurous_scores", "support", "expected_stars", "chances", "lift"):
        monkeypatch.setattr(both[1].checked, answer, fail)
    monkeypatch.setattr("recsys.ui.rate.surprise.secrets", SimpleNamespace(randbelow=lambda _: 0))
    return visits


def opened(visits, member):
    return asyncio.run(FilmPanelHandlers(visits).open_film({}, gr.EventData(None, {"film": FILM, "seq": 1}), member))


def surprised(visits, member):
    parts = SurpriseBox(gr.Button(), gr.Column(), gr.HTML(), gr.Button(), gr.Button(), gr.State([]))
    return SurpriseHandlers(visits, parts).surprise(member, {}, [], *said())[parts.film]


def of_genres(visits, member, **wanted):
    handlers = GenreHandlers(visits, controls_of_a_list(), gr.HTML(), gr.HTML())
    return handlers.suggest(member, {}, None, *said(genres=["Comedy"], **wanted))[handlers.films]


def suggested(visits, member, **wanted):
    handlers = handlers_of(visits)
    return handlers.suggest(member, {}, *said(**wanted))[handlers.lists.films]


def of_ones_own(visits, member):
    handlers = my_films.handlers_of(visits)
    updates = handlers.show({}, 10, member)
    return updates[handlers.shown.later], handlers.show_taste({}, member)


def near(visits, member):
    return test_explore.films_near(test_explore.near_of(visits), member, FILM)


def beside(visits, member):
    return comparing(visits, visits.others).show(SERVED, SERVED, {}, member)[0].replace("item-knn", "svd")


def plain(found):
    """What is shown, without the number that each list of films has."""
    return re.sub(r'data-drawn="\d+"', "", str(found))


PATHS = {
    "for you": suggested,
    "in another order": partial(suggested, order="newest"),
    "adventurous": partial(suggested, steps=5),
    "genres": of_genres,
    "adventurous genres": partial(of_genres, steps=5),
    "a surprise": surprised,
    "a film": opened,
    "my films": of_ones_own,
    "near": near,
    "side by side": beside,
}


LISTS = {"for you", "in another order", "adventurous", "genres", "adventurous genres", "side by side"}  # that are kept


@pytest.mark.parametrize(("name", "shown"), PATHS.items(), ids=PATHS)
def test_by_person_what_the_challenger_cannot_answer_the_champion_does_and_the_log_says_it_once(
    name, shown, fallen, member, both, shelves, monkeypatch, caplog
):
    for _ in range(2):
        found = shown(fallen, member)
    assert caplog.text.count("The version that is compared has no answer where the other has: it was never tr") == 1
    lists = kept(SimpleNamespace(visits=fallen), member)
    monkeypatch.setattr(shelves, "trial", lambda: None)
    assert plain(found) == plain(shown(fallen, member))
    champion, challenger = (model.version for model in both)
    made = {(each["version"], each["comparison"].partition(f"{champion}:")[2]) for each in lists}
    assert made == ({(champion, f"{challenger}:stood-in")} if name in LISTS else set())


def test_what_nobody_can_answer_is_told_as_ever_and_the_log_hears_nothing(fallen, member, caplog):
    with pytest.raises(gr.Error, match="no film has the genre 'Opera'"):
        GenreHandlers(fallen, controls_of_a_list(), gr.HTML(), gr.HTML()).suggest(
            member, {}, None, *said(genres=["Opera"])
        )
    assert "has no answer" not in caplog.text


def test_an_evening_is_the_champions_for_all_who_take_part(fallen, member, both, monkeypatch):
    handlers, asked = test_tonight.made_of(fallen, SimpleNamespace(now=0.0)), []
    monkeypatch.setattr(type(handlers), "films", lambda _, model, *__: (asked.append(model), ("", False))[1])
    member.client = SimpleNamespace(host="192.0.2.1")
    handlers.start("Ann", {}, member)
    handlers.look({}, member)
    assert asked == [both[0]] * 2
