"""Tick genres, and get films of them that fit: also to what was rated, if anything was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from recsys.errors import DataError
from recsys.recommend import answers
from recsys.recommend.answers import Suggestion
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.gradio_helpers import LATEST, TabContent, Updates
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared import cards
from recsys.ui.shared.film_field import film_field
from recsys.ui.shared.latent_spaces import hues_of
from recsys.ui.shared.list_controls import ListControls, Reading, list_controls, longer
from recsys.ui.shared.visits import Visits

ASK = cards.note("Tick a genre to see films.")
ANY = "any time"
ONE, ALL = "one of them or more", "all of them"


@dataclass(frozen=True, eq=False)
class GenreMenus:
    """The components by which a visitor says what is wanted; `content` fills them.

    Attributes:
        genres: a box for each.
        loved: films.
        period: when films came out.
        which: whether a film has to have one of the genres or all.
        controls: how the list is to be read.
        wishes: what holds the fields for films and the period.
    """

    genres: gr.CheckboxGroup
    loved: gr.HTML
    period: gr.Dropdown
    which: gr.Radio
    controls: ListControls
    wishes: gr.Accordion

    @property
    def inputs(self) -> list[Any]:
        """All of them, in the order in which the handler takes them."""
        return [self.genres, self.loved, self.period, self.which, *self.controls.inputs]

    @property
    def content(self) -> TabContent:
        """What there is to choose from."""
        return TabContent((self.genres, self.period), self.updates)

    def updates(self, recommender: Recommender, _: Shelf) -> Updates:
        """The genres and periods of a model."""
        return {
            self.genres: gr.CheckboxGroup(choices=list(recommender.catalog.genre_names)),
            self.period: gr.Dropdown(choices=[ANY, *answers.periods(recommender)]),
        }


def genre_tab(visits: Visits) -> tuple[GenreMenus, "GenreHandlers"]:
    """A box for every genre, what else may be asked for, and films."""
    gr.Markdown("Films of the genres you tick. If you have rated films, these count too.")
    menus = genre_menus()
    about = gr.HTML(elem_id="genre-far")
    films = gr.HTML(ASK, elem_id="of-genres")
    menus.controls.more.render()  # type: ignore[no-untyped-call]
    handlers = GenreHandlers(visits, menus.controls, about, films)
    wanted, n_films = [*menus.inputs, visits.browser_state], menus.controls.n_films
    triggers = [component.input for component in menus.inputs if component is not n_films]
    gr.on(triggers, handlers.suggest, wanted, handlers.outputs, **LATEST)
    menus.controls.more.click(handlers.go_on, wanted, [*handlers.outputs, n_films], **LATEST)
    return menus, handlers


def genre_menus() -> GenreMenus:
    """Empty as long as there is no model."""
    genres = gr.CheckboxGroup([], label="Genres", elem_id="genres")
    which = gr.Radio([ONE, ALL], value=ONE, label="A film has", elem_id="which-genres")
    with gr.Accordion("More filters: films you love, a period", open=False, elem_id="wishes") as wishes, gr.Row():
        loved = film_field(
            "Films you love", "If you like: films of the same taste come first.", "loved", answers.MOST_LOVED, 240
        )
        period = gr.Dropdown(
            [ANY],
            value=ANY,
            label="From",
            info="When they came out.",
            filterable=False,
            min_width=140,
            elem_id="period",
        )
    return GenreMenus(genres, loved, period, which, list_controls("genre"), wishes)


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
        return [self.about, self.films, self.controls.more]

    def suggest(
        self,
        chosen: Any,
        loved: Any,
        when: Any,
        which: Any,
        steps: Any,
        order: Any,
        n_films: Any,
        stored: Any,
        request: gr.Request,
    ) -> Updates:
        """What is to be said of the films, and the films."""
        if not chosen:
            return {self.about: NOTHING, self.films: ASK, **self.controls.more_for(Reading(), 0)}
        with self.visits.answer(stored, request) as (recommender, shelf):
            reading, period = Reading.of(steps, order, n_films), None if when == ANY else when
            return self.shown(recommender, shelf, Wanted(chosen, loved, period, has_all(which), reading))

    def go_on(
        self,
        chosen: Any,
        loved: Any,
        when: Any,
        which: Any,
        steps: Any,
        order: Any,
        n_films: Any,
        stored: Any,
        request: gr.Request,
    ) -> Updates:
        """The same list, and how it goes on."""
        n_films = longer(n_films)
        shown = self.suggest(chosen, loved, when, which, steps, order, n_films, stored, request)
        return shown | {self.controls.n_films: n_films}

    def shown(self, recommender: Recommender, shelf: Shelf, wanted: "Wanted") -> Updates:
        """What is to be said of films of genres, and the films; the list is kept for those who have an account.

        Raises:
            DataError: there are no such genres, films or periods.
        """
        ratings = answers.with_loved(recommender, shelf.ratings, wanted.loved)
        found = films_of(recommender, ratings, wanted, exclude=[*shelf.marks])
        shelf.record("genres", recommender, wanted.request, found)
        hues = hues_of(self.visits.spaces, recommender, (film.title for film in found))
        notes = (
            answers.about_few(recommender, wanted.genres, wanted.period, wanted.all_of_them),
            answers.about_adventure(recommender, wanted.reading.adventure),
        )
        return {
            self.about: joined(cards.note(note) for note in notes if note),
            self.films: cards.film_list(found, recommender.scale, "for you" if ratings else "expected", hues=hues),
            **self.controls.more_for(wanted.reading, len(found)),
        }


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants; genres, films and period may be anything.

    Attributes:
        genres: names.
        loved: titles; None for none.
        period: a key of `answers.periods`; None for any time.
        all_of_them: whether a film has to have all of the genres.
        reading: what is wanted of the list.
    """

    genres: Any
    loved: Any
    period: Any
    all_of_them: bool
    reading: Reading

    @property
    def request(self) -> dict[str, Any]:
        """What is kept of it with the list."""
        kept = {"genres": self.genres, "loved": self.loved or [], "period": self.period, **self.reading.request}
        return kept | ({"all_of_them": True} if self.all_of_them else {})


def has_all(which: object) -> bool:
    """Whether a film has to have all genres; DataError for what the choice cannot say."""
    if which not in (ONE, ALL):
        raise DataError(f"A film has {ONE} or {ALL}: choose one of the two.")
    return which == ALL


def films_of(
    recommender: Recommender, ratings: Mapping[str, float], wanted: Wanted, exclude: Sequence[str]
) -> list[Suggestion]:
    """Films as wanted, but for some titles."""
    return answers.in_genres(
        recommender,
        wanted.genres,
        ratings,
        wanted.reading.n_films,
        wanted.period,
        wanted.reading.adventure,
        exclude,
        wanted.reading.order,
        wanted.all_of_them,
    )
