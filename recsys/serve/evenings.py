"""Evenings: people at their own screens who look for a film together, and find each other by a code.

They live in the memory of this process and nowhere else: nothing of an evening is written to disk or log, and a restart
ends all of them. Who takes part is known by the cookie of their browser, so whoever signs in or out has left.
"""

import secrets
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from recsys.errors import DataError
from recsys.recommend.answers import MOST_RATINGS
from recsys.recommend.group.listing import MEAN, MOST_PEOPLE
from recsys.recommend.group.votes import Tally
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.serve.security.visitors import Visitor

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that look like another
CODE_LENGTH = 6  # 890 million codes: 30 tries in ten minutes find one of 1,000 evenings in 200 days on average
LONGEST_TYPED = 40  # characters of a code that are looked at
LONGEST_NAME = 20
MOST_EVENINGS = 1000
MOST_OF_ADDRESS = 20  # evenings that were begun from one
MOST_VOTES = 200  # films that each may vote on
MOST_HIDDEN = 2000  # films of each that are not to be listed
LASTS = 12 * 3600.0  # seconds
WRONG_OF_VISITOR, WRONG_OF_ADDRESS = 10, 30  # codes that may be tried within WINDOW
WINDOW = 600.0  # seconds
MOST_REMEMBERED = 10_000  # who has tried wrong codes
NO_COOKIE = "This browser keeps no cookies of this page, and an evening needs one: allow it, and load the page again."
NO_EVENING = "There is no evening with this code: ask for it again. Evenings end by themselves after 12 hours."
VOTED_ENOUGH = f"You have voted on {MOST_VOTES} films: take a vote back first, or pick one of them."
NOT_IN = "You take part in no evening by now: start one, or join one by its code."
TOO_MANY_WRONG = "Too many wrong codes came from here: wait ten minutes, then try again."
FULL = f"{MOST_PEOPLE} people take part already, and no more can."
TOO_MANY_EVENINGS = "Too many evenings were started from your address: join one of them by its code, or wait."


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
        address: from which it was begun.
        began: by the clock.
        seats: in the order in which people came.
        version: another one whenever something has changed.
        next_number: of the next seat.
        how: in which order all see the films, one of HOWS of recsys.recommend.group.listing.
        filters: what the films must be, for all.
        votes: title -> number of a seat -> whether they would watch it.
    """

    code: str
    address: str
    began: float
    seats: tuple[Seat, ...] = ()
    version: int = 0
    next_number: int = 1
    how: str = MEAN
    filters: Filters = ANY_FILM
    votes: Mapping[str, Mapping[int, bool]] = field(default_factory=dict)

    def with_seat(self, owner: str, name: str, taste: Taste, by_file: bool = False) -> "Evening":
        """With somebody more; DataError if there is no room, or one of that name."""
        if len(self.seats) >= MOST_PEOPLE:
            raise DataError(FULL)
        if any(seat.name.casefold() == name.casefold() for seat in self.seats):
            raise DataError(f"There is a {name} already: choose another name.")
        seat = Seat(self.next_number, owner, name, taste, by_file)
        return replace(self, seats=(*self.seats, seat), version=self.version + 1, next_number=self.next_number + 1)

    def without(self, leaves: Callable[[Seat], bool]) -> "Evening":
        """Without some; the same if there is nobody to go."""
        stay = tuple(seat for seat in self.seats if not leaves(seat))
        if len(stay) == len(self.seats):
            return self
        numbers = {seat.number for seat in stay}
        votes = {title: {n: yes for n, yes in said.items() if n in numbers} for title, said in self.votes.items()}
        return replace(self, seats=stay, votes=not_empty(votes), version=self.version + 1)

    def with_vote(self, number: int, title: str, yes: bool | None) -> "Evening":
        """With what a seat says of a film; None takes it back. DataError if the seat has voted on enough films."""
        others = {n: vote for n, vote in self.votes.get(title, {}).items() if n != number}
        said = others if yes is None else {**others, number: yes}
        votes = not_empty({**self.votes, title: said})
        if yes is not None and sum(number in each for each in votes.values()) > MOST_VOTES:
            raise DataError(VOTED_ENOUGH)
        return replace(self, votes=votes, version=self.version + 1)

    @property
    def tallies(self) -> dict[str, Tally]:
        """Title -> how many would watch the film."""
        return {title: Tally.of(said) for title, said in self.votes.items()}


class Tries:
    """How many wrong codes have come, of each visitor and each address, since a moment of at most WINDOW ago."""

    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()  # first moment, number

    def require_some_left(self, visitor: Visitor) -> None:
        """DataError if this visitor, or their address, has none left."""
        if any(self._number(key) >= most for key, most in limits_of(visitor).items()):
            raise DataError(TOO_MANY_WRONG)

    def note(self, visitor: Visitor) -> None:
        """Count one more."""
        for key in limits_of(visitor):
            number = self._number(key)
            first = self._wrong[key][0] if number else self._clock()
            self._wrong[key] = first, number + 1
        while len(self._wrong) > MOST_REMEMBERED:
            self._wrong.popitem(last=False)

    def _number(self, key: str) -> int:
        first, number = self._wrong.get(key, (0.0, 0))
        return number if self._clock() - first < WINDOW else 0


class Evenings:
    """All evenings; whoever was away longest ends first where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, draw: Callable[[str], str] = secrets.choice):
        """Begin with none.

        Args:
            clock: gives seconds.
            draw: draws one of some characters, so that nobody can guess which.
        """
        self._clock, self._draw, self._lock = clock, draw, threading.Lock()
        self._evenings: OrderedDict[str, Evening] = OrderedDict()  # by code, the one in use last at the end
        self._code_of: dict[str, str] = {}  # by Visitor.who
        self._tries = Tries(clock)

    def start(self, visitor: Visitor, name: object, taste: Taste) -> Evening:
        """Begin one, and take part; whoever was in another has left it.

        Raises:
            DataError: the name will not do, the browser keeps no cookies, or too many were begun from the address.
        """
        checked = checked_name(name)
        require_cookie(visitor)
        with self._lock:
            self._sweep()
            self._require_few_of(visitor)
            self._leave(visitor.who)
            while len(self._evenings) >= MOST_EVENINGS:
                self._end(next(iter(self._evenings)))
            evening = Evening(self._new_code(), visitor.address, self._clock())
            return self._take(visitor.who, evening.with_seat(visitor.who, checked, taste))

    def join(self, visitor: Visitor, code: object, name: object, taste: Taste) -> Evening:
        """Take part in one; whoever was in another has left it, and whoever is in this one stays there once.

        Raises:
            DataError: there is none with this code, too many wrong ones came from here, it is full, the name will not
                do or is somebody's already, or the browser keeps no cookies.
        """
        checked = checked_name(name)
        require_cookie(visitor)
        with self._lock:
            self._sweep()
            self._tries.require_some_left(visitor)
            evening = self._evenings.get(code_in(code))
            if evening is None:
                self._tries.note(visitor)
                raise DataError(NO_EVENING)
            own = visitor.who
            others = evening.without(lambda seat: seat.owner == own and not seat.by_file)
            joined = others.with_seat(own, checked, taste)
            if self._code_of.get(own) != evening.code:
                self._leave(own)
            return self._take(own, joined)

    def of(self, visitor: Visitor) -> Evening | None:
        """The one that somebody takes part in; None: none, or it has ended."""
        with self._lock:
            self._sweep()
            evening = self._evenings.get(self._code_of.get(visitor.who, ""))
            if evening is not None:
                self._evenings.move_to_end(evening.code)
            return evening

    def renew(self, visitor: Visitor, taste: Taste) -> Evening | None:
        """The same, with what somebody has rated by now."""
        with self._lock:
            self._sweep()
            evening = self._evenings.get(self._code_of.get(visitor.who, ""))
            if evening is None:
                return None
            mine = [seat for seat in evening.seats if seat.owner == visitor.who and not seat.by_file]
            if all(seat.taste == taste for seat in mine):
                self._evenings.move_to_end(evening.code)
                return evening
            seats = tuple(replace(seat, taste=taste) if seat in mine else seat for seat in evening.seats)
            return self._take(visitor.who, replace(evening, seats=seats, version=evening.version + 1))

    def add(self, visitor: Visitor, name: object, taste: Taste) -> Evening:
        """Let somebody take part by a file that a visitor has brought, whose it then is to leave.

        Raises:
            DataError: the visitor takes part in none, it is full, or the name will not do or is somebody's already.
        """
        checked = checked_name(name)
        with self._lock:
            return self._take(visitor.who, self._own(visitor).with_seat(visitor.who, checked, taste, by_file=True))

    def drop(self, visitor: Visitor, number: object) -> Evening:
        """Let somebody leave whom a visitor has added; whom others have added stays.

        Raises:
            DataError: the visitor takes part in none.
        """
        with self._lock:
            own = visitor.who
            return self._take(
                own,
                self._own(visitor).without(
                    lambda seat: seat.by_file and seat.owner == own and type(number) is int and seat.number == number
                ),
            )

    def choose(self, visitor: Visitor, how: str, filters: Filters) -> Evening:
        """Set for all in which order the films come, and what they must be; both are checked by the caller.

        Raises:
            DataError: the visitor takes part in none.
        """
        with self._lock:
            evening = self._own(visitor)
            if (evening.how, evening.filters) == (how, filters):
                return evening
            version = evening.version + 1
            return self._take(visitor.who, replace(evening, how=how, filters=filters, version=version))

    def vote(self, visitor: Visitor, title: str, yes: bool | None) -> Evening:
        """Say whether the visitor would watch a film, which the caller knows; None takes it back.

        Raises:
            DataError: the visitor takes part in none, or has voted on enough films.
        """
        with self._lock:
            evening = self._own(visitor)
            return self._take(visitor.who, evening.with_vote(seat_of(evening, visitor).number, title, yes))

    def leave(self, visitor: Visitor) -> None:
        """Take part no longer, nor does whom the visitor has added; one in which nobody is left has ended."""
        with self._lock:
            self._leave(visitor.who)

    def _require_few_of(self, visitor: Visitor) -> None:
        """DataError if too many were begun from a visitor's address, besides one that ends when the visitor leaves."""
        stay = (each for each in self._evenings.values() if any(seat.owner != visitor.who for seat in each.seats))
        if sum(each.address == visitor.address for each in stay) >= MOST_OF_ADDRESS:
            raise DataError(TOO_MANY_EVENINGS)

    def _own(self, visitor: Visitor) -> Evening:
        self._sweep()
        evening = self._evenings.get(self._code_of.get(visitor.who, ""))
        if evening is None:
            raise DataError(NOT_IN)
        return evening

    def _take(self, owner: str, evening: Evening) -> Evening:
        """Keep an evening as it is now, in which somebody takes part who has just done something."""
        self._evenings[evening.code] = evening
        self._evenings.move_to_end(evening.code)
        self._code_of[owner] = evening.code
        return evening

    def _leave(self, owner: str) -> None:
        evening = self._evenings.get(self._code_of.pop(owner, ""))
        if evening is not None:
            self._evenings[evening.code] = evening.without(lambda seat: seat.owner == owner)
            if not self._evenings[evening.code].seats:
                self._end(evening.code)

    def _end(self, code: str) -> None:
        for seat in self._evenings.pop(code).seats:
            self._code_of.pop(seat.owner, None)

    def _sweep(self) -> None:
        """End what has lasted long enough."""
        now = self._clock()
        for code in [code for code, evening in self._evenings.items() if now - evening.began >= LASTS]:
            self._end(code)

    def _new_code(self) -> str:
        while True:
            code = "".join(self._draw(ALPHABET) for _ in range(CODE_LENGTH))
            if code not in self._evenings:
                return code

    def __len__(self) -> int:
        """How many there are."""
        return len(self._evenings)


def seat_of(evening: Evening, visitor: Visitor) -> Seat:
    """Where somebody sits who takes part themselves."""
    return next(seat for seat in evening.seats if seat.owner == visitor.who and not seat.by_file)


def not_empty(votes: Mapping[str, Mapping[int, bool]]) -> dict[str, Mapping[int, bool]]:
    """Those films that somebody has voted on."""
    return {title: said for title, said in votes.items() if said}


def limits_of(visitor: Visitor) -> dict[str, int]:
    """What wrong codes are counted by, and how many may come."""
    return {f"visitor {visitor.who}": WRONG_OF_VISITOR, f"address {visitor.address}": WRONG_OF_ADDRESS}


def require_cookie(visitor: Visitor) -> None:
    """DataError for somebody whom only the address tells from others."""
    if visitor.who == visitor.address:
        raise DataError(NO_COOKIE)


def code_in(typed: object) -> str:
    """A code as it may have been typed: in lower case, with blanks or hyphens; "" for what can be none.

    >>> code_in(" abc-234 "), code_in("abc 23"), code_in(7)
    ('ABC234', '', '')
    """
    if not isinstance(typed, str) or len(typed) > LONGEST_TYPED:
        return ""
    code = "".join(sign for sign in typed.upper() if sign not in " -\u00a0\u2013\t")
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


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
