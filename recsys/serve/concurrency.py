"""How many calls work at once, and what whoever waits too long is told."""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

from recsys.errors import DataError

TOO_MANY = "Too many people do something at this moment: try again."
LATE = "This takes too long, and whether it was kept is not known: look again in a moment."

SHORT_TURN = 0.0005  # seconds that a thread of Python works before another that waits goes on; Python's own are 0.005

T = TypeVar("T")


class TooManyError(DataError):
    """So many calls wait already that one more has no turn; nothing was done."""


class LateError(DataError):
    """A call has not ended in time, and goes on."""


class ConcurrencyLimit:
    """Lets a few calls work at once in threads of their own, and a bounded number wait: for handlers without a queue.

    Who waits for something that hangs keeps nobody waiting but those who have the same turns.
    """

    def __init__(self, at_once: int, most_waiting: int, patience: float | None = None):
        """Make the threads.

        Args:
            at_once: calls that work at once.
            most_waiting: calls that wait.
            patience: seconds after which nobody waits for a call any longer; it has its turn until it ends.
        """
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="turn")
        self._inside, self._patience = threading.BoundedSemaphore(at_once + most_waiting), patience

    async def take(self, call: Callable[..., T], *given: Any) -> T:
        """What a call returns, once it is its turn.

        Raises:
            TooManyError: too many wait already, or it was not its turn in time.
            LateError: it has not ended in time.
        """
        if not self._inside.acquire(blocking=False):
            raise TooManyError(TOO_MANY)
        job = self._threads.submit(copy_context().run, call, *given)
        job.add_done_callback(lambda _: self._inside.release())
        await asyncio.wait([ended(job)], timeout=self._patience)
        if job.cancel():
            raise TooManyError(TOO_MANY)
        if not job.done():
            raise LateError(LATE)
        return job.result()


def ended(job: Future[Any]) -> asyncio.Future[None]:
    """Is done when a job is, however that ends."""
    loop = asyncio.get_running_loop()
    waited: asyncio.Future[None] = loop.create_future()

    def note() -> None:
        if not waited.done():
            waited.set_result(None)

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(note)

    job.add_done_callback(tell)
    return waited


def is_open(reason: DataError) -> bool:
    """Whether it is not known if something was done."""
    from recsys.store import OutcomeUnknownError

    return isinstance(reason, LateError | OutcomeUnknownError)


class GivingWay:
    """Work that nobody waits for, during which others go on sooner: while a page answers, its threads take many turns.

    Several may do such work at once; the turns are as long as before when the last has ended.
    """

    def __init__(self) -> None:
        self._lock, self._n_inside, self._usual = threading.Lock(), 0, 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._n_inside:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(SHORT_TURN)
            self._n_inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._n_inside -= 1
            if not self._n_inside:
                sys.setswitchinterval(self._usual)


GIVING_WAY = GivingWay()  # of this process
