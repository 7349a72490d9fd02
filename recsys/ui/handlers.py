"""What all handlers of the page share."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

import gradio as gr

from recsys.data.errors import DataError
from recsys.recommender import Recommender
from recsys.ui.shelf import Shelf

HIDDEN: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
}  # of an event that is nobody's endpoint

T = TypeVar("T")
Updates = dict[Any, Any]  # component -> its new value or properties


@dataclass(frozen=True)
class Offer:
    """What a tab shows once there is a model: `updates(model, shelf)` of the components `outputs`, to whoever comes."""

    outputs: tuple[Any, ...]
    updates: Callable[[Recommender, Shelf], Updates]


class Turns:
    """Lets a few calls work at once in threads, and a bounded number wait: for handlers that are not queued."""

    def __init__(self, at_once: int, most_waiting: int):
        self._turns, self._n_inside = asyncio.Semaphore(at_once), 0
        self._most = at_once + most_waiting

    async def take(self, call: Callable[..., T], *given: Any) -> T:
        """What a call returns, once it is its turn; DataError if too many wait already."""
        if self._n_inside >= self._most:
            raise DataError("Too many people do something at this moment: try again.")
        self._n_inside += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(call, *given)
        finally:
            self._n_inside -= 1


PATH = re.compile(r"(?<![\w:/])/(?:[^\s,;:()]+/)+([^\s,;:()]+)")


def without_folders(sentence: str) -> str:
    """A sentence for strangers, who need not know where on the server a file lies.

    >>> without_folders("It was read from the cache, /home/me/.cache/films, in the folder runs/new.")
    'It was read from the cache, films, in the folder runs/new.'
    """
    return PATH.sub(r"\1", sentence)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Tell a visitor or a caller about their mistake without a traceback."""
    try:
        yield
    except DataError as mistake:
        sentence = escape(without_folders(str(mistake)), quote=False)
        raise gr.Error(sentence, print_exception=False) from None
