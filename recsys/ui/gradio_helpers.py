"""What all handlers of Gradio's events share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.sentences import without_folders
from recsys.ui.places import Place

NOT_AN_ENDPOINT: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}  # of the page's own events
UNCHECKED: dict[str, Any] = {**NOT_AN_ENDPOINT, "preprocess": False}  # of handlers that check themselves whatever comes
# of handlers that have a limit of their own: the queue is more work than all the rest
UNQUEUED: dict[str, Any] = {**UNCHECKED, "trigger_mode": "multiple", "queue": False}
LATEST: dict[str, Any] = {**UNCHECKED, "trigger_mode": "always_last"}  # of handlers whose last call alone matters

Updates = dict[Any, Any]  # component -> its new value or properties


@dataclass(frozen=True)
class Renewal:
    """What draws a part of the page anew when many ratings are others, as by a file.

    Attributes:
        inputs: its components that say what is wanted.
        outputs: its components that `updates` fills.
        updates: (recommender, shelf, values of the inputs, which may be anything) -> what they show to whoever has it.
    """

    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    updates: Callable[[Recommender, Shelf, Sequence[Any]], Updates]


@dataclass(frozen=True)
class TabContent:
    """What a tab shows once there is a model.

    Attributes:
        outputs: its components that `updates` fills.
        updates: (recommender, shelf) -> what they show to whoever has the shelf.
        places: of the tab, that an address can lead to.
        renewals: of its parts that show ratings or lists.
    """

    outputs: tuple[Any, ...]
    updates: Callable[[Recommender, Shelf], Updates]
    places: tuple[Place, ...] = ()
    renewals: tuple[Renewal, ...] = ()

    @classmethod
    def joined(cls, contents: "Iterable[TabContent]") -> "TabContent":
        """Several as one."""
        parts = tuple(contents)

        def updates(recommender: Recommender, shelf: Shelf) -> Updates:
            return {what: value for part in parts for what, value in part.updates(recommender, shelf).items()}

        outputs = tuple(component for part in parts for component in part.outputs)
        places = tuple(place for part in parts for place in part.places)
        return cls(outputs, updates, places, tuple(renewal for part in parts for renewal in part.renewals))


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Tell a visitor or a caller about their mistake without a traceback."""
    try:
        yield
    except DataError as mistake:
        sentence = escape(without_folders(str(mistake)), quote=False)
        raise gr.Error(sentence, duration=None, print_exception=False) from None  # it stays until it is read
