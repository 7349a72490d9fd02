"""What several threads need and only one works out."""

from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import scipy.sparse as sp

Made = TypeVar("Made")


class Shared(Generic[Made]):
    """Results by key, each kept as long as anybody else holds it; whoever comes while one is made waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: WeakValueDictionary[bytes, Made] = WeakValueDictionary()
        self._at_work: WeakValueDictionary[bytes, Lock] = WeakValueDictionary()

    def get(self, key: bytes, make: Callable[[], Made]) -> Made:
        """What make() gives, which is the same for the same key."""
        with self._lock:
            at_work = self._at_work.setdefault(key, Lock())
        with at_work:
            found = self._made.get(key)
            if found is None:
                found = self._made[key] = make()
            return found


def digest(matrix: sp.csr_array) -> bytes:
    """What differs if matrices do."""
    found = sha256(repr((matrix.shape, matrix.dtype)).encode())
    for part in (matrix.indptr, matrix.indices, matrix.data):
        found.update(np.ascontiguousarray(part).data)
    return found.digest()
