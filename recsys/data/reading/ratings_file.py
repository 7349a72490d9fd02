"""Ratings files: a fast parse of tens of millions of lines, and a slow one that finds the first bad line."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from recsys.data.ratings import COLUMNS
from recsys.data.reading.lines import is_whole, required, wrong_value
from recsys.data.reading.pieces import Digesting, joined
from recsys.data.scale import RatingScale
from recsys.errors import DataError

DTYPES = {"user_id": "int64", "item_id": "int64", "stars": "float32", "timestamp": "int64"}
CHUNK = 1 << 20  # ratings parsed at a time: what is read of them is made narrow before the next are


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


class RatingsRead(NamedTuple):
    """What a ratings file holds.

    Attributes:
        table: columns user_id, item_id and timestamp (int32, or int64 where these do not hold all) and stars
            (float32), in the file's order; blank lines are skipped.
        sha256: of the bytes that it was read from.
    """

    table: pd.DataFrame
    sha256: str


def read_ratings(path: Path, layout: RatingsLayout) -> RatingsRead:
    """Read a ratings file in pieces, so that memory holds little more than its numbers.

    Raises:
        DataError: the file or a column is missing, a line is not four numbers, or the last is cut off; says which line
            and value.
    """
    positions = _positions(required(path), layout)
    try:
        read = _parse(path, layout, positions)
    except (ValueError, TypeError, OverflowError) as error:
        raise _diagnosis(path, layout, positions, error) from None
    _refuse_cut_off(path, layout, read.table["timestamp"].to_numpy())
    return read


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
    header = _first_records(path)[0]
    missing = [name for name in layout.header if name not in header]
    if missing:
        raise DataError(
            f"{path.name} line 1 names no column {missing[0]!r}; it is {layout.separator.join(header)!r}. "
            f"Expected {layout.separator.join(layout.header)!r} there."
        )
    return tuple(header.index(name) for name in layout.header)


def _first_records(path: Path) -> tuple[list[str], list[str]]:
    """The names in a header, and the fields of the first rating; empty where there is none."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        header = [name.strip() for name in next(csv.reader([stream.readline()]), [])]
        try:
            return header, next((fields for fields in csv.reader(stream) if fields), [])
        except csv.Error:  # the parser finds it too, and then it is said where
            return header, []


def _parse(path: Path, layout: RatingsLayout, positions: tuple[int, ...]) -> RatingsRead:
    width = len(layout.separator)  # "a::b" split at single colons is a, "", b: the fields stand at even positions
    names = [f"at {position * width}" for position in positions]
    options = _columns_to_read(path, layout, sorted(position * width for position in positions))
    # what is no number is found by its type, or at the door
    with np.errstate(all="ignore"), Digesting(path) as source, io.BufferedReader(source) as stream:
        pieces = pd.read_csv(
            stream,
            sep=layout.separator[0],
            header=None,
            skiprows=0 if layout.header is None else 1,
            dtype={name: DTYPES[column] for column, name in zip(COLUMNS, names, strict=True)},
            na_filter=False,
            quoting=csv.QUOTE_NONE if layout.header is None else csv.QUOTE_MINIMAL,
            encoding_errors="replace",
            engine="c",
            chunksize=CHUNK,
            **options,
        )
        table = joined(piece[names].set_axis(list(COLUMNS), axis=1) for piece in pieces)
        return RatingsRead(table, source.sha256)


def _columns_to_read(path: Path, layout: RatingsLayout, places: list[int]) -> dict[str, Any]:
    """Arguments of read_csv: the four places, or, where a header counts them, all, so that no line has one too many.

    Raises:
        ValueError: the first rating has more fields than the header; pandas would leave out the first of them.
    """
    if layout.header is None:
        return {"usecols": places, "names": [f"at {place}" for place in places]}
    header, first = _first_records(path)
    if len(first) > len(header):
        raise ValueError("a field has no name")
    return {"names": [f"at {place}" for place in range(len(header))]}


def _refuse_cut_off(path: Path, layout: RatingsLayout, timestamp: np.ndarray) -> None:
    """Refuse a file whose last line does not end, and lacks the last digits of its time, (n_ratings,).

    A time seems to lack some where it is less than every other, and would not be with as many more.

    Raises:
        DataError: it is so.
    """
    if len(timestamp) < 2 or timestamp.dtype.kind != "i" or _ends(path):  # the door says what is no whole number
        return
    last, lowest, highest = int(timestamp[-1]), int(timestamp[:-1].min()), int(timestamp[:-1].max())
    lacking = [10**n_digits for n_digits in range(1, 19) if 0 < last < lowest]
    if any(last * more <= highest and lowest <= last * more + more - 1 for more in lacking):
        raise DataError(
            f"{path.name} {place_in_file(path, layout, len(timestamp) - 1)}, the last, does not end, and its timestamp "
            f"is {last} where every other is at least {lowest}: the file seems to be cut off there. Put the full file "
            "there, or end that line with a line break if it is whole."
        )


def _ends(path: Path) -> bool:
    """Whether a file ends with its last line."""
    with path.open("rb") as stream:
        stream.seek(-1, io.SEEK_END)
        return stream.read(1) in b"\r\n"


def _numbered_lines(path: Path, layout: RatingsLayout) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of every line that should hold a rating."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip(" \r\n") and not (layout.header and number == 1):
                yield number, line.rstrip("\r\n")


def _records(path: Path, layout: RatingsLayout) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of every rating; of a CSV file a field in quotation marks may hold commas.

    Raises:
        DataError: a line of a CSV file is not CSV.
    """
    if layout.header is None:
        yield from ((number, line.split(layout.separator)) for number, line in _numbered_lines(path, layout))
        return
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader, begins = csv.reader(stream, strict=True), 1
        try:
            for fields in reader:
                if begins > 1 and "".join(fields).strip():
                    yield begins, fields
                begins = reader.line_num + 1
        except csv.Error as error:
            raise DataError(
                f"{path.name} line {begins} is not CSV: {error}. Expected every quotation mark that opens to close "
                "again, right before a comma or the line's end. Correct or delete that line."
            ) from None


def _diagnosis(path: Path, layout: RatingsLayout, positions: tuple[int, ...], error: Exception) -> DataError:
    """Build the error for the first line that is not four numbers."""
    n_fields = None if layout.header is None else len(_first_records(path)[0])
    for number, fields in _records(path, layout):
        n_fields = n_fields or len(fields)  # without a header the first line sets it
        if len(fields) <= max(positions) or len(fields) > n_fields:
            return DataError(
                f"{path.name} line {number} has {len(fields)} fields separated by {layout.separator!r}; expected "
                f"{max(n_fields, max(positions) + 1)}. Correct or delete that line."
            )
        for column, position in zip(COLUMNS, positions, strict=True):
            expected = _expectation(fields[position], DTYPES[column])
            if expected:
                return wrong_value(path, number, column, fields[position], expected)
    return DataError(
        f"{path.name} cannot be read as ratings ({error}). Expected a line for every rating, in UTF-8, with the "
        "numbers of a user and a film, stars and a time in seconds."
    )


def _expectation(text: str, dtype: str) -> str:
    """What was expected in place of a text that is no such number; nothing for a number."""
    if dtype == "int64":
        return "" if is_whole(text, signed=True) else "a whole number"
    if re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", text, re.ASCII):
        return ""
    with_point = text.strip().replace(",", ".")
    return f"a number with a point, {with_point}" if re.fullmatch(r"[0-9]+\.[0-9]+", with_point) else "a number"
