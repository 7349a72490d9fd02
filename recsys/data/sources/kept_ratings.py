"""Ratings as they were read, kept beside what was downloaded, so that the next start reads numbers, not lines.

Each large ratings file has a folder called after its name, its size and its digest: a column in each of four .npy
files, facts.json, and the digests of these. Nothing is believed of a file but what its digest says.
"""

import json
import logging
import os
import re
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from recsys.data.ratings import COLUMNS
from recsys.data.reading.ratings_file import RatingsLayout, RatingsRead, read_ratings
from recsys.data.sources.cache import SUMS, being_filled, cache_folder, check_sums, require_disk, sha256_of, write_sums
from recsys.errors import DataError

KEEP_VARIABLE = "MOVIE_VAE_KEEP_RATINGS"
SWITCH = {"": True, "true": True, "false": False}  # what the variable may be
VERSION = 1  # of what lies in a folder
FOLDER, FACTS = "kept-ratings", "facts.json"
WORTH_KEEPING = 20_000_000  # bytes of a ratings file; less is read in a second
MOST_KEPT = 4  # files whose ratings are kept; those that were not used for longest go first
PLACE = re.compile(r".+-[0-9]+-[0-9a-f]{64}")
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptRatings:
    """Ratings of large files, kept in a folder; None: they are read from their files, each time."""

    folder: Path | None

    @classmethod
    def within(cls, cache: Path | None) -> Self:
        """Those of the folder for downloads, see `cache_folder`; none where a variable says so.

        Raises:
            DataError: it says something else.
        """
        said = os.environ.get(KEEP_VARIABLE, "").strip().lower()
        if said not in SWITCH:
            raise DataError(f"{KEEP_VARIABLE} is {said!r}; expected true or false: whether ratings are kept as read.")
        return cls(cache_folder(cache) / FOLDER if SWITCH[said] else None)

    def read(self, path: Path, layout: RatingsLayout) -> RatingsRead:
        """What `read_ratings` gives or raises, from what is kept where that was read from the same bytes."""
        if self.folder is None or not path.is_file() or path.stat().st_size < WORTH_KEEPING:
            return read_ratings(path, layout)
        return self._kept(self.folder, path) or self._read_and_keep(self.folder, path, layout)

    def _kept(self, folder: Path, path: Path) -> RatingsRead | None:
        alike = place_of(folder, path, "*")  # name and size, which spare a digest where nothing is kept
        if not any(folder.glob(alike.name)):
            return None
        sha256 = sha256_of(path)
        place = place_of(folder, path, sha256)
        if not place.is_dir():
            return None
        try:
            table = kept_table(place, sha256)
            os.utime(place)
            return RatingsRead(table, sha256)
        except (
            OSError,
            ValueError,
            EOFError,
            MemoryError,
            zipfile.BadZipFile,
        ) as reason:
            LOG.warning("What is kept of %s in %s is not used (%s); the file is read again.", path.name, place, reason)
            shutil.rmtree(place, ignore_errors=True)
            return None

    def _read_and_keep(self, folder: Path, path: Path, layout: RatingsLayout) -> RatingsRead:
        before = state_of(path)
        read = read_ratings(path, layout)
        if state_of(path) == before and are_numbers(read.table):  # else its first line may be another file's
            try:
                keep(read, place_of(folder, path, read.sha256))
                drop_oldest(folder)
            except OSError as reason:
                LOG.warning("The ratings of %s are not kept for the next start: %s.", path.name, reason)
        return read


def place_of(folder: Path, path: Path, sha256: str) -> Path:
    """Where the ratings of a file are kept; the name tells how its lines are to be read."""
    return folder / f"{path.name}-{path.stat().st_size}-{sha256}"


def state_of(path: Path) -> tuple[int, ...]:
    """What changes when a file is written or replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def are_numbers(table: pd.DataFrame) -> bool:
    """Whether all columns hold numbers; where a column has none at all, there is nothing to keep."""
    return all(kind.kind in "if" for kind in table.dtypes)


def keep(read: RatingsRead, place: Path) -> None:
    """Write the columns of a table, whole or not at all.

    Raises:
        OSError: they cannot be written, or the disk has no room for them.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    require_disk(place.parent, int(read.table.memory_usage(index=False).sum()))
    with being_filled(place) as (_, draft):
        draft.chmod(0o700)  # whoever may not read the file may not read this
        for name in COLUMNS:
            np.save(draft / f"{name}.npy", read.table[name].to_numpy(), allow_pickle=False)
        facts = {"version": VERSION, "sha256": read.sha256, "n_ratings": len(read.table)}
        (draft / FACTS).write_text(json.dumps(facts), encoding="utf-8")
        write_sums(draft)


def kept_table(place: Path, sha256: str) -> pd.DataFrame:
    """The table that was read from a file of this digest.

    Raises:
        DataError: it was kept by another version, or is damaged.
        OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile: likewise.
    """
    facts = json.loads((place / FACTS).read_text(encoding="utf-8"))
    version = facts.get("version") if isinstance(facts, dict) else None
    if version != VERSION:
        raise DataError(f"its version is {version}, and {VERSION} is read")
    sums = (place / SUMS).read_text(encoding="utf-8").splitlines()
    if sorted(line.partition("  ")[2] for line in sums) != sorted([FACTS, *(f"{name}.npy" for name in COLUMNS)]):
        raise DataError(f"{SUMS} is cut off")
    check_sums(place)
    columns = {name: np.load(place / f"{name}.npy", allow_pickle=False) for name in COLUMNS}
    if facts["sha256"] != sha256 or any(column.shape != (facts["n_ratings"],) for column in columns.values()):
        raise DataError("it is of another file")
    return pd.DataFrame(columns, copy=False)


def drop_oldest(folder: Path) -> None:
    """Delete what was not used for longest, beyond MOST_KEPT."""
    used: list[tuple[float, Path]] = []
    for place in folder.iterdir():
        with suppress(FileNotFoundError):  # another process has deleted it
            if PLACE.fullmatch(place.name):
                used.append((place.stat().st_mtime, place))
    for _, place in sorted(used, reverse=True)[MOST_KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
