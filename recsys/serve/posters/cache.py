"""Posters on disk, and that a film has none: so much and no more of them, and none for longer than TMDB allows."""

import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys.serve.posters.pictures import kind_of

DAY = 24 * 3600.0  # seconds
PICTURE_DAYS, NONE_DAYS = 150, 7  # TMDB allows six months
MOST_BYTES = 100 * 2**20  # of all files
BLOCK = 4096  # bytes that even an empty file counts
TRIMMED_TO = 0.9  # of MOST_BYTES, once there are more
EVERY = 64  # files that are written until all are counted again
ENDING = ".poster"


@dataclass(frozen=True)
class Found:
    """What is known of a film's poster.

    Attributes:
        picture: its bytes; None where there is none.
        is_known: whether that was found out, and is not only so for now.
    """

    picture: bytes | None
    is_known: bool = True


NONE, NOT_NOW = Found(None), Found(None, is_known=False)


class PosterCache:
    """A folder with a file for every film, an empty one where there is no poster; the oldest go first."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.time):
        """Take the folder, which is made once something is kept.

        Args:
            folder: of this alone.
            most_bytes: of all files.
            clock: gives seconds since 1970.
        """
        self.folder, self._most, self._clock = folder, most_bytes, clock
        self._lock, self._written = threading.Lock(), 0

    def find(self, key: str) -> Found | None:
        """What is known of a film; None: nothing, or for too long."""
        try:
            path = self._path(key)
            age = self._clock() - path.stat().st_mtime
            content = path.read_bytes()
        except OSError:
            return None
        if age > DAY * (PICTURE_DAYS if content else NONE_DAYS) or (content and kind_of(content) is None):
            return None
        return Found(content) if content else NONE

    def keep(self, key: str, picture: bytes | None, days: float | None = None) -> None:
        """Remember a poster, or that there is none.

        Args:
            key: of the film.
            picture: None where there is none.
            days: for which it is remembered that there is none, if not as long as usual.

        Raises:
            OSError: the disk does not take it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        number, draft = tempfile.mkstemp(dir=self.folder, suffix=".draft")
        try:
            with open(number, "wb") as stream:
                stream.write(picture or b"")
            early = 0.0 if days is None else DAY * (NONE_DAYS - days)
            os.utime(draft, (self._clock() - early,) * 2)
            os.replace(draft, self._path(key))
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        self._trim_now_and_then()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{ENDING}"

    def _trim_now_and_then(self) -> None:
        with self._lock:
            self._written += 1
            if self._written % EVERY == 1:
                trim(self.folder, self._most)


def trim(folder: Path, most: int) -> None:
    """Delete the oldest files of a folder if all together have too many bytes."""
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # somebody else deletes too
                found = entry.stat()
                files.append((found.st_mtime, max(found.st_size, BLOCK), entry.path))
    total = sum(size for _, size, _ in files)
    if total <= most:
        return
    for _, size, path in sorted(files):
        Path(path).unlink(missing_ok=True)
        total -= size
        if total <= TRIMMED_TO * most:
            return
