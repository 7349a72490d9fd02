"""All evenings: begun, joined, left and ended.

They live in the memory of this process and nowhere else: nothing of an evening is written to disk or log, and a restart
ends all of them. Who takes part is known by the cookie of their browser: of their session, or as a guest. Whoever
registers or signs in is followed from one to the other; whoever signs out has left.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from recsys.errors import DataError
from recsys.recommend.lists.filters import Filters
from recsys.serve.evenings.codes import ALPHABET, CODE_LENGTH, Tries, code_in
from recsys.serve.evenings.evening import Evening, Taste, checked_name, seat_of
from recsys.serve.security.visitors import Visitor

MOST_EVENINGS = 1000
MOST_OF_ADDRESS = 20  # evenings that were begun from one
MOST_TOLD = 1000  # who is still to be told that they have left by signing out
LASTS = 12 * 3600.0  # seconds
NO_COOKIE = "This browser keeps no cookies of this page, and an evening needs one: allow it, and load the page again."
NO_EVENING = "There is no evening with this code: ask for it again. Evenings end by themselves after 12 hours."
NOT_IN = "You take part in no evening by now: start one, or join one by its code."
TOO_MANY_EVENINGS = "Too many evenings were started from your address: join one of them by its code, or wait."


class SetMeanwhileError(DataError):
    """Somebody else has set the order or the filters after what a visitor has seen.

    Attributes:
        evening: as it is.
    """

    def __init__(self, evening: Evening):
        super().__init__(
            "Somebody else has just set the order or the filters, so yours were not. This is what holds now: set yours "
            "again if you like."
        )
        self.evening = evening


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
        self._signed_out: OrderedDict[str, None] = OrderedDict()  # who has left so, as the guest that they are now
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
        """Take part in one; whoever was in another has left it, and whoever is in this one keeps their seat and votes.

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
            joined = evening.with_seat(visitor.who, checked, taste)
            if self._code_of.get(visitor.who) != evening.code:
                self._leave(visitor.who)
            return self._take(visitor.who, joined)

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
            mine = seat_of(evening, visitor)
            if mine.taste != taste:
                evening = evening.with_each(lambda seat: replace(seat, taste=taste) if seat is mine else seat)
            return self._take(visitor.who, evening)

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

    def choose(self, visitor: Visitor, n_set: object, how: str, filters: Filters) -> Evening:
        """Set for all in which order the films come, and what they must be; both are checked by the caller.

        Args:
            visitor: sets it.
            n_set: as the evening had it when the visitor saw what they change, which may be anything.
            how: one of HOWS.
            filters: of the films.

        Raises:
            SetMeanwhileError: somebody has set something since.
            DataError: the visitor takes part in none.
        """
        with self._lock:
            evening = self._own(visitor)
            if evening.n_set != n_set:
                raise SetMeanwhileError(evening)
            return self._take(visitor.who, evening.with_settings(how, filters))

    def lengthen(self, visitor: Visitor) -> Evening:
        """Let all see more films.

        Raises:
            DataError: the visitor takes part in none.
        """
        with self._lock:
            return self._take(visitor.who, self._own(visitor).longer())

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

    def follow(self, visitor: Visitor, member: Visitor) -> None:
        """Let somebody keep their seat, and whom they have added, who has another cookie since they signed in.

        Args:
            visitor: who they were, by the cookies that they came with.
            member: who they are by a session that has just begun.
        """
        with self._lock:
            self._sweep()
            evening = self._evenings.get(self._code_of.get(visitor.who, ""))
            if evening is None or visitor.who == member.who:
                return
            del self._code_of[visitor.who]
            own = visitor.who
            moved = evening.with_each(lambda seat: replace(seat, owner=member.who) if seat.owner == own else seat)
            self._take(member.who, moved)

    def sign_out(self, visitor: Visitor, guest: Visitor) -> None:
        """Take part no longer, as an account that has nothing to do with this browser any more.

        Args:
            visitor: who they were, by the cookies that they came with.
            guest: who they are without a session; they are told, if a cookie tells them from others.
        """
        with self._lock:
            if visitor.who in self._code_of and guest.who != guest.address:
                self._signed_out[guest.who] = None
            while len(self._signed_out) > MOST_TOLD:
                self._signed_out.popitem(last=False)
            self._leave(visitor.who)

    def has_signed_out(self, guest: Visitor) -> bool:
        """Whether somebody has left by signing out, and was not told yet: now they are."""
        with self._lock:
            return self._signed_out.pop(guest.who, self) is None

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


def require_cookie(visitor: Visitor) -> None:
    """DataError for somebody whom only the address tells from others."""
    if visitor.who == visitor.address:
        raise DataError(NO_COOKIE)
