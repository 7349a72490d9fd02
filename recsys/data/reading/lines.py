"""Text files line by line, and what to say about a line that is wrong. Line 1 is the first line, as editors count."""

import re
import reprlib
from collections.abc import Iterator
from pathlib import Path

from recsys.errors import DataError


def text_of(path: Path) -> str:
    """Whole text of a file in UTF-8 (with or without a byte order mark) or else in Latin-1.

    Raises:
        DataError: there is no such file.
    """
    content = required(path).read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def required(path: Path) -> Path:
    """Return the path itself if a file is there.

    Raises:
        DataError: it is not.
    """
    if not path.is_file():
        raise DataError(
            f"{path.parent} has no file {path.name}; expected the unpacked files of one data set. "
            "Put it there, or name the folder that holds them."
        )
    return path


def split_lines(path: Path, separator: str, n_fields: int) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of every line that is not blank.

    Raises:
        DataError: a line has another number of fields.
    """
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        fields = line.rstrip("\r").split(separator)
        if not line.strip():
            continue
        if len(fields) != n_fields:
            raise DataError(
                f"{path.name} line {number} has {len(fields)} fields separated by {separator!r}; expected {n_fields}. "
                "Correct or delete that line."
            )
        yield number, fields


def is_whole(text: str, *, signed: bool = False) -> bool:
    """Whether a text is a whole number that 64 bits hold; blanks may stand around it, a sign before it if `signed`."""
    digits = text.strip(" \t")
    sign = r"[+-]?" if signed else ""
    return bool(re.fullmatch(sign + r"0*[0-9]{1,19}", digits)) and abs(int(digits)) < 2**63


def whole_number(text: str, what: str, path: Path, line: int) -> int:
    """Read a whole number.

    Raises:
        DataError: it is something else, or 64 bits cannot hold it.
    """
    if not is_whole(text):
        bound = " of at most 64 bits" if text.strip().isdecimal() else ""
        raise wrong_value(path, line, what, text, f"a whole number{bound}")
    return int(text)


def wrong_value(path: Path, line: int, what: str, came: str, expected: str) -> DataError:
    """Build the error for one field: what came there and what was expected."""
    shown = reprlib.repr(came.strip()) if came.strip() else "empty"
    return DataError(f"{path.name} line {line}: {what} is {shown}; expected {expected}. Correct or delete that line.")
