"""Gradio's settings in the page's HTML, without the endpoints for programs: these ask /config, and browsers none."""

import json
import re
from collections.abc import Callable
from typing import Any

SETTINGS = re.compile(r"(?<=window\.gradio_config = )\{.*?\}(?=;[<]/script>)", re.DOTALL)
ENDPOINTS = re.compile(r"(?<=window\.gradio_api_info = )\{.*?\}(?=;[<]/script>)", re.DOTALL)
NO_ENDPOINTS = '{"named_endpoints":{},"unnamed_endpoints":{}}'
OF_ENDPOINT = "api"  # the type of what stands for an argument or an answer


def without_endpoints(html: str) -> str:
    """The same page for a browser, which has a third less to do for it; what is no page of Gradio's stays as it is."""
    if SETTINGS.search(html) is None or ENDPOINTS.search(html) is None:
        return html
    return ENDPOINTS.sub(NO_ENDPOINTS, replaced(html, without), count=1)


def replaced(html: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A page whose settings are changed."""

    def new(found: re.Match[str]) -> str:
        settings = json.loads(found[0])
        change(settings)
        return json.dumps(settings, separators=(",", ":")).replace("<", "\\u003c")  # so no script ends in it

    return SETTINGS.sub(new, html, count=1)


def without(settings: dict[str, Any]) -> None:
    """Take out the components of endpoints, and their events, which nothing on the page triggers."""
    gone = {part["id"] for part in settings["components"] if part["type"] == OF_ENDPOINT}
    settings["components"] = [part for part in settings["components"] if part["id"] not in gone]
    settings["dependencies"] = [
        event for event in settings["dependencies"] if not gone.issuperset(event["outputs"] or (None,))
    ]
    for layout in (settings["layout"], *(page["layout"] for page in settings["page"].values())):
        layout["children"] = [part for part in layout["children"] if part["id"] not in gone]
    numbers = {event["id"] for event in settings["dependencies"]}
    for page in settings["page"].values():
        page["components"] = [number for number in page["components"] if number not in gone]
        page["dependencies"] = [number for number in page["dependencies"] if number in numbers]
