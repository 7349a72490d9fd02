"""What becomes of a file with ratings that a guest chooses: the server reads it, and the browser keeps it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.serve.accounts.guest_shelf import GuestShelf, Taken
from recsys.ui.gradio_helpers import NOT_AN_ENDPOINT, UNCHECKED, Updates
from recsys.ui.markup import NOTHING
from recsys.ui.shared.visits import Visits

SIGNED_IN = "You are signed in by now: reload the page, and choose the file again."
TAKEN = "() => { document.dispatchEvent(new CustomEvent('films-taken')); }"  # film_actions.js hears it


@dataclass(frozen=True, eq=False)
class GuestImportHandlers:
    """The handlers of the events.

    Attributes:
        visits: find the model and who asks.
        taken: the component that tells what is kept.
    """

    visits: Visits
    taken: gr.HTML

    def take(self, stored: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """Keep in the browser what an event says that a file holds, which may be anything."""
        with self.visits.answer(stored, request) as (_, shelf):
            if not isinstance(shelf, GuestShelf):
                raise DataError(SIGNED_IN)
            said = event._data if isinstance(event._data, dict) else {}
            kept = shelf.take(said.get("ratings"), said.get("marks"), said.get("times"))
            return {self.taken: in_words(kept), self.visits.browser_state: shelf.stored()}


@dataclass(frozen=True, eq=False)
class FileComponents:
    """The components that have to do with a file.

    Attributes:
        files: where it is chosen; its event `submit` says what it holds.
        taken: tells what is kept.
        undone: its event `submit` says that something was undone.
    """

    files: gr.HTML
    taken: gr.HTML
    undone: gr.HTML


def guest_import(visits: Visits, components: FileComponents) -> None:
    """Call the handlers for the events; what shows ratings is drawn anew once the browser keeps them.

    Args:
        visits: find the model and who asks.
        components: of the file.
    """
    taken, stored = components.taken, visits.browser_state
    handlers = GuestImportHandlers(visits, taken)
    kept = components.files.submit(handlers.take, stored, [taken, stored], **UNCHECKED)
    kept.success(None, js=TAKEN, **NOT_AN_ENDPOINT)
    components.undone.submit(lambda: NOTHING, None, taken, **UNCHECKED)


def in_words(taken: Taken) -> Markup:
    """What is kept, with the way to it and the way back."""
    is_new = taken.n_new + taken.n_changed + taken.n_marked > 0
    undo = Markup('<button type="button" class="plain" data-do="undo">Undo</button>') if is_new else NOTHING
    html = Markup(
        '<div class="offer" role="status"><p>{}</p><div class="choices">'
        '<button type="button" class="plain" data-look="for-you">Show me films</button>{}</div></div>'
    )
    return html.format(" ".join(sentences(taken)), undo)


def sentences(taken: Taken) -> list[str]:
    """What became of a file.

    >>> sentences(Taken(24, 1, 2, 0))
    ['Kept in this browser: 24 new ratings, 1 in place of another, 2 marks.']
    >>> sentences(Taken(0, 0, 0, 0))
    ['There is nothing new in it.']
    """
    parts = [
        f"{taken.n_new:,} new {'rating' if taken.n_new == 1 else 'ratings'}" if taken.n_new else "",
        f"{taken.n_changed:,} in place of {'another' if taken.n_changed == 1 else 'others'}" if taken.n_changed else "",
        f"{taken.n_marked:,} {'mark' if taken.n_marked == 1 else 'marks'}" if taken.n_marked else "",
    ]
    told = ", ".join(filter(None, parts))
    kept = f"Kept in this browser: {told}." if told else "There is nothing new in it."
    left = (
        f"There is no room here for {taken.n_left:,} more: register, and choose the file again." if taken.n_left else ""
    )
    return [kept, *([left] if left else [])]
