"""All that is kept about a person, to take away."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.base import Base
from recsys.store.people import FilmRow, Person
from recsys.store.schema import accounts, changes, identities, list_films, lists, marks, places, ratings, sessions

FORMAT = 1


class Export(Base):
    """What a person can take away; a part of Store."""

    def export(self, person: Person) -> dict[str, Any]:
        """All that is kept about a person but the password's hash and the sessions' digests; JSON values.

        Moments are in ISO 8601, oldest first.
        """
        tables = (identities, ratings, marks, changes, lists, sessions, places)
        own = {table: table.c.person_id == person.id for table in tables}
        with self._reading(person) as connection:
            (account,) = _rows(connection, accounts, accounts.c.id == person.id, accounts.c.id)
            return {
                "format": FORMAT,
                "name": account["name"],
                "registered_at": account["registered_at"],
                "exported_at": self._now().isoformat(),
                "identities": _rows(connection, identities, own[identities], identities.c.provider),
                "ratings": _rows(connection, ratings, own[ratings], ratings.c.at),
                "marks": _rows(connection, marks, own[marks], marks.c.at),
                "changes": _rows(connection, changes, own[changes], changes.c.id),
                "lists": _lists(connection, own[lists]),
                "sessions": _rows(connection, sessions, own[sessions], sessions.c.started_at),
                "places": _rows(connection, places, own[places], places.c.at),
            }

    def film_rows(self, person: Person) -> list[FilmRow]:
        """One row for every film that a person rated or marked, in order; FilmRow._fields is the head."""
        films: dict[tuple[str, int], dict[str, Any]] = {}
        with self._reading(person) as connection:
            for table, value, at in ((ratings, "stars", "rated_at"), (marks, "mark", "marked_at")):
                for row in _rows(connection, table, table.c.person_id == person.id, table.c.at):
                    film = films.setdefault((row["dataset"], row["item_id"]), {})
                    film |= {value: row[value], at: row["at"]}
        nothing = dict.fromkeys(FilmRow._fields[2:], "")
        return [FilmRow(*film, **nothing | said) for film, said in sorted(films.items(), key=lambda pair: pair[0])]


KEPT_BACK = {"id", "number", "person_id", "list_number", "digest", "password_hash", "name_key"}


def _rows(
    connection: Connection, table: sa.Table, which: sa.ColumnElement[bool], order: sa.ColumnElement[Any]
) -> list[dict[str, Any]]:
    """Rows of a table as JSON values, without what means something only to the database."""
    columns = [column for column in table.columns if column.name not in KEPT_BACK]
    return [_values(row) for row in connection.execute(sa.select(*columns).where(which).order_by(order)).mappings()]


def _values(row: Iterable[Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in dict(row).items()}


def _lists(connection: Connection, own: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """The lists, each with its films, best first."""
    found = connection.execute(sa.select(lists.c.number).where(own).order_by(lists.c.number)).scalars().all()
    described = _rows(connection, lists, own, lists.c.number)
    films: dict[int, list[dict[str, Any]]] = {number: [] for number in found}
    query = sa.select(list_films).join(lists).where(own).order_by(list_films.c.list_number, list_films.c.rank)
    for film in connection.execute(query):
        films[film.list_number].append({"item_id": film.item_id, "expected": film.stars})
    return [
        {**about, "request": json.loads(about["request"]), "films": films[number]}
        for number, about in zip(found, described, strict=True)
    ]
