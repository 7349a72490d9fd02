"""What people gave films, and how they marked them; every change can be undone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from recsys.store.bounds import numbers_of, sweep_changes
from recsys.store.database.schema import changes, marks, ratings
from recsys.store.errors import StoreError
from recsys.store.part import StorePart
from recsys.store.people import (
    Change,
    Kind,
    Mark,
    Person,
    Rating,
    checked_item,
    checked_label,
    checked_mark,
    checked_moment,
    checked_stars,
)

MOST_AT_ONCE = 20_000  # ratings in one call, which keeps others waiting for about a second
PARAMETERS = 10_000  # of one statement; both databases take more
TABLES: dict[Kind, sa.Table] = {"stars": ratings, "mark": marks}  # each has a column of the same name for the value


def _belongs_to(table: sa.Table) -> sa.ColumnElement[bool]:
    """What selects the rows of a person and a data set."""
    return sa.and_(table.c.person_id == sa.bindparam("person"), table.c.dataset == sa.bindparam("of"))


CURRENT = {
    kind: sa.select(table.c.item_id, table.c[kind], table.c.at).where(_belongs_to(table))
    for kind, table in TABLES.items()
}
CURRENT_OF = {kind: query.where(TABLES[kind].c.item_id == sa.bindparam("item")) for kind, query in CURRENT.items()}
REMOVED = {
    kind: table.delete().where(_belongs_to(table), table.c.item_id.in_(sa.bindparam("items", expanding=True)))
    for kind, table in TABLES.items()
}
ADDED, NOTED = {kind: table.insert() for kind, table in TABLES.items()}, changes.insert()


class Value(NamedTuple):
    """Stars or a mark, or None for neither, since when, and when it came to hold here; None: at that moment."""

    value: float | str | None
    at: datetime | None
    entered_at: datetime | None = None


NOTHING = Value(None, None)


class Ratings(StorePart):
    """Ratings and marks. A film is a data set's name and the data's own item_id."""

    def of(self, person: Person, dataset: str) -> dict[int, Rating]:
        """All ratings of a person for the films of a data set, by item_id."""
        return self.ratings_and_marks(person, dataset)[0]

    def marks_of(self, person: Person, dataset: str) -> dict[int, Mark]:
        """All marks of a person on the films of a data set, by item_id."""
        return self.ratings_and_marks(person, dataset)[1]

    def ratings_and_marks(self, person: Person, dataset: str) -> tuple[dict[int, Rating], dict[int, Mark]]:
        """Both, as they were at one moment."""
        whose = _whose(person, dataset)
        with self._reading(person) as connection:
            stars = {item_id: Rating(value, at) for item_id, value, at in connection.execute(CURRENT["stars"], whose)}
            return stars, {item_id: mark for item_id, mark, _ in connection.execute(CURRENT["mark"], whose)}

    def set_rating(self, person: Person, dataset: str, item_id: int, stars: float) -> None:
        """Rate a film, in place of an earlier rating if there is one. It is on disk when this returns."""
        self.set_ratings(person, dataset, {item_id: stars})

    def set_ratings(
        self, person: Person, dataset: str, stars: Mapping[int, float], *, when: Mapping[int, datetime] | None = None
    ) -> int:
        """Rate many films at once: all are kept or none, and they are undone at once.

        Args:
            person: whose ratings.
            dataset: where the films are from.
            stars: finite numbers by item_id; whether they are on the data's scale is for the caller to see.
            when: moments at which they were given, as far as that was not now; none lies in the future.

        Returns:
            How many films have other stars than before.

        Raises:
            StoreError: a value cannot be kept, or there are too many; then none is.
        """
        return self.set_many(person, dataset, stars, {}, when=when)[0]

    def remove_rating(self, person: Person, dataset: str, item_id: int) -> None:
        """Take a rating back, if there is one."""
        self._put(person, dataset, {"stars": {checked_item(item_id): NOTHING}})

    def set_mark(self, person: Person, dataset: str, item_id: int, mark: Mark) -> None:
        """Mark a film, in place of an earlier mark if there is one: nobody hides a film to watch it later."""
        self.set_marks(person, dataset, {checked_item(item_id): mark})

    def set_marks(self, person: Person, dataset: str, marked: Mapping[int, Mark]) -> int:
        """Mark many films at once: all or none, and undone at once; returns how many have another mark than before.

        Raises:
            StoreError: a mark cannot be kept, or there are too many; then none is.
        """
        return self.set_many(person, dataset, {}, marked)[1]

    def set_many(
        self,
        person: Person,
        dataset: str,
        stars: Mapping[int, float],
        marked: Mapping[int, Mark],
        *,
        when: Mapping[int, datetime] | None = None,
    ) -> tuple[int, int]:
        """Both in one step, as set_ratings and set_marks do each: of how many films stars and mark are others."""
        for name, values in (("ratings", stars), ("marks", marked)):
            if len(values) > MOST_AT_ONCE:
                raise StoreError(f"{name}: got {len(values)}; expected at most {MOST_AT_ONCE} at once; split them")
        now = self._now()
        given = {item: min(checked_moment(moment), now) for item, moment in (when or {}).items()}
        rated = {
            checked_item(item): _rated(checked_stars(value), given.get(item), now) for item, value in stars.items()
        }
        noted = {checked_item(item): Value(checked_mark(mark), now) for item, mark in marked.items()}
        n_new = self._put(person, dataset, {"stars": rated, "mark": noted})
        return n_new["stars"], n_new["mark"]

    def clear_mark(self, person: Person, dataset: str, item_id: int) -> None:
        """Take a mark back, if there is one."""
        self._put(person, dataset, {"mark": {checked_item(item_id): NOTHING}})

    def undo_last(self, person: Person) -> tuple[Change, ...]:
        """Put back what the person's last change of ratings or marks replaced, and forget that change.

        Returns:
            What was undone; several films if they were changed at once, none if there is nothing left to undo: no more
            changes, or only such as are no longer kept.
        """
        with self._writing(person) as connection:
            last = (changes.c.person_id == person.id, changes.c.step == numbers_of(connection, person)[1])
            rows = connection.execute(sa.select(changes).where(*last).order_by(changes.c.id)).all()
            undone, now = [_change(row) for row in rows], self._now()
            for kind in TABLES:
                before = {
                    row.item_id: Value(_value_before(row), row.at_before, now) for row in rows if row.kind == kind
                }
                if before:
                    _remove(connection, person, undone[0].dataset, kind, [*before])
                    _add(connection, person, undone[0].dataset, kind, before)
            if undone:
                connection.execute(changes.delete().where(*last))
        return tuple(undone)

    def rating_changes(self, person: Person, dataset: str) -> list[Change]:
        """All changes of ratings of a data set, oldest first; those that were undone did not happen."""
        query = (
            sa.select(changes)
            .where(_belongs_to(changes), changes.c.kind == "stars")
            .order_by(changes.c.at, changes.c.id)
        )
        with self._reading(person) as connection:
            return [*map(_change, connection.execute(query, _whose(person, dataset)))]

    def _put(self, person: Person, dataset: str, wanted: Mapping[Kind, Mapping[int, Value]]) -> dict[Kind, int]:
        """Make values hold from now on, as one step; how many of each kind are new. What holds leaves no trace."""
        checked_label("dataset", dataset)
        n_new: dict[Kind, int] = {}
        with self._writing(person) as connection:
            first, _, step = numbers_of(connection, person)
            for kind, values in wanted.items():
                current = _current(connection, person, dataset, kind, values) if values else {}
                fresh = {
                    item: value for item, value in values.items() if current.get(item, NOTHING).value != value.value
                }
                n_new[kind] = len(fresh)
                if fresh:
                    before = {item: current.get(item, NOTHING) for item in fresh}
                    _remove(connection, person, dataset, kind, [item for item in fresh if item in current])
                    _add(connection, person, dataset, kind, fresh)
                    self._note(connection, (person, dataset, kind, step), before, fresh)
            following = step + sum(n_new.values())
            sweep_changes(connection, person, first, step, following, self._config.history.changes)
        return n_new

    def _note(
        self,
        connection: Connection,
        about: tuple[Person, str, Kind, int],
        before: Mapping[int, Value],
        after: Mapping[int, Value],
    ) -> None:
        """Write down a change of some films of a person; about: also data set, kind and number of the step."""
        now = self._now()
        person, dataset, kind, step = about
        common = {"person_id": person.id, "step": step, "dataset": dataset, "kind": kind}
        rows = [
            {
                **common,
                "item_id": item_id,
                "at": value.at or now,
                kind: value.value,
                f"{kind}_before": before[item_id].value,
                "at_before": before[item_id].at,
            }
            for item_id, value in after.items()
        ]
        connection.execute(NOTED, rows)


def _rated(stars: float, given_at: datetime | None, now: datetime) -> Value:
    """Stars that come to hold now, and were given at another moment if one is told."""
    return Value(stars, now) if given_at is None else Value(stars, given_at, now)


def _whose(person: Person, dataset: str) -> dict[str, Any]:
    """The parameters of what is of a person and a data set."""
    return {"person": person.id, "of": checked_label("dataset", dataset)}


def _current(
    connection: Connection, person: Person, dataset: str, kind: Kind, items: Mapping[int, Value]
) -> dict[int, Value]:
    """What holds of these films, and perhaps of others."""
    query, asked = CURRENT[kind], _whose(person, dataset)
    if len(items) == 1:
        query, asked["item"] = CURRENT_OF[kind], next(iter(items))
    return {item_id: Value(value, at) for item_id, value, at in connection.execute(query, asked)}


def _remove(connection: Connection, person: Person, dataset: str, kind: Kind, items: list[int]) -> None:
    """Let no value of these films hold any longer."""
    for start in range(0, len(items), PARAMETERS):
        chunk = {"items": items[start : start + PARAMETERS]}
        connection.execute(REMOVED[kind], _whose(person, dataset) | chunk)


def _add(connection: Connection, person: Person, dataset: str, kind: Kind, values: Mapping[int, Value]) -> None:
    """Let values hold of films of which none does; None is none."""
    rows = [
        {"person_id": person.id, "dataset": dataset, "item_id": item_id, kind: value, "at": at}
        | ({"entered_at": entered_at} if kind == "stars" else {})
        for item_id, (value, at, entered_at) in values.items()
        if value is not None
    ]
    if rows:
        connection.execute(ADDED[kind], rows)


def _change(row: Row[Any]) -> Change:
    after = row.stars if row.kind == "stars" else row.mark
    return Change(row.dataset, row.item_id, row.kind, row.at, _value_before(row), after)


def _value_before(row: Row[Any]) -> float | str | None:
    return row.stars_before if row.kind == "stars" else row.mark_before
