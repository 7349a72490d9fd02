"""What films are called that the store knows by a data set and a number."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from recsys.store.database.connection import Database
from recsys.store.database.schema import films
from recsys.store.people import FilmName, checked_item, checked_label

AT_ONCE = 5000  # films in one transaction, which keeps others waiting for a moment
LONGEST_TITLE = 500  # characters
MOST_NAMED = 10_000  # films, parameters of one statement
COLUMNS = tuple(films.c[name] for name in FilmName._fields)


class Films:
    """Names of films. They are nobody's, so no person is asked for."""

    def __init__(self, database: Database):
        self._database = database

    def of(self, dataset: str) -> dict[int, FilmName]:
        """All that is kept of a data set, by item_id."""
        query = sa.select(films.c.item_id, *COLUMNS).where(films.c.dataset == checked_label("dataset", dataset))
        with self._database.reading() as connection:
            return {item_id: FilmName(*named) for item_id, *named in connection.execute(query)}

    def some_of(self, dataset: str, items: Collection[int]) -> dict[int, FilmName]:
        """What is kept of some films of a data set, by item_id; at most MOST_NAMED are asked for."""
        assert len(items) <= MOST_NAMED
        query = sa.select(films.c.item_id, *COLUMNS).where(
            films.c.dataset == checked_label("dataset", dataset), films.c.item_id.in_([*map(checked_item, items)])
        )
        with self._database.reading() as connection:
            return {item_id: FilmName(*named) for item_id, *named in connection.execute(query)}

    def note(self, dataset: str, named: Mapping[int, FilmName]) -> int:
        """Keep what films are called, in place of what they were called before; of how many that is new."""
        wanted = {checked_item(item_id): _storable(film) for item_id, film in named.items()}
        known = self.of(dataset)
        fresh = sorted(item_id for item_id, film in wanted.items() if known.get(item_id) != film)
        rows = [{"dataset": dataset, "item_id": item_id, **wanted[item_id]._asdict()} for item_id in fresh]
        put = _put(self._database.is_sqlite)
        for start in range(0, len(rows), AT_ONCE):
            with self._database.writing() as connection:
                connection.execute(put, rows[start : start + AT_ONCE])
        return len(rows)


def _put(is_sqlite: bool) -> Any:
    """The statement that keeps films; of two processes that do so at once, the second changes nothing."""
    added: Any = sqlite.insert(films) if is_sqlite else postgresql.insert(films)
    changed = {name: added.excluded[name] for name in FilmName._fields}
    return added.on_conflict_do_update(index_elements=["dataset", "item_id"], set_=changed)


def _storable(film: FilmName) -> FilmName:
    """The same, with a title that every database takes."""
    title = film.title[:LONGEST_TITLE].encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return film._replace(title=title)
