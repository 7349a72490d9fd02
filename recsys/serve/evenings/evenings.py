"""All evenings: begun, joined, left and ended.

They are written down in a book (books.py): in the memory of this process, or in the database where several processes
share one. Who takes part is known by the cookie of their browser: of their session, or as a guest. Whoever
registers or signs in is followed from one to the other; whoever signs out has left.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from recsys.errors import DataError
from recsys.recommend.lists.filters import Filters
from recsys.serve.evenings.books import Book, Entries, MemoryBook
from recsys.serve.evenings.codes import ALPHABET, CODE_LENGTH, WINDOW, Tries, code_in
from recsys.serve.evenings.evening import Evening, Seat, Taste, checked_name, seat_of
from recsys.serve.security.visitors import Visitor

MOST_EVENINGS = 1000
MOST_OF_ADDRESS = 20  # evenings that were begun from one
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

    def __init__(self, book: Book | None = None, draw: Callable[[str], str] = secrets.choice):
        """Take what is written down.

        Args:
            book: has the evenings; None: one in the memory of this process.
            draw: draws one of some characters, so that nobody can guess which.
        """
        self._book: Book = MemoryBook() if book is None else book
        self._draw = draw

    def start(self, visitor: Visitor, name: object, taste: Taste) -> Evening:
        """Begin one, and take part; whoever was in another has left it.

        Raises:
            DataError: the name will not do, the browser keeps no cookies, or too many were begun from the address.
        """
        checked = checked_name(name)
        require_cookie(visitor)
        with self._changing() as entries:
            require_few_of(visitor, entries)
            leave(visitor.who, entries)
            while len(entries) >= MOST_EVENINGS:
                entries.end(entries.longest_idle())
            evening = Evening(self._new_code(entries), visitor.address, self._book.clock())
            return kept(evening.with_seat(visitor.who, checked, taste), entries)

    def join(self, visitor: Visitor, code: object, name: object, taste: Taste) -> Evening:
        """Take part in one; whoever was in another has left it, and whoever is in this one keeps their seat and votes.

        Raises:
            DataError: there is none with this code, too many wrong ones came from here, it is full, the name will not
                do or is somebody's already, or the browser keeps no cookies.
        """
        checked = checked_name(name)
        require_cookie(visitor)
        with self._changing() as entries:
            tries = Tries(entries, self._book.clock())
            tries.require_some_left(visitor)
            evening = entries.find(code_in(code))
            if evening is not None:
                joined = evening.with_seat(visitor.who, checked, taste)
                if (before := entries.of(visitor.who)) is not None and before.code != evening.code:
                    leave(visitor.who, entries)
                return kept(joined, entries)
            tries.note(visitor)
        raise DataError(NO_EVENING)  # once it is counted

    def of(self, visitor: Visitor) -> Evening | None:
        """The one that somebody takes part in; None: none, or it has ended."""
        with self._book.reading() as entries:
            evening = entries.of(visitor.who)
        if evening is None or self._book.clock() - evening.began >= LASTS:
            return None
        self._book.note_use(evening)
        return evening

    def renew(self, visitor: Visitor, taste: Taste) -> Evening | None:
        """The same, with what somebody has rated by now."""
        evening = self.of(visitor)
        if evening is None or seat_of(evening, visitor).taste == taste:
            return evening
        with self._changing() as entries:
            evening = entries.of(visitor.who)
            if evening is None:
                return None
            mine = seat_of(evening, visitor)
            return kept(evening.with_each(lambda seat: replace(seat, taste=taste) if seat is mine else seat), entries)

    def add(self, visitor: Visitor, name: object, taste: Taste) -> Evening:
        """Let somebody take part by a file that a visitor has brought, whose it then is to leave.

        Raises:
            DataError: the visitor takes part in none, it is full, or the name will not do or is somebody's already.
        """
        checked = checked_name(name)
        with self._changing() as entries:
            return kept(own(visitor, entries).with_seat(visitor.who, checked, taste, by_file=True), entries)

    def drop(self, visitor: Visitor, number: object) -> Evening:
        """Let somebody leave whom a visitor has added; whom others have added stays.

        Raises:
            DataError: the visitor takes part in none.
        """

        def is_meant(seat: Seat) -> bool:
            return seat.by_file and seat.owner == visitor.who and type(number) is int and seat.number == number

        with self._changing() as entries:
            return kept(own(visitor, entries).without(is_meant), entries)

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
        with self._changing() as entries:
            evening = own(visitor, entries)
            if evening.n_set != n_set:
                raise SetMeanwhileError(evening)
            return kept(evening.with_settings(how, filters), entries)

    def lengthen(self, visitor: Visitor) -> Evening:
        """Let all see more films.

        Raises:
            DataError: the visitor takes part in none.
        """
        with self._changing() as entries:
            return kept(own(visitor, entries).longer(), entries)

    def vote(self, visitor: Visitor, title: str, yes: bool | None) -> Evening:
        """Say whether the visitor would watch a film, which the caller knows; None takes it back.

        Raises:
            DataError: the visitor takes part in none, or has voted on enough films.
        """
        with self._changing() as entries:
            evening = own(visitor, entries)
            return kept(evening.with_vote(seat_of(evening, visitor).number, title, yes), entries)

    def leave(self, visitor: Visitor) -> None:
        """Take part no longer, nor does whom the visitor has added; one in which nobody is left has ended."""
        if self._sits(visitor):
            with self._changing() as entries:
                leave(visitor.who, entries)

    def follow(self, visitor: Visitor, member: Visitor) -> None:
        """Let somebody keep their seat, and whom they have added, who has another cookie since they signed in.

        Args:
            visitor: who they were, by the cookies that they came with.
            member: who they are by a session that has just begun.
        """

        def as_is_now(seat: Seat) -> Seat:
            return replace(seat, owner=member.who) if seat.owner == visitor.who else seat

        if visitor.who == member.who or not self._sits(visitor):
            return
        with self._changing() as entries:
            if (evening := entries.of(visitor.who)) is not None:
                entries.keep(evening.with_each(as_is_now))

    def sign_out(self, visitor: Visitor, guest: Visitor) -> None:
        """Take part no longer, as an account that has nothing to do with this browser any more.

        Args:
            visitor: who they were, by the cookies that they came with.
            guest: who they are without a session; they are told, if a cookie tells them from others.
        """
        if not self._sits(visitor):
            return
        with self._changing() as entries:
            if entries.of(visitor.who) is not None and guest.who != guest.address:
                entries.note_to_tell(guest.who)
            leave(visitor.who, entries)

    def has_signed_out(self, guest: Visitor) -> bool:
        """Whether somebody has left by signing out, and was not told yet: now they are."""
        with self._book.reading() as entries:
            if not entries.is_to_be_told(guest.who):
                return False
        with self._changing() as entries:
            return entries.tell(guest.who)

    def _sits(self, visitor: Visitor) -> bool:
        """Whether somebody takes part in one, which few do who sign in or out."""
        with self._book.reading() as entries:
            return entries.of(visitor.who) is not None

    @contextmanager
    def _changing(self) -> Iterator[Entries]:
        """All that go on, to change."""
        with self._book.changing() as entries:
            now = self._book.clock()
            entries.forget_before(began=now - LASTS, tried=now - WINDOW)
            yield entries

    def _new_code(self, entries: Entries) -> str:
        while True:
            code = "".join(self._draw(ALPHABET) for _ in range(CODE_LENGTH))
            if entries.find(code) is None:
                return code

    def __len__(self) -> int:
        """How many there are."""
        with self._book.reading() as entries:
            return len(entries)


def own(visitor: Visitor, entries: Entries) -> Evening:
    """The evening that a visitor takes part in; DataError if there is none."""
    evening = entries.of(visitor.who)
    if evening is None:
        raise DataError(NOT_IN)
    return evening


def kept(evening: Evening, entries: Entries) -> Evening:
    """The same, written down as it is now."""
    entries.keep(evening)
    return evening


def leave(who: str, entries: Entries) -> None:
    """Let somebody take part no longer, if they do."""
    evening = entries.of(who)
    if evening is None:
        return
    left = evening.without(lambda seat: seat.owner == who)
    if left.seats:
        entries.keep(left)
    else:
        entries.end(left.code)


def require_few_of(visitor: Visitor, entries: Entries) -> None:
    """DataError if too many were begun from a visitor's address, besides one that ends when the visitor leaves."""
    begun = entries.begun_at(visitor.address)
    if sum(any(seat.owner != visitor.who for seat in each.seats) for each in begun) >= MOST_OF_ADDRESS:
        raise DataError(TOO_MANY_EVENINGS)


def require_cookie(visitor: Visitor) -> None:
    """DataError for somebody whom only the address tells from others."""
    if visitor.who == visitor.address:
        raise DataError(NO_COOKIE)
