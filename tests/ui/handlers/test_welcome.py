"""What somebody is shown who comes for the first time: it comes with the page, and sessions are told the rest."""

from types import SimpleNamespace
from weakref import ref

import gradio as gr
import pytest

from recsys.ui.welcomes import N_KEPT, Welcomes, script
from tests.ui.handlers.conftest import engine_with, said
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP
from tests.ui.handlers.test_arrival import handlers_of, tab  # noqa: F401


@pytest.fixture
def handlers(visits, tab):  # noqa: F811
    return handlers_of(visits, tab)


@pytest.fixture
def welcome(handlers):
    return handlers.welcome()


def come(handlers, token, kept=None, request=None, controls=None, filled=None):
    request = request or SimpleNamespace(cookies={})
    return handlers.show(request, filled, False, token, kept or {}, *(controls or said()))


def test_a_newcomer_is_shown_what_whoever_arrives_as_a_guest_is(handlers, welcome, guest):
    usual = come(handlers, "", request=guest)
    assert {*welcome.updates} == {*usual, handlers.arrived}
    assert welcome.updates[handlers.arrived] == welcome.token
    assert welcome.updates[handlers.status_bar.catalogue] == usual[handlers.status_bar.catalogue]
    assert {*welcome.updates} <= {*handlers.outputs}


def test_whose_page_brought_it_along_is_told_what_the_session_is_to_know(handlers, welcome, recommender):
    told = come(handlers, welcome.token)
    assert told[handlers.filled] == recommender.version
    assert told[handlers.greeted]
    assert all(isinstance(component, gr.State | gr.Dropdown) for component in told)


@pytest.mark.parametrize("token", ["", None, "0123456789abcdef", 5, {}, ["x"], MARKUP])
def test_a_token_that_is_none_shows_all(handlers, welcome, token):
    assert handlers.status_bar.body in come(handlers, token)


def test_who_has_rated_or_has_another_model_or_an_account_is_shown_all(handlers, welcome, member):
    chosen = [*said()[:-1], "ease"]
    for about in ({"kept": {"ratings": {FILM: 5.0}}}, {"controls": chosen}, {"request": member}):
        assert handlers.status_bar.body in come(handlers, welcome.token, **about)


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_it_does_whatever_a_browser_has_kept(handlers, welcome, kept):
    assert handlers.filled in come(handlers, welcome.token, kept)


def test_there_is_none_while_there_is_something_to_wait_for(visits, tab, recommender):  # noqa: F811
    handlers = handlers_of(visits, tab)
    handlers.visits.engine.improving = True
    try:
        assert handlers.standing() is handlers.welcome() is None
    finally:
        handlers.visits.engine.improving = False
    assert handlers.welcome() is not None
    empty = handlers_of(SimpleNamespace(engine=engine_with(None), shelves=visits.shelves, spaces=visits.spaces), tab)
    assert empty.standing() is empty.welcome() is None


def test_another_model_makes_tokens_of_before_worthless(recommender):
    welcomes = Welcomes()
    mine = welcomes.new(recommender, {})
    assert welcomes.of(mine.token, recommender) is mine
    assert welcomes.of(mine.token, object()) is None
    others = [welcomes.new(recommender, {}) for _ in range(N_KEPT)]
    assert welcomes.of(mine.token, recommender) is None
    assert welcomes.of(others[0].token, recommender) is others[0]


def test_a_title_ends_no_script():
    found = script({1: {"value": "</script><script>alert(1)</script><!--"}})
    assert found.count("</script>") == found.count("<script>") == 1
    assert "<!--" not in found
    assert script({}) == ""


def test_a_model_that_answers_no_more_can_go():
    welcomes, model = Welcomes(), type("Model", (), {})()
    before = ref(model)
    welcomes.new(model, {})
    del model
    assert before() is None
