"""What there is to explore, called as Gradio calls it."""

import asyncio
import json
import re

import gradio as gr
import pytest

from recsys.recommend.lists.filters import Filters
from recsys.recommend.recommender import Recommender
from recsys.serve.background import Background
from recsys.serve.other_models import OtherModels
from recsys.ui.explore.compare import NOTHING_RATED
from recsys.ui.explore.film_map import FilmMap, MapHandlers
from recsys.ui.explore.near import CHOOSE, NearHandlers
from recsys.ui.explore.path import CHOOSE_TWO, PathHandlers
from recsys.ui.explore.tab import explore_tab
from recsys.ui.explore.viewers import ViewerHandlers
from recsys.ui.places import Said
from recsys.ui.shared.visits import Visits
from tests.support.pages.page_server import BOLD
from tests.ui.handlers.conftest import comparing, controls_of_filters, engine_with, filters_said
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP, NO_TITLES, OTHER

NO_FILM = "for a film; expected its title|got an empty title|no film is called|no film has the item id"
REQUEST_KINDS = ["near", "compare", "map"]


def path(visits):
    return PathHandlers(visits, gr.HTML(), gr.HTML(), gr.HTML(), gr.Timer())


def viewers(visits):
    return ViewerHandlers(visits.engine, gr.Number(), gr.HTML())


# ---- near


def near_of(visits):
    return NearHandlers(visits, gr.HTML(), gr.HTML(), controls_of_filters())


def films_near(handlers, request, title, kept=None, **wanted):
    """What is shown near a film."""
    updates = handlers.show(request, title, kept or {}, *filters_said(**wanted))
    assert set(updates) == set(handlers.outputs)
    return updates[handlers.films]


@pytest.fixture
def near(visits):
    return near_of(visits)


def test_films_near_a_film_leave_out_what_is_hidden_and_rated_unless_that_is_wanted(near, guest):
    first, second, *_ = re.findall(r'<li data-film="(Film [^"]+)"', films_near(near, guest, FILM))
    kept = {"ratings": {first: 2.0}, "marks": {second: "hidden"}}
    shown = films_near(near, guest, FILM, kept, seen=False)
    assert shown.count("<li ") == 10
    assert f'data-open="{first}">{first[:-7]} <small class="year">{first[-5:-1]}</small></button>' in shown
    assert shown.count('<span class="stars given">★ 2 <small>from you</small></span>') == 1
    assert second not in shown
    assert first not in films_near(near, guest, FILM, kept)


def test_films_near_a_film_are_as_the_filters_have_them(near, recommender, guest):
    shown = films_near(near, guest, FILM, genres=["Comedy"], decades=["1970s"])
    films = re.findall(r'<li data-film="([^"]+)"', shown)
    assert films
    fitting = Filters(genres=["Comedy"], decades=["1970s"]).mask(recommender)
    assert fitting[recommender.titles.find_all(films)].all()
    updates = near.show(guest, FILM, {}, *filters_said(genres=["Comedy"]))
    assert updates[near.filters.folded]["label"] == "Filters: Comedy"
    assert updates[near.filters.clear]["visible"]
    cleared = near.clear(guest, FILM, {}, *filters_said(genres=["Comedy"]))
    assert (cleared[near.filters.genres], cleared[near.filters.folded]["label"]) == ([], "Filters")
    with pytest.raises(gr.Error, match="no film has the genre"):
        films_near(near, guest, FILM, genres=[MARKUP])


def test_who_has_chosen_no_film_is_asked_to(near, guest):
    assert films_near(near, guest, None, MARKUP) == CHOOSE


@pytest.mark.parametrize("title", NO_TITLES, ids=repr)
def test_near_what_is_no_film_there_is_nothing(near, guest, title):
    with pytest.raises(gr.Error, match=NO_FILM) as refusal:
        films_near(near, guest, title)
    assert "<img" not in refusal.value.message


def test_the_field_for_near_films_begins_with_one_and_those_near_it(near, visits, recommender, guest):
    updates = near.updates(*visits.of({}, guest))
    assert updates[near.film] in recommender.titles.item_of
    assert ("Comedy", "Comedy") in updates[near.filters.genres].choices
    drawn = re.compile(r'data-drawn="\d+"')  # another number each time
    assert drawn.sub("", updates[near.films]) == drawn.sub("", films_near(near, guest, updates[near.film]))


def test_a_model_that_knows_no_near_films_says_so(plain_visits, guest):
    handlers = near_of(plain_visits)
    assert handlers.updates(*plain_visits.of({}, guest))[handlers.films].startswith('<p class="note">')


# ---- path


def test_a_way_joins_two_films(visits, guest):
    handlers = path(visits)
    shown, timer = handlers.show(FILM, BOLD)
    assert shown.index(FILM) < shown.index("&lt;b&gt;Bold&lt;/b&gt;")
    assert not timer.active
    assert handlers.show(FILM, None)[0] == handlers.show(None, None)[0] == CHOOSE_TWO
    updates = handlers.updates(*visits.of({}, guest))
    assert updates[handlers.start] != updates[handlers.end]


@pytest.mark.parametrize("end", [FILM, *NO_TITLES], ids=repr)
def test_there_is_no_way_to_what_is_no_other_film(visits, end):
    with pytest.raises(gr.Error, match=f"There is no way from a film to itself|{NO_FILM}") as refusal:
        path(visits).show(FILM, end)
    assert "<img" not in refusal.value.message


def test_a_way_is_asked_for_again_as_long_as_tastes_are_worked_out(visits, plain_visits, recommender):
    never = Background({})
    never._making.add(recommender)
    waiting = Visits(visits.engine, visits.shelves, never, visits.browser_state)
    shown, timer = path(waiting).show(FILM, BOLD)
    assert "Finding out which films are alike" in shown
    assert timer.active
    shown, timer = path(plain_visits).show(FILM, BOLD)
    assert "has no latent space to look into" in shown
    assert not timer.active


# ---- map


def map_of(visits):
    return MapHandlers(visits, FilmMap(gr.HTML(), gr.Timer(), gr.Column(), gr.State(), gr.HTML(you=None)))


def test_the_map_is_sent_once_and_then_only_the_place_of_a_taste(visits, recommender, guest):
    handlers = map_of(visits)
    first = handlers.show({}, None, guest)
    assert len(json.loads(first[handlers.shown.view].value)["films"]) == len(recommender.titles.item_of)
    assert first[handlers.shown.view].props["you"] is None
    sent = first[handlers.shown.sent]
    again = handlers.show({"ratings": {FILM: 5.0}}, sent, guest)
    assert again[handlers.shown.sent] == sent == recommender.version
    assert not again[handlers.shown.view].value
    assert len(again[handlers.shown.view].props["you"]) == 2
    assert handlers.move({"ratings": {FILM: 5.0}}, sent, guest).keys() == again.keys()
    assert handlers.move({}, None, guest) == {handlers.shown.view: gr.skip()}


def test_where_there_is_no_map_the_reason_is_shown(plain_visits, guest):
    handlers = map_of(plain_visits)
    updates = handlers.show({}, None, guest)
    assert updates[handlers.shown.about].visible
    assert not updates[handlers.shown.body].visible
    assert handlers.shown.view not in updates


# ---- people who never were


def test_a_number_is_a_person_and_the_tab_opens_with_one(visits):
    handlers = viewers(visits)
    assert handlers.show(7) == handlers.show(7.0)
    assert "Viewer 7." in handlers.show(7)
    number, shown = handlers.draw()
    assert f"Viewer {number}." in shown
    assert handlers.arrive(shown) == (gr.skip(), gr.skip())
    assert "Viewer " in handlers.arrive("")[1]


@pytest.mark.parametrize("number", [None, "", MARKUP, -1, 0.5, float("inf"), [], True])
def test_nobody_has_such_a_number(visits, number):
    with pytest.raises(gr.Error, match="No viewer has this number"):
        viewers(visits).show(number)


def test_a_model_that_imagines_nobody_says_so(plain_visits):
    assert "popularity, cannot imagine people" in viewers(plain_visits).show(7)


# ---- two models


@pytest.fixture
def compare(visits, board, tmp_path):
    return comparing(visits, OtherModels(str(board), tmp_path))


def test_a_model_beside_itself_lists_the_same_films(compare, guest):
    shown, timer, was_opened = compare.show("", "", {}, guest)
    assert shown.startswith(NOTHING_RATED)
    assert shown.count('class="both"') == 20
    assert (timer.active, was_opened) == (False, True)
    assert NOTHING_RATED not in compare.show("", "", {"ratings": {FILM: 5.0}}, guest)[0]


def test_both_lists_are_kept_once_however_often_they_are_looked_at(compare, visits, plain, member, monkeypatch):
    monkeypatch.setattr(compare.others, "ask", lambda name, served: plain if name else served)
    for _ in range(2):
        compare.show("", "popularity", {}, member)
    _, shelf = visits.of({}, member)
    assert [(shown.kind, shown.model) for shown in shelf.lists()] == [
        ("side by side", "popularity"),
        ("side by side", "mult-vae"),
    ]


def test_films_that_another_model_does_not_know_are_left_out(compare, visits, guest, monkeypatch):
    served, shelf = visits.of({"ratings": {FILM: 5.0, OTHER: 4.0}, "marks": {BOLD: "hidden"}}, guest)
    few = Recommender(served.artifact, served.catalog)
    few.titles.item_of = {title: item for title, item in few.titles.item_of.items() if title not in (FILM, BOLD)}
    asked = []
    monkeypatch.setattr(compare.others, "ask", lambda name, served: few)
    monkeypatch.setattr("recsys.recommend.exploring.listed", lambda model, *said: asked.append(said) or [])
    compare.lists_of(served, shelf, ["popularity", ""])
    assert asked == [({OTHER: 4.0}, [])] * 2


def test_a_model_that_is_being_made_ready_is_asked_for_again(compare, guest):
    compare.others._models._making.add("popularity")
    shown, timer, _ = compare.show("", "popularity", {}, guest)
    assert "Being made ready" in shown
    assert timer.active


def test_lists_are_drawn_anew_only_where_they_were_shown(compare, guest, signed_out):
    assert compare.again(False, MARKUP, MARKUP, MARKUP, signed_out) == (gr.skip(), gr.skip())
    assert compare.again(True, "", "", {}, guest)[0] == compare.show("", "", {}, guest)[0]


@pytest.mark.parametrize("name", [None, MARKUP, "../x", 3, [], {}, "no model"], ids=repr)
def test_a_model_that_is_not_offered_is_refused(compare, guest, name):
    with pytest.raises(gr.Error, match="There is no such model here: choose one of"):
        compare.show("", name, {}, guest)


def test_the_menus_begin_with_the_own_model_and_the_popular_films(compare, visits, guest):
    updates = compare.updates(*visits.of({}, guest))
    assert (updates[compare.left].value, updates[compare.right].value) == ("", "popularity")
    assert updates[compare.left].choices[0] == ("Network: one taste for lists and stars (mult-vae, this page)", "")


def test_an_address_says_which_models_and_they_are_drawn(compare, visits, guest, recommender):
    shelf = visits.of({}, guest)[1]
    said = Said({"one": "popularity", "another": "no model"}, recommender)
    compare.others._models._making.add("popularity")
    updates = compare.restore(recommender, shelf, said)
    assert (updates[compare.left], updates[compare.right]) == ("popularity", "popularity")
    assert "Being made ready" in updates[compare.shown.lists]
    assert (updates[compare.shown.timer].active, updates[compare.shown.opened]) == (True, True)
    assert said.problems == ["No model here is called “no model”."]
    nothing = compare.restore(recommender, shelf, Said({}, recommender))
    assert (nothing[compare.left], nothing[compare.right]) == ("", "popularity")


# ---- all of them


def asking(kind, visits, others):
    """A handler that reads what a browser has kept: (kept, request) -> what it answers."""
    if kind == "near":
        return lambda kept, request: films_near(near_of(visits), request, FILM, kept)
    if kind == "map":
        return lambda kept, request: map_of(visits).show(kept, None, request)
    handlers = comparing(visits, others)
    return lambda kept, request: handlers.show("", "", kept, request)[0]


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_whatever_a_browser_has_kept_is_no_reason_to_fail(kind, visits, compare, guest):
    for kept in KEPT:
        assert "<img" not in str(asking(kind, visits, compare.others)(kept, guest))


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_who_is_signed_out_and_who_comes_too_early_are_told_so(
    kind, visits, shelves, spaces, compare, guest, signed_out
):
    with pytest.raises(gr.Error, match="signed out"):
        asking(kind, visits, compare.others)({}, signed_out)
    closed = Visits(engine_with(None), shelves, spaces, visits.browser_state)
    with pytest.raises(gr.Error, match="Not ready yet"):
        asking(kind, closed, compare.others)({}, guest)
    with pytest.raises(gr.Error, match="Not ready yet"):
        path(closed).show(FILM, OTHER)
    with pytest.raises(gr.Error, match="Not ready yet"):
        viewers(closed).show(7)


def test_what_takes_a_while_says_so_from_the_first(visits):
    async def built():
        with gr.Blocks() as page, gr.Tab() as outer:
            explore_tab(visits, outer)
        return {block.elem_id: block for block in page.blocks.values()}

    parts = asyncio.run(built())
    for name in ("map-about", "path", "versus"):
        assert 'class="waiting" role="status"' in parts[name].value
        assert parts[name].visible
