"""Two models side by side: what each would list for the visitor, and which films both do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import gradio as gr
from markupsafe import Markup

from recsys.artifacts.runs import RUNS
from recsys.errors import DataError
from recsys.models import MODELS
from recsys.recommend import exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf, Shelves
from recsys.serve.engine import Engine
from recsys.serve.other_models import SERVED, OtherModels
from recsys.serve.sentences import without_folders
from recsys.ui.explore import cards as explore_cards
from recsys.ui.gradio_helpers import UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import POLL_SECONDS

AGAINST = "popularity"  # what is compared at first
NOTHING_RATED = cards.note("You have rated nothing yet, so these are their lists for anybody.")


def compare_part(
    engine: Engine,
    shelves: Shelves,
    kept: gr.BrowserState,
    tab: gr.Tab,
    outer: gr.Tab,
    dataset: str | None = None,
    runs: Path = RUNS,
) -> TabContent:
    """Choose two models; one that is not there yet is made ready meanwhile. Shown when a tab opens."""
    others = OtherModels(dataset, runs)
    gr.Markdown("What two models list for you, from the same ratings; films that are in both lists are marked.")
    with gr.Row():
        left = gr.Dropdown([], label="One model", filterable=False, min_width=220, elem_id="model-left")
        right = gr.Dropdown([], label="Another", filterable=False, min_width=220, elem_id="model-right")
    lists = gr.HTML(elem_id="versus")
    timer, opened = gr.Timer(POLL_SECONDS, active=False), gr.State(False)

    def show(first: Any, second: Any, held: Any, request: gr.Request) -> tuple[Markup, gr.Timer, bool]:
        with in_one_sentence():
            served = engine.ready()
            shelf = shelves.of(served, held, request)
            names = [others.checked(name, served) for name in (first, second)]
            one, two = (Column.of(others, name, served, shelf) for name in names)
            note = NOTHING if shelf.ratings else NOTHING_RATED
        return note + side_by_side(one, two), gr.Timer(active=one.waits or two.waits), True

    def again(was_opened: bool, first: Any, second: Any, held: Any, request: gr.Request) -> Any:
        return show(first, second, held, request)[:2] if was_opened else (gr.skip(), gr.skip())

    triggers = [left.input, right.input, tab.select, timer.tick]
    gr.on(triggers, show, [left, right, kept], [lists, timer, opened], trigger_mode="always_last", **UNCHECKED)
    outer.select(again, [opened, left, right, kept], [lists, timer], trigger_mode="always_last", **UNCHECKED)

    def updates(model: Recommender, shelf: Shelf) -> Updates:
        choices = [(in_words(name, model), name) for name in others.names(model)]
        against = next((name for _, name in choices if name == AGAINST), choices[-1][1])
        return {left: gr.Dropdown(choices=choices, value=SERVED), right: gr.Dropdown(choices=choices, value=against)}

    return TabContent((left, right), updates)


@dataclass(frozen=True)
class Column:
    """A model's list.

    Attributes:
        heading: which model. titles: best first; empty while it is not there, and `instead` is HTML that says why.
        waits: whether it is being made ready.
    """

    heading: str
    titles: list[str]
    instead: Markup = NOTHING
    waits: bool = False

    @classmethod
    def of(cls, others: OtherModels, name: str, served: Recommender, shelf: Shelf) -> Self:
        """What a model lists for somebody, or that it cannot yet; the list is kept for those who have an account."""
        heading = name or served.artifact.name
        try:
            model = others.ask(name, served)
        except DataError as reason:
            return cls(heading, [], cards.note(without_folders(str(reason))))
        if model is None:
            return cls(heading, [], cards.waiting("Being made ready", others.progress.get(name)), waits=True)
        found = exploring.listed(model, shelf.ratings, [*shelf.marks])
        shelf.record("side by side", model, {}, found)
        return cls(heading, [film.title for film in found])


def side_by_side(left: Column, right: Column) -> Markup:
    """Both lists."""
    both = ((left, right), (right, left))
    return explore_cards.versus(
        explore_cards.list_of(one.heading, one.instead or explore_cards.places(one.titles, other.titles))
        for one, other in both
    )


def in_words(name: str, served: Recommender) -> str:
    """A model as the menu calls it."""
    if name == SERVED:
        return f"{served.artifact.name} (this page)"
    return f"{name}: {MODELS[name].summary}"
