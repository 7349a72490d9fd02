"""What a newcomer is shown, as Gradio hands it to browsers: made now and then, and the same for all."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from recsys.ui.arrival import ArrivalHandlers, Standing
from recsys.ui.markup import NOTHING
from recsys.ui.welcomes import script

SECONDS = 60.0  # after which it is made anew: tastes are there by then, or another model's results


@dataclass(frozen=True)
class Made:
    """What was made.

    Attributes:
        script: stands in the page's head.
        standing: where the engine and the accounts stood.
        at: seconds on a clock.
    """

    script: Markup
    standing: Standing
    at: float


class Newcomers:
    """Makes it, as the page's own arrival would."""

    def __init__(self, page: gr.Blocks, clock: Callable[[], float] = time.monotonic):
        """Take the page; `clock` gives seconds."""
        self._page, self._clock = page, clock
        self._event = next(fn for fn in page.fns.values() if isinstance(handlers_of(fn), ArrivalHandlers))
        self._handlers: ArrivalHandlers = handlers_of(self._event)
        self._lock, self._made = asyncio.Lock(), Made(NOTHING, None, 0.0)

    async def script(self) -> Markup:
        """What stands in the page's head; nothing while there is something to wait for."""
        standing = self._handlers.standing()
        async with self._lock:
            if self._made.standing != standing or self._clock() - self._made.at > SECONDS:
                made = NOTHING if standing is None else await self._script()
                self._made = Made(made, standing, self._clock())
            return self._made.script

    async def _script(self) -> Markup:
        welcome = await run_in_threadpool(self._handlers.welcome)
        if welcome is None:
            return NOTHING
        values = await self._page.postprocess_data(self._event, welcome.updates, None)
        shown = zip(self._event.outputs, values, strict=True)
        parts = {block._id: properties(value) for block, value in shown if not block.stateful}
        return script({number: found for number, found in parts.items() if found})


def handlers_of(event: Any) -> Any:
    """Whose method an event calls; None if it calls none."""
    return getattr(event.fn, "__self__", None)


def properties(value: Any) -> dict[str, Any]:
    """What of a component is another by a value that Gradio hands to browsers."""
    if isinstance(value, dict) and value.get("__type__") == "update":
        return {name: new for name, new in value.items() if name != "__type__"}
    return {"value": value}
