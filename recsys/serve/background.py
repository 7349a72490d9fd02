"""Work that takes a while: done in the background, once, and cached; who asks meanwhile is told to come again."""

import logging
import threading
from collections.abc import Callable, MutableMapping
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from recsys.errors import DataError
from recsys.serve.concurrency import GIVING_WAY

Key = TypeVar("Key")
Made = TypeVar("Made")


class Background(Generic[Key, Made]):
    """Values by key, each made by a thread when it is first asked for, one after the other.

    Attributes:
        values: what is there; give a WeakKeyDictionary, and a value goes with its key.
    """

    def __init__(self, values: MutableMapping[Key, Made]):
        self.values = values
        self._making: set[Key] = set()
        goes_with_keys = isinstance(values, WeakKeyDictionary)
        self._problems: MutableMapping[Key, str] = WeakKeyDictionary() if goes_with_keys else {}
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def ask(self, key: Key, make: Callable[[], Made]) -> Made | None:
        """The value; None while it is being made, which this call begins if need be.

        Raises:
            DataError: it could not be made. The next call tries again.
        """
        with self._lock:
            if key in self.values:
                return self.values[key]
            if (problem := self._problems.pop(key, None)) is not None:
                raise DataError(problem)
            if key not in self._making:
                self._making.add(key)
                threading.Thread(target=self._make, args=(key, make), name="background", daemon=True).start()
        return None

    def _make(self, key: Key, make: Callable[[], Made]) -> None:
        try:
            with self._one_at_a_time, GIVING_WAY:
                made = make()
            with self._lock:
                self.values[key] = made
        except DataError as error:
            self._problems[key] = str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("something could not be made ready")
            self._problems[key] = f"This could not be made ready ({type(error).__name__}): see the server's log."
        finally:
            with self._lock:
                self._making.discard(key)
