"""What all handlers of Gradio's events share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.sentences import without_folders

NOT_AN_ENDPOINT: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
}  # of an event that is nobody's endpoint
UNCHECKED: dict[str, Any] = {**NOT_AN_ENDPOINT, "preprocess": False}  # of handlers that check themselves whatever comes

Updates = dict[Any, Any]  # component -> its new value or properties


@dataclass(frozen=True)
class TabContent:
    """What a tab shows once there is a model: `updates(model, shelf)` of the components `outputs`, to whoever comes."""

    outputs: tuple[Any, ...]
    updates: Callable[[Recommender, Shelf], Updates]


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Tell a visitor or a caller about their mistake without a traceback."""
    try:
        yield
    except DataError as mistake:
        sentence = escape(without_folders(str(mistake)), quote=False)
        raise gr.Error(sentence, print_exception=False) from None
