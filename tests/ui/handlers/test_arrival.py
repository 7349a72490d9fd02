"""Opening the page, called as Gradio calls it; and that all events call what tests can reach."""

import ast
from datetime import UTC, datetime
from types import SimpleNamespace

import gradio as gr
import pytest

from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.guest_shelf import GuestShelf
from recsys.serve.security.cookies import SESSION
from recsys.ui import browser
from recsys.ui.account.account_bar import AccountBar
from recsys.ui.arrival import ArrivalHandlers, brought
from recsys.ui.gradio_helpers import TabContent
from recsys.ui.rate.lists import Lists
from recsys.ui.shared.visits import Visits
from recsys.ui.status_bar import StatusBar, about, extent_of, status_of
from tests.ui.handlers.conftest import controls_of_a_list, engine_with, said
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP

RATED = {"ratings": {FILM: 5.0}, "marks": {"Film 10 (1970)": "later"}}


@pytest.fixture
def tab():
    """The content of a tab: who has what on the shelf."""
    shown = gr.HTML()
    return TabContent((shown,), lambda recommender, shelf: {shown: (shelf.name, shelf.ratings)})


def handlers_of(visits, tab):
    status_bar = StatusBar(gr.HTML(), gr.Button(), gr.Column(), gr.HTML(), gr.HTML())
    lists = Lists(gr.HTML(), controls_of_a_list(), gr.HTML(), gr.HTML(), gr.State([]), visits.spaces, gr.Button())
    bars = status_bar, AccountBar(gr.HTML(), hugging_face=True)
    return ArrivalHandlers(visits, *bars, tab, lists, gr.Timer(), gr.State(None), gr.State(False))


@pytest.fixture
def handlers(visits, tab):
    return handlers_of(visits, tab)


def of_tab(handlers, updates):
    return updates.get(handlers.content.outputs[0])


def test_whoever_arrives_is_greeted_and_sees_the_tabs(handlers, recommender, guest):
    updates = handlers.show(guest, None, False, "", RATED, *said())
    assert of_tab(handlers, updates) == (None, {FILM: 5.0})
    assert updates[handlers.filled] == recommender.version
    assert updates[handlers.greeted]
    assert "Sign in with Hugging Face" in updates[handlers.account_bar.bar]
    assert not updates[handlers.timer].active
    assert updates[handlers.status_bar.body].visible
    assert set(updates) <= set(handlers.outputs)


def test_whoever_has_seen_it_all_is_shown_nothing_anew(handlers, recommender, guest):
    updates = handlers.show(guest, recommender.version, True, "", RATED, *said())
    assert set(updates) == {*handlers.status_bar.outputs, handlers.timer}


def test_the_same_version_read_anew_is_not_another_model(handlers, recommender, guest):
    handlers.visits.engine.recommender = Recommender(recommender.artifact, recommender.catalog)
    updates = handlers.show(guest, recommender.version, True, "", RATED, *said())
    assert set(updates) == {*handlers.status_bar.outputs, handlers.timer}


def test_another_version_is_another_model_wherever_it_lies_in_memory(handlers, recommender, guest):
    handlers.visits.engine.recommender = other = Recommender(recommender.artifact, recommender.catalog)
    other.version = "0123456789ab"
    for filled in (recommender.version, id(other)):
        updates = handlers.show(guest, filled, True, "", RATED, *said())
        assert updates[handlers.filled] == other.version
        assert handlers.lists.films in updates


def test_another_model_draws_the_films_anew_for_whoever_has_rated(handlers, recommender, guest):
    updates = handlers.show(guest, "another", True, "", RATED, *said())
    assert updates[handlers.lists.films].count("<li ") == 10
    assert updates[handlers.filled] == recommender.version
    assert of_tab(handlers, updates) is None
    assert handlers.lists.films not in handlers.show(guest, "another", True, "", {}, *said())


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_the_page_opens_whatever_a_browser_has_kept(handlers, guest, kept):
    assert of_tab(handlers, handlers.show(guest, None, False, "", kept, *said())) == (None, {})


def test_whose_session_has_ended_is_a_guest_and_told_so(handlers, signed_out):
    updates = handlers.show(signed_out, None, False, "", RATED, *said())
    assert of_tab(handlers, updates) == (None, {FILM: 5.0})
    assert " data-ended>" in updates[handlers.account_bar.bar]
    assert handlers.visits.browser_state not in updates


def test_a_guest_takes_ratings_along_into_a_new_account_once(handlers, visits, recommender, member):
    updates = handlers.show(member, None, False, "", RATED | {"times": {FILM: 1_577_923_200_000}}, *said())
    name, ratings = of_tab(handlers, updates)
    assert name.startswith("Person ")
    assert ratings == {FILM: 5.0}
    assert updates[handlers.visits.browser_state] == {}
    assert f"Hello, <b>{name}</b>" in updates[handlers.account_bar.bar]
    _, shelf = visits.of({}, member)
    assert shelf.marks == {"Film 10 (1970)": "later"}
    assert shelf.times == {FILM: datetime(2020, 1, 2, tzinfo=UTC)}
    assert brought(recommender, shelf, {"ratings": {FILM: 1.0}}) == gr.skip()
    assert brought(recommender, shelf, MARKUP) == gr.skip()


def test_nobody_is_named_before_the_accounts_are_open(visits, tab, spaces, guest):
    members = SimpleNamespace(opening=True, problem=None, warning="")
    opening = SimpleNamespace(members=members, person=lambda _: None, of=lambda model, kept, _: GuestShelf(model, kept))
    handlers = handlers_of(Visits(visits.engine, opening, spaces, visits.browser_state), tab)
    updates = handlers.show(SimpleNamespace(cookies={SESSION: "somebody's"}), None, False, "", {}, *said())
    assert handlers.account_bar.bar not in updates
    assert "Looking for your account" in updates[handlers.status_bar.status]
    assert not updates[handlers.status_bar.body].visible
    assert updates[handlers.timer].active
    assert of_tab(handlers, handlers.show(guest, None, False, "", {}, *said())) == (None, {})


def test_the_status_is_what_the_engine_does_or_why_it_cannot(recommender):
    engine = engine_with(None)
    engine.stage, engine.done = f"Learning {MARKUP}", 0.5
    assert 'value="0.50"' in status_of(engine)
    engine.problem = f"/home/me/secret/file: no {MARKUP}"
    assert "secret" not in status_of(engine)
    assert "file: no &lt;img" in status_of(engine)
    better = engine_with(recommender)
    assert status_of(better) == ""
    better.problem = "No network."
    assert status_of(better) == '<p class="note">No better model: No network.</p>'
    better.improving = True
    assert "You can begin" in status_of(better)
    said = about(recommender, f"From /home/me/models/x. {MARKUP}")
    assert "<summary>board · About</summary>" in said
    assert "The model that chooses is mult-vae. From x. &lt;img" in said
    assert "/home" not in said


def test_how_many_films_there_are_and_up_to_when_stands_below_the_name(
    handlers, recommender, closed_visits, tab, guest
):
    bar = handlers.status_bar
    shown = handlers.show(guest, None, False, "", {}, *said())[bar.catalogue]
    assert shown == '<p class="extent">24 films, up to 1991</p>'
    waiting = handlers_of(closed_visits, tab)
    assert waiting.show(guest, None, False, "", {}, *said())[waiting.status_bar.catalogue] == ""
    undated = SimpleNamespace(catalog=SimpleNamespace(last_year=None), titles=SimpleNamespace(item_of={"A": 0}))
    assert extent_of(undated) == '<p class="extent">1 film</p>'


def test_a_failure_can_be_tried_again(visits, shelves, spaces, tab, guest):
    engine = engine_with(None)
    handlers = handlers_of(Visits(engine, shelves, spaces, visits.browser_state), tab)
    waiting = handlers.show(guest, None, False, "", {}, *said())
    engine.problem = "No network."
    failed = handlers.show(guest, None, True, "", {}, *said())
    assert [each[handlers.timer].active for each in (waiting, failed)] == [True, False]
    assert [each[handlers.status_bar.again].visible for each in (waiting, failed)] == [False, True]
    assert not failed[handlers.status_bar.body].visible


# ---- all events of the page

KINDS_OF_EVENTS = {"NOT_AN_ENDPOINT", "UNCHECKED", "UNQUEUED", "LATEST"}


def events():
    """Calls that wire an event, and what it calls."""
    for path in browser.FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            kinds = {each.value.id for each in getattr(node, "keywords", ()) if isinstance(each.value, ast.Name)}
            if isinstance(node, ast.Call) and kinds & KINDS_OF_EVENTS:
                yield path, node, node.args[1 if ast.unparse(node.func) == "gr.on" else 0]


def test_no_event_of_the_page_calls_what_only_a_browser_reaches():
    """But a method of what tests can make, nothing in Python at all, or one expression."""
    found = [(path.parent.name, ast.unparse(call), call) for path, _, call in events()]
    assert len(found) >= 18
    others = [
        f"{folder}: {called}"
        for folder, called, call in found
        if not isinstance(call, ast.Attribute | ast.Lambda) and called != "None"
    ]
    assert others == []
