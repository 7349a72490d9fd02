"""How many threads linear algebra may use."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager:
    """Inside this context NumPy's and SciPy's linear algebra uses one thread.

    Threads that wait for each other in a busy loop cost more than small systems are worth, and on a machine that is
    shared they are a disaster: an inverse that takes one thread 0.2 s took two threads 8 s beside another program.
    """
    return linear_algebra_libraries().limit(limits=1)


@cache
def linear_algebra_libraries() -> ThreadpoolController:
    """What sets the number of threads; looking for the libraries takes a while, so it is done once."""
    return ThreadpoolController()
