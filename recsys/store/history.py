"""Lists of recommendations that were shown, and what became of their films."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from recsys.store.bounds import gone_of, sweep_lists
from recsys.store.database.schema import list_films, lists, marks, ratings
from recsys.store.errors import StoreError
from recsys.store.part import StorePart
from recsys.store.people import (
    FIRST_FILMS,
    Gone,
    OpenedList,
    Person,
    Recommendations,
    ShownFilm,
    ShownList,
    checked_item,
    checked_label,
    checked_stars,
)

ID_SIZE = 16  # bytes
ID = re.compile(r"[\w-]{1,64}", re.ASCII)
MOST_FILMS = 1000  # in a list
LONGEST_REQUEST = 10_000  # characters of JSON
LABELS = ("dataset", "model", "version", "kind")
KeptFilm = tuple[int, float | None, str | None]  # item_id, expected stars, and the version whose pick it was

N_FILMS = (
    sa.select(sa.func.count()).where(list_films.c.list_number == lists.c.number).scalar_subquery().label("n_films")
)
NEW_LIST, NEW_FILMS = lists.insert().returning(lists.c.number), list_films.insert()
NEWEST = (
    sa.select(lists)
    .where(lists.c.person_id == sa.bindparam("person"), lists.c.kind == sa.bindparam("kind"))
    .order_by(lists.c.number.desc())
    .limit(1)
)
NEWEST_OF_MODEL = NEWEST.where(lists.c.model == sa.bindparam("model"))
FILMS_OF_LIST = (
    sa.select(list_films.c.item_id, list_films.c.stars, list_films.c.version)
    .where(list_films.c.list_number == sa.bindparam("list"))
    .order_by(list_films.c.rank)
)

FIRST_OF_LISTS = (
    sa.select(list_films.c.list_number, list_films.c.item_id)
    .where(list_films.c.list_number.in_(sa.bindparam("lists", expanding=True)), list_films.c.rank < FIRST_FILMS)
    .order_by(list_films.c.list_number, list_films.c.rank)
)


class History(StorePart):
    """Lists that were shown, and how much is kept of the past."""

    def record_list(
        self, person: Person, shown: Recommendations, *, unless_newest: bool = False, beside_others: bool = False
    ) -> str:
        """Keep a list that is being shown to a person.

        Args:
            person: who sees it.
            shown: the list.
            unless_newest: not if the newest of its kind, whichever model made that, is the same.
            beside_others: whether lists of other models are shown with it, so that the newest of its own model counts.

        Returns:
            The id of what is kept, for `open_list`: random, and of no use to anybody else.

        Raises:
            StoreError: a value cannot be kept, or is too long.
        """
        if len(shown.films) > MOST_FILMS:
            raise StoreError(f"films: got {len(shown.films)}; expected at most {MOST_FILMS} in a list")
        films = _checked_films(shown)
        row: dict[str, Any] = {label: checked_label(label, getattr(shown, label)) for label in LABELS}
        row["comparison"] = None if shown.comparison is None else checked_label("comparison", shown.comparison)
        row["request"] = _json(shown.request)
        with self._writing(person) as connection:
            asked = NEWEST_OF_MODEL if beside_others else NEWEST
            if unless_newest and (newest := _id_if_same(connection, asked, person, row, films)):
                return newest
            row |= {"id": secrets.token_urlsafe(ID_SIZE), "person_id": person.id, "shown_at": self._now()}
            number = connection.execute(NEW_LIST, row).scalar_one()
            if films:
                columns = ("list_number", "rank", "item_id", "stars", "version")
                rows = [(number, rank, *film) for rank, film in enumerate(films)]
                connection.execute(NEW_FILMS, [dict(zip(columns, row, strict=True)) for row in rows])
            sweep_lists(connection, person, self._config.history.lists)
        return row["id"]

    def gone(self, person: Person) -> Gone:
        """How many older changes and lists of a person are no longer kept."""
        most = self._config.history
        with self._reading(person) as connection:
            return Gone(**gone_of(connection, person), most_changes=most.changes, most_lists=most.lists)

    def lists(self, person: Person, *, before: str | None = None, limit: int = 20) -> list[ShownList]:
        """The lists of a person, newest first.

        Args:
            person: whose lists.
            before: the id of a list: only those that are older, which is the next page; none if it is not the person's.
            limit: at most so many; if there are fewer, that was the last page.
        """
        query = sa.select(lists, N_FILMS).where(lists.c.person_id == person.id)
        if before is not None:
            cursor = sa.select(lists.c.number).where(*_list_of(person, before)).scalar_subquery()
            query = query.where(lists.c.number < cursor)
        with self._reading(person) as connection:
            rows = connection.execute(query.order_by(lists.c.number.desc()).limit(limit)).all()
            first = _first_films(connection, [row.number for row in rows])
        return [_shown(row, first[row.number]) for row in rows]

    def open_list(self, person: Person, list_id: str) -> OpenedList | None:
        """A list with its films, and what the person did with each since; None if the person has no such list."""
        with self._reading(person) as connection:
            row = connection.execute(sa.select(lists, N_FILMS).where(*_list_of(person, list_id))).first()
            if row is None:
                return None
            films = [ShownFilm(*film) for film in connection.execute(_films(row))]
        return OpenedList(_shown(row, [film.item_id for film in films[:FIRST_FILMS]]), tuple(films))


def _checked_films(shown: Recommendations) -> list[KeptFilm]:
    """The films of a list as they are kept; StoreError if one cannot be."""
    picks = shown.picks or [None] * len(shown.films)
    if len(picks) != len(shown.films):
        raise StoreError(f"picks: got {len(picks)} for {len(shown.films)} films; expected one for each, or none")
    return [
        (
            checked_item(item_id),
            None if stars is None else checked_stars(stars),
            None if version is None else checked_label("picks", version),
        )
        for (item_id, stars), version in zip(shown.films, picks, strict=True)
    ]


def _id_if_same(
    connection: Connection, query: sa.Select[Any], person: Person, labels: Mapping[str, Any], films: list[KeptFilm]
) -> str:
    """The id of the list of a person that a query finds, if it has these labels and films; else nothing."""
    asked = {"person": person.id, "kind": labels["kind"], "model": labels["model"]}
    found = connection.execute(query, asked).first()
    if found is None or any(found._mapping[name] != value for name, value in labels.items()):
        return ""
    found_films = connection.execute(FILMS_OF_LIST, {"list": found.number})
    return str(found.id) if [tuple(film) for film in found_films] == films else ""


def _list_of(person: Person, list_id: object) -> tuple[sa.ColumnElement[bool], ...]:
    """What selects a list if it is the person's; a text that is no id selects none."""
    known = list_id if isinstance(list_id, str) and ID.fullmatch(list_id) else ""
    return lists.c.id == known, lists.c.person_id == person.id


def _films(row: Row[Any]) -> sa.Select[Any]:
    """Item, expected stars, and stars and mark that were given since the list was shown."""
    query = sa.select(list_films.c.item_id, list_films.c.stars, ratings.c.stars, marks.c.mark)
    joined: sa.FromClause = list_films
    for table in (ratings, marks):
        same_film = (
            table.c.person_id == row.person_id,
            table.c.dataset == row.dataset,
            table.c.item_id == list_films.c.item_id,
        )
        joined = joined.outerjoin(table, sa.and_(*same_film, table.c.at >= row.shown_at))
    return query.select_from(joined).where(list_films.c.list_number == row.number).order_by(list_films.c.rank)


def _first_films(connection: Connection, numbers: Sequence[int]) -> dict[int, list[int]]:
    """The first films of some lists, by the lists' numbers."""
    first: dict[int, list[int]] = {number: [] for number in numbers}
    for number, item_id in connection.execute(FIRST_OF_LISTS, {"lists": [*numbers]}):
        first[number].append(item_id)
    return first


def _shown(row: Row[Any], first: Sequence[int]) -> ShownList:
    labels = {label: row._mapping[label] for label in ("id", "shown_at", *LABELS, "n_films")}
    return ShownList(**labels, request=json.loads(row.request), first=tuple(first))


def _json(request: Mapping[str, Any]) -> str:
    """A request as JSON; StoreError if it is none."""
    try:
        text = json.dumps(dict(request), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"request: got what is not JSON ({error}); expected texts, finite numbers, lists and objects"
        ) from None
    if len(text) > LONGEST_REQUEST:
        raise StoreError(f"request: got {len(text)} characters of JSON; expected at most {LONGEST_REQUEST}")
    return text
