"""One evening at a moment: who sits in it, what all have set, and what each would watch."""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from recsys.errors import DataError
from recsys.recommend.answers import LIST_LENGTH, MOST_RATINGS
from recsys.recommend.group.listing import LEAST, MOST_PEOPLE
from recsys.recommend.group.votes import Tally
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.serve.security.visitors import Visitor

LONGEST_NAME = 20
MOST_VOTES = 200  # films that each may vote on
MOST_HIDDEN = 2000  # films of each that are not to be listed
MOST_LISTED = 100  # films that are shown
VOTED_ENOUGH = f"You have voted on {MOST_VOTES} films: take a vote back first, or pick one of them."
FULL = f"{MOST_PEOPLE} people take part already, and no more can."
TAKEN = "Somebody in this evening is called {name} already: choose another name."


@dataclass(frozen=True)
class Taste:
    """What somebody has said about films, in little room.

    Attributes:
        titles: of rated films, the newest first.
        stars: that they gave.
        hidden: titles of films that they are not interested in, or have seen.
    """

    titles: tuple[str, ...]
    stars: "array[float]"
    hidden: tuple[str, ...] = ()

    @classmethod
    def of(cls, ratings: Mapping[str, float], hidden: tuple[str, ...] = ()) -> "Taste":
        """Of ratings, title -> stars, the first of which count if they are many."""
        first = [*ratings.items()][:MOST_RATINGS]
        return cls(tuple(title for title, _ in first), array("d", (stars for _, stars in first)), hidden[:MOST_HIDDEN])

    @property
    def ratings(self) -> dict[str, float]:
        """Title -> stars."""
        return dict(zip(self.titles, self.stars, strict=True))


@dataclass(frozen=True)
class Seat:
    """Somebody who takes part.

    Attributes:
        number: within the evening.
        owner: who holds it, as Visitor.who.
        name: as they typed it.
        taste: what they have rated.
        by_file: whether the owner added them by a file; else it is the owner.
    """

    number: int
    owner: str
    name: str
    taste: Taste
    by_file: bool = False


@dataclass(frozen=True)
class Evening:
    """One evening, as it is at a moment.

    Attributes:
        code: by which others find it.
        address: from which it was begun; "" where that is not told any more.
        began: by the clock of the book that it is written down in.
        seats: in the order in which people came.
        version: another one whenever something has changed.
        next_number: of the next seat.
        how: in which order all see the films, one of HOWS of recsys.recommend.group.listing.
        filters: what the films must be, for all.
        n_set: how often somebody has set these two.
        n_films: that all see.
        votes: title -> number of a seat -> whether they would watch it.
        worked_out: what somebody has worked out for these people and settings, kept as long as both stay; votes leave
            it as it is.
    """

    code: str
    address: str = field(compare=False)
    began: float
    seats: tuple[Seat, ...] = ()
    version: int = 0
    next_number: int = 1
    how: str = LEAST
    filters: Filters = ANY_FILM
    n_set: int = 0
    n_films: int = LIST_LENGTH
    votes: Mapping[str, Mapping[int, bool]] = field(default_factory=dict)
    worked_out: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def with_seat(self, owner: str, name: str, taste: Taste, by_file: bool = False) -> Self:
        """With somebody more; who is there already has another name and taste, and the same seat and votes.

        Raises:
            DataError: there is no room, or somebody else of that name.
        """
        mine = None if by_file else self.seat_of(owner)
        if mine is None and len(self.seats) >= MOST_PEOPLE:
            raise DataError(FULL)
        if any(seat.name.casefold() == name.casefold() for seat in self.seats if seat is not mine):
            raise DataError(TAKEN.format(name=name))
        if mine is not None:
            return self.with_each(lambda seat: replace(seat, name=name, taste=taste) if seat is mine else seat)
        seat = Seat(self.next_number, owner, name, taste, by_file)
        return replace(self.changed(), seats=(*self.seats, seat), next_number=self.next_number + 1, worked_out={})

    def with_each(self, as_is_now: Callable[[Seat], Seat]) -> Self:
        """With seats that are others by now, though as many."""
        return replace(self.changed(), seats=tuple(map(as_is_now, self.seats)), worked_out={})

    def without(self, leaves: Callable[[Seat], bool]) -> Self:
        """Without some; the same if there is nobody to go."""
        stay = tuple(seat for seat in self.seats if not leaves(seat))
        if len(stay) == len(self.seats):
            return self
        numbers = {seat.number for seat in stay}
        votes = {title: {n: yes for n, yes in said.items() if n in numbers} for title, said in self.votes.items()}
        return replace(self.changed(), seats=stay, votes=not_empty(votes), worked_out={})

    def with_settings(self, how: str, filters: Filters) -> Self:
        """With another order and other filters, and a list that begins anew; the same if they are the same."""
        if (self.how, self.filters) == (how, filters):
            return self
        begun_anew = replace(self.changed(), n_films=LIST_LENGTH, worked_out={})
        return replace(begun_anew, how=how, filters=filters, n_set=self.n_set + 1)

    def longer(self) -> Self:
        """With more films for all to see, as far as there may be."""
        return replace(self.changed(), n_films=min(self.n_films + LIST_LENGTH, MOST_LISTED))

    def with_vote(self, number: int, title: str, yes: bool | None) -> Self:
        """With what a seat says of a film; None takes it back. DataError if the seat has voted on enough films."""
        others = {n: vote for n, vote in self.votes.get(title, {}).items() if n != number}
        said = others if yes is None else {**others, number: yes}
        votes = not_empty({**self.votes, title: said})
        if yes is not None and sum(number in each for each in votes.values()) > MOST_VOTES:
            raise DataError(VOTED_ENOUGH)
        return replace(self.changed(), votes=votes)

    def changed(self) -> Self:
        """The same, as another version."""
        return replace(self, version=self.version + 1)

    def seat_of(self, who: str) -> Seat | None:
        """Where somebody sits, as Visitor.who, who takes part themselves."""
        return next((seat for seat in self.seats if seat.owner == who and not seat.by_file), None)

    @property
    def owners(self) -> list[str]:
        """Who takes part themselves, as Visitor.who."""
        return [seat.owner for seat in self.seats if not seat.by_file]

    @property
    def tallies(self) -> dict[str, Tally]:
        """Title -> how many would watch the film."""
        return {title: Tally.of(said) for title, said in self.votes.items()}


def seat_of(evening: Evening, visitor: Visitor) -> Seat:
    """Where somebody sits of whom it is known that they take part."""
    seat = evening.seat_of(visitor.who)
    assert seat is not None
    return seat


def not_empty(votes: Mapping[str, Mapping[int, bool]]) -> dict[str, Mapping[int, bool]]:
    """Those films that somebody has voted on."""
    return {title: said for title, said in votes.items() if said}


def checked_name(name: object) -> str:
    """A first name as others see it.

    Raises:
        DataError: it is none, too long, or has characters that cannot be seen or turn the text around.
    """
    from recsys.store.signing_in.names import shown_name

    if not isinstance(name, str) or not name.strip():
        raise DataError("Type a first name, which the others see.")
    shown = shown_name(name)
    if len(shown) > LONGEST_NAME:
        raise DataError(f"The name has {len(shown)} characters; choose one of up to {LONGEST_NAME}.")
    return shown
