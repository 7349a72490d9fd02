"""A book of evenings in the database, for all processes that share it; what they say is JSON."""

import json
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from recsys.recommend.lists.filters import Filters
from recsys.serve.evenings.books import MOST_TOLD, NEVER
from recsys.serve.evenings.evening import Evening, Seat, Taste

if TYPE_CHECKING:
    from recsys.store import EveningHead, EveningRows, EveningSeat, Store

MOST_REMEMBERED = 1000  # evenings, with what was worked out for them
USED_SECONDS = 60.0  # within which it is noted once that somebody looks at an evening
SETTINGS = ("how", "n_set", "n_films", "next_number")
LISTS = ("genres", "decades", "years")  # which JSON makes of tuples


class StoredBook:
    """A book that outlasts this process, and that others write into.

    This process remembers evenings as it last saw them, so that who looks again reads one row, and what was worked out
    for them stays.
    """

    def __init__(self, store: Callable[[], "Store"], clock: Callable[[], float] = time.time):
        """Ask for nothing yet.

        Args:
            store: gives the store; DataError while there is none.
            clock: gives seconds since 1970, as other machines' clocks do.
        """
        self.clock, self._store = clock, store
        self._seen: OrderedDict[str, Evening] = OrderedDict()
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator["StoredEntries"]:
        """All of it, to look at."""
        with self._store().evenings.reading() as rows:
            yield StoredEntries(rows, self)

    @contextmanager
    def changing(self) -> Iterator["StoredEntries"]:
        """All of it, to change."""
        with self._store().evenings.writing() as rows:
            entries = StoredEntries(rows, self)
            yield entries
        for evening in entries.kept:  # now that it is known that it is kept
            self.remember(evening)

    def note_use(self, evening: Evening) -> None:
        """Somebody looks at one."""
        now = self.clock()
        with self._lock:
            if now - self._used.get(evening.code, evening.began) < USED_SECONDS:
                return
            self._used[evening.code] = now
        with self._store().evenings.writing() as rows:
            rows.use(evening.code, moment(now))

    def remembered(self, code: str) -> Evening | None:
        """One as it was last seen here."""
        with self._lock:
            return self._seen.get(code)

    def remember(self, evening: Evening) -> None:
        """See one as it is now."""
        with self._lock:
            self._seen[evening.code] = evening
            self._seen.move_to_end(evening.code)
            while len(self._seen) > MOST_REMEMBERED:
                code, _ = self._seen.popitem(last=False)
                self._used.pop(code, None)


class StoredEntries:
    """All evenings, within one transaction.

    Attributes:
        kept: those that were written down, as they are now.
    """

    def __init__(self, rows: "EveningRows", book: StoredBook):
        self.kept: list[Evening] = []
        self._rows, self._book = rows, book

    def __len__(self) -> int:
        """As Entries has it, and so do those below."""
        return self._rows.number()

    def find(self, code: str) -> Evening | None:
        """The one of a code."""
        return self._seen(self._rows.head(code))

    def of(self, who: str) -> Evening | None:
        """The one that somebody takes part in themselves."""
        return self._seen(self._rows.head_of(who))

    def begun_at(self, address: str) -> list[Evening]:
        """Those that were begun from an address."""
        found = map(self.find, self._rows.codes_begun_at(f"address {address}"))
        return [evening for evening in found if evening is not None]

    def keep(self, evening: Evening) -> None:
        """Write down one as it is now, and of its seats those that are others than before."""
        before = self.find(evening.code)
        if before is None:
            head = head_of(evening)
            self._rows.begin(head, f"address {evening.address}", said_of(evening))
        elif before.version != evening.version:
            self._rows.change(evening.code, evening.version, said_of(evening))
        old = {seat.number: seat for seat in before.seats} if before else {}
        for number in old.keys() - {seat.number for seat in evening.seats}:
            self._rows.leave(evening.code, number)
        for seat in evening.seats:
            if old.get(seat.number) != seat:
                self._rows.seat(evening.code, row_of(seat))
        self._rows.use(evening.code, moment(self._book.clock()))
        self.kept.append(evening)

    def end(self, code: str) -> None:
        """One is over."""
        self._rows.end(code)

    def longest_idle(self) -> str:
        """The code of the one that was in use longest ago."""
        return self._rows.longest_idle()

    def forget_before(self, began: float, tried: float) -> None:
        """End those that began at a moment or before; forget wrong codes likewise."""
        self._rows.forget_before(moment(began), moment(tried))

    def is_to_be_told(self, who: str) -> bool:
        """Whether somebody was not told yet."""
        return self._rows.is_to_be_told(who)

    def note_to_tell(self, who: str) -> None:
        """Somebody is to be told."""
        self._rows.note_to_tell(who, moment(self._book.clock()), MOST_TOLD)

    def tell(self, who: str) -> bool:
        """Somebody is told."""
        return self._rows.tell(who)

    def wrong_codes(self, key: str) -> tuple[float, int]:
        """When the first of somebody's wrong codes came, and how many."""
        found = self._rows.wrong_codes(key)
        return NEVER if found is None else (found[0].timestamp(), found[1])

    def note_wrong_codes(self, key: str, first: float, number: int) -> None:
        """Remember that."""
        self._rows.note_wrong_codes(key, moment(first), number)

    def _seen(self, head: "EveningHead | None") -> Evening | None:
        """An evening as it is, read only if it is another than was seen here."""
        if head is None:
            return None
        last = self._book.remembered(head.code)
        if last is not None and last.version == head.version:
            return last
        read = evening_of(head, *self._rows.whole(head.code))
        if last is not None and (last.seats, last.how, last.filters) == (read.seats, read.how, read.filters):
            read = replace(read, worked_out=last.worked_out)
        if all(evening.code != read.code for evening in self.kept):  # else it is not known yet that it is kept
            self._book.remember(read)
        return read


def head_of(evening: Evening) -> "EveningHead":
    """Which evening it is, as the store has it."""
    from recsys.store import EveningHead

    return EveningHead(evening.code, evening.version, moment(evening.began))


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as the store has them."""
    return datetime.fromtimestamp(seconds, UTC)


def said_of(evening: Evening) -> str:
    """Settings and votes."""
    settings = {name: getattr(evening, name) for name in SETTINGS}
    return json.dumps({**settings, "filters": asdict(evening.filters), "votes": evening.votes})


def row_of(seat: Seat) -> "EveningSeat":
    """A seat as the store has it."""
    from recsys.store import EveningSeat

    taste = {"titles": seat.taste.titles, "stars": [*seat.taste.stars], "hidden": seat.taste.hidden}
    return EveningSeat(seat.number, seat.owner, seat.by_file, json.dumps({"name": seat.name, **taste}))


def evening_of(head: "EveningHead", said: str, rows: "list[EveningSeat]") -> Evening:
    """An evening, of what the store has."""
    found = json.loads(said)
    votes = {title: {int(number): yes for number, yes in each.items()} for title, each in found["votes"].items()}
    return Evening(
        code=head.code,
        address="",
        began=head.began.timestamp(),
        seats=tuple(map(seat_of_row, rows)),
        version=head.version,
        filters=filters_of(found["filters"]),
        votes=votes,
        **{name: found[name] for name in SETTINGS},
    )


def seat_of_row(row: "EveningSeat") -> Seat:
    """A seat, of what the store has."""
    said = json.loads(row.said)
    taste = Taste(tuple(said["titles"]), array("d", said["stars"]), tuple(said["hidden"]))
    return Seat(row.number, row.owner, said["name"], taste, row.by_file)


def filters_of(said: dict[str, Any]) -> Filters:
    """Filters as they were; what another version of this program says besides is no matter."""
    known = {field.name: said[field.name] for field in fields(Filters) if field.name in said}
    lists = {name: tuple(known[name]) for name in LISTS if known.get(name) is not None}
    return Filters(**known | lists)
