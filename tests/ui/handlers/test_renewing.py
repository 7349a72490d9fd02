"""All that shows ratings or lists is drawn anew, as its controls want it, once many ratings are others."""

import asyncio

import gradio as gr
import pytest

from recsys.recommend.lists.filters import Filters
from recsys.serve.evenings.evenings import Evenings
from recsys.ui.acts.film_actions import act_carrier
from recsys.ui.page import tabs
from recsys.ui.renewing import RenewingHandlers
from recsys.ui.shared.visits import Visits
from tests.ui.handlers.conftest import engine_with
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP, OTHER

LATER = "Film 15 (1975)"
STARS = dict.fromkeys([f"Film {number} ({1960 + number})" for number in (8, 9, 10, 11, 12, 13)], 4.0)


@pytest.fixture(scope="module")
def handlers(recommender, shelves, spaces):
    async def built():
        visits = Visits(engine_with(recommender), shelves, spaces, gr.BrowserState({}))
        with gr.Blocks() as page:
            _, content = tabs(visits, act_carrier(), Evenings())
        return RenewingHandlers(visits, content.renewals), page

    found, page = asyncio.run(built())
    shows_films = {part.elem_id for part in page.blocks.values() if part.elem_id in SHOW_RATINGS}
    assert shows_films == SHOW_RATINGS
    return found


SHOW_RATINGS = {"for-you", "suggested", "given", "of-genres", "near-films", "versus", "film-map"}
SHOW_RATINGS |= {f"yours-{each}" for each in ("taste", "rated", "later", "seen", "hidden", "lists")}


def renewed(handlers, request, kept=None, **said):
    """What is drawn, by elem_id, for what components say, by theirs; the others say what they say at first."""
    controls = [component for part in handlers.parts for component in part.inputs]
    values = [said.get(each.elem_id.replace("-", "_") if each.elem_id else "", each.value) for each in controls]
    updates = handlers.renew(request, kept or {}, *values)
    assert set(updates) <= set(handlers.outputs)
    return {what.elem_id: value for what, value in updates.items() if what.elem_id}


def test_every_part_that_shows_ratings_or_lists_is_drawn_anew(handlers):
    assert {each.elem_id for each in handlers.outputs} >= SHOW_RATINGS


def test_ratings_are_shown_everywhere_once_they_are_kept(handlers, visits, guest, member):
    _, shelf = visits.of({}, member)
    before = renewed(handlers, member, near_film=OTHER)
    shelf.take(STARS, {LATER: "later"})
    for who, kept in ((member, {}), (guest, {"ratings": STARS, "marks": {LATER: "later"}})):
        shown = renewed(handlers, who, kept, genres=["Comedy"], genre_seen=False, near_film=FILM)
        assert "of 5 rated" in before["suggested"]
        assert "of 5 rated" not in shown["suggested"]
        assert shown["given"].count("<li ") == shown["yours-rated"].count("<li ") == len(STARS)
        assert not any(f'data-film="{film}"' in shown["suggested"] + shown["for-you"] for film in STARS)
        assert "for you" in shown["of-genres"]
        assert LATER in shown["yours-later"]
    assert "Film" in renewed(handlers, member)["yours-lists"]


def test_lists_are_drawn_for_what_their_controls_say(handlers, recommender, guest):
    only = dict(zip(recommender.display_titles, Filters(decades=["1970s"]).mask(recommender).tolist(), strict=True))
    shown = renewed(handlers, guest, {"ratings": STARS}, rate_decades=["1970s"], rate_order="newest")
    listed = [title for title in only if f'data-film="{title}"'.replace("'", "&#39;") in shown["for-you"]]
    assert listed
    assert all(only[title] for title in listed)
    assert shown["rate-filters"]["label"] == "Filters: 1970s"
    assert not {"rate-decades", "rate-order"} & {*shown}  # which stay as they are


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_whatever_a_browser_keeps_is_drawn(handlers, guest, kept):
    assert MARKUP not in str(renewed(handlers, guest, kept))


@pytest.mark.parametrize("wild", [None, True, 7, float("nan"), MARKUP, [MARKUP], {}, [[FILM]]])
@pytest.mark.parametrize("name", ["rate_decades", "rate_adventure", "genres", "loved", "near_film", "near_seen"])
def test_what_controls_cannot_say_is_refused_in_a_sentence(handlers, guest, name, wild):
    said = {name: wild} | ({"genres": ["Comedy"]} if name == "loved" else {})
    try:
        told = str(renewed(handlers, guest, **said))
    except gr.Error as refusal:
        told = str(refusal)
    assert MARKUP not in told


def test_whose_session_has_ended_is_told_so(handlers, signed_out):
    with pytest.raises(gr.Error, match="sign in again"):
        renewed(handlers, signed_out)
