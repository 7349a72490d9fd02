"""Tables as CSV: whose they are is seen from the names of their columns. Line 1 is the first line, as editors count."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from itertools import islice

from recsys.data.errors import DataError
from recsys.data.title_names import folded, key_of
from recsys.rating_files.entries import Entry, known_mark, moment, shown
from recsys.rating_files.own import THIS_PAGE, unguarded
from recsys.store.people import MARKS, Mark
from recsys.store.ratings import MOST_AT_ONCE

DELIMITERS = (",", ";", "\t")
LISTED = 6  # columns that a message lists
NO_FILM = ("serie", "episod", "game", "podcast", "musicvideo")  # in a title's type at IMDb, in several languages
ID = re.compile(r"[+-]?[0-9]{1,18}")
YEAR = re.compile(r"[0-9]{4}")
SEPARATOR_ROW = re.compile(r"sep=.?", re.IGNORECASE)

Row = Mapping[str, str]  # what a cell holds (a key of Layout.columns) -> its text, "" where there is none


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a table is written.

    Attributes:
        source: where it comes from.
        columns: what a column holds -> names that it may have, without upper case and spaces around.
        required: what must be there for the table to be taken for this one.
        out_of: the most stars that it gives; None: as many as the data has.
        needs_year: whether a title without a year says too little.
        mark: that every row puts on its film.
    """

    source: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    out_of: float | None = None
    needs_year: bool = False
    mark: Mark | None = None

    def places_in(self, head: Sequence[str]) -> dict[str, int] | None:
        """Where in a row the columns stand, from 0; None: a required one is missing."""
        named = {what: [head.index(name) for name in names if name in head] for what, names in self.columns.items()}
        places = {what: found[0] for what, found in named.items() if found}
        return places if set(self.required) <= set(places) else None


OWN = Layout(
    source=THIS_PAGE,
    columns={name: (name,) for name in ("title", "dataset", "item_id", "stars", "rated_at", "mark", "marked_at")},
    required=("dataset", "item_id", "stars"),
)
IMDB = Layout(
    source="IMDb",
    columns={
        "const": ("const",),
        "title": ("title",),
        "original": ("original title",),
        "year": ("year",),
        "type": ("title type",),
        "stars": ("your rating", "you rated"),
        "rated_at": ("date rated", "created"),
    },
    required=("const", "title", "stars"),
    out_of=10.0,
    needs_year=True,
)
_LETTERBOXD_FILM = {"uri": ("letterboxd uri",), "title": ("name",), "year": ("year",)}
LETTERBOXD = Layout(
    source="Letterboxd",
    columns={**_LETTERBOXD_FILM, "stars": ("rating",), "rated_at": ("date",)},
    required=("uri", "title", "stars"),
    out_of=5.0,
    needs_year=True,
)
WATCHLIST = Layout(
    source="Letterboxd",
    columns={**_LETTERBOXD_FILM, "marked_at": ("date",)},
    required=("uri", "title"),
    needs_year=True,
    mark="later",
)
HAND_MADE = Layout(
    source="a table of titles and stars",
    columns={
        "title": ("title", "name", "film", "movie"),
        "year": ("year",),
        "stars": ("stars", "rating"),
        "rated_at": ("rated_at", "date"),
    },
    required=("title", "stars"),
)
RATED = (OWN, IMDB, LETTERBOXD, HAND_MADE)  # the last fits nearly everything


def entries_of_table(text: str, layouts: Sequence[Layout] = RATED, file: str = "") -> tuple[str, Iterator[Entry]]:
    """Read a table.

    Args:
        text: all of it.
        layouts: those that it may have; the first that fits counts.
        file: its name, where a message has to say it.

    Returns:
        Where it comes from, and its rows, which are read one after the other.

    Raises:
        DataError: it has no layout of these; and, once that row is asked for, it is not CSV from there on, it has too
            many rows, or a mark is unknown.
    """
    at = f"{file} " if file else ""
    for delimiter in DELIMITERS:
        start, head = _head(text, delimiter)
        for layout in layouts:
            places = layout.places_in(head)
            if places is not None:
                rows = islice(_rows(text, delimiter, at), start, None)
                return layout.source, _entries(layout, places, rows, at)
    raise _unknown_columns(text, file or "the file")


def _entries(
    layout: Layout, places: Mapping[str, int], rows: Iterator[tuple[int, list[str]]], at: str
) -> Iterator[Entry]:
    for count, (line, cells) in enumerate(rows, start=1):
        if count > MOST_AT_ONCE:
            raise DataError(
                f"{at}line {line} is row {count:,} of the table; expected at most {MOST_AT_ONCE:,}: split the table "
                "into several files."
            )
        row = {what: cells[place].strip() for what, place in places.items() if place < len(cells)}
        yield _entry(layout, dict.fromkeys(layout.columns, "") | row, f"{at}line {line}")


def _entry(layout: Layout, row: Row, place: str) -> Entry:
    """What a row says. An id that is none leaves the title to tell the film."""
    read = unguarded if layout is OWN else str
    titles = dict.fromkeys(read(row.get(column, "")) for column in ("title", "original"))
    return Entry(
        place=place,
        titles=tuple(title for title in titles if title),
        year=_whole(YEAR, row.get("year", "")),
        needs_year=layout.needs_year,
        dataset=read(row.get("dataset", "")),
        item_id=_whole(ID, row.get("item_id", "")),
        is_film=_is_film(row.get("type", "")),
        stars=row.get("stars", ""),
        out_of=layout.out_of,
        at=moment(row.get("rated_at")),
        mark=layout.mark or _mark(row.get("mark", ""), place),
        marked_at=moment(row.get("marked_at")),
    )


@lru_cache(maxsize=64)
def _is_film(kind: str) -> bool:
    """Whether a title of this type is a film; what has no type is one."""
    plain = key_of(folded(kind))
    return not any(other in plain for other in NO_FILM)


def _whole(pattern: re.Pattern[str], text: str) -> int | None:
    return int(text) if pattern.fullmatch(text) else None


def _mark(text: str, place: str) -> Mark | None:
    mark = known_mark(text)
    if text and mark is None:
        raise DataError(
            f"{place}: the mark is {shown(text)}; expected {' or '.join(MARKS)} or nothing: correct or delete it."
        )
    return mark


def _rows(text: str, delimiter: str, at: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every row that is not blank; a row may take several lines, of which that is the first."""
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = rows.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{at}line {line} is not CSV ({error}); expected quotation marks that are closed, and doubled inside a "
            "text: correct or delete that line, or save the table as CSV again."
        ) from None


def _head(text: str, delimiter: str) -> tuple[int, list[str]]:
    """How many rows come before the first film, and the names of the columns in the last of them.

    A spreadsheet may begin with a row that tells the delimiter, "sep=;".
    """
    with suppress(csv.Error):
        rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        filled = (cells for cells in rows if any(cell.strip() for cell in cells))
        for at, cells in enumerate(islice(filled, 2)):
            if at or not SEPARATOR_ROW.fullmatch("".join(cells)):
                return at + 1, [" ".join(name.split()).casefold() for name in cells]
    return 0, []


def _unknown_columns(text: str, file: str) -> DataError:
    heads = (_head(text, delimiter)[1] for delimiter in DELIMITERS)
    head = max(heads, key=len)
    found = ", ".join(shown(name) for name in head[:LISTED]) + (", …" if len(head) > LISTED else "")
    return DataError(
        f"{file} names the columns {found or 'of no table'}; expected a title (title, name, film or movie) and "
        "stars (stars or rating), as in the exports of this page, IMDb and Letterboxd (ratings.csv, or the whole ZIP): "
        "name the columns so in the first line."
    )
