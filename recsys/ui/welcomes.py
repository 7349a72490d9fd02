"""What somebody is shown who comes for the first time, and how the page brings it along: as it comes, with no call."""

import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import ref

import gradio as gr
from markupsafe import Markup

from recsys.recommend.recommender import Recommender
from recsys.ui import browser
from recsys.ui.gradio_helpers import Updates
from recsys.ui.markup import NOTHING
from recsys.ui.shared.list_controls import Beside
from recsys.ui.shared.visits import LIST_MODEL_KEY, STORAGE_KEY

SHOWN = Markup("<script>(() => {{\n{show}welcome(() => localStorage, window.gradio_config, {said});\n}})();</script>\n")
N_KEPT = 3  # that may still be on their way to somebody
KEYS = {"guest": STORAGE_KEY, "model": LIST_MODEL_KEY}  # of what a browser keeps that is no newcomer's
OF_SESSIONS = (gr.State, gr.Dropdown)  # a dropdown's choices are checked by what the session knows of it


@dataclass(frozen=True, eq=False)
class Welcome:
    """What a newcomer is shown.

    Attributes:
        token: tells it from all others; whoever was shown it sends it back.
        recommender: answers; a weak reference, so that a model that answers no more can go.
        updates: component -> its value or properties.
    """

    token: str
    recommender: ref[Recommender]
    updates: Updates

    @property
    def of_session(self) -> Updates:
        """What is left to be told to the session of whoever was shown the rest.

        Not what the page shows beside lists: an address may have changed that by now, so it counts as not known.
        """
        return {
            what: value
            for what, value in self.updates.items()
            if isinstance(what, OF_SESSIONS) and not isinstance(value, Beside)
        }


class Welcomes:
    """The last ones."""

    def __init__(self) -> None:
        self._last: deque[Welcome] = deque(maxlen=N_KEPT)

    def new(self, recommender: Recommender, updates: Updates) -> Welcome:
        """One more."""
        self._last.append(Welcome(secrets.token_hex(8), ref(recommender), updates))
        return self._last[-1]

    def of(self, token: object, recommender: Recommender) -> Welcome | None:
        """The one of a token, which may be anything; None if it is none, or another model's."""
        found = (each for each in self._last if each.token == token and each.recommender() is recommender)
        return next(found, None)


class Script(str):
    """JavaScript that holds no end of a script."""

    def __html__(self) -> str:
        """As it stands in a page."""
        return self


def script(parts: Mapping[int, Mapping[str, Any]]) -> Markup:
    """What shows it, in the page's head, to a browser that keeps nothing; nothing if there is nothing to show.

    Args:
        parts: number of a component -> its properties, as a browser takes them.
    """
    if not parts:
        return NOTHING
    said = json.dumps({"keys": KEYS, "parts": parts}).replace("<", "\\u003c")  # no end of a script stands in it
    return SHOWN.format(show=Script(browser.read("head/newcomer.js")), said=Script(said))
