"""Films near a film: those that are loved by the people who love it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend import answers, exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.sentences import without_folders
from recsys.ui.fields.film_field import HINT, film_field
from recsys.ui.gradio_helpers import LATEST, TabContent, Updates
from recsys.ui.places import Place, Said, Setting
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import LatentSpaces, hues_of
from recsys.ui.shared.visits import Visits

CHOOSE = cards.note("Choose a film.")


def near_part(visits: Visits) -> TabContent:
    """Choose a film, and see those near it, but for those that the visitor is not interested in."""
    gr.Markdown("People who love this film also love:")
    film = film_field("Film", HINT, "near-film")
    films = gr.HTML(CHOOSE, elem_id="near-films")
    handlers = NearHandlers(visits, film, films)
    film.input(handlers.show, [film, visits.browser_state], films, **LATEST)
    place = Place("explore/near", {"film": Setting(film)}, (film, films), handlers.restore)
    return TabContent((film, films), handlers.updates, (place,))


@dataclass(frozen=True, eq=False)
class NearHandlers:
    """The handlers of the part's events.

    Attributes:
        visits: find the model and who asks.
        film: the field for a film.
        films: shows those near the chosen one.
    """

    visits: Visits
    film: gr.HTML
    films: gr.HTML

    def show(self, title: Any, stored: Any, request: gr.Request) -> Markup:
        """The films near a film; a hint if none is chosen."""
        if title is None:
            return CHOOSE
        with self.visits.answer(stored, request) as (recommender, shelf):
            return near(recommender, title, shelf, self.visits.spaces)

    def updates(self, recommender: Recommender, shelf: Shelf) -> Updates:
        """A film, and those near it."""
        return self.of(recommender, shelf, exploring.two_unlike(recommender)[0])

    def restore(self, recommender: Recommender, shelf: Shelf, said: Said) -> Updates:
        """The film that an address says, and those near it."""
        title = said.film("film")
        return self.updates(recommender, shelf) if title is None else self.of(recommender, shelf, title)

    def of(self, recommender: Recommender, shelf: Shelf, title: str) -> Updates:
        """A film, and those near it."""
        return {self.film: title, self.films: near_or_why(recommender, title, shelf, self.visits.spaces)}


def near(recommender: Recommender, title: Any, shelf: Shelf, spaces: LatentSpaces) -> Markup:
    """The films near a film, in the colours that they have by where they lie.

    Raises:
        DataError: no film is called so, or the model knows none that are near.
    """
    marks = shelf.marks
    found = answers.near(recommender, title, [film for film, mark in marks.items() if mark == "hidden"])
    hues = hues_of(spaces, recommender, (each.title for each in found))
    return cards.film_list(found, recommender.scale, given=shelf.ratings, marks=marks, hues=hues)


def near_or_why(recommender: Recommender, title: str, shelf: Shelf, spaces: LatentSpaces) -> Markup:
    """The films near a film, or why this model knows none."""
    try:
        return near(recommender, title, shelf, spaces)
    except DataError as reason:
        return cards.note(without_folders(str(reason)))
