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
from recsys.store.evidence.pasts import Film, KeptList, Past, Said, Version

BATCH = 5_000  # rows of a query that are in memory at a time

BEGINS, ENDS = (sa.bindparam(name, type_=lists.c.shown_at.type) for name in ("begins", "ends"))
OF_PERIOD = (consents.c.agrees, lists.c.shown_at >= BEGINS, lists.c.shown_at < ENDS)
PEOPLE = (
    sa.select(accounts.c.id, accounts.c.registered_at)
    .join(consents, consents.c.person_id == accounts.c.id)
    .where(consents.c.agrees, accounts.c.registered_at < ENDS)
    .order_by(accounts.c.id)
)
LISTS = (
    sa.select(lists)
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(*OF_PERIOD)
    .order_by(lists.c.person_id, lists.c.number)
)
FILMS = (
    sa.select(lists.c.person_id, *(list_films.c[name] for name in ("list_number", "item_id", "stars", "version")))
    .join_from(lists, list_films)
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(*OF_PERIOD)
    .order_by(lists.c.person_id, lists.c.number, list_films.c.rank)
)
CHANGES = (
    sa.select(changes)
    .join(consents, consents.c.person_id == changes.c.person_id)
    .where(consents.c.agrees)
    .order_by(changes.c.person_id, changes.c.step, changes.c.id)
)
_held = sa.union_all(
    *(
        sa.select(table.c.person_id, table.c.dataset, table.c.item_id)
        .join(consents, consents.c.person_id == table.c.person_id)
        .join(gone, gone.c.person_id == table.c.person_id)
        .where(consents.c.agrees, gone.c.changes > 0)
        for table in (ratings, marks)
    )
).subquery()
HELD = sa.select(_held).order_by(_held.c.person_id)
CATALOGUES = sa.select(films.c.dataset, sa.func.count(), sa.func.max(films.c.highest)).group_by(films.c.dataset)
VERSIONS = (
    sa.select(lists.c.model, lists.c.version)
    .join(consents, consents.c.person_id == lists.c.person_id)
    .where(*OF_PERIOD)
    .group_by(lists.c.model, lists.c.version)
    .order_by(sa.func.max(lists.c.number).desc())
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
        return [Version(*row) for row in self._connection.execute(VERSIONS, self._period)]

    def catalogues(self) -> dict[str, tuple[int, float]]:
        """How many films of a data set are known, and the most stars that it gives, by what the store calls it."""
        return {name: (number, highest) for name, number, highest in self._connection.execute(CATALOGUES)}

    def people(self) -> Iterator[Past]:
        """Yield what is kept of one person after the other, in the order in which they registered."""
        shown, listed, changed, held = (Groups(self._rows(query)) for query in (LISTS, FILMS, CHANGES, HELD))
        for person in self._rows(PEOPLE):
            yield Past(
                registered_at=person.registered_at,
                lists=_lists(shown.of(person.id), listed.of(person.id)),
                said=_said(changed.of(person.id), self._period["ends"]),
                said_long_ago={(row.dataset, row.item_id) for row in held.of(person.id)},
            )

    def _rows(self, query: Any) -> Iterator[Any]:
        """Rows, of which the driver holds a batch."""
        yield from self._connection.execute(query, self._period, execution_options={"yield_per": BATCH})


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


def _lists(rows: list[Any], films_of: list[Any]) -> list[KeptList]:
    """Lists, each with its films."""
    by_list: dict[int, list[Any]] = {row.number: [] for row in rows}
    for film in films_of:
        by_list[film.list_number].append(film)
    return [_list(row, by_list[row.number]) for row in rows]


def _list(row: Any, films_of: list[Any]) -> KeptList:
    """A list with its films; those of whose picks something is kept belong to a comparison."""
    picks = () if row.comparison is None else tuple(film.version for film in films_of)
    listed = [(film.item_id, film.stars) for film in films_of]
    return KeptList(Version(row.model, row.version), row.dataset, row.kind, row.shown_at, listed, row.comparison, picks)


def _said(rows: list[Any], ends: datetime) -> dict[Film, list[Said]]:
    """Changes by film, but for those of the end or later."""
    sizes = Counter(row.step for row in rows)
    found: dict[Film, list[Said]] = {}
    for row in (row for row in rows if row.at < ends):
        after, before = (row.stars, row.stars_before) if row.kind == "stars" else (row.mark, row.mark_before)
        said = Said(row.kind, row.at, after, before, by_hand=sizes[row.step] == 1)
        found.setdefault((row.dataset, row.item_id), []).append(said)
    return found
