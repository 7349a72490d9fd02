"""Opening a film, called as Gradio calls it: the panel of whoever asks, or a sentence."""

import asyncio
import re

import gradio as gr
import pytest
from markupsafe import escape

from recsys.serve.concurrency import ConcurrencyLimit, LateError
from recsys.ui.film.handlers import LATE, FilmPanelHandlers
from tests.ui.handlers.hostile import EVENTS, FILM, KEPT, MARKUP, NO_TITLES, OTHER

BOLD = "The <b>Bold</b> (1980)"


@pytest.fixture
def handlers(visits):
    return FilmPanelHandlers(visits)


def opened(handlers, request, kept=None, film=FILM, seq=7):
    """The panel of a film."""
    event = gr.EventData(None, {"film": film, "seq": seq})
    return asyncio.run(handlers.open_film(kept or {}, event, request))


def test_a_film_is_opened_with_what_is_known_of_it(handlers, guest):
    shown = opened(handlers, guest)
    assert shown.startswith(f'<div data-seq="7" data-title="{FILM}" data-heading="{FILM}"><p class="about">Comedy</p>')
    assert f'data-film="{FILM}"' in shown
    assert shown.count('data-do="rate"') == 1
    assert re.findall(r'<button type="button" class="act[^"]*" data-do="(\w+)"', shown) == ["seen", "later", "hidden"]
    assert "<h3>Expected: ★ " in shown
    assert "5 stars: given by 18" in shown
    assert re.findall(r'data-go="(\w+)"', shown)[-2:] == ["path", "map"]
    assert shown.count('target="_blank" rel="noreferrer noopener"') == 4


def test_what_leads_nowhere_is_not_offered(plain_visits, guest):
    shown = opened(FilmPanelHandlers(plain_visits), guest)
    assert 'data-seq="7"' in shown
    assert "data-go" not in shown
    assert "also love" not in shown
    assert "Expected" not in shown


def test_stars_and_marks_are_those_of_whoever_asks(handlers, visits, guest, member):
    kept = {"ratings": {FILM: 4.0, OTHER: 5.0}, "marks": {FILM: "later"}}
    of_guest = opened(handlers, guest, kept)
    assert 'aria-valuetext="4 stars"' in of_guest
    assert "For you: ★" in of_guest
    assert 'data-do="unmark" aria-label="Not later: Film 8 (1968)"' in of_guest
    of_member = opened(handlers, member, kept)
    assert 'aria-valuetext="no stars yet"' in of_member
    _, shelf = visits.of({}, member)
    shelf.rate(FILM, 2.0)
    shelf.mark(FILM, "hidden")
    of_member = opened(handlers, member, kept)
    assert 'aria-valuetext="2 stars"' in of_member
    assert 'aria-label="Show again: Film 8 (1968)"' in of_member


def test_films_that_are_hidden_are_not_beside_it(handlers, guest):
    near = re.findall(r'data-open="([^"]+)"', opened(handlers, guest))
    assert near
    assert near[0] not in re.findall(r'data-open="([^"]+)"', opened(handlers, guest, {"marks": {near[0]: "hidden"}}))


def test_titles_are_text(handlers, guest):
    shown = opened(handlers, guest, film=BOLD)
    assert f'data-title="{escape(BOLD)}"' in shown
    assert "<b>" not in shown


@pytest.mark.parametrize("film", [*NO_TITLES, None, "\ud800", "A" * 10_000], ids=lambda film: repr(film)[:30])
def test_a_film_that_is_not_known_gets_a_sentence(handlers, guest, film):
    shown = opened(handlers, guest, film=film)
    assert shown.startswith('<div data-seq="7"><p class="problem" role="alert">')
    assert "<img" not in shown
    assert len(shown) < 1000


def test_a_link_to_a_film_that_is_not_here_offers_those_with_the_nearest_titles(handlers, recommender, guest):
    shown = opened(handlers, guest, film="Filmm 8 (1968)")
    assert "No film here is called “Filmm 8 (1968)”. Films here end in 1991." in shown
    nearest = re.findall(r'data-open="([^"]+)"', shown)
    assert FILM in nearest
    assert all(f'data-title="{each}"' in opened(handlers, guest, film=each) for each in nearest)
    assert f"“Bold {escape(MARKUP)}”" in opened(handlers, guest, film=f"Bold {MARKUP}")
    shown = opened(handlers, guest, film="The <b>Boldd")
    assert "“The &lt;b&gt;Boldd”" in shown
    assert f'data-open="{escape(BOLD)}"' in shown
    for machine in ("no film is called", "expected", "the nearest are"):
        assert machine not in shown
    assert "data-open" not in opened(handlers, guest, film="qqqqqqqq")


def test_a_title_that_several_films_may_have_offers_them(handlers, guest):
    assert re.findall(r'data-open="([^"]+)"', opened(handlers, guest, film="film"))


@pytest.mark.parametrize("data", EVENTS, ids=repr)
def test_whatever_an_event_says_the_answer_is_a_panel(handlers, guest, data):
    shown = asyncio.run(handlers.open_film({}, gr.EventData(None, data), guest))
    assert shown.startswith('<div data-seq="0"')
    assert MARKUP not in shown


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_a_film_is_opened_whatever_a_browser_has_kept(handlers, guest, kept):
    assert f'data-title="{FILM}"' in opened(handlers, guest, kept)


def test_nothing_is_opened_for_whoever_is_signed_out_or_before_there_is_a_model(
    handlers, closed_visits, guest, signed_out
):
    assert "sign in again" in opened(handlers, signed_out)
    assert "Not ready yet" in opened(FilmPanelHandlers(closed_visits), guest)


def test_members_and_guests_keep_each_other_waiting_nowhere(visits, guest, member):
    full = ConcurrencyLimit(at_once=1, most_waiting=0)
    assert full._inside.acquire(blocking=False)
    handlers = FilmPanelHandlers(visits, members=full)
    assert "Too many people" in opened(handlers, member)
    assert "data-title" in opened(handlers, guest)


def test_who_waited_too_long_is_told_to_try_again(visits, guest):
    class Late:
        async def take(self, *_):
            raise LateError("whether it was kept is not known")

    assert LATE in opened(FilmPanelHandlers(visits, guests=Late()), guest)
