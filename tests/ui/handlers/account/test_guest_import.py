"""A file with ratings that a guest chooses, called as Gradio calls it."""

import gradio as gr
import pytest

from recsys.serve.accounts.guest_shelf import Taken
from recsys.ui.account.guest_import import GuestImportHandlers, in_words, sentences
from tests.ui.handlers.hostile import EVENTS, FILM, KEPT, MARKUP, NO_TITLES, OTHER


@pytest.fixture
def handlers(visits):
    return GuestImportHandlers(visits, gr.HTML())


def event(said):
    return gr.EventData(None, said)


def test_what_a_file_holds_is_kept_in_the_browser_and_told(handlers, guest):
    said = {"ratings": {FILM: 4.0, OTHER: 2.0, MARKUP: 5.0}, "marks": {FILM: "later", MARKUP: "later"}}
    said["times"] = {FILM: 1_577_923_200_000, OTHER: MARKUP, MARKUP: 5}
    updates = handlers.take({"ratings": {OTHER: 5.0}}, event(said), guest)
    kept = updates[handlers.visits.browser_state]
    assert (kept["ratings"], kept["marks"]) == ({OTHER: 2.0, FILM: 4.0}, {FILM: "later"})
    assert {*kept["times"]} == {FILM, OTHER}
    assert kept["times"][FILM] == 1_577_923_200_000
    assert "1 new rating, 1 in place of another, 1 mark." in updates[handlers.taken]
    assert 'data-do="undo"' in updates[handlers.taken]


@pytest.mark.parametrize("said", [*EVENTS, *({"ratings": no, "times": no, "marks": no} for no in [*KEPT, *NO_TITLES])])
def test_an_event_that_says_something_else_keeps_nothing(handlers, guest, said):
    updates = handlers.take({"ratings": {OTHER: 5.0}}, event(said), guest)
    assert updates[handlers.visits.browser_state] == {"ratings": {OTHER: 5.0}, "marks": {}, "changes": []}
    assert "nothing new" in updates[handlers.taken]
    assert MARKUP not in updates[handlers.taken]


def test_what_a_member_sends_so_is_refused(handlers, member, signed_out):
    with pytest.raises(gr.Error, match="signed in by now: reload the page, and choose the file again"):
        handlers.take({}, event({"ratings": {FILM: 4.0}}), member)
    with pytest.raises(gr.Error, match="signed out"):
        handlers.take({}, event({"ratings": {FILM: 4.0}}), signed_out)


def test_what_became_of_it_in_words():
    assert sentences(Taken(1, 0, 0, 0)) == ["Kept in this browser: 1 new rating."]
    assert sentences(Taken(0, 2, 1, 0)) == ["Kept in this browser: 2 in place of others, 1 mark."]
    assert sentences(Taken(0, 0, 0, 3))[1].startswith("There is no room here for 3 more: register")
    assert "data-do" not in in_words(Taken(0, 0, 0, 3))
