"""The tab of one's own films, called as Gradio calls it."""

import gradio as gr
import pytest

from recsys.recommend import answers
from recsys.ui.my_films import handlers as my_films_handlers
from recsys.ui.my_films.handlers import (
    NO_RATINGS,
    NONE_HIDDEN,
    NONE_LATER,
    SIGN_IN,
    UNDO,
    MyFilms,
    MyFilmsHandlers,
    marked,
)
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP, OTHER

SAID = {
    "ratings": {FILM: 5.0, OTHER: 2.0},
    "marks": {FILM: "later", "Film 10 (1970)": "later", "Film 11 (1971)": "hidden"},
}


@pytest.fixture
def handlers(visits):
    shown = MyFilms(gr.HTML(), gr.Button(), gr.HTML(), gr.HTML(), gr.HTML(), gr.HTML(), gr.HTML())
    return MyFilmsHandlers(visits, shown, gr.State(0))


def event(said):
    return gr.EventData(None, said)


def test_a_guest_sees_ratings_and_marks_and_is_invited(handlers, guest):
    shown, updates = handlers.shown, handlers.show(SAID, 1, guest)
    assert set(updates) == set(shown.outputs)
    assert updates[shown.rated].count("<li ") == 1
    assert updates[shown.more].visible
    assert "Film 10 (1970)" in updates[shown.later]
    assert FILM not in updates[shown.later]  # it is seen already
    assert "Film 11 (1971)" in updates[shown.hidden]
    assert (updates[shown.over_time], updates[shown.lists]) == (SIGN_IN, SIGN_IN)
    assert "With an account" in updates[shown.own]


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_nothing_is_there_whatever_else_a_browser_has_kept(handlers, guest, kept):
    shown, updates = handlers.shown, handlers.show(kept, 100, guest)
    assert updates[shown.rated] == UNDO + NO_RATINGS
    assert (updates[shown.later], updates[shown.hidden]) == (NONE_LATER, NONE_HIDDEN)
    assert not updates[shown.more].visible


def test_more_ratings_are_shown_when_they_are_asked_for(handlers, guest, monkeypatch):
    monkeypatch.setattr(my_films_handlers, "N_RATED", 1)
    updates = handlers.show_more(SAID, 1, guest)
    assert updates[handlers.n_shown] == 2
    assert updates[handlers.shown.rated].count("<li ") == 2
    assert not updates[handlers.shown.more].visible


def test_a_member_sees_what_the_store_keeps_and_can_open_a_list(handlers, visits, member):
    _, shelf = visits.of({}, member)
    shelf.rate(FILM, 4.0)
    updates = handlers.show({"ratings": {OTHER: 1.0}}, 100, member)
    assert OTHER not in updates[handlers.shown.rated]
    assert 'aria-label="1 rating, ★ 4.0 on average"' in updates[handlers.shown.over_time]
    assert handlers.show_time({}, member) == updates[handlers.shown.over_time]
    assert "every list of films that you are shown" in updates[handlers.shown.lists]
    assert "Change password" in updates[handlers.shown.own]


def test_a_list_that_was_shown_is_opened_by_whom_it_was_shown(handlers, visits, recommender, member):
    _, shelf = visits.of({}, member)
    shelf.record("for you", recommender, {"adventure": 0}, answers.recommend(recommender, {FILM: 4.0}))
    [kept] = shelf.lists()
    assert kept.id in handlers.open_list(event({}), member)
    opened = handlers.open_list(event({"list": kept.id}), member)
    assert opened.count("<li>") == 10
    assert "All lists" in opened
    assert "There are no older lists" in handlers.open_list(event({"before": kept.id}), member)


@pytest.mark.parametrize("said", [{"list": MARKUP}, {"list": 7}, {"list": ["x"]}, {"list": {}}], ids=repr)
def test_a_list_that_was_never_shown_is_refused(handlers, member, said):
    with pytest.raises(gr.Error, match="You have no such list"):
        handlers.open_list(event(said), member)


@pytest.mark.parametrize("said", [None, "", 7, [], {}, MARKUP, {"before": None}], ids=repr)
def test_what_is_no_event_shows_the_newest_lists(handlers, member, said):
    assert "every list of films that you are shown is kept here" in handlers.open_list(event(said), member)


def test_lists_are_for_those_who_have_an_account_and_a_session(handlers, guest, signed_out):
    with pytest.raises(gr.Error, match="Sign in first: lists are kept for those who have an account"):
        handlers.open_list(event({"list": "x"}), guest)
    calls = (
        lambda: handlers.open_list(event({}), signed_out),
        lambda: handlers.show({}, 1, signed_out),
        lambda: handlers.show_more({}, 1, signed_out),
        lambda: handlers.show_time({}, signed_out),
    )
    for call in calls:
        with pytest.raises(gr.Error, match="signed out"):
            call()
    assert handlers.show_time({}, guest) == SIGN_IN


def test_films_to_watch_are_those_that_are_not_rated(visits, guest):
    assert marked(visits.of(SAID, guest)[1]) == (["Film 10 (1970)"], ["Film 11 (1971)"])
