"""Being surprised, called as Gradio calls it."""

import re

import gradio as gr
import pytest

from recsys.ui.rate.surprise import NOTHING_LEFT, SurpriseBox, SurpriseHandlers
from tests.ui.handlers.conftest import said
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP, OTHER

RATED = {"ratings": {FILM: 5.0}}


@pytest.fixture
def handlers(visits):
    parts = SurpriseBox(gr.Button(), gr.Column(), gr.HTML(), gr.Button(), gr.Button(), gr.State([]))
    return SurpriseHandlers(visits, parts)


def surprised(handlers, request, kept=None, shown=(), **wanted):
    """The film, and what is remembered."""
    updates = handlers.surprise(request, kept or {}, [*shown], *said(**wanted))
    assert set(updates) == set(handlers.parts.outputs)
    assert updates[handlers.parts.box].visible
    return updates[handlers.parts.film], updates[handlers.parts.shown]


def test_a_surprise_is_one_film_with_all_that_can_be_done_with_it(handlers, guest):
    shown, remembered = surprised(handlers, guest, RATED)
    [title] = re.findall(r'<li data-film="([^"]*)"', shown)
    assert remembered == [title]
    assert title != FILM
    assert {"rate", "later", "hidden"} <= set(re.findall(r'data-do="(\w+)"', shown))
    assert "for you" in shown
    assert '<div class="about">Because ' in shown
    expected = surprised(handlers, guest)[0]
    assert "expected" in expected
    assert '<div class="about">Because ' in expected


def test_no_film_surprises_twice_until_all_have(handlers, guest):
    kept, remembered = {"ratings": {FILM: 5.0}, "marks": {OTHER: "hidden"}}, []
    for n_before in range(8):
        before = remembered
        _, remembered = surprised(handlers, guest, kept, [*before, MARKUP], genres=("Comedy",), decades=("1970s",))
        if len(remembered) == 1 and n_before:
            break
        assert len(set(remembered)) == len(remembered) == len(before) + 1
        assert OTHER not in remembered
    assert remembered[0] in before  # and then they come again


def test_what_no_film_can_be_is_said(handlers, guest):
    assert surprised(handlers, guest, decades=("1990s",), least=500)[0] == NOTHING_LEFT
    assert surprised(handlers, guest, shown=[FILM], decades=("1990s",), least=500) == (NOTHING_LEFT, [])
    assert not handlers.close().visible


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_a_surprise_comes_whatever_a_browser_has_kept(handlers, guest, kept):
    shown, _ = surprised(handlers, guest, kept)
    assert shown.count("<li ") == 1
    assert "<img" not in shown


def test_what_is_no_filter_and_who_is_signed_out_is_refused(handlers, guest, signed_out):
    with pytest.raises(gr.Error, match="no film has the genre"):
        surprised(handlers, guest, genres=(MARKUP,))
    with pytest.raises(gr.Error, match="signed out"):
        surprised(handlers, signed_out)
