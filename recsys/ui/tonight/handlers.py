"""What happens when a visitor starts an evening, joins or leaves one, adds somebody, or looks again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend import answers
from recsys.recommend.group.listing import FEWEST_PEOPLE, GroupWishes
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.evenings import Evening, Evenings, Seat, Taste
from recsys.serve.security.visitors import Visitor
from recsys.ui.acts.controls import note
from recsys.ui.gradio_helpers import Updates, in_one_sentence
from recsys.ui.markup import NOTHING
from recsys.ui.shared.latent_spaces import hues_of
from recsys.ui.shared.visits import Visits
from recsys.ui.tonight import cards

OVER = "The evening is over: it has ended, or you have left it on another page."
NO_NAME = "Type their first name first, then choose the file again."
NOTHING_KNOWN = "None of the films in this file is known here, so there is nothing to go by."


@dataclass(frozen=True, eq=False)
class Tonight:
    """The components of the tab.

    Attributes:
        outside: what is seen by who takes part in no evening.
        inside: what is seen by who does.
        name: of the visitor.
        code: of an evening to join.
        over: says that an evening is over.
        room: shows the evening.
        how: in which order.
        films: for all.
        other: the name of somebody to add by a file.
        file: where that is chosen; its event `submit` says what it holds.
    """

    outside: gr.Column
    inside: gr.Column
    name: gr.Textbox
    code: gr.Textbox
    over: gr.HTML
    room: gr.HTML
    how: gr.Radio
    films: gr.HTML
    other: gr.Textbox
    file: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """Those that change."""
        return [self.outside, self.inside, self.code, self.over, self.room, self.films, self.other]


@dataclass(frozen=True, eq=False)
class TonightHandlers:
    """The handlers of the tab's events.

    Attributes:
        visits: find the model and who asks.
        evenings: all of them.
        tab: its components.
    """

    visits: Visits
    evenings: Evenings
    tab: Tonight

    def start(self, name: Any, how: Any, stored: Any, request: gr.Request) -> Updates:
        """Begin an evening, and take part."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            visitor = visitor_of(request)
            return self.inside(recommender, self.evenings.start(visitor, name, taste_of(shelf)), visitor, how)

    def join(self, code: Any, name: Any, how: Any, stored: Any, request: gr.Request) -> Updates:
        """Take part in an evening that somebody else has begun."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            visitor = visitor_of(request)
            evening = self.evenings.join(visitor, code, name, taste_of(shelf))
            return self.inside(recommender, evening, visitor, how) | {self.tab.code: ""}

    def look(self, how: Any, stored: Any, request: gr.Request) -> Updates:
        """The evening as it is now, with what the visitor has rated by now."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            visitor = visitor_of(request)
            evening = self.evenings.renew(visitor, taste_of(shelf))
            return self.outside(NOTHING) if evening is None else self.inside(recommender, evening, visitor, how)

    def renew(self, how: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """The evening, if it is another than the browser shows."""
        with in_one_sentence():
            visitor, said = visitor_of(request), event._data if isinstance(event._data, dict) else {}
            evening, recommender = self.evenings.of(visitor), self.visits.engine.recommender
            if evening is None:
                return self.outside(cards.over(OVER))
            if recommender is None or said.get("version") == version_of(evening):
                return {self.tab.room: gr.skip()}
            return self.inside(recommender, evening, visitor, how)

    def add(self, name: Any, how: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """Let somebody take part by what an event says that a file holds, which may be anything."""
        with in_one_sentence():
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)
            said = event._data if isinstance(event._data, dict) else {}
            ratings = answers.known_ratings(recommender, said.get("ratings"))
            if not isinstance(name, str) or not name.strip():
                raise DataError(NO_NAME)
            if not ratings:
                raise DataError(NOTHING_KNOWN)
            evening = self.evenings.add(visitor, name, Taste.of(ratings))
            return self.inside(recommender, evening, visitor, how) | {self.tab.other: ""}

    def drop(self, how: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """Let somebody leave whom the visitor has added."""
        with in_one_sentence():
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)
            said = event._data if isinstance(event._data, dict) else {}
            return self.inside(recommender, self.evenings.drop(visitor, said.get("seat")), visitor, how)

    def leave(self, request: gr.Request) -> Updates:
        """Take part no longer."""
        self.evenings.leave(visitor_of(request))
        return self.outside(NOTHING)

    def inside(self, recommender: Recommender, evening: Evening, visitor: Visitor, how: Any) -> Updates:
        """What is seen by who takes part; DataError if there is no such order."""
        people = [seen_by(visitor, seat) for seat in evening.seats]
        return {
            self.tab.outside: gr.Column(visible=False),
            self.tab.inside: gr.Column(visible=True),
            self.tab.over: NOTHING,
            self.tab.room: cards.room(evening.code, version_of(evening), people),
            self.tab.films: self.films(recommender, evening.seats, how),
        }

    def films(self, recommender: Recommender, seats: Sequence[Seat], how: Any) -> Markup:
        """Films for all who have rated some that the model knows, but for those that one of them does not want.

        Raises:
            DataError: there is no such order.
        """
        tastes = [(seat.name, answers.known_ratings(recommender, seat.taste.ratings)) for seat in seats]
        counted = [(name, ratings) for name, ratings in tastes if ratings]
        hidden = {title for seat in seats for title in seat.taste.hidden if title in recommender.titles.item_of}
        wishes = GroupWishes(k=answers.LIST_LENGTH, how=how, exclude=hidden)
        if len(counted) < FEWEST_PEOPLE:
            return note(cards.ALONE)
        found = answers.for_group(recommender, [ratings for _, ratings in counted], wishes, with_reasons=False)
        hues = hues_of(self.visits.spaces, recommender, (film.title for film in found))
        return cards.films(found, [name for name, _ in counted], how, recommender.scale, hues)

    def outside(self, said: Markup) -> Updates:
        """What is seen by who takes part in none, and what is said to them."""
        return {
            self.tab.outside: gr.Column(visible=True),
            self.tab.inside: gr.Column(visible=False),
            self.tab.over: said,
            self.tab.room: NOTHING,
            self.tab.films: NOTHING,
        }


def seen_by(visitor: Visitor, seat: Seat) -> cards.Person:
    """Somebody who takes part, as a visitor sees them."""
    own = seat.owner == visitor.who
    return cards.Person(seat.number, seat.name, own and not seat.by_file, own and seat.by_file, bool(seat.taste.titles))


def taste_of(shelf: Shelf) -> Taste:
    """What counts of what somebody has said about films."""
    return Taste.of(shelf.ratings, tuple(title for title, mark in shelf.marks.items() if mark in ("hidden", "seen")))


def visitor_of(request: gr.Request) -> Visitor:
    """Who makes a request."""
    return Visitor.by(request.cookies, request.client.host if request.client else "")


def version_of(evening: Evening) -> str:
    """What is another one whenever the evening is."""
    return f"{evening.code}.{evening.version}"
