"""What happens when a visitor opens the tab of their own films, wants one of them for tonight, or opens a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup

from recsys.recommend import answers
from recsys.recommend.recommender import Recommender
from recsys.recommend.taste_profile import taste_profile
from recsys.serve.accounts.shelf import MemberShelf, Shelf
from recsys.ui.acts import controls
from recsys.ui.gradio_helpers import Updates
from recsys.ui.markup import NOTHING
from recsys.ui.my_films import cards as my_cards
from recsys.ui.my_films import history, lists, over_time, taste_cards
from recsys.ui.my_films.watch_later import watch_later
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import tastes_if_there
from recsys.ui.shared.visits import Visits

N_RATED = 100  # ratings that are shown at first, and more at a time
N_TO_RATE = 5  # films whose stars would tell most
PICK, ANOTHER = "Pick one for tonight", "Another one"
UNDO = Markup('<p><button type="button" class="act" data-do="undo">Undo the last change</button></p>')
NO_RATINGS = cards.note("No ratings yet.")
NONE_HIDDEN = cards.note("None: “Not interested”, below a film, puts it here, and it is not recommended again.")
NONE_SEEN = cards.note("None: “Seen it”, below a film, puts it here until you give it stars.")
SEEN = cards.note("Seen, no stars yet. They are optional, and tell what you like.")
SIGN_IN = cards.note("Lists that you are shown are kept for those who have an account.") + my_cards.register()


@dataclass(frozen=True, eq=False)
class MyFilms:
    """The components that show something.

    Attributes:
        taste: a picture of it.
        rated: what was rated.
        more: the button that shows more of it.
        pick: the button that picks a film for tonight.
        tonight: that film.
        later: films to watch later.
        seen: films that were seen and have no stars.
        hidden: films that are not recommended again.
        lists: that were shown.
        own: what can be done with the account.
    """

    taste: gr.HTML
    rated: gr.HTML
    more: gr.Button
    pick: gr.Button
    tonight: gr.HTML
    later: gr.HTML
    seen: gr.HTML
    hidden: gr.HTML
    lists: gr.HTML
    own: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """All but the taste, which is drawn by itself: it takes longer, and changes with every star."""
        return [each for name, each in vars(self).items() if name != "taste"]


@dataclass(frozen=True, eq=False)
class MyFilmsHandlers:
    """The handlers of the tab's events.

    Attributes:
        visits: find the model and who asks.
        shown: the components that show something.
        n_shown: keeps how many ratings are shown.
        picked: keeps which film was picked for tonight.
    """

    visits: Visits
    shown: MyFilms
    n_shown: gr.State
    picked: gr.State

    def updates(self, recommender: Recommender, shelf: Shelf, most: int = N_RATED) -> Updates:
        """All that belongs to whoever has the shelf, but for the taste; at most so many ratings."""
        return self.of_films(recommender, shelf, most) | self.of_account(recommender, shelf)

    def anew(self, recommender: Recommender, shelf: Shelf, said: Sequence[Any]) -> Updates:
        """All of it but what can be done with the account, where a file is being brought; said: most ratings."""
        drawn = self.updates(recommender, shelf, *said) | {self.shown.taste: self.of_taste(recommender, shelf)}
        return {component: value for component, value in drawn.items() if component is not self.shown.own}

    def of_films(self, recommender: Recommender, shelf: Shelf, most: int = N_RATED) -> Updates:
        """What was rated and marked; at most so many ratings."""
        ratings, scale = shelf.ratings, recommender.scale
        hidden = [film for film, mark in shelf.marks.items() if mark == "hidden"]
        seen = [film for film, mark in shelf.marks.items() if mark == "seen" and film not in ratings]
        rows_of_seen = controls.marked_rows(seen, "Not seen", scale, "no stars yet")
        later = watch_later(recommender, shelf, self.visits.spaces)
        return {
            self.shown.rated: UNDO + (controls.rated_rows(ratings, scale, most) if ratings else NO_RATINGS),
            self.shown.more: gr.Button(visible=len(ratings) > most),
            self.shown.pick: gr.Button(PICK, visible=bool(later.films)),
            self.shown.tonight: NOTHING,
            self.shown.later: later.shown(recommender),
            self.shown.seen: SEEN + rows_of_seen if seen else NONE_SEEN,
            self.shown.hidden: controls.marked_rows(hidden, "Show again", scale) if hidden else NONE_HIDDEN,
        }

    def of_account(self, recommender: Recommender, shelf: Shelf) -> Updates:
        """What is kept for those who have an account; a guest is invited."""
        shown_lists, own = self.shown.lists, self.shown.own
        if not isinstance(shelf, MemberShelf):
            return {shown_lists: SIGN_IN, own: my_cards.invitation()}
        gone, shelves = shelf.gone(), self.visits.shelves
        return {
            shown_lists: lists.page_of_lists(shelf) + history.no_longer(gone.lists, gone.most_lists, "lists"),
            own: my_cards.own(
                shelf.name,
                shelf.has_password(),
                shelf.consent(),
                shelves.members.warning,
                is_operator=shelves.operators.has(shelf.person),
            ),
        }

    def of_taste(self, recommender: Recommender, shelf: Shelf) -> Markup:
        """A picture of the taste."""
        ratings, when, scale = shelf.ratings, taste_cards.REGISTER, recommender.scale
        if isinstance(shelf, MemberShelf):
            given = ((at, ratings[title]) for title, at in shelf.times.items())
            when = over_time.over_time(given, scale)
        vectors = tastes_if_there(self.visits.spaces, recommender)
        to_rate = answers.films_to_rate(recommender, ratings, [*shelf.marks], N_TO_RATE, vectors)
        return taste_cards.taste(taste_profile(recommender, ratings), to_rate, when, scale)

    def show(self, stored: Any, most: int, request: gr.Request) -> Updates:
        """Draw all but the taste anew."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.updates(recommender, shelf, most)

    def show_taste(self, stored: Any, request: gr.Request) -> Markup:
        """The picture of the taste anew."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            return self.of_taste(recommender, shelf)

    def pick_one(self, stored: Any, last: Any, request: gr.Request) -> Updates:
        """One of the films to watch later, for tonight."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            films = watch_later(recommender, shelf, self.visits.spaces)
            title, card = films.one(recommender, last, np.random.default_rng())
            again = gr.Button(ANOTHER if len(films.films) > 1 else PICK)
            return {self.shown.tonight: card, self.shown.pick: again, self.picked: title}

    def show_more(self, stored: Any, most: int, request: gr.Request) -> Updates:
        """All of it, with more ratings."""
        return self.show(stored, most + N_RATED, request) | {self.n_shown: most + N_RATED}

    def open_list(self, event: gr.EventData, request: gr.Request) -> Markup:
        """A list that was shown, or a page of their overview."""
        with self.visits.answer(None, request) as (recommender, shelf):
            return lists.listed(recommender, shelf, self.visits.spaces, event._data)
