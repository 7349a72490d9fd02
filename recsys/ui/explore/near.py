"""Films near a film: those that are loved by the people who love it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend import answers, exploring
from recsys.recommend.lists.filters import ANY_FILM, Filters, about_few
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.sentences import without_folders
from recsys.ui.fields.film_field import HINT, film_field
from recsys.ui.gradio_helpers import LATEST, Renewal, TabContent, Updates
from recsys.ui.markup import NOTHING
from recsys.ui.places import Place, Said, Setting
from recsys.ui.shared import cards
from recsys.ui.shared.filter_controls import FilterControls, filter_controls, filters_of
from recsys.ui.shared.latent_spaces import LatentSpaces, hues_of
from recsys.ui.shared.model_choice import NUMBERS
from recsys.ui.shared.visits import Visits

CHOOSE = cards.note("Choose a film.")


def near_part(visits: Visits) -> TabContent:
    """Choose a film, and see those near it, but for those that the visitor is not interested in."""
    gr.Markdown("People who love this film also love:")
    film = film_field("Film", HINT, "near-film")
    filters = filter_controls("near")
    films = gr.HTML(CHOOSE, elem_id="near-films")
    handlers = NearHandlers(visits, film, films, filters)
    asked = [film, visits.browser_state, *filters.inputs]
    changed = [film.input, *(each.input for each in filters.inputs)]
    gr.on(changed, handlers.show, asked, handlers.outputs, **LATEST)
    filters.clear.click(handlers.clear, asked, [*handlers.outputs, *filters.when_cleared], **LATEST)
    settings = {"film": Setting(film), **filters.settings}
    place = Place("explore/near", settings, (film, *filters.inputs, *handlers.outputs), handlers.restore)
    renewal = Renewal((film, *filters.inputs), (films,), handlers.anew)
    return TabContent((film, films, *filters.choices), handlers.updates, (place,), (renewal,))


@dataclass(frozen=True, eq=False)
class NearHandlers:
    """The handlers of the part's events.

    Attributes:
        visits: find the model and who asks.
        film: the field for a film.
        films: shows those near the chosen one.
        filters: what these must be.
    """

    visits: Visits
    film: gr.HTML
    films: gr.HTML
    filters: FilterControls

    @property
    def outputs(self) -> list[Any]:
        """The components that show something."""
        return [self.films, *self.filters.outputs]

    def show(self, request: gr.Request, title: Any, stored: Any, *said: Any) -> Updates:
        """The films near a film as the filters have it; a hint if none is chosen."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            filters = filters_of(recommender, said)
            shown = CHOOSE if title is None else near(recommender, title, shelf, self.visits.spaces, filters)
        return {self.films: shown, **self.filters.said(filters.in_words)}

    def anew(self, recommender: Recommender, shelf: Shelf, said: Sequence[Any]) -> Updates:
        """The films near a film as the filters have it; said are its title, if one is chosen, and what they say."""
        title, *controls = said
        if title is None:
            return {}
        filters = filters_of(recommender, controls)
        return {self.films: near_or_why(recommender, title, shelf, self.visits.spaces, filters)}

    def clear(self, request: gr.Request, title: Any, stored: Any, *_: Any) -> Updates:
        """The films near a film, whatever they are."""
        values = self.filters.values_of(ANY_FILM)
        return self.show(request, title, stored, *values.values()) | values | {self.filters.cleared: next(NUMBERS)}

    def updates(self, recommender: Recommender, shelf: Shelf) -> Updates:
        """A film, and those near it; what there is to choose from."""
        film = exploring.two_unlike(recommender)[0]
        return self.filters.choices_of(recommender) | self.of(recommender, shelf, film, ANY_FILM)

    def restore(self, recommender: Recommender, shelf: Shelf, said: Said) -> Updates:
        """The film and the filters that an address says, and the films near it."""
        film = said.film("film") or exploring.two_unlike(recommender)[0]
        filters = self.filters.restored(said)
        shown = self.filters.values_of(filters) | self.filters.said(filters.in_words)
        return shown | self.of(recommender, shelf, film, filters)

    def of(self, recommender: Recommender, shelf: Shelf, title: str, filters: Filters) -> Updates:
        """A film, and those near it."""
        return {self.film: title, self.films: near_or_why(recommender, title, shelf, self.visits.spaces, filters)}


def near(recommender: Recommender, title: Any, shelf: Shelf, spaces: LatentSpaces, filters: Filters) -> Markup:
    """The films near a film as filters have it, in the colours that they have by where they lie.

    Raises:
        DataError: no film is called so, or the model knows none that are near.
    """
    given, marks = shelf.ratings, shelf.marks
    rated = () if filters.seen_too else given
    unwanted = [*rated, *(film for film, mark in marks.items() if mark == "hidden")]
    found = answers.near(recommender, title, unwanted, filters=filters)
    hues, few = hues_of(spaces, recommender, (each.title for each in found)), about_few(recommender, filters)
    listed = cards.film_list(found, recommender.scale, given=given, marks=marks, hues=hues)
    return (cards.note(few) if few else NOTHING) + listed


def near_or_why(recommender: Recommender, title: str, shelf: Shelf, spaces: LatentSpaces, filters: Filters) -> Markup:
    """The films near a film, or why this model knows none."""
    try:
        return near(recommender, title, shelf, spaces, filters)
    except DataError as reason:
        return cards.note(without_folders(str(reason)))
