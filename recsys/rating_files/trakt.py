"""The JSON of Trakt: a list of what somebody rated there."""

from collections.abc import Iterator
from typing import Any

from recsys.errors import DataError
from recsys.rating_files.dates import moment
from recsys.rating_files.entries import Entry, printable, shown
from recsys.rating_files.tables.formats import FILM, SOURCES
from recsys.store.ratings import MOST_AT_ONCE

HIGHEST = 10.0
RATED = {"rating", "rated_at"}  # what an entry has beside its film


def entries_of_trakt(said: list[Any]) -> Iterator[Entry]:
    """Read the ratings of films, one after the other; what is no film is left out by name.

    Args:
        said: objects with rating (1 to 10), rated_at, type, and under the name of that type title and year.

    Raises:
        DataError: it is a list of something else, or too long.
    """
    if not all(isinstance(entry, dict) and RATED & set(entry) for entry in said[:1]):
        raise DataError(f"the file is a list; expected the JSON export of this page or of Trakt. Read are {SOURCES}.")
    if len(said) > MOST_AT_ONCE:
        raise DataError(
            f"the list has {len(said):,} entries; expected at most {MOST_AT_ONCE:,}: split the list into several files."
        )
    return (_entry(entry, f"entry {number}") for number, entry in enumerate(said, start=1))


def _entry(rated: Any, place: str) -> Entry:
    if not isinstance(rated, dict):
        return Entry(place=place, unreadable=f"it is {shown(rated)}")
    kind = rated.get("type") or ("movie" if "movie" in rated else "")
    film = rated.get(kind) if isinstance(kind, str) else None
    if not isinstance(film, dict) or not isinstance(film.get("title"), str):
        return Entry(place=place, unreadable="it has no title")
    year = film.get("year")
    return Entry(
        place=place,
        titles=(film["title"].strip(),) if film["title"].strip() else (),
        year=year if type(year) is int else None,
        needs_year=True,
        no_film="" if kind in FILM else printable(kind[:100]),
        stars=rated.get("rating"),
        highest=HIGHEST,
        at=moment(rated.get("rated_at")),
    )
