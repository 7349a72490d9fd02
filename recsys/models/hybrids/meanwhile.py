"""Parts of a model that are fitted in threads of their own, while others are fitted in front."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from recsys.progress import OnProgress

T = TypeVar("T")


@contextmanager
def beside(n_threads: int) -> Iterator[Callable[[Callable[[], T]], Callable[[], T]]]:
    """What begins work in a thread of its own, and gives what waits for its result; of n_threads 0 there is none.

    Then work begins when it is waited for.
    """
    if not n_threads:
        yield lambda work: work
        return
    with ThreadPoolExecutor(n_threads) as pool:  # linear algebra in each has one thread: see `one_thread`
        yield lambda work: pool.submit(work).result


class Meanwhile:
    """What those behind are told of those in front: that they are done, or that one has failed."""

    def __init__(self) -> None:
        self.is_front_done, self.has_front_failed = Event(), Event()

    @contextmanager
    def in_front(self, is_last: bool) -> Iterator[None]:
        """Here a part in front is fitted.

        Args:
            is_last: none in front will follow that takes long.
        """
        try:
            yield
        except BaseException:
            self.has_front_failed.set()
            raise
        if is_last:
            self.is_front_done.set()

    def behind(self, on_progress: OnProgress) -> OnProgress:
        """An `on_progress` for a part behind: it passes on nothing until those in front are done.

        It raises CancelledError when one in front has failed, so that nobody waits for what is of no use.
        """

        def passed_on(stage: str, done: int, total: int | None, /, **figures: float) -> None:
            if self.has_front_failed.is_set():
                raise CancelledError("a part beside this one failed")
            if self.is_front_done.is_set():
                on_progress(stage, done, total, **figures)

        return passed_on
