"""From CSV to a table of texts. Line 1 is the first line, as editors count."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice

from recsys.errors import DataError
from recsys.rating_files.entries import shown
from recsys.rating_files.given import given_of
from recsys.rating_files.tables.formats import SOURCES
from recsys.store.ratings import MOST_AT_ONCE

DELIMITERS = (",", ";", "\t", "|")
LISTED = 6  # columns that a message lists
TRIED = 20  # rows that tell the delimiter
MOST_COLUMNS = 200
MOST_BLANK = 100_000  # empty lines, which take time too
BEFORE_HEAD = 6  # rows among which the names of the columns are; a spreadsheet may begin with a heading or "sep=;"
YEAR = re.compile(r"(?:18|19|20)\d\d(?:-\d\d-\d\d.*)?", re.ASCII)  # or a date: no name of a column

Row = tuple[int, list[str]]  # line, cells


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of texts.

    Attributes:
        head: names of the columns, with one space between words.
        line: of the head.
        rows: the rest, none of them blank.
        at: what a message says before "line 7": the name of its file in an archive and a space, or nothing.
    """

    head: tuple[str, ...]
    line: int
    rows: tuple[Row, ...]
    at: str

    @property
    def plain_head(self) -> list[str]:
        """The names in lower case."""
        return [name.casefold() for name in self.head]


def heads_of(text: str) -> dict[str, list[str]]:
    """For each delimiter, the names of the columns, if it is that.

    Raises:
        DataError: there are too many empty lines or columns.
    """
    return {delimiter: _head(text, delimiter)[2] for delimiter in DELIMITERS}


def table_of(text: str, delimiter: str, file: str = "") -> Table:
    """Read a table.

    Args:
        text: all of it.
        delimiter: between two cells.
        file: its name, where a message has to say it.

    Raises:
        DataError: it is not CSV, or it has too many rows, columns or empty lines.
    """
    at = f"{file} " if file else ""
    start, head_line, head = _head(text, delimiter)
    rows = tuple(islice(_rows(text, delimiter, at), start, start + MOST_AT_ONCE + 1))
    if len(rows) > MOST_AT_ONCE:
        raise DataError(
            f"{at}line {rows[-1][0]} is row {len(rows):,} of the table; expected at most {MOST_AT_ONCE:,}: split the "
            "table into several files."
        )
    return Table(head=tuple(head), line=head_line, rows=rows, at=at)


def delimiter_of(text: str) -> str:
    """The delimiter that splits the first rows most evenly.

    Raises:
        DataError: there are too many empty lines or columns.
    """

    def even(delimiter: str) -> tuple[float, int, int]:
        start, _, head = _head(text, delimiter)
        with suppress(_NotCSVError):
            rows = [cells for _, cells in islice(_rows(text, delimiter, strict=False), start, start + TRIED)]
            share = sum(len(cells) == len(head) for cells in rows) / (len(rows) or 1)
            return share * (len(head) > 1), -start, len(head)
        return 0.0, -start, len(head)

    return max(DELIMITERS, key=even)


def without_head(table: Table) -> Table:
    """The same, with a head of numbers where the first row is a film already."""
    if not any(given_of(name) or YEAR.fullmatch(name) for name in table.head):
        return table
    numbers = tuple(f"column {n}" for n in range(1, len(table.head) + 1))
    return replace(table, head=numbers, rows=((table.line, list(table.head)), *table.rows))


def unknown_columns(text: str, file: str, lack: str = "") -> DataError:
    """Why a table cannot be read: its columns, what it lacks, and what is read."""
    head = max(heads_of(text).values(), key=len)
    return DataError(
        f"{file} names the columns {listed(head) or 'of no table'}{lack}; expected a title (title, name, film or "
        "movie) and a rating (such as rating /10, or stars of 5): name the columns so in the first line. Files that "
        f"are read are those of {SOURCES}."
    )


class _NotCSVError(DataError):
    """The text is no CSV from some line on."""


def listed(head: Sequence[str]) -> str:
    """The first columns, as a message names them; "" if there are none."""
    return ", ".join(shown(name.casefold()) for name in head[:LISTED]) + (", …" if len(head) > LISTED else "")


def _rows(text: str, delimiter: str, at: str = "", strict: bool = True) -> Iterator[Row]:
    """Yield (line, cells) of every row that is not blank; a row may take several lines, of which that is the first."""
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    line, n_blank = 1, 0
    try:
        for cells in rows:
            if len(cells) > MOST_COLUMNS:
                raise _too_many("columns", MOST_COLUMNS, f"{at}line {line}")
            if any(cell.strip() for cell in cells):
                yield line, cells
            else:
                n_blank += 1
            if n_blank > MOST_BLANK:
                raise _too_many("empty lines", MOST_BLANK, f"{at}line {line}")
            line = rows.line_num + 1
    except csv.Error as error:
        raise _NotCSVError(
            f"{at}line {line} is not CSV ({error}); expected quotation marks that are closed, and doubled inside a "
            "text: correct or delete that line, or save the table as CSV again."
        ) from None


def _too_many(what: str, most: int, place: str) -> DataError:
    return DataError(f"{place}: got more than {most:,} {what}; expected at most as many: delete what is too much.")


def _head(text: str, delimiter: str) -> tuple[int, int, list[str]]:
    """How many rows come before the first film, the line of the last of them, and the names of the columns in it."""
    first: list[Row] = []
    with suppress(_NotCSVError):
        for row in islice(_rows(text, delimiter, strict=False), BEFORE_HEAD):
            first.append(row)
    wide = [at for at, (_, cells) in enumerate(first) if sum(bool(cell.strip()) for cell in cells) > 1]
    if not first:
        return 0, 0, []
    at = wide[0] if wide else 0
    line, cells = first[at]
    return at + 1, line, [" ".join(name.split()) for name in cells]
