"""What goes wrong with TMDB: told to the log once in a while, and asked again after longer and longer."""

import logging
import threading
import time
from collections.abc import Callable

FIRST_SECONDS, MOST_SECONDS = 30.0, 3600.0  # until TMDB is asked again
TOLD_SECONDS = 3600.0  # in which trouble of one kind is told once


class TroubleError(Exception):
    """TMDB gave nothing that can be used.

    Attributes:
        kind: a word for it.
        sentence: for the log, without address and key.
        wait: seconds that TMDB asks to wait; 0: it does not say.
        is_of_film: whether it concerns one film, and others may be asked for.
    """

    def __init__(self, kind: str, sentence: str, wait: float = 0.0, is_of_film: bool = False):
        super().__init__(sentence)
        self.kind, self.sentence, self.wait, self.is_of_film = kind, sentence, wait, is_of_film


class Outage:
    """Whether TMDB is to be left alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._until, self._seconds = -MOST_SECONDS, 0.0
        self._told: dict[str, float] = {}

    @property
    def lasts(self) -> bool:
        """Whether nobody is to ask now."""
        return self._clock() < self._until

    def note(self, trouble: TroubleError) -> None:
        """TMDB has failed: from now on it is left alone for a while, if others would fail too."""
        self.tell(trouble.kind, f"No posters for now: {trouble.sentence}")
        with self._lock:
            if trouble.is_of_film or self.lasts:
                return
            self._seconds = min(max(2 * self._seconds, FIRST_SECONDS, trouble.wait), MOST_SECONDS)
            self._until = self._clock() + self._seconds

    def over(self) -> None:
        """TMDB has answered well."""
        with self._lock:
            self._seconds = 0.0

    def tell(self, kind: str, sentence: str) -> None:
        """Tell the log, unless it was told of this kind not long ago."""
        with self._lock:
            now = self._clock()
            is_new = now - self._told.get(kind, -TOLD_SECONDS) >= TOLD_SECONDS
            if is_new:
                self._told[kind] = now
        if is_new:
            logging.getLogger(__name__).warning("%s", sentence)
