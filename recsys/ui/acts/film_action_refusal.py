"""What the page says to an act that is refused before Gradio has looked at it: as it says why any act was not kept."""

import json
from typing import Any

import gradio as gr
from starlette.responses import JSONResponse, Response

from recsys.errors import DataError
from recsys.serve.security.bodies import BUSY
from recsys.ui.acts.film_actions import refused

CARRIER = "told"  # elem_id of the component that carries acts
UNCHANGED = {"__type__": "update"}  # of a component, as Gradio says it


class ActRefusal:
    """The event of a page that carries acts, and what answers it where there is no time for the event."""

    def __init__(self, page: gr.Blocks):
        carrier = next(block for block in page.blocks.values() if getattr(block, "elem_id", None) == CARRIER)
        event = next(fn for fn in page.fns.values() if (carrier._id, "submit") in fn.targets and fn.fn is not None)
        self._number, self._place, self._n_outputs = event._id, event.outputs.index(carrier), len(event.outputs)

    def answer(self, body: bytes) -> Response | None:
        """Tell the act that a request's body carries that there was no time; None if it carries none."""
        said = json.loads(body)
        if said.get("fn_index") != self._number:
            return None
        shown: list[Any] = [UNCHANGED] * self._n_outputs
        shown[self._place] = refused(DataError(BUSY), gr.EventData(None, said.get("event_data")))
        return JSONResponse({"data": shown, "is_generating": False, "duration": 0.0, "average_duration": 0.0})
