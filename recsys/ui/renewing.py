"""Drawing anew all that shows ratings or lists, once many ratings are others: each as its controls want it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from recsys.ui.gradio_helpers import LATEST, Renewal, Updates
from recsys.ui.shared.visits import Visits


@dataclass(frozen=True, eq=False)
class RenewingHandlers:
    """The handler of the event.

    Attributes:
        visits: find the model and who asks.
        parts: of the page that show ratings or lists.
    """

    visits: Visits
    parts: Sequence[Renewal]

    @property
    def inputs(self) -> list[Any]:
        """What `renew` takes besides the request, in its order."""
        return [self.visits.browser_state, *(component for part in self.parts for component in part.inputs)]

    @property
    def outputs(self) -> list[Any]:
        """All components that are drawn anew."""
        return [*dict.fromkeys(component for part in self.parts for component in part.outputs)]

    def renew(self, request: gr.Request, stored: Any, *said: Any) -> Updates:
        """All parts, drawn anew.

        Args:
            request: says who makes it.
            stored: as the visitor's browser has it, which may be anything.
            said: values of the parts' inputs, likewise.
        """
        updates: Updates = {}
        with self.visits.answer(stored, request) as (recommender, shelf):
            for part in self.parts:
                mine, said = said[: len(part.inputs)], said[len(part.inputs) :]
                updates |= part.updates(recommender, shelf, mine)
        return updates


def renewing(visits: Visits, carrier: gr.HTML, parts: Sequence[Renewal]) -> None:
    """Call the handler when the component that carries acts says that many ratings are others."""
    handlers = RenewingHandlers(visits, parts)
    carrier.select(handlers.renew, handlers.inputs, handlers.outputs, **LATEST)
