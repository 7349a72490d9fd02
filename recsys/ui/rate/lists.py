"""What the tab shows besides its controls: films that fit, what was rated, films to rate."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.gradio_helpers import Updates
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards, controls
from recsys.ui.shared.adventure_slider import share_of
from recsys.ui.shared.latent_spaces import LatentSpaces, tastes_if_there

N_SUGGESTED = 3  # films to rate that are shown at a time
N_RATED = 20  # ratings that are shown here; all are shown under Yours
ASK = cards.note("They appear here as soon as you have rated a film.")


@dataclass(frozen=True, eq=False)
class Lists:
    """The components.

    Attributes:
        films: that fit.
        adventure: the slider from familiar to adventurous.
        given: what was rated.
        suggested: films to rate.
        now: the titles of these.
    """

    films: gr.HTML
    adventure: gr.Slider
    given: gr.HTML
    suggested: gr.HTML
    now: gr.State

    @property
    def outputs(self) -> list[Any]:
        """Those that show something."""
        return [self.films, self.given, self.suggested, self.now]

    def updates(self, recommender: Recommender, shelf: Shelf, steps: object, to_rate: list[str]) -> Updates:
        """What they show to somebody.

        Args:
            recommender: answers.
            shelf: what the visitor has said about films.
            steps: where the slider to the adventurous stands, which may be anything.
            to_rate: titles.

        Raises:
            DataError: there is no such place of the slider.
        """
        return (
            self.for_you(recommender, shelf, steps)
            | self.to_rate(recommender, to_rate)
            | {self.given: given(recommender, shelf)}
        )

    def for_you(self, recommender: Recommender, shelf: Shelf, steps: object) -> Updates:
        """Films that fit, and what sort of list that is; the list is kept for those who have an account."""
        return {self.films: for_you(recommender, shelf, share_of(steps))}

    def to_rate(self, recommender: Recommender, titles: list[str]) -> Updates:
        """Films to rate."""
        return {self.now: titles, self.suggested: controls.suggested_rows(titles, recommender.scale)}


def for_you(recommender: Recommender, shelf: Shelf, adventure: float) -> Markup:
    """Films that fit somebody, whose list is kept if they have an account; adventure in [0, 1]."""
    ratings = shelf.ratings
    if not ratings:
        return ASK
    found = answers.recommend(recommender, ratings, [*shelf.marks], adventure=adventure)
    shelf.record("for you", recommender, {"adventure": adventure}, found)
    about = answers.about_adventure(recommender, adventure)
    return (cards.note(about) if about else NOTHING) + cards.film_list(found, recommender.scale)


def given(recommender: Recommender, shelf: Shelf) -> Markup:
    """What was rated, the newest first."""
    ratings = shelf.ratings
    if not ratings:
        return cards.note("None yet." if shelf.name else "None yet. They are kept in this browser only.")
    more = len(ratings) - N_RATED
    ending = cards.note(f"And {more:,} more, under Yours.") if more > 0 else NOTHING
    return controls.rated_rows(ratings, recommender.scale, N_RATED) + ending


def refilled(
    recommender: Recommender, shelf: Shelf, passed: list[str], now: list[str], spaces: LatentSpaces
) -> list[str]:
    """The suggested films that are still to be rated, and others in place of the rest.

    Args:
        recommender: answers.
        shelf: what the visitor has said about films.
        passed: titles that are not to be suggested again.
        now: titles that are suggested.
        spaces: where tastes of films are, which make the choice better.
    """
    ratings, known = shelf.ratings, recommender.titles.item_of
    aside = {*passed, *shelf.marks}
    left = [film for film in now if film in known and film not in ratings and film not in aside]
    if len(left) >= N_SUGGESTED:
        return left
    unwanted = [film for film in (*aside, *left) if film in known]
    vectors = tastes_if_there(spaces, recommender)
    return [*left, *answers.films_to_rate(recommender, ratings, unwanted, N_SUGGESTED - len(left), vectors)]


def until(recommender: Recommender) -> str:
    """Up to when films came out, which spares looking for newer ones."""
    last = max((year for year in recommender.catalog.year if year is not None), default=None)
    return "" if last is None else f"The films here came out until {last}."
