"""MovieLens 100K out of a wheel that carries it: obtained by pip, never installed, rewritten as the official files.

Many networks reach a package index but not GroupLens. The wheel holds the same ratings in the same order, people and
films; of the films' dates only the year, and neither dates of video release nor URLs.
"""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from recsys.data.reading.side_tables import GENRES_100K
from recsys.errors import DataError

REQUIREMENT = "recbole==1.2.1"
FOLDER = "recbole/dataset_example/ml-100k"
PIP_TIMEOUT = 120.0  # seconds
OFFICIAL_FILES = ("u.data", "u.user", "u.item")


def pip_download(folder: Path) -> Path:
    """Let pip put the wheel into a folder; no cache of pip's, since ours keeps what is needed.

    Raises:
        DataError: pip is missing, fails or takes too long.
    """
    options = ["--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
    patience = ["--retries", "1", "--timeout", "10"]
    command = [sys.executable, "-m", "pip", "download", *options, *patience, "-d", str(folder), REQUIREMENT]
    try:
        pip = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=PIP_TIMEOUT, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"pip download {REQUIREMENT} did not end within {PIP_TIMEOUT:g} seconds") from None
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise DataError(f"pip download {REQUIREMENT} failed: {(pip.stderr.strip() or 'no message').splitlines()[-1]}")
    return wheels[0]


def write_official_files(wheel: Path, folder: Path, files: Collection[str] = OFFICIAL_FILES) -> None:
    """Write u.data, u.user and u.item, or some of them, as GroupLens publishes them.

    Args:
        wheel: the wheel file.
        folder: an existing folder.
        files: what to write; of the other tables nothing is read.

    Raises:
        DataError: the wheel is truncated or lacks the tables.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            tables = {name: archive.read(f"{FOLDER}/{_TABLES[name][0]}").decode() for name in files}
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"{wheel.name} is truncated or lacks the data: {error}") from None
    for name, table in tables.items():
        _write(folder / name, map(_TABLES[name][1], _records(table)))


def _records(table: str) -> Iterator[list[str]]:
    """Yield the fields of every line after the header."""
    return (line.split("\t") for line in table.rstrip("\n").split("\n")[1:])


def _write(path: Path, lines: Iterator[str]) -> None:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("latin-1"))


def _item_line(fields: list[str]) -> str:
    item_id, title, year, genres = fields
    flags = "|".join("1" if genre in genres.split(" ") else "0" for genre in GENRES_100K)
    if year == "unkonwn":  # the wheel's spelling of the one film without a name
        return f"{item_id}|unknown||||{flags}"
    full_title = f"{title} ({year})"
    date = f"01-Jan-{year if year.isdigit() else title[-5:-1]}"  # "... (1995)" with "V", for video, as its year
    return f"{item_id}|{full_title}|{date}|||{flags}"


_TABLES: dict[str, tuple[str, Callable[[list[str]], str]]] = {  # official file -> the wheel's, and what makes a line
    "u.data": ("ml-100k.inter", "\t".join),
    "u.user": ("ml-100k.user", "|".join),
    "u.item": ("ml-100k.item", _item_line),
}
