"""Whether a database answers: nobody waits long for one that hangs, and then nobody waits until it answers again."""

import logging
import threading
from collections.abc import Callable

TRIAL_SECONDS = 0.5  # between two trials of a database that is silent


class SilentError(Exception):
    """The database did not answer of late, so it is not asked."""


class Pulse:
    """Whether a database answers, as far as is known; once it does not, a thread tries again and again."""

    def __init__(self, place: str, trial: Callable[[], object]):
        """Take the database to watch.

        Args:
            place: what the log calls the database.
            trial: asks it for something, and raises if that fails.
        """
        self._place, self._trial = place, trial
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._listener: threading.Thread | None = None  # there is one as long as the database is silent

    def require(self) -> None:
        """SilentError if the database is known to be silent; not for the thread that tries."""
        if self._listener not in (None, threading.current_thread()):
            raise SilentError

    def lost(self, reason: str) -> None:
        """Note that there was no answer in time, and begin to listen for one."""
        with self._lock:
            if self._listener is not None or self._ended.is_set():
                return
            _log().warning("%s: %s; members are told to try again, until it answers.", self._place, reason)
            self._listener = threading.Thread(target=self._listen, name="database", daemon=True)
            self._listener.start()

    def end(self) -> None:
        """Listen no longer."""
        self._ended.set()
        if (listener := self._listener) is not None:
            listener.join()

    def _listen(self) -> None:
        while not self._ended.wait(TRIAL_SECONDS):
            try:
                self._trial()
            except Exception as error:
                _log().debug("%s: still silent (%s)", self._place, error)
            else:
                _log().warning("%s: it answers again.", self._place)
                break
        self._listener = None


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
