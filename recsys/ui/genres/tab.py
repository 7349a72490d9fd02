"""Tick genres, and get films of them that fit: also to what was rated, if anything was."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.gradio_helpers import LATEST, TabContent, Updates
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared import cards
from recsys.ui.shared.adventure_slider import adventure_slider, share_of
from recsys.ui.shared.film_field import film_field
from recsys.ui.shared.visits import Visits

ASK = cards.note("Tick a genre to see films.")
ANY = "any time"


@dataclass(frozen=True, eq=False)
class GenreMenus:
    """The components by which a visitor says what is wanted; `content` fills them.

    Attributes:
        genres: a box for each.
        loved: films.
        period: when films came out.
        adventure: the slider from familiar to adventurous.
    """

    genres: gr.CheckboxGroup
    loved: gr.HTML
    period: gr.Dropdown
    adventure: gr.Slider

    @property
    def inputs(self) -> list[Any]:
        """All of them, in the order in which the handler takes them."""
        return [self.genres, self.loved, self.period, self.adventure]

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


def genre_tab(visits: Visits) -> TabContent:
    """A box for every genre, what else may be asked for, and films."""
    gr.Markdown("Films of the genres you tick. If you have rated films, these count too.")
    menus = genre_menus()
    about = gr.HTML(elem_id="genre-far")
    films = gr.HTML(ASK, elem_id="of-genres")
    triggers = [component.input for component in menus.inputs]
    handlers = GenreHandlers(visits)
    gr.on(triggers, handlers.suggest, [*menus.inputs, visits.browser_state], [about, films], **LATEST)
    return menus.content


def genre_menus() -> GenreMenus:
    """Empty as long as there is no model."""
    genres = gr.CheckboxGroup([], label="Genres", info="A film has at least one of those you tick.", elem_id="genres")
    with gr.Accordion("More wishes: films you love, a period, the adventurous", open=False, elem_id="wishes"), gr.Row():
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
        return GenreMenus(genres, loved, period, adventure_slider("genre-adventure"))


@dataclass(frozen=True, eq=False)
class GenreHandlers:
    """The handler of the tab's events."""

    visits: Visits

    def suggest(
        self, chosen: Any, loved: Any, when: Any, steps: Any, stored: Any, request: gr.Request
    ) -> tuple[Markup, Markup]:
        """What is to be said of the films, and the films."""
        if not chosen:
            return NOTHING, ASK
        with self.visits.answer(stored, request) as (recommender, shelf):
            return of_genres(recommender, shelf, Wanted(chosen, loved, None if when == ANY else when, share_of(steps)))


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants, which may be anything but for `adventure`.

    Attributes:
        genres: names.
        loved: titles; None for none.
        period: a key of `answers.periods`; None for any time.
        adventure: in [0, 1].
    """

    genres: Any
    loved: Any
    period: Any
    adventure: float


def of_genres(recommender: Recommender, shelf: Shelf, wanted: Wanted) -> tuple[Markup, Markup]:
    """What is to be said of films of genres, and the films; the list is kept for those who have an account.

    Raises:
        DataError: there are no such genres, films or periods.
    """
    ratings = answers.with_loved(recommender, shelf.ratings, wanted.loved)
    found = answers.in_genres(
        recommender,
        wanted.genres,
        ratings,
        period=wanted.period,
        adventure=wanted.adventure,
        exclude=[*shelf.marks],
    )
    asked_for = {
        "genres": wanted.genres,
        "loved": wanted.loved or [],
        "period": wanted.period,
        "adventure": wanted.adventure,
    }
    shelf.record("genres", recommender, asked_for, found)
    notes = (
        answers.about_few(recommender, wanted.genres, wanted.period),
        answers.about_adventure(recommender, wanted.adventure),
    )
    shown = cards.film_list(found, recommender.scale, "for you" if ratings else "expected")
    return joined(cards.note(note) for note in notes if note), shown
