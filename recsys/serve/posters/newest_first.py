"""Jobs that a few threads do, the newest first: what somebody sees now goes before what was scrolled away."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


class NewestFirst(Generic[K, T]):
    """So many jobs at once, and so many that wait: if there are more, the oldest is given up.

    Attributes:
        given_up: what a job answers that is never done.
    """

    def __init__(self, work: Callable[[K], T], at_once: int, most_waiting: int, given_up: T):
        """Take the work.

        Args:
            work: does a job, and raises nothing.
            at_once: threads.
            most_waiting: jobs that wait.
            given_up: see above.
        """
        self.given_up = given_up
        self._work, self._at_once, self._most_waiting = work, at_once, most_waiting
        self._waiting: OrderedDict[K, Future[T]] = OrderedDict()
        self._under_way: dict[K, Future[T]] = {}
        self._lock = threading.Lock()
        self._n_threads = 0

    def ask(self, job: K) -> Future[T]:
        """What a job will answer; asked for again, it is the newest."""
        with self._lock:
            if job in self._under_way:
                return self._under_way[job]
            answer = self._waiting.pop(job, None) or Future()
            self._waiting[job] = answer
            late = self._waiting.popitem(last=False)[1] if len(self._waiting) > self._most_waiting else None
            if self._n_threads < self._at_once:
                self._n_threads += 1
                threading.Thread(target=self._run, name="posters", daemon=True).start()
        if late is not None:
            late.set_result(self.given_up)
        return answer

    def _run(self) -> None:
        while (job := self._next()) is not None:
            result = self._work(job)
            with self._lock:
                answer = self._under_way.pop(job)
            answer.set_result(result)

    def _next(self) -> K | None:
        """The newest job; None, and this thread counts no more, if none waits."""
        with self._lock:
            if not self._waiting:
                self._n_threads -= 1
                return None
            job, answer = self._waiting.popitem()
            self._under_way[job] = answer
            return job
