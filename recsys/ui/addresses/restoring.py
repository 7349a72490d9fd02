"""Addresses on the page: what is set is told to the browser, which writes it, and what an address says is shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.ui import browser
from recsys.ui.acts.film_actions import number_of
from recsys.ui.gradio_helpers import LATEST, NOT_AN_ENDPOINT, Updates
from recsys.ui.places import Place, Said
from recsys.ui.shared.visits import Visits

SCRIPTS = ("addresses/addresses.js", "addresses/visited.js", "addresses/copying.js")
TEMPLATE = Markup(
    '<div hidden>${value}</div><dialog class="form" aria-label="Copy this"><h2>Copy this</h2>'
    '<textarea readonly rows="8" aria-label="What is to be copied"></textarea>'
    '<div class="choices"><button type="button" class="plain" data-close-dialog>Close</button></div></dialog>'
)
NO_PLACE = "This page has no such place: choose a tab."


@dataclass(frozen=True, eq=False)
class RestoringHandlers:
    """The handlers of addresses.

    Attributes:
        visits: find the model and who asks.
        carrier: the component that carries what an address says, and tells what was not understood.
        places: that an address can lead to.
    """

    visits: Visits
    carrier: gr.HTML
    places: Sequence[Place]

    @property
    def outputs(self) -> list[Any]:
        """All components that an address may fill."""
        return [self.carrier, *dict.fromkeys(component for place in self.places for component in place.outputs)]

    def restore(self, stored: Any, list_model: Any, event: gr.EventData, request: gr.Request) -> Updates:
        """Show what an address says, as an event has it, which may be anything."""
        with self.visits.answer(stored, request) as (recommender, shelf):
            place, settings = self.asked(event)
            said = Said(settings, recommender, list_model=list_model)
            updates = place.restore(recommender, shelf, said)
            return updates | {self.carrier: restored(said.problems, event)}

    def asked(self, event: gr.EventData) -> tuple[Place, dict[object, object]]:
        """The place that an event asks for, and its settings.

        Raises:
            DataError: there is no such place.
        """
        asked = event._data if isinstance(event._data, dict) else {}
        found = [place for place in self.places if place.name == asked.get("place")]
        settings = asked.get("settings")
        if not found or not isinstance(settings, dict):
            raise DataError(NO_PLACE)
        return found[0], settings


def restored(problems: Sequence[str], event: gr.EventData) -> Markup:
    """What tells the browser that an address is shown, and the visitor what of it was not understood."""
    return Markup('<span data-seq="{}">{}</span>').format(number_of(event), " ".join(problems))


def addresses(visits: Visits, carrier: gr.HTML, places: Sequence[Place]) -> None:
    """Call the handler, and tell the browser what is set."""
    handlers = RestoringHandlers(visits, carrier, places)
    asked = carrier.submit(handlers.restore, [visits.browser_state, visits.list_model], handlers.outputs, **LATEST)
    asked.failure(None, js="() => { window.addresses.failed(); }", **NOT_AN_ENDPOINT)
    for place in places:
        note(place)


def address_carrier() -> gr.HTML:
    """The component, with the scripts."""
    script = browser.read(*SCRIPTS)
    return gr.HTML("", html_template=TEMPLATE, js_on_load=script, apply_default_css=False, elem_id="address")


def note(place: Place) -> None:
    """Tell the browser whenever a setting of a place changes."""
    settings = place.settings.values()
    triggers = [event for setting in settings for event in setting.events or (setting.component.input,)]
    words = ", ".join(json.dumps(each) for each in (place.name, [*place.settings]))
    first = json.dumps([setting.first for setting in settings])
    script = f"(...values) => {{ window.addresses?.note({words}, values, {first}); return []; }}"
    gr.on(triggers, None, [setting.component for setting in settings], None, js=script, **NOT_AN_ENDPOINT)
