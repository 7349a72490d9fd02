"""How good the models are: the tables and plots of an evaluation, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import gradio as gr
from markupsafe import Markup

from recsys.artifacts.runs import RUNS
from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.results.choosing import Served, label, preferred
from recsys.results.found import Shown, all_measurements, places
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.engine import Engine
from recsys.serve.find_model import ModelRequest
from recsys.serve.sentences import without_folders
from recsys.ui import browser
from recsys.ui.gradio_helpers import LATEST, TabContent, Updates, in_one_sentence
from recsys.ui.metrics.sections import all_sections, nothing_measured
from recsys.ui.metrics.view import View
from recsys.ui.shared import cards

GONE = "These figures are not here any more: reload the page, and choose others."


def metrics_tab(engine: Engine) -> TabContent:
    """Figures of all models that were measured, as they can be found when somebody opens the page."""
    run = gr.Dropdown([], label="Figures", filterable=False, visible=False, elem_id="metrics-run")
    shown = gr.HTML(elem_id="metrics", css_template=browser.read("metrics/metrics.css"))

    handlers = MetricsHandlers(engine, run, shown)
    run.input(handlers.show, run, shown, **LATEST)
    return TabContent((run, shown), handlers.updates)


@dataclass(frozen=True, eq=False)
class MetricsHandlers:
    """The handlers of the tab's events.

    Attributes:
        engine: has the model that answers.
        run: the menu of measurements.
        shown: shows one.
    """

    engine: Engine
    run: gr.Dropdown
    shown: gr.HTML

    def show(self, key: Any) -> Markup:
        """The measurements of a key."""
        with in_one_sentence():
            return Figures.of(self.engine.ready()).page(key)

    def updates(self, recommender: Recommender, _: Shelf) -> Updates:
        """All that can be shown now."""
        menu, page = opened(recommender)
        return {self.run: menu, self.shown: page}


def opened(recommender: Recommender) -> tuple[Any, Markup]:
    """The menu and the content of the tab while a model is served."""
    try:
        figures = Figures.of(recommender)
    except DataError as reason:
        return gr.skip(), cards.note(f"There are no figures to show: {without_folders(str(reason))}")
    choices, chosen = figures.choices, figures.preferred
    key = None if chosen is None else chosen.key
    menu = gr.Dropdown(choices=choices, value=key, visible=len(choices) > 1 or key is None)
    return menu, figures.page(key)


@dataclass(frozen=True)
class Figures:
    """All measurements that can be shown, the newest first, and the model from whose side they are seen."""

    every: Sequence[Shown]
    served: Served

    @classmethod
    def of(cls, recommender: Recommender) -> Self:
        """What can be found now; DataError if there is nothing."""
        found = all_measurements(places(RUNS, ModelRequest.of_environment().setting))
        return cls([*map(for_strangers, found)], Served.of(recommender.artifact))

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a menu calls them, and their keys."""
        return [(label(shown, self.served), shown.key) for shown in self.every]

    @property
    def preferred(self) -> Shown | None:
        """What is shown at first."""
        return preferred(self.every, self.served)

    def page(self, key: object) -> Markup:
        """The content of the tab, as HTML, for what was chosen; None: nothing was. DataError if it is gone."""
        if key is None:
            return nothing_measured(self.served, self.every[-1].problems)
        chosen = next((shown for shown in self.every if shown.key == key), None)
        if chosen is None:
            raise DataError(GONE)
        return all_sections(View(chosen, self.served))


def for_strangers(shown: Shown) -> Shown:
    """The same, without folders of the server in its sentences."""
    return replace(shown, origin=without_folders(shown.origin), problems=tuple(map(without_folders, shown.problems)))
