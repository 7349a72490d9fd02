"""Ticking genres, called as Gradio calls it."""

import gradio as gr
import pytest

from recsys.ui.genres.tab import ASK, GenreHandlers, GenreMenus
from recsys.ui.shared.filter_controls import ALL, ONE
from tests.ui.handlers.conftest import controls_of_a_list, said
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP


@pytest.fixture
def handlers(visits):
    return GenreHandlers(visits, controls_of_a_list(), gr.HTML(), gr.HTML())


def suggest(handlers, chosen, loved, when, steps, kept, request, which=ONE):
    """What is said of the films, and the films."""
    wanted = said(steps, genres=chosen, which=which, decades=when)
    updates = handlers.suggest(request, kept, loved, *wanted)
    assert set(updates) == set(handlers.outputs)
    return updates[handlers.about], updates[handlers.films]


def test_films_of_genres_say_for_whom_their_stars_are(handlers, guest):
    _, anybody = suggest(handlers, ["Comedy"], None, (), 0, {}, guest)
    _, shown = suggest(handlers, ["Comedy"], None, (), 0, {"ratings": {FILM: 5.0}}, guest)
    assert anybody.count("<li ") == 10
    assert " <small>expected</small>" in anybody
    assert " <small>for you</small>" in shown
    assert f'data-film="{FILM}"' not in shown


def test_few_films_and_the_adventurous_are_explained(handlers, guest):
    about, shown = suggest(handlers, ["Comedy"], [FILM], ("1990s",), 3, {}, guest)
    assert "Only 1 film here fits" in about
    assert shown.count("<li ") == 1


@pytest.mark.parametrize("chosen", [None, [], "", 0, {}])
def test_who_has_ticked_nothing_is_asked_to(handlers, signed_out, chosen):
    assert suggest(handlers, chosen, MARKUP, MARKUP, MARKUP, MARKUP, signed_out) == ("", ASK)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((["Opera"], None, (), 0), "no film has the genre 'Opera'"),
        ((MARKUP, None, (), 0), "for genres; expected a list"),
        (([MARKUP], None, (), 0), "no film has the genre '&lt;img"),
        (([["Comedy"]], None, (), 0), "no film has the genre"),
        ((["Comedy"], MARKUP, (), 0), "Choose up to 5 films"),
        ((["Comedy"], [MARKUP], (), 0), "no film is called"),
        ((["Comedy"], None, [MARKUP], 0), "for a period; expected one of these"),
        ((["Comedy"], None, "1990s", 0), "for decades; expected a list"),
        ((["Comedy"], None, (), 11), "The slider goes from 0"),
        ((["Comedy"], None, (), MARKUP), "The slider goes from 0"),
    ],
    ids=range(10),
)
def test_what_cannot_be_wanted_is_refused_in_a_sentence(handlers, guest, values, sentence):
    with pytest.raises(gr.Error, match=sentence) as refusal:
        suggest(handlers, *values, {}, guest)
    assert "<img" not in refusal.value.message


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_films_come_whatever_a_browser_has_kept(handlers, guest, kept):
    about, shown = suggest(handlers, ["Comedy", "Horror"], None, (), 0, kept, guest)
    assert shown.count("<li ") == 10
    assert "<img" not in about + shown


def test_a_list_of_a_member_is_kept_with_what_was_wanted(handlers, visits, member):
    suggest(handlers, ["Comedy"], [FILM], (), 5, {}, member)
    [shown] = visits.of({}, member)[1].lists()
    assert (shown.kind, shown.n_films) == ("genres", 10)
    assert shown.request == {"genres": ["Comedy"], "loved": [FILM], "adventure": 0.5}


def test_the_menus_have_what_the_model_knows(visits, guest):
    menus = GenreMenus(gr.HTML([]), controls_of_a_list())
    filters = menus.controls.filters
    updates = menus.content.updates(*visits.of({}, guest))
    assert set(updates) == set(menus.content.outputs)
    assert [value for _, value in updates[filters.genres].choices] == ["Comedy", "Horror"]
    assert [value for _, value in updates[filters.decades].choices] == ["1990s", "1980s", "1970s", "1960s"]
    assert updates[filters.least].choices[0] == ("any number", 0)


def test_clearing_leaves_no_genre_and_no_other_filter(handlers, guest):
    cleared = handlers.untick(guest, {}, None, *said(3, genres=("Comedy",), decades=("1970s",)))
    assert cleared[handlers.films] == ASK
    filters = handlers.controls.filters
    assert [cleared[each] for each in filters.inputs] == [[], ONE, [], 0, True]


def test_a_list_goes_on_and_films_can_be_asked_for_that_have_all_genres(handlers, visits, guest, member):
    longer = handlers.go_on(guest, {}, None, *said(genres=("Comedy", "Horror")))
    assert longer[handlers.controls.n_films] == 20
    assert longer[handlers.films].count("<li ") == 20
    _, every = suggest(handlers, ["Comedy", "Horror"], None, (), 0, {}, member, which=ALL)
    assert every.count("<li ") == 1  # Film 6 alone has both
    [shown] = visits.of({}, member)[1].lists()
    assert shown.request["all_of_them"] is True


@pytest.mark.parametrize("which", [None, MARKUP, True, [ALL], 0])
def test_what_is_neither_one_nor_all_is_refused(handlers, guest, which):
    with pytest.raises(gr.Error, match="A film has one of them or more or all of them: choose one of the two"):
        suggest(handlers, ["Comedy"], None, (), 0, {}, guest, which=which)
