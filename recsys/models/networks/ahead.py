"""Making what comes next while what came before is worked on."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

N_AHEAD = 2  # that wait, at most


def made_ahead(make: Callable[[T], U], wanted: Iterable[T]) -> Iterator[U]:
    """What a function makes of each, in their order, made in a thread beside whoever takes them.

    Args:
        make: is called once for each, by one thread, one after the other.
        wanted: what it is called with; no more than N_AHEAD are made before they are asked for.
    """
    with ThreadPoolExecutor(1) as pool:
        coming: deque[Future[U]] = deque()
        for each in wanted:
            coming.append(pool.submit(make, each))
            if len(coming) > N_AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
