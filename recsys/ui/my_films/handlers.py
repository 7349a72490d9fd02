"""What happens when a visitor opens the tab of their own films, wants more of them, or opens a list that was shown."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import MemberShelf, Shelf, title_of
from recsys.ui.gradio_helpers import Updates
from recsys.ui.my_films import cards as my_cards
from recsys.ui.shared import cards, controls
from recsys.ui.shared.visits import Visits

N_RATED = 100  # ratings that are shown at first, and more at a time
N_LISTS = 20
UNDO = Markup('<p><button type="button" class="act" data-do="undo">Undo the last change</button></p>')
NO_RATINGS = cards.note("No ratings yet.")
NONE_LATER = cards.note("None yet: “Watch later”, below a film, puts it here.")
NONE_HIDDEN = cards.note("None: “Not interested”, below a film, puts it here, and it is not recommended again.")
SIGN_IN = cards.note("This is kept for those who have an account.")
NOT_SIGNED_IN = "Sign in first: lists are kept for those who have an account."


@dataclass(frozen=True, eq=False)
class MyFilms:
    """The components that show something.

    Attributes:
        rated: what was rated.
        more: the button that shows more of it.
        later: films to watch later.
        hidden: films that are not recommended again.
        over_time: a plot of ratings.
        lists: that were shown.
        own: what can be done with the account.
    """

    rated: gr.HTML
    more: gr.Button
    later: gr.HTML
    hidden: gr.HTML
    over_time: gr.HTML
    lists: gr.HTML
    own: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [*vars(self).values()]


@dataclass(frozen=True, eq=False)
class MyFilmsHandlers:
    """The handlers of the tab's events.

    Attributes:
        visits: find the model and who asks.
        shown: the components that show something.
        n_shown: keeps how many ratings are shown.
    """

    visits: Visits
    shown: MyFilms
    n_shown: gr.State

    def updates(self, recommender: Recommender, shelf: Shelf, most: int = N_RATED) -> Updates:
        """All that belongs to whoever has the shelf; at most so many ratings."""
        return self.of_films(recommender, shelf, most) | self.of_account(recommender, shelf)

    def of_films(self, recommender: Recommender, shelf: Shelf, most: int = N_RATED) -> Updates:
        """What was rated and marked; at most so many ratings."""
        ratings, scale = shelf.ratings, recommender.scale
        later, hidden = marked(shelf)
        return {
            self.shown.rated: UNDO + (controls.rated_rows(ratings, scale, most) if ratings else NO_RATINGS),
            self.shown.more: gr.Button(visible=len(ratings) > most),
            self.shown.later: controls.marked_rows(later, "Remove", scale) if later else NONE_LATER,
            self.shown.hidden: controls.marked_rows(hidden, "Show again", scale) if hidden else NONE_HIDDEN,
        }

    def of_account(self, recommender: Recommender, shelf: Shelf) -> Updates:
        """What is kept for those who have an account; a guest is invited."""
        plot, lists, own = self.shown.over_time, self.shown.lists, self.shown.own
        if not isinstance(shelf, MemberShelf):
            return {plot: SIGN_IN, lists: SIGN_IN, own: my_cards.invitation()}
        gone, warning = shelf.gone(), self.visits.shelves.members.warning
        return {
            plot: my_cards.over_time(shelf.changes(), recommender.scale)
            + my_cards.no_longer(gone.changes, gone.most_changes, "changes"),
            lists: my_cards.overview(shelf.lists(limit=N_LISTS), True, N_LISTS)
            + my_cards.no_longer(gone.lists, gone.most_lists, "lists"),
            own: my_cards.own(shelf.name, shelf.has_password(), warning),
        }

    def show(self, stored: Any, most: int, request: gr.Request) -> Updates:
        """Draw all of it anew."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.updates(recommender, shelf, most)

    def show_time(self, stored: Any, request: gr.Request) -> Any:
        """The plot of ratings."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.of_account(recommender, shelf)[self.shown.over_time]

    def show_more(self, stored: Any, most: int, request: gr.Request) -> Updates:
        """All of it, with more ratings."""
        return self.show(stored, most + N_RATED, request) | {self.n_shown: most + N_RATED}

    def open_list(self, event: gr.EventData, request: gr.Request) -> Markup:
        """A list that was shown, or a page of their overview."""
        with self.visits.answer(None, request) as (recommender, shelf):
            return listed(recommender, shelf, event._data)


def marked(shelf: Shelf) -> tuple[list[str], list[str]]:
    """Films to watch later that are not rated yet, and films that are not recommended again."""
    ratings, marks = shelf.ratings, shelf.marks
    later = [film for film, mark in marks.items() if mark == "later" and film not in ratings]
    return later, [film for film, mark in marks.items() if mark == "hidden"]


def listed(recommender: Recommender, shelf: Shelf, asked: object) -> Markup:
    """A list that was shown, or a page of their overview, as an event asks for it, which may say anything.

    Raises:
        DataError: nobody is signed in, or they were shown no such list.
    """
    if not isinstance(shelf, MemberShelf):
        raise DataError(NOT_SIGNED_IN)
    said = asked if isinstance(asked, dict) else {}
    list_id, before = said.get("list"), said.get("before")
    if list_id is None:
        return my_cards.overview(shelf.lists(before, N_LISTS), before is None, N_LISTS)
    found = shelf.open_list(list_id)
    if found is None:
        raise DataError("You have no such list: open one of those that are shown.")
    return my_cards.opened(found, lambda *film: title_of(recommender, *film))
