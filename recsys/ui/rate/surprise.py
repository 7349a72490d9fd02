"""A film that surprises, large, above the list; and another, as often as somebody likes."""

import secrets
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend.answers import Suggestion
from recsys.recommend.recommender import Recommender
from recsys.recommend.surprise import surprise
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.gradio_helpers import LATEST, NOT_AN_ENDPOINT, Updates
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import hues_of
from recsys.ui.shared.list_controls import Wanted
from recsys.ui.shared.visits import Visits

MOST_REMEMBERED = 50  # films that surprised, and do not come again
NOTHING_LEFT = cards.note("No film is left that fits: take off a filter.")


@dataclass(frozen=True, eq=False)
class SurpriseBox:
    """The components.

    Attributes:
        ask: the button that wants a surprise.
        box: holds the rest; hidden until somebody asks.
        film: shows it.
        another: the button that wants another one.
        close: the button that hides it.
        shown: titles that surprised.
    """

    ask: gr.Button
    box: gr.Column
    film: gr.HTML
    another: gr.Button
    close: gr.Button
    shown: gr.State

    @property
    def outputs(self) -> list[Any]:
        """Those that show something."""
        return [self.box, self.film, self.shown]


def surprise_box() -> SurpriseBox:
    """The button, and the place below it."""
    ask = gr.Button("Surprise me", size="sm", elem_id="surprise-me")
    with gr.Column(visible=False, elem_id="surprise") as box:
        film = gr.HTML(elem_id="surprise-film")
        with gr.Row(elem_id="surprise-ways"):
            another = gr.Button("Another", size="sm", elem_id="another-surprise")
            close = gr.Button("Close", size="sm", elem_id="no-surprise")
    return SurpriseBox(ask, box, film, another, close, gr.State([]))


@dataclass(frozen=True, eq=False)
class SurpriseHandlers:
    """The handlers of its events.

    Attributes:
        visits: find the model and who asks.
        parts: the components.
    """

    visits: Visits
    parts: SurpriseBox

    def surprise(self, request: gr.Request, stored: Any, shown: Any, *controls: Any) -> Updates:
        """A film, as the filters of the list have it."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            filters = Wanted.of(recommender, controls).filters
            before = [title for title in shown if title in recommender.titles.item_of]
            film = surprise(recommender, shelf.ratings, secrets.randbelow, [*shelf.marks, *before], filters)
            if film is None and before:  # all that there are have been shown
                before = []
                film = surprise(recommender, shelf.ratings, secrets.randbelow, [*shelf.marks], filters)
            html = NOTHING_LEFT if film is None else self.card(recommender, shelf, film)
        kept = before if film is None else [*before, film.title][-MOST_REMEMBERED:]
        return {self.parts.box: gr.Column(visible=True), self.parts.film: html, self.parts.shown: kept}

    def close(self) -> gr.Column:
        """The place, hidden."""
        return gr.Column(visible=False)

    def card(self, recommender: Recommender, shelf: Shelf, film: Suggestion) -> Markup:
        """It, as a list of one."""
        hues = hues_of(self.visits.spaces, recommender, [film.title])
        given = shelf.ratings
        listed = cards.film_list([film], recommender.scale, "for you" if given else "expected", given, hues=hues)
        return Markup('<section aria-label="A surprise" aria-live="polite">{}</section>').format(listed)


def wire_surprise(handlers: SurpriseHandlers, controls: list[Any]) -> None:
    """Call the handlers; controls are the inputs of the list."""
    parts, stored = handlers.parts, handlers.visits.browser_state
    clicks, asked = [parts.ask.click, parts.another.click], [stored, parts.shown, *controls]
    gr.on(clicks, handlers.surprise, asked, parts.outputs, **LATEST)
    parts.close.click(handlers.close, None, parts.box, **NOT_AN_ENDPOINT)
