"""What the tab shows besides its controls: films that fit, what was rated, films to rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.data.sources.names import newer_than
from recsys.recommend import answers
from recsys.recommend.answers import Suggestion
from recsys.recommend.lists.filters import ANY_FILM, Filters, about_few
from recsys.recommend.orders import BEST
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.ui.acts import controls
from recsys.ui.gradio_helpers import Updates
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import LatentSpaces, hues_of, tastes_if_there
from recsys.ui.shared.list_controls import ListControls, Wanted, known
from recsys.ui.shared.tiles import begun, tiles

ENOUGH_RATED = 5  # ratings, from which on the list gets the room
N_AT_FIRST, N_SUGGESTED = 9, 3  # films to rate that are shown at a time, before and afterwards
N_RATED = 20  # ratings that are shown here; all are shown under My films
CROWD = cards.note("What most people like, until you have rated a film.")


@dataclass(frozen=True, eq=False)
class Lists:
    """The components.

    Attributes:
        films: that fit.
        controls: how they are to be read.
        given: what was rated.
        suggested: films to rate.
        now: the titles of these.
        spaces: where films lie among the tastes, by which they have their colours.
        anew: the button that has the films drawn anew, where they have stayed as they were.
    """

    films: gr.HTML
    controls: ListControls
    given: gr.HTML
    suggested: gr.HTML
    now: gr.State
    spaces: LatentSpaces
    anew: gr.Button

    @property
    def outputs(self) -> list[Any]:
        """Those that show something."""
        return [*self.of_films, self.given, self.suggested, self.now]

    @property
    def of_films(self) -> list[Any]:
        """Those that show films that fit."""
        return [self.films, self.anew, *self.controls.outputs]

    def updates(self, recommender: Recommender, shelf: Shelf, wanted: Wanted, to_rate: list[str]) -> Updates:
        """What they show to somebody.

        Args:
            recommender: answers.
            shelf: what the visitor has said about films.
            wanted: of the films that fit.
            to_rate: titles.
        """
        return (
            self.for_you(recommender, shelf, wanted)
            | self.to_rate(recommender, shelf, to_rate)
            | {self.given: given(recommender, shelf)}
        )

    def for_you(self, recommender: Recommender, shelf: Shelf, wanted: Wanted, staying: Sequence[str] = ()) -> Updates:
        """Films that fit, and what sort of list that is; the list is kept for those who have an account.

        Args:
            recommender: answers.
            shelf: what the visitor has said about films.
            wanted: of the list.
            staying: titles, which may be any, that are shown where they were although they are marked.

        Raises:
            DataError: the model has no such list.
        """
        listing = self.controls.listed(recommender, wanted, lambda model: films_for(model, shelf, wanted, staying))
        found, ratings = listing.films, shelf.ratings
        about = (about_few(listing.model, wanted.filters), answers.about_adventure(listing.model, wanted.adventure))
        notes = (NOTHING if ratings else CROWD) + joined(cards.note(each) for each in about if each)
        hues = hues_of(self.spaces, recommender, (film.title for film in found))
        shown = cards.film_list(found, recommender.scale, "for you" if ratings else "expected", ratings, hues=hues)
        n_new = sum(film.title not in staying for film in found)
        beside = self.controls.shown(wanted, n_new, listing.told)
        is_new = {self.anew: gr.update(visible=False)} if beside else {}
        return {self.films: notes + shown, **is_new, **beside}

    def to_rate(self, recommender: Recommender, shelf: Shelf, titles: list[str]) -> Updates:
        """Films to rate, and how far somebody is who is new."""
        n_rated, hues = len(shelf.ratings), hues_of(self.spaces, recommender, titles)
        asked = begun(n_rated, ENOUGH_RATED, not shelf.name)
        return {self.now: titles, self.suggested: asked + tiles(titles, recommender.scale, hues)}


def films_for(recommender: Recommender, shelf: Shelf, wanted: Wanted, staying: Sequence[str] = ()) -> list[Suggestion]:
    """Films that fit somebody, whose list is kept if they have an account; what everybody gets is not kept."""
    given, marks = shelf.ratings, shelf.marks
    ratings = {title: given[title] for title in known(recommender, given)}
    stay = {title for title in staying if title in marks and title not in ratings}
    aside, k = [title for title in known(recommender, marks) if title not in stay], wanted.n_films + len(stay)

    def list_by(model: Recommender) -> list[Suggestion]:
        return answers.recommend(model, ratings, aside, k, wanted.adventure, wanted.order, wanted.filters)

    if not ratings:
        return [replace(film, reason="") for film in list_by(recommender)]  # they would all be alike
    in_best_order = wanted.order == BEST  # what is in another order cannot be drafted and stay in it
    found = shelf.drafted(recommender, list_by, k) if in_best_order else shelf.alone(recommender, list_by)
    kept = [film for film in found.films if film.title not in stay]
    stands_in = found.model is not None
    model = found.model or recommender
    shelf.record("for you", model, wanted.request, kept, found.picks, stands_in=stands_in)
    return found.films


def given(recommender: Recommender, shelf: Shelf) -> Markup:
    """What was rated, the newest first."""
    ratings = shelf.ratings
    if not ratings:
        return cards.note("None yet." if shelf.name else "None yet. They are kept in this browser only.")
    more = len(ratings) - N_RATED
    ending = cards.note(f"And {more:,} more, under My films.") if more > 0 else NOTHING
    return controls.rated_rows(ratings, recommender.scale, N_RATED) + ending


def refilled(
    recommender: Recommender,
    shelf: Shelf,
    passed: list[str],
    now: list[str],
    spaces: LatentSpaces,
    filters: Filters = ANY_FILM,
) -> list[str]:
    """The suggested films that are still to be rated, and others in place of the rest.

    Args:
        recommender: answers.
        shelf: what the visitor has said about films.
        passed: titles that are not to be suggested again.
        now: titles that are suggested.
        spaces: where tastes of films are, which make the choice better.
        filters: of the list, which others follow: who wants films of this century knows these.
    """
    ratings, known = shelf.ratings, recommender.titles.item_of
    aside = {*passed, *shelf.marks}
    left = [film for film in now if film in known and film not in ratings and film not in aside]
    n_shown = N_AT_FIRST if len(ratings) < ENOUGH_RATED else N_SUGGESTED
    if len(left) >= n_shown:
        return left[:n_shown]
    unwanted = [film for film in (*aside, *left) if film in known]
    vectors = tastes_if_there(spaces, recommender)
    return [*left, *answers.films_to_rate(recommender, ratings, unwanted, n_shown - len(left), vectors, filters)]


def newer_films(recommender: Recommender) -> Markup:
    """How to have newer films, where these end early; else nothing."""
    dataset = newer_than(recommender.artifact.facts.get("dataset"), recommender.catalog.last_year)
    return newer_set(f"{recommender.catalog.last_year}", dataset) if dataset else NOTHING


def newer_set(last: str, dataset: str) -> Markup:
    """That films end in a year, and by which data set there are newer ones."""
    return Markup(
        '<details class="newer"><summary>Newer films: how</summary><p>These are the films of a data set that ends in '
        "{last}. One with films of this century is called {dataset}; who runs this page starts it so:</p>"
        "<pre><code>python app.py --dataset {dataset}</code></pre></details>"
    ).format(last=last, dataset=dataset)
