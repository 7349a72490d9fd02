"""All that is kept about a person, to take away; a batch of rows is in memory at a time."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.bounds import gone_of
from recsys.store.database.schema import (
    accounts,
    changes,
    consents,
    declined,
    films,
    identities,
    list_films,
    lists,
    marks,
    places,
    ratings,
    sessions,
)
from recsys.store.films import COLUMNS
from recsys.store.part import StorePart
from recsys.store.people import FilmName, FilmRow, Person

FORMAT = 1
BATCH = 500  # rows that are in memory at a time
NOT_EXPORTED = {"id", "number", "person_id", "list_number", "digest", "password_hash", "name_key"}
NAMES = ("title", "year", "imdb", "tmdb")  # of a film
LEFT_OUT = {*NAMES, "entered_at", "comparison", "version"}  # where there is nothing
ORDER: dict[sa.Table, sa.Column[Any]] = {
    identities: identities.c.provider,
    ratings: ratings.c.at,
    marks: marks.c.at,
    changes: changes.c.id,
    lists: lists.c.number,
    sessions: sessions.c.started_at,
    places: places.c.at,
    declined: declined.c.at,
    consents: consents.c.at,
}


class Exports(StorePart):
    """What a person can take away. All of it is as it was at one moment."""

    def everything(self, person: Person) -> dict[str, Any]:
        """All that is kept about a person but the password's hash and the digests of sessions and places; JSON values.

        Moments are in ISO 8601, oldest first. `gone` says how many older changes and lists are no longer kept.
        """
        pieces: list[str] = []
        self.write_everything(person, pieces.append)
        return dict(json.loads("".join(pieces)))

    def write_everything(self, person: Person, write: Callable[[str], Any]) -> None:
        """Write the same as JSON, piece by piece."""
        with self._reading(person) as connection:
            account = connection.execute(sa.select(accounts).where(accounts.c.id == person.id)).one()
            head = {
                "format": FORMAT,
                "name": account.name,
                "registered_at": account.registered_at.isoformat(),
                "exported_at": self._now().isoformat(),
                "gone": gone_of(connection, person),
            }
            write(_json(head).removesuffix("}"))
            for table in ORDER:
                rows = _lists(connection, person) if table is lists else _rows(connection, person, table)
                write(f",\n{_json(table.name)}: [")
                for number, row in enumerate(rows):
                    write((",\n" if number else "\n") + _json(row))
                write("]")
            write("}\n")

    def film_rows(self, person: Person) -> list[FilmRow]:
        """One row for every film that a person rated or marked, in order; FilmRow._fields is the head."""
        rows: list[FilmRow] = []
        self.write_film_rows(person, rows.append)
        return rows

    def write_film_rows(self, person: Person, write: Callable[[FilmRow], Any]) -> None:
        """Write the same, row by row."""
        with self._reading(person) as connection:
            found = sa.union(
                *(sa.select(table.c.dataset).where(_belongs_to(table, person)) for table in (ratings, marks))
            )
            for dataset in sorted(connection.execute(found).scalars()):
                for item_id, stars, rated_at, mark, marked_at, *named in _streamed(connection, _films(person, dataset)):
                    rated, marked = (_text(moment) or "" for moment in (rated_at, marked_at))
                    film = None if named[0] is None else FilmName(*named)
                    write(FilmRow(dataset, item_id, stars if rated else "", rated, mark or "", marked, film))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _belongs_to(table: sa.Table, person: Person) -> sa.ColumnElement[bool]:
    return table.c.person_id == person.id


def _streamed(connection: Connection, query: sa.Select[Any]) -> Iterator[Any]:
    """Rows, of which the driver holds a batch."""
    yield from connection.execute(query, execution_options={"yield_per": BATCH})


def _rows(connection: Connection, person: Person, table: sa.Table) -> Iterator[dict[str, Any]]:
    """Rows of a table as JSON values, without what means something only to the database."""
    query = _named(table).where(_belongs_to(table, person)).order_by(ORDER[table])
    return (_values(row._mapping) for row in _streamed(connection, query))


def _named(table: sa.Table) -> sa.Select[Any]:
    """The rows of a table, with what their films are called if they have some."""
    if "item_id" not in table.c:
        return sa.select(table)
    named = (films.c[name] for name in NAMES)
    return sa.select(table, *named).outerjoin(films, _same_film(table.c.dataset, table.c.item_id))


def _same_film(dataset: Any, item_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(films.c.dataset == dataset, films.c.item_id == item_id)


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    said = ((name, _text(value)) for name, value in row.items() if name not in NOT_EXPORTED)
    return {name: value for name, value in said if value is not None or name not in LEFT_OUT}


def _lists(connection: Connection, person: Person) -> Iterator[dict[str, Any]]:
    """The lists, each with its films, best first."""
    named = (films.c[name] for name in NAMES)
    own = (list_films.c.list_number, list_films.c.item_id, list_films.c.stars.label("expected"), list_films.c.version)
    query = sa.select(*own, *named)
    query = query.join(lists).outerjoin(films, _same_film(lists.c.dataset, list_films.c.item_id))
    query = query.where(_belongs_to(lists, person)).order_by(list_films.c.list_number, list_films.c.rank)
    by_list = groupby(_streamed(connection, query), lambda film: film.list_number)
    number, group = next(by_list, (None, iter(())))
    for shown in _streamed(connection, sa.select(lists).where(_belongs_to(lists, person)).order_by(lists.c.number)):
        its_films: list[dict[str, Any]] = []
        if number == shown.number:
            its_films = [_values(film._mapping) for film in group]
            number, group = next(by_list, (None, iter(())))
        yield {**_values(shown._mapping), "request": json.loads(shown.request), "films": its_films}


def _films(person: Person, dataset: str) -> sa.Select[Any]:
    """item_id, stars, when, mark, when and the name of the films of a data set that a person rated or marked."""

    def of_dataset(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return _belongs_to(table, person), table.c.dataset == dataset

    found = sa.union(*(sa.select(table.c.item_id).where(*of_dataset(table)) for table in (ratings, marks))).subquery()
    joined: sa.FromClause = found
    for table in (ratings, marks):
        joined = joined.outerjoin(table, sa.and_(*of_dataset(table), table.c.item_id == found.c.item_id))
    joined = joined.outerjoin(films, _same_film(dataset, found.c.item_id))
    columns = (found.c.item_id, ratings.c.stars, ratings.c.at, marks.c.mark, marks.c.at, *COLUMNS)
    return sa.select(*columns).select_from(joined).order_by(found.c.item_id)
