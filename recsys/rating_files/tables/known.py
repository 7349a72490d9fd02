"""Tables of a known format, row by row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from recsys.errors import DataError
from recsys.films.title_names import folded, key_of
from recsys.rating_files.dates import Order, moment, order_of
from recsys.rating_files.entries import Entry, known_mark, printable, shown
from recsys.rating_files.given import given_of
from recsys.rating_files.our_formats import unguarded
from recsys.rating_files.tables.formats import FOR_LETTERBOXD, KNOWN, OWN, SOURCES, Format
from recsys.rating_files.tables.rows import Row, Table, heads_of, listed, table_of
from recsys.store.people import MARKS, Mark

NO_FILM = ("serie", "season", "episod", "show", "game", "podcast", "musicvideo", "book", "album")  # in a title's type
NO_FILM_ALONE = ("tv", "anime", "manga", "music")  # as all of it; a "TV Movie" is a film
ID, IMDB_ID = re.compile(r"[+-]?[0-9]{1,18}"), re.compile(r"(?:tt)?([0-9]{1,12})")
YEAR = re.compile(  # also pandas' 1996.0, a date, and years in parentheses
    r"\(?(?P<alone>[0-9]{4})(?:[.,]0+)?\)?|(?P<first>[0-9]{4})[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[ T].*)?"
    r"|[0-9]{1,2}[./-][0-9]{1,2}[./-](?P<last>[0-9]{4})(?:[ T].*)?"
)


def known_table(text: str, formats: Sequence[Format] = KNOWN, file: str = "") -> tuple[Format, Table] | None:
    """The table of a text and its format, the first that fits; None: none does.

    Args:
        text: all of it.
        formats: those that it may have.
        file: its name, where a message has to say it.

    Raises:
        DataError: it is not CSV, or has too many rows, columns or empty lines.
    """
    for delimiter, head in heads_of(text).items():
        plain = [name.casefold() for name in head]
        for known in formats:
            if known.places_in(plain) is not None:
                table = table_of(text, delimiter, file)
                if _fits(table, known):
                    return known, table
    return None


def entries_of(table: Table, known: Format) -> Iterator[Entry]:
    """Read the rows of a table, one after the other.

    Raises:
        DataError: the format has a rating, but the table has none; and, once that row is asked for, a mark is unknown.
    """
    places = known.places_in(table.plain_head)
    assert places is not None
    if known.mark is None and "stars" not in places:
        raise DataError(
            f"{table.at or 'the file '}is a table of {known.source} without your ratings: it names the columns "
            f"{listed(table.head)}; expected one with {known.columns['stars'][0]!r}. Files that are read are those of "
            f"{SOURCES}."
        )
    orders = {what: known.order or order_of(column(table, places.get(what))) for what in ("rated_at", "marked_at")}
    return (_entry(known, row, places, orders, table) for row in table.rows)


def column(table: Table, place: int | None) -> list[str]:
    """All cells of a column; none if there is no such column."""
    return [] if place is None else [cells[place] for _, cells in table.rows if place < len(cells)]


def too_long(row: Row, table: Table) -> str:
    """What is wrong with a row that has more cells than the table has columns; "": nothing."""
    n_columns = len(table.head)
    if not any(cell.strip() for cell in row[1][n_columns:]):
        return ""
    return f"{len(row[1])} cells in {n_columns} columns: put quotation marks around a text or number with a comma"


def year_of(text: str) -> int | None:
    """The year that a cell says; None: it says none."""
    found = YEAR.fullmatch(text)
    return None if found is None else int(found["alone"] or found["first"] or found["last"])


def imdb_of(text: str) -> str:
    """A film's id at IMDb as links.csv and addresses have it; "": the cell says none.

    >>> imdb_of("tt114709"), imdb_of("114709"), imdb_of("nm0000123")
    ('tt0114709', 'tt0114709', '')
    """
    found = IMDB_ID.fullmatch(text)
    return "" if found is None else f"tt{int(found[1]):07d}"


@lru_cache(maxsize=256)
def no_film(kind: str, films: tuple[str, ...] = ()) -> str:
    """The type of a title, if one of that type is no film; else "".

    Args:
        kind: the type, as it is written; what has none is a film.
        films: the types that films have; none: all have that do not say otherwise.
    """
    plain = key_of(folded(kind[:100]))
    if films:
        is_film = not plain or plain in films
    else:
        is_film = plain not in NO_FILM_ALONE and not any(other in plain for other in NO_FILM)
    return "" if is_film else printable(kind[:100])


def _fits(table: Table, known: Format) -> bool:
    """Whether no number is too high for the format."""
    places = known.places_in(table.plain_head) or {}
    return not any(
        (given := given_of(cell)) is not None and given.value > most
        for what, most in known.at_most.items()
        for cell in column(table, places[what])
    )


def _entry(
    known: Format, row: Row, places: Mapping[str, int], orders: Mapping[str, Order | None], table: Table
) -> Entry:
    """What a row says. An id that is none leaves the title to tell the film."""
    line, cells = row
    read = unguarded if known in (OWN, FOR_LETTERBOXD) else str
    said = {what: cells[place].strip() for what, place in places.items() if place < len(cells)}
    titles = dict.fromkeys(read(said.get(name, "")) for name in ("title", "original"))
    number = said.get("item_id", "")
    place = f"{table.at}line {line}"
    return Entry(
        place=place,
        titles=tuple(title for title in titles if title),
        year=year_of(said.get("year", "")),
        needs_year=known.needs_year,
        dataset=read(said.get("dataset", "")),
        item_id=int(number) if ID.fullmatch(number) else None,
        imdb=imdb_of(said.get("imdb", "")),
        tmdb=int(at_tmdb) if ID.fullmatch(at_tmdb := said.get("tmdb", "")) else None,
        no_film=no_film(said.get("type", ""), known.films),
        unreadable=too_long(row, table),
        stars=said.get("stars", ""),
        highest=known.highest,
        at=moment(said.get("rated_at"), orders["rated_at"]),
        mark=known.mark or _mark(said.get("mark", ""), place),
        marked_at=moment(said.get("marked_at"), orders["marked_at"]),
    )


def _mark(text: str, place: str) -> Mark | None:
    mark = known_mark(text)
    if text and mark is None:
        raise DataError(
            f"{place}: the mark is {shown(text)}; expected {' or '.join(MARKS)} or nothing: correct or delete it."
        )
    return mark
