"""Where evenings are written down: a book in the memory of this process, where no other process is to know them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, Self

from recsys.serve.evenings.evening import Evening

MOST_TOLD = 1000  # who is still to be told that they have left by signing out
MOST_REMEMBERED = 10_000  # who has tried wrong codes
NEVER = (0.0, 0)  # wrong codes of somebody of whom none is remembered


class Entries(Protocol):
    """All evenings, which nobody else reads or changes meanwhile."""

    def __len__(self) -> int:
        """How many there are."""

    def find(self, code: str) -> Evening | None:
        """The one of a code."""

    def of(self, who: str) -> Evening | None:
        """The one that somebody takes part in themselves."""

    def begun_at(self, address: str) -> list[Evening]:
        """Those that were begun from an address."""

    def keep(self, evening: Evening) -> None:
        """Write down one as it is now, which is in use."""

    def end(self, code: str) -> None:
        """One is over."""

    def longest_idle(self) -> str:
        """The code of the one that was in use longest ago."""

    def forget_before(self, began: float, tried: float) -> None:
        """End those that began at a moment or before; forget wrong codes likewise."""

    def is_to_be_told(self, who: str) -> bool:
        """Whether somebody was not told yet that they have left by signing out."""

    def note_to_tell(self, who: str) -> None:
        """Somebody is to be told that."""

    def tell(self, who: str) -> bool:
        """Somebody is told; False if they were already."""

    def wrong_codes(self, key: str) -> tuple[float, int]:
        """When the first of somebody's wrong codes came, and how many came since."""

    def note_wrong_codes(self, key: str, first: float, number: int) -> None:
        """Remember that."""


class Book(Protocol):
    """Where evenings are written down.

    Attributes:
        clock: gives seconds, by which evenings end.
    """

    clock: Callable[[], float]

    def reading(self) -> AbstractContextManager[Entries]:
        """All of it, to look at."""

    def changing(self) -> AbstractContextManager[Entries]:
        """All of it, to change: what one changes here, all others see afterwards, or nothing of it."""

    def note_use(self, evening: Evening) -> None:
        """Somebody looks at one."""


class MemoryBook:
    """A book that ends with this process, and that no other one sees."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock, self._lock = clock, threading.Lock()
        self._evenings: OrderedDict[str, Evening] = OrderedDict()  # by code, the one in use last at the end
        self._code_of: dict[str, str] = {}  # by who takes part themselves
        self._to_tell: OrderedDict[str, None] = OrderedDict()
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    @contextmanager
    def changing(self) -> Iterator[Self]:
        """All of it."""
        with self._lock:
            yield self

    reading = changing

    def note_use(self, evening: Evening) -> None:
        """Somebody looks at one."""
        with self._lock:
            if evening.code in self._evenings:
                self._evenings.move_to_end(evening.code)

    def __len__(self) -> int:
        """As Entries has it, and so do those below."""
        return len(self._evenings)

    def find(self, code: str) -> Evening | None:
        """The one of a code."""
        return self._evenings.get(code)

    def of(self, who: str) -> Evening | None:
        """The one that somebody takes part in themselves."""
        return self._evenings.get(self._code_of.get(who, ""))

    def begun_at(self, address: str) -> list[Evening]:
        """Those that were begun from an address."""
        return [each for each in self._evenings.values() if each.address == address]

    def keep(self, evening: Evening) -> None:
        """Write down one as it is now."""
        self._forget_owners(evening.code)
        self._evenings[evening.code] = evening
        self._evenings.move_to_end(evening.code)
        self._code_of |= dict.fromkeys(evening.owners, evening.code)

    def end(self, code: str) -> None:
        """One is over."""
        self._forget_owners(code)
        self._evenings.pop(code, None)

    def longest_idle(self) -> str:
        """The code of the one that was in use longest ago."""
        return next(iter(self._evenings))

    def forget_before(self, began: float, tried: float) -> None:
        """End those that began at a moment or before; wrong codes are forgotten when there are too many."""
        for code in [code for code, evening in self._evenings.items() if evening.began <= began]:
            self.end(code)

    def is_to_be_told(self, who: str) -> bool:
        """Whether somebody was not told yet."""
        return who in self._to_tell

    def note_to_tell(self, who: str) -> None:
        """Somebody is to be told."""
        self._to_tell[who] = None
        while len(self._to_tell) > MOST_TOLD:
            self._to_tell.popitem(last=False)

    def tell(self, who: str) -> bool:
        """Somebody is told."""
        return self._to_tell.pop(who, self) is None

    def wrong_codes(self, key: str) -> tuple[float, int]:
        """When the first of somebody's wrong codes came, and how many."""
        return self._wrong.get(key, NEVER)

    def note_wrong_codes(self, key: str, first: float, number: int) -> None:
        """Remember that."""
        self._wrong[key] = first, number
        while len(self._wrong) > MOST_REMEMBERED:
            self._wrong.popitem(last=False)

    def _forget_owners(self, code: str) -> None:
        if (before := self._evenings.get(code)) is not None:
            for who in before.owners:
                self._code_of.pop(who, None)
