"""How many threads work."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from threading import Lock
from typing import TypeVar

from threadpoolctl import ThreadpoolController

T = TypeVar("T")

MANY_PEOPLE = 64  # from so many histories on, a thread is worth its start


class OneThread(AbstractContextManager):
    """Inside this context NumPy's and SciPy's linear algebra uses one thread.

    Threads that wait for each other in a busy loop cost more than small systems are worth, and on a machine that is
    shared they are a disaster: an inverse that takes one thread 0.2 s took two threads 8 s beside another program.

    The limit holds for the whole process, so whoever enters first sets it and whoever leaves last lifts it.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.n_inside = 0

    def __enter__(self) -> None:
        with self.lock:
            if not self.n_inside:
                self.limit = linear_algebra_libraries().limit(limits=1)
            self.n_inside += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.n_inside -= 1
            if not self.n_inside:
                self.limit.restore_original_limits()


@cache
def linear_algebra_libraries() -> ThreadpoolController:
    """What sets the number of threads; looking for the libraries takes a while, so it is done once."""
    return ThreadpoolController()


_ONE_THREAD = OneThread()


def one_thread() -> OneThread:
    """The context of the process in which linear algebra uses one thread."""
    return _ONE_THREAD


def side_by_side(calls: Sequence[Callable[[], T]], n_people: int) -> list[T]:
    """What the calls return, each doing its linear algebra alone; if they are about many people, in threads."""
    with one_thread():
        if n_people < MANY_PEOPLE:
            return [call() for call in calls]
        with ThreadPoolExecutor(len(calls)) as pool:
            return [started.result() for started in [pool.submit(call) for call in calls]]
