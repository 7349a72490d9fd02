"""How good the models are: the tables and plots of an evaluation, in plain words."""

from dataclasses import replace
from pathlib import Path

import gradio as gr

from recsys.data.errors import DataError
from recsys.recommender import Recommender
from recsys.startup import RUNS, Wishes
from recsys.ui import cards
from recsys.ui.handlers import Offer, without_folders
from recsys.ui.measured import Shown, find_measurements, places
from recsys.ui.metric_sections import all_sections
from recsys.ui.metric_view import Served, View

CSS = Path(__file__).with_name("metrics.css")


def metrics_tab() -> Offer:
    """Figures of all models that were measured, the newest that can be found when somebody opens the page."""
    shown = gr.HTML(elem_id="metrics", css_template=CSS.read_text(encoding="utf-8"))
    return Offer((shown,), lambda model, shelf: {shown: metrics_of(model)})


def metrics_of(model: Recommender) -> str:
    """The content of the tab, as HTML, while a model is served."""
    try:
        found = find_measurements(places(RUNS, Wishes.of_environment().setting))
    except DataError as reason:
        return cards.note(f"There are no figures to show: {without_folders(str(reason))}")
    return all_sections(View(for_strangers(found), Served.of(model.artifact)))


def for_strangers(shown: Shown) -> Shown:
    """The same, without folders of the server in its sentences."""
    return replace(shown, origin=without_folders(shown.origin), problems=tuple(map(without_folders, shown.problems)))
