"""What happens when a visitor starts an evening, joins or leaves one, adds somebody, or looks again."""

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend import answers
from recsys.recommend.group.listing import GroupWishes
from recsys.recommend.lists.filters import ANY_FILM, Filters, about_few, periods
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.evenings.evening import Evening, Seat, Taste, seat_of
from recsys.serve.evenings.evenings import Evenings, SetMeanwhileError
from recsys.serve.evenings.film_list import shown_to
from recsys.serve.security.visitors import Visitor
from recsys.ui.acts.controls import note
from recsys.ui.gradio_helpers import Updates, in_one_sentence
from recsys.ui.markup import NOTHING
from recsys.ui.shared.filter_controls import FilterControls, filters_of
from recsys.ui.shared.latent_spaces import hues_of
from recsys.ui.shared.visits import Visits
from recsys.ui.tonight import cards

OVER = "The evening is over: it has ended, or you have left it on another page."
SIGNED_OUT = "You have left the evening by signing out. Join it again by its code, as a guest or with your account."
NO_NAME = "Type their first name first, then choose the file again."
NOTHING_KNOWN = "None of the films in this file is known here, so there is nothing to go by."
NO_FILM = "No film of this page is called so: look again, and vote on a film of the list."
NO_VOTE = "Say “I’d watch it” or “Rather not”."
VOTES = {"yes": True, "no": False, "": None}


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
        how: in which order, for all.
        filters: what the films must be, for all.
        films: for all.
        more: the button that lets all see more films.
        n_set: keeps how often order and filters were set that the visitor sees.
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
    filters: FilterControls
    films: gr.HTML
    more: gr.Button
    n_set: gr.State
    other: gr.Textbox
    file: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """Those that change."""
        told = [self.outside, self.inside, self.code, self.over, self.room, self.films, self.other]
        return [*told, self.how, *self.filters.inputs, *self.filters.outputs, self.more, self.n_set]


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

    def start(self, name: Any, stored: Any, request: gr.Request) -> Updates:
        """Begin an evening, and take part."""
        with self.visits.answer(stored, request) as (_, shelf):
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)  # one model for all who take part
            return self.inside(recommender, self.evenings.start(visitor, name, taste_of(shelf)), visitor)

    def join(self, code: Any, name: Any, stored: Any, request: gr.Request) -> Updates:
        """Take part in an evening that somebody else has begun."""
        with self.visits.answer(stored, request) as (_, shelf):
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)  # one model for all who take part
            evening = self.evenings.join(visitor, code, name, taste_of(shelf))
            return self.inside(recommender, evening, visitor) | {self.tab.code: ""}

    def look(self, stored: Any, request: gr.Request) -> Updates:
        """The evening as it is now, with what the visitor has rated by now."""
        with self.visits.answer(stored, request) as (_, shelf):
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)  # one model for all who take part
            evening = self.evenings.renew(visitor, taste_of(shelf))
            if evening is None:
                return self.outside(self.farewell(visitor))
            return self.inside(recommender, evening, visitor)

    def renew(self, event: gr.EventData, request: gr.Request) -> Updates:
        """The evening, if it is another than the browser shows."""
        with in_one_sentence():
            visitor, said = visitor_of(request), event._data if isinstance(event._data, dict) else {}
            recommender = self.visits.engine.recommender
            try:
                evening = self.evenings.of(visitor)
            except DataError:  # who looks now and then is not told each time that evenings are out of reach
                return {self.tab.room: gr.skip()}
            if evening is None:
                return self.outside(self.farewell(visitor) or cards.over(OVER))
            if recommender is None or said.get("version") == version_of(evening):
                return {self.tab.room: gr.skip()}
            return self.inside(recommender, evening, visitor)

    def add(self, name: Any, event: gr.EventData, request: gr.Request) -> Updates:
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
            return self.inside(recommender, evening, visitor) | {self.tab.other: ""}

    def drop(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Let somebody leave whom the visitor has added."""
        with in_one_sentence():
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)
            said = event._data if isinstance(event._data, dict) else {}
            return self.inside(recommender, self.evenings.drop(visitor, said.get("seat")), visitor)

    def choose(self, request: gr.Request, n_set: Any, how: Any, *said: Any) -> Updates:
        """Set for all in which order films come, and what they must be, unless somebody else just has."""
        with in_one_sentence():
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)
            filters = plain_filters(recommender, filters_of(recommender, said))
            try:
                evening = self.evenings.choose(visitor, n_set, GroupWishes(how=how).how, filters)
            except SetMeanwhileError as reason:
                return self.inside(recommender, reason.evening, visitor, cards.over(str(reason)))
            return self.inside(recommender, evening, visitor)

    def lengthen(self, request: gr.Request) -> Updates:
        """Let all see more films."""
        with in_one_sentence():
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)
            return self.inside(recommender, self.evenings.lengthen(visitor), visitor)

    def clear(self, n_set: Any, how: Any, request: gr.Request) -> Updates:
        """Let films be whatever they are."""
        return self.choose(request, n_set, how, *self.tab.filters.values_of(ANY_FILM).values())

    def vote(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Say whether the visitor would watch a film, as an event has it, which may be anything."""
        with in_one_sentence():
            recommender, visitor = self.visits.engine.ready(), visitor_of(request)
            said = event._data if isinstance(event._data, dict) else {}
            film, vote = said.get("film"), said.get("vote")
            if not isinstance(film, str) or film not in recommender.titles.item_of:
                raise DataError(NO_FILM)
            if not isinstance(vote, str) or vote not in VOTES:
                raise DataError(NO_VOTE)
            return self.inside(recommender, self.evenings.vote(visitor, film, VOTES[vote]), visitor)

    def leave(self, request: gr.Request) -> Updates:
        """Take part no longer."""
        with in_one_sentence():
            self.evenings.leave(visitor_of(request))
            return self.outside(NOTHING)

    def inside(self, recommender: Recommender, evening: Evening, visitor: Visitor, told: Markup = NOTHING) -> Updates:
        """What is seen by who takes part; told stands above the films."""
        people = [seen_by(visitor, seat) for seat in evening.seats]
        films, goes_on = self.films(recommender, evening, visitor)
        return {
            self.tab.outside: gr.Column(visible=False),
            self.tab.inside: gr.Column(visible=True),
            self.tab.over: NOTHING,
            self.tab.room: cards.room(evening.code, version_of(evening), people),
            self.tab.films: told + films,
            self.tab.more: gr.update(visible=goes_on),
            self.tab.how: evening.how,
            self.tab.n_set: evening.n_set,
            **self.tab.filters.values_of(evening.filters),
            **self.tab.filters.said(evening.filters.in_words),
        }

    def films(self, recommender: Recommender, evening: Evening, visitor: Visitor) -> tuple[Markup, bool]:
        """Films for all who have rated some that the model knows, and whether there are more."""
        shown = shown_to(seat_of(evening, visitor), evening, recommender)
        if shown is None:
            return note(cards.ALONE), False
        hues = hues_of(self.visits.spaces, recommender, (film.title for film in shown.films))
        about = cards.ABOUT[evening.how], about_few(recommender, evening.filters)
        votes = cards.Votes(evening.tallies, votes_of(evening, visitor))
        return cards.films(shown.films, shown.names, about, recommender.scale, hues, votes), shown.goes_on

    def farewell(self, visitor: Visitor) -> Markup:
        """What is said to who has left by signing out; nothing to others."""
        return cards.over(SIGNED_OUT) if self.evenings.has_signed_out(visitor) else NOTHING

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


def votes_of(evening: Evening, visitor: Visitor) -> dict[str, bool]:
    """Title -> whether a visitor who takes part would watch the film."""
    number = seat_of(evening, visitor).number
    return {title: said[number] for title, said in evening.votes.items() if number in said}


def plain_filters(recommender: Recommender, filters: Filters) -> Filters:
    """Filters that fit the model, each wish once, and in little room."""
    names = recommender.catalog.genre_names
    genres = [names[place] for place in filters.matched(recommender).nonzero()[0]] if filters.genres else []
    decades = [name for name in periods(recommender) if name in filters.decades]
    return replace(filters, genres=tuple(genres), decades=tuple(decades))


def taste_of(shelf: Shelf) -> Taste:
    """What counts of what somebody has said about films."""
    return Taste.of(shelf.ratings, tuple(title for title, mark in shelf.marks.items() if mark in ("hidden", "seen")))


def visitor_of(request: gr.Request) -> Visitor:
    """Who makes a request."""
    return Visitor.by(request.cookies, request.client.host if request.client else "")


def version_of(evening: Evening) -> str:
    """What is another one whenever the evening is."""
    return f"{evening.code}.{evening.version}"
