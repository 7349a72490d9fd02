"""Reads what is to be counted: of people who agree, one after the other, all as it was at one moment.

No name, pseudonym or number of an account comes out of it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.connection import Database
from recsys.store.database.schema import accounts, changes, consents, films, gone, list_films, lists, marks, ratings
from recsys.store.evidence.batches import OF_BATCH, batches, rows
from recsys.store.evidence.pasts import Film, KeptList, Past, Said, Version

BATCH = 5_000  # rows of a query that are in memory at a time
MOST_NUMBERS = 200_000  # of lists that a statement is about which groups those of everybody

BEGINS, ENDS = (sa.bindparam(name, type_=lists.c.shown_at.type) for name in ("begins", "ends"))
OF_PERIOD = (lists.c.shown_at >= BEGINS, lists.c.shown_at < ENDS)
PEOPLE = (
    sa.select(accounts.c.id, accounts.c.registered_at)
    .join(consents, consents.c.person_id == accounts.c.id)
    .where(*OF_BATCH)
    .order_by(accounts.c.id)
)
LISTS = (
    sa.select(lists)
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(*OF_BATCH, *OF_PERIOD)
    .order_by(lists.c.person_id, lists.c.number)
)
FILMS = (
    sa.select(lists.c.person_id, *(list_films.c[name] for name in ("list_number", "item_id", "stars", "version")))
    .join_from(lists, list_films)
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(*OF_BATCH, *OF_PERIOD)
    .order_by(lists.c.person_id, lists.c.number, list_films.c.rank)
)
CHANGES = (
    sa.select(changes)
    .join(consents, consents.c.person_id == changes.c.person_id)
    .where(*OF_BATCH)
    .order_by(changes.c.person_id, changes.c.step, changes.c.id)
)


def _held(table: sa.Table, value: sa.Column[Any], entered_at: Any) -> sa.Select[Any]:
    """What holds of people whose oldest changes are gone, since when, and when it came to hold."""
    return (
        sa.select(*(table.c[name] for name in ("person_id", "dataset", "item_id", "at")))
        .add_columns(value.label("value"), entered_at.label("entered_at"))
        .join(consents, consents.c.person_id == table.c.person_id)
        .join(gone, gone.c.person_id == table.c.person_id)
        .where(*OF_BATCH, gone.c.changes > 0)
        .order_by(table.c.person_id)
    )


HELD = {
    "stars": _held(ratings, ratings.c.stars, sa.func.coalesce(ratings.c.entered_at, ratings.c.at)),
    "mark": _held(marks, marks.c.mark, marks.c.at),
}
CATALOGUES = sa.select(films.c.dataset, sa.func.count(), sa.func.max(films.c.highest)).group_by(films.c.dataset)
ENDS_OF_NUMBERS = sa.select(*(sa.select(pick(lists.c.number)).scalar_subquery() for pick in (sa.func.min, sa.func.max)))
VERSIONS = (
    sa.select(lists.c.model, lists.c.version, sa.func.max(lists.c.number))
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(consents.c.agrees, *OF_PERIOD)
    .where(lists.c.number.between(sa.bindparam("first"), sa.bindparam("last")))
    .group_by(lists.c.model, lists.c.version)
)


class Evidence:
    """What is kept of everybody who agrees. Nobody who uses the page waits for it, however long it takes."""

    def __init__(self, database: Database):
        self._database = database

    @contextmanager
    def snapshot(self, begins: datetime, ends: datetime) -> Iterator["Snapshot"]:
        """What there was between two moments, as it is at this one.

        Args:
            begins: lists before are left out.
            ends: whatever is said to have come then or later is left out.
        """
        with self._database.patiently(writes=False) as connection:
            yield Snapshot(connection, begins, ends)


class Snapshot:
    """One state of the database, as long as it is being read."""

    def __init__(self, connection: Connection, begins: datetime, ends: datetime):
        self._connection, self._period = connection, {"begins": begins, "ends": ends}

    def versions(self) -> list[Version]:
        """Those that made a list, the one that did so last first."""
        first, last = self._connection.execute(ENDS_OF_NUMBERS).one()
        newest: dict[Version, int] = {}
        for start in range(first or 0, (last or 0) + 1, MOST_NUMBERS):
            asked = self._period | {"first": start, "last": start + MOST_NUMBERS - 1}
            newest |= {Version(*row[:2]): row[2] for row in self._connection.execute(VERSIONS, asked)}
        return sorted(newest, key=newest.__getitem__, reverse=True)

    def catalogues(self) -> dict[str, tuple[int, float]]:
        """How many films of a data set are known, and the most stars that it gives, by what the store calls it."""
        return {name: (number, highest) for name, number, highest in self._connection.execute(CATALOGUES)}

    def people(self) -> Iterator[Past]:
        """Yield what is kept of one person after the other, in the order in which they registered."""
        for batch in batches(self._connection):
            yield from self._people_of(batch)

    def _people_of(self, batch: dict[str, int]) -> Iterator[Past]:
        """Yield what is kept of some of them."""
        ends = self._period["ends"]
        shown, listed, changed = (Groups(self._rows(query, batch)) for query in (LISTS, FILMS, CHANGES))
        held = {kind: Groups(self._rows(query, batch)) for kind, query in HELD.items()}
        for person in self._rows(PEOPLE, batch):
            kept, noted = _lists(shown.of(person.id), listed.of(person.id)), changed.of(person.id)
            older = {kind: groups.of(person.id) for kind, groups in held.items()}
            if person.registered_at < ends:
                said = _said(noted, _held_before(noted, older), ends)
                yield Past(person.registered_at, kept, said, _said_long_ago(noted))

    def _rows(self, query: Any, batch: dict[str, int]) -> Iterator[Any]:
        """Rows about some people, of which the driver holds a batch."""
        return rows(self._connection, query, self._period | batch, BATCH)


class Groups:
    """Rows of people that come in the order of their numbers, taken person by person."""

    def __init__(self, rows: Iterator[Any]):
        self._rows = rows
        self._next = next(rows, None)

    def of(self, person_id: int) -> list[Any]:
        """All rows of a person; those of people before are passed over."""
        found = []
        while self._next is not None and self._next.person_id <= person_id:
            if self._next.person_id == person_id:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found


def _lists(kept: list[Any], films_of: list[Any]) -> list[KeptList]:
    """Lists, each with its films."""
    by_list: dict[int, list[Any]] = {row.number: [] for row in kept}
    for film in films_of:
        by_list[film.list_number].append(film)
    return [_list(row, by_list[row.number]) for row in kept]


def _list(row: Any, films_of: list[Any]) -> KeptList:
    """A list with its films; those of whose picks something is kept belong to a comparison."""
    picks = () if row.comparison is None else tuple(film.version for film in films_of)
    listed = [(film.item_id, film.stars) for film in films_of]
    return KeptList(Version(row.model, row.version), row.dataset, row.kind, row.shown_at, listed, row.comparison, picks)


def _said(noted: list[Any], older: list[tuple[Film, Said]], ends: datetime) -> dict[Film, list[Said]]:
    """What was said of each film, as it was kept, but for what is said to have come at the end or later.

    Args:
        noted: changes of a person.
        older: what came before the oldest of them.
        ends: of what counts.
    """
    sizes = Counter(row.step for row in noted)
    found: dict[Film, list[Said]] = {}
    for film, said in older:
        found.setdefault(film, []).append(said)
    for row in noted:
        after, before = (row.stars, row.stars_before) if row.kind == "stars" else (row.mark, row.mark_before)
        said = Said(row.kind, row.at, after, before, by_hand=sizes[row.step] == 1)
        found.setdefault((row.dataset, row.item_id), []).append(said)
    within = {film: [said for said in each if said.at < ends] for film, each in found.items()}
    return {film: each for film, each in within.items() if each}


def _held_before(noted: list[Any], held: dict[str, list[Any]]) -> list[tuple[Film, Said]]:
    """What holds and of which no change is kept: said when it was given, by hand if nothing else came in that moment.

    Args:
        noted: changes of a person.
        held: stars and marks of a person whose oldest changes are gone.
    """
    is_noted = {(row.kind, row.dataset, row.item_id) for row in noted}
    at_once = Counter(row.entered_at for of_kind in held.values() for row in of_kind)
    return [
        ((row.dataset, row.item_id), Said(kind, row.at, row.value, None, by_hand=at_once[row.entered_at] == 1))
        for kind, of_kind in held.items()
        for row in of_kind
        if (kind, row.dataset, row.item_id) not in is_noted
    ]


def _said_long_ago(noted: list[Any]) -> set[Film]:
    """Films that had stars or a mark before the oldest change of these that is kept."""
    first: dict[tuple[str, str, int], Any] = {}
    for row in noted:
        first.setdefault((row.kind, row.dataset, row.item_id), row)
    held = (row for row in first.values() if row.stars_before is not None or row.mark_before is not None)
    return {(row.dataset, row.item_id) for row in held}
