"""A long table that is read in pieces: narrow columns, and the digest of the bytes that went by."""

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recsys.data.numbering import narrow

SPARE = 8  # a column that has no room gets an eighth more than it needs


def joined(pieces: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One table of pieces with the same columns, whose whole numbers are made as narrow as they can be."""
    columns: dict[str, Growing] = {}
    for piece in pieces:
        for name in piece.columns:
            columns.setdefault(name, Growing()).append(narrow(piece[name].to_numpy()))
    return pd.DataFrame({name: columns.pop(name).whole() for name in list(columns)}, copy=False)


class Growing:
    """A column that gets longer; what it holds is in memory once, with a little room, rather than also in pieces."""

    def __init__(self) -> None:
        self._room = np.empty(0, dtype=np.int32)
        self._n_filled = 0

    def append(self, piece: np.ndarray) -> None:
        """Add numbers at the end, in the narrowest type that holds them and those before."""
        wanted = np.result_type(piece, self._room) if self._n_filled else piece.dtype
        if wanted != self._room.dtype:
            self._room = self._room.astype(wanted)
        end = self._n_filled + len(piece)
        if end > len(self._room):
            self._room.resize(end + end // SPARE, refcheck=False)
        self._room[self._n_filled : end] = piece
        self._n_filled = end

    def whole(self) -> np.ndarray:
        """What was added, without room for more; nothing can be added then."""
        self._room.resize(self._n_filled, refcheck=False)
        return self._room


class Digesting(io.RawIOBase):
    """A file that is read from its beginning to its end, and then knows the digest of what was read."""

    def __init__(self, path: Path):
        self._stream = path.open("rb", buffering=0)
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, as `io.RawIOBase` has it."""
        n_read: int = self._stream.readinto(buffer) or 0
        self._digest.update(memoryview(buffer)[:n_read])
        return n_read

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()

    @property
    def sha256(self) -> str:
        """Hexadecimal, of the bytes so far."""
        return self._digest.hexdigest()
