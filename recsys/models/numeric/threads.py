"""How many threads work."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import cache, partial
from threading import Lock
from typing import TypeVar

import numpy as np
from threadpoolctl import OpenBLASController, ThreadpoolController

from recsys.data.interactions import Histories

BLOCK = 128  # histories

T = TypeVar("T")


class OneThread(AbstractContextManager[None]):
    """Inside this context NumPy's and SciPy's linear algebra uses one thread.

    Threads that wait for each other in a busy loop cost more than small systems are worth, and on a machine that is
    shared they are a disaster: an inverse that takes one thread 0.2 s took two threads 8 s beside another program.

    The limit holds for the whole process, so whoever enters first sets it and whoever leaves last lifts it. For these
    the libraries obey: threadpoolctl otherwise lets only one thread of a process set a limit, and is silent to others.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.n_inside = 0

    def __enter__(self) -> None:
        with self.lock:
            if not self.n_inside:
                OpenBLASController.clear_controlling_thread(force=True)
                self.limit = linear_algebra_libraries().limit(limits=1)
            self.n_inside += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.n_inside -= 1
            if not self.n_inside:
                OpenBLASController.clear_controlling_thread(force=True)
                self.limit.restore_original_limits()


@cache
def linear_algebra_libraries() -> ThreadpoolController:
    """What sets the number of threads; looking for the libraries takes a while, so it is done once."""
    return ThreadpoolController()


_ONE_THREAD = OneThread()


def one_thread() -> OneThread:
    """The context of the process in which linear algebra uses one thread."""
    return _ONE_THREAD


def by_blocks(answer: Callable[[Histories], np.ndarray], people: Histories) -> np.ndarray:
    """What a function answers to many people, (B, ...): block by block, a thread for every core.

    A block's arrays stay in the cache of a core, and every thread does its own linear algebra.
    """
    starts = range(0, len(people), BLOCK)
    with one_thread():
        if len(starts) < 2:
            return answer(people)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.concatenate(jobs_in(pool, [partial(answer, people[start : start + BLOCK]) for start in starts]))


def side_by_side(calls: Sequence[Callable[[], T]]) -> list[T]:
    """What calls return, in their order; a thread for each where there are several cores."""
    if os.cpu_count() == 1:
        return [call() for call in calls]
    with ThreadPoolExecutor(len(calls)) as pool:
        return jobs_in(pool, calls)


def jobs_in(pool: ThreadPoolExecutor, calls: Sequence[Callable[[], T]]) -> list[T]:
    """What calls return, in their order, by threads that say as much of overflows as this one does."""
    jobs = [pool.submit(copy_context().run, call) for call in calls]
    return [job.result() for job in jobs]
