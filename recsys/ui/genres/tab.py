"""Tick genres, and get films of them that fit: also to what was rated, if anything was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import answers
from recsys.recommend.answers import Suggestion
from recsys.recommend.lists.filters import about_few
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui import browser
from recsys.ui.fields.film_field import film_field
from recsys.ui.gradio_helpers import LATEST, TabContent, Updates
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared import cards
from recsys.ui.shared.filter_controls import FilterControls, clear_button, genre_boxes, other_boxes
from recsys.ui.shared.latent_spaces import hues_of
from recsys.ui.shared.list_controls import ListControls, Values, Wanted, known, list_controls
from recsys.ui.shared.visits import Visits

MORE_FILTERS = "More filters"
ASK = cards.note("Tick a genre to see films.")
SEE = Markup('<button type="button" class="see-films" hidden>See films</button>')  # on a small screen alone


@dataclass(frozen=True, eq=False)
class GenreMenus:
    """The components by which a visitor says what is wanted; `content` fills them.

    Attributes:
        loved: films.
        controls: what else the list is to be, first of all its genres.
    """

    loved: gr.HTML
    controls: ListControls

    @property
    def inputs(self) -> list[Any]:
        """All of them, in the order in which the handler takes them."""
        return [self.loved, *self.controls.inputs]

    @property
    def content(self) -> TabContent:
        """What there is to choose from."""
        return TabContent(tuple(self.controls.filters.choices), self.updates)

    def updates(self, recommender: Recommender, _: Shelf) -> Updates:
        """The genres, decades and numbers of ratings of a model."""
        return self.controls.filters.choices_of(recommender)


def genre_tab(visits: Visits) -> tuple[GenreMenus, "GenreHandlers"]:
    """A box for every genre, what else may be asked for, and films."""
    gr.Markdown("Films of the genres you tick. If you have rated films, these count too.")
    menus = genre_menus(visits)
    about = gr.HTML(elem_id="genre-far")
    films = gr.HTML(ASK, elem_id="of-genres")
    script = browser.read("genres/sight.js", "genres/see_films.js")
    gr.HTML(SEE, js_on_load=script, apply_default_css=False, elem_id="see-genre-films")
    menus.controls.more.render()  # type: ignore[no-untyped-call]
    handlers = GenreHandlers(visits, menus.controls, about, films)
    wire(menus, handlers)
    return menus, handlers


def wire(menus: GenreMenus, handlers: "GenreHandlers") -> None:
    """Call the handlers."""
    controls, wanted = menus.controls, [handlers.visits.browser_state, *menus.inputs]
    gr.on([menus.loved.input, *controls.triggers], handlers.suggest, wanted, handlers.outputs, **LATEST)
    controls.more.click(handlers.go_on, wanted, [*handlers.outputs, controls.n_films], **LATEST)
    cleared = [*handlers.outputs, *controls.filters.when_cleared]
    controls.filters.clear.click(handlers.untick, wanted, cleared, **LATEST)


def genre_menus(visits: Visits) -> GenreMenus:
    """Empty as long as there is no model."""
    genres, which = genre_boxes("")
    with gr.Accordion(MORE_FILTERS, open=False, elem_id="wishes") as folded:
        decades, least, seen = other_boxes("genre")
        loved = film_field(
            "Films you love", "If you like: films of the same taste come first.", "loved", answers.MOST_LOVED, 240
        )
    filters = FilterControls(
        genres, which, decades, least, seen, folded, clear_button("genre"), gr.State(0), MORE_FILTERS
    )
    return GenreMenus(loved, list_controls("genre", visits, filters))


@dataclass(frozen=True, eq=False)
class GenreHandlers:
    """The handlers of the tab's events.

    Attributes:
        visits: find the model and who asks.
        controls: of the list.
        about: shows what is to be said of the films.
        films: shows them.
    """

    visits: Visits
    controls: ListControls
    about: gr.HTML
    films: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """The components that show something."""
        return [self.about, self.films, *self.controls.outputs]

    def suggest(self, request: gr.Request, stored: Any, *said: Any) -> Updates:
        """What is to be said of the films, and the films; said are values of `GenreMenus.inputs`."""
        if not self.controls.genres_of(said[1:]):
            return self.nothing(Wanted())
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.anew(recommender, shelf, said)

    def anew(self, recommender: Recommender, shelf: Shelf, said: Values) -> Updates:
        """The same for somebody."""
        loved, *controls = said
        if not self.controls.genres_of(controls):
            return self.nothing(Wanted())
        return self.shown(recommender, shelf, loved, Wanted.of(recommender, controls))

    def nothing(self, wanted: Wanted) -> Updates:
        """What there is without a genre."""
        return {self.about: NOTHING, self.films: ASK, **self.controls.shown(wanted, 0)}

    def go_on(self, request: gr.Request, stored: Any, loved: Any, *said: Any) -> Updates:
        """The same list, and how it goes on."""
        longer, kept = self.controls.went_on(said)
        return self.suggest(request, stored, loved, *longer) | kept

    def untick(self, request: gr.Request, stored: Any, loved: Any, *said: Any) -> Updates:
        """What there is where nothing is wanted."""
        plain, shown = self.controls.cleared(said)
        return self.suggest(request, stored, loved, *plain) | shown

    def shown(self, recommender: Recommender, shelf: Shelf, loved: Any, wanted: Wanted) -> Updates:
        """What is to be said of films of genres, and the films; the list is kept for those who have an account.

        Args:
            recommender: answers.
            shelf: what the visitor has said about films.
            loved: titles, which may be anything.
            wanted: of the list.

        Raises:
            DataError: there are no such films.
        """
        given = shelf.ratings
        ratings = answers.with_loved(recommender, given, loved)
        request = {"loved": loved or [], **wanted.request}

        def list_by(model: Recommender) -> list[Suggestion]:
            made = shelf.alone(model, lambda one: of_genres(one, shelf, ratings, wanted))
            shelf.record("genres", made.model or model, request, made.films, stands_in=made.model is not None)
            return made.films

        listing = self.controls.listed(recommender, wanted, list_by)
        found = listing.films
        notes = (about_few(listing.model, wanted.filters), answers.about_adventure(listing.model, wanted.adventure))
        whose = "for you" if ratings else "expected"
        hues = hues_of(self.visits.spaces, recommender, (film.title for film in found))
        return {
            self.about: joined(cards.note(note) for note in notes if note),
            self.films: cards.film_list(found, recommender.scale, whose, given, hues=hues),
            **self.controls.shown(wanted, len(found), listing.told),
        }


def of_genres(model: Recommender, shelf: Shelf, ratings: Mapping[str, float], wanted: Wanted) -> list[Suggestion]:
    """Films of the genres that are wanted, for some ratings of films that a model may not know all of."""
    rated = {title: ratings[title] for title in known(model, ratings)}
    unwanted = known(model, shelf.marks)
    return answers.in_genres(model, wanted.filters, rated, unwanted, wanted.n_films, wanted.adventure, wanted.order)
