"""A way from one film to another, through films that lie between them in taste."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.explore import cards as explore_cards
from recsys.ui.fields.film_field import HINT, film_field
from recsys.ui.gradio_helpers import LATEST, TabContent, Updates, in_one_sentence
from recsys.ui.places import Place, Said, Setting
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import POLL_SECONDS, WAITING, shown_of
from recsys.ui.shared.visits import Visits

CHOOSE_TWO = cards.note("Choose two films.")


def path_part(visits: Visits, tab: gr.Tab) -> TabContent:
    """Choose two films, and see what lies between them."""
    gr.Markdown("Walk from one film to another through known ones, each like the one before: the nearer, the fewer.")
    with gr.Row():
        start = film_field("From", HINT, "path-from", min_width=280)
        end = film_field("To", HINT, "path-to", min_width=280)
    films = gr.HTML(cards.waiting(WAITING, None), elem_id="path")
    timer = gr.Timer(POLL_SECONDS, active=False)
    handlers = PathHandlers(visits, start, end, films, timer)
    triggers = [start.input, end.input, tab.select, timer.tick]
    gr.on(triggers, handlers.show, [start, end], [films, timer], **LATEST)
    settings = {"from": Setting(start), "to": Setting(end)}
    place = Place("explore/path", settings, (start, end, films, timer), handlers.restore)
    return TabContent((start, end), handlers.updates, (place,))


@dataclass(frozen=True, eq=False)
class PathHandlers:
    """The handlers of the part's events.

    Attributes:
        visits: find the model.
        start: the field for the first film.
        end: the field for the last one.
        films: shows the way.
        timer: asks again for it.
    """

    visits: Visits
    start: gr.HTML
    end: gr.HTML
    films: gr.HTML
    timer: gr.Timer

    def show(self, first: Any, last: Any) -> tuple[Markup, gr.Timer]:
        """The way between two films, and whether to ask again for it."""
        with in_one_sentence():
            recommender = self.visits.engine.ready()
            space, shown, again = shown_of(self.visits.spaces, recommender)
            if space is not None and first is not None and last is not None:
                shown = explore_cards.way(exploring.between(recommender, space, first, last))
        return shown or CHOOSE_TWO, again

    def updates(self, recommender: Recommender, _: Shelf) -> Updates:
        """Two films that differ."""
        first, last = exploring.two_unlike(recommender)
        return {self.start: first, self.end: last}

    def restore(self, recommender: Recommender, _: Shelf, said: Said) -> Updates:
        """The films that an address says, or those of the beginning, and the way between them."""
        known, first, last = exploring.two_unlike(recommender), said.film("from"), said.film("to")
        first = first or next(film for film in known if film != last)
        last = last or next(film for film in known if film != first)
        films, timer = self.show(first, last)
        return {self.start: first, self.end: last, self.films: films, self.timer: timer}
