"""Processes of a job as threads of this one: what they do together is quick to try. Real ones are in `job_members`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
PATIENCE = 60.0  # seconds for which one waits for the others


class InThread:
    """One of several; see `Processes`."""

    def __init__(self, number: int, said: list[Any], barrier: Barrier):
        self.number, self.count, self.said, self.barrier = number, len(said), said, barrier

    def sum(self, values: Any) -> np.ndarray:
        parts = self.all_of(np.asarray(values))
        assert len({(part.shape, part.dtype) for part in parts}) == 1, "they sum different things"
        return np.sum(parts, axis=0, dtype=parts[0].dtype)

    def gathered(self, rows: np.ndarray) -> np.ndarray:
        parts = self.all_of(rows)
        assert len({(part.shape[1:], part.dtype) for part in parts}) == 1, "they gather different things"
        return np.concatenate(parts)

    def told_by_first(self, message: bytes) -> bytes:
        return self.all_of(message)[0]

    def all_of(self, own: Any) -> list[Any]:
        """What each says."""
        self.said[self.number] = own
        self.barrier.wait(PATIENCE)
        found = list(self.said)
        self.barrier.wait(PATIENCE)
        return found


def in_threads(count: int, work: Callable[[InThread], T]) -> list[T]:
    """What each of so many finds; or what one raises, rather than that others wait for it in vain."""
    said, barrier = [None] * count, Barrier(count)

    def one(number: int) -> T:
        try:
            return work(InThread(number, said, barrier))
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(count) as pool:
        jobs = [pool.submit(one, number) for number in range(count)]
    raised = [error for job in jobs if (error := job.exception()) is not None]
    for error in sorted(raised, key=lambda error: isinstance(error, BrokenBarrierError)):
        raise error
    return [job.result() for job in jobs]
