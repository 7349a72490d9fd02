"""Ratings files: a fast parse of tens of millions of lines, and a slow one that finds the first bad line."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recsys.data.errors import DataError
from recsys.data.lines import required, wrong_value
from recsys.data.ratings import COLUMNS
from recsys.data.scale import RatingScale

DTYPES = {"user_id": "int64", "item_id": "int64", "stars": "float32", "timestamp": "int64"}


@dataclass(frozen=True, kw_only=True)
class RatingsLayout:
    """How a ratings file is written.

    Attributes:
        file: its name.
        separator: what stands between two fields.
        header: names in the file's first line of user, item, stars and timestamp; None: they are the first four fields.
        scale: the scale that the format promises; None: to be seen from the ratings.
    """

    file: str
    separator: str
    header: tuple[str, str, str, str] | None = None
    scale: RatingScale | None = None


def read_ratings(path: Path, layout: RatingsLayout) -> pd.DataFrame:
    """Read the columns user_id, item_id, stars and timestamp in the file's order; blank lines are skipped.

    Raises:
        DataError: the file or a column is missing, or a line is not four numbers; says which line and value.
    """
    positions = _positions(required(path), layout)
    try:
        return _parse(path, layout, positions)
    except (ValueError, OverflowError) as error:
        raise _diagnosis(path, layout, positions, error) from None


def place_in_file(path: Path, layout: RatingsLayout, row: int) -> str:
    """Name the line of the row-th rating (from 0): a walk through the file, so for error messages only."""
    for position, (number, _) in enumerate(_numbered_lines(path, layout)):
        if position == row:
            return f"line {number}"
    raise AssertionError(f"{path} has no rating {row}")


def _positions(path: Path, layout: RatingsLayout) -> tuple[int, ...]:
    """Where in a line user, item, stars and timestamp stand, from 0."""
    if layout.header is None:
        return (0, 1, 2, 3)
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        header = [name.strip().strip('"') for name in stream.readline().split(layout.separator)]
    missing = [name for name in layout.header if name not in header]
    if missing:
        raise DataError(
            f"{path.name} line 1 names no column {missing[0]!r}; it is {layout.separator.join(header)!r}. "
            f"Expected {layout.separator.join(layout.header)!r} there."
        )
    return tuple(header.index(name) for name in layout.header)


def _parse(path: Path, layout: RatingsLayout, positions: tuple[int, ...]) -> pd.DataFrame:
    in_file_order = sorted(range(len(COLUMNS)), key=lambda column: positions[column])
    width = len(layout.separator)  # "a::b" split at single colons is a, "", b: the fields stand at even positions
    frame = pd.read_csv(
        path,
        sep=layout.separator[0],
        header=None,
        skiprows=0 if layout.header is None else 1,
        usecols=[positions[column] * width for column in in_file_order],
        names=[COLUMNS[column] for column in in_file_order],
        dtype=DTYPES,
        na_filter=False,
        quoting=csv.QUOTE_NONE if layout.header is None else csv.QUOTE_MINIMAL,
        encoding_errors="replace",
        engine="c",
    )
    return frame[list(COLUMNS)]


def _numbered_lines(path: Path, layout: RatingsLayout) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of every line that should hold a rating."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip(" \r\n") and not (layout.header and number == 1):
                yield number, line.rstrip("\r\n")


def _diagnosis(path: Path, layout: RatingsLayout, positions: tuple[int, ...], error: Exception) -> DataError:
    """Build the error for the first line that is not four numbers."""
    for number, line in _numbered_lines(path, layout):
        fields = line.split(layout.separator)
        if len(fields) <= max(positions):
            return DataError(
                f"{path.name} line {number} has {len(fields)} fields separated by {layout.separator!r}; expected "
                f"{max(positions) + 1}. Correct or delete that line."
            )
        for column, position in zip(COLUMNS, positions, strict=True):
            text = fields[position].strip().strip('"')
            if not _is_number(text, DTYPES[column]):
                expected = "a number" if column == "stars" else "a whole number"
                return wrong_value(path, number, column, text, expected)
    return DataError(f"{path.name} cannot be read as ratings ({error}). Unpack the archive again.")


def _is_number(text: str, dtype: str) -> bool:
    if dtype == "int64":
        return bool(re.fullmatch(r"[+-]?[0-9]+", text)) and abs(int(text)) < 2**63
    return bool(re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text))
