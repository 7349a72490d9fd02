"""What the page says of its model: that it is being made ready, why there is none, and at the foot where it is from."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.data.sources.names import spoken_name
from recsys.recommend.recommender import Recommender
from recsys.serve.engine import Engine
from recsys.serve.sentences import without_folders
from recsys.ui.gradio_helpers import Updates
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards

BEGIN = "You can begin: a quick model answers, and a better one takes its place by itself once it is trained."


@dataclass(frozen=True, eq=False)
class StatusBar:
    """The components that tell where the engine stands.

    Attributes:
        status: what it is doing, or why it has no model.
        again: the button to try again.
        body: all that needs a model.
        source: where the model is from.
        catalogue: how many films there are, and up to when, below the page's name.
    """

    status: gr.HTML
    again: gr.Button
    body: gr.Column
    source: gr.HTML
    catalogue: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [*vars(self).values()]

    def updates(self, engine: Engine) -> Updates:
        """What they show."""
        recommender, problem = engine.recommender, engine.problem
        return {
            self.status: status_of(engine),
            self.again: gr.Button(visible=recommender is None and problem is not None),
            self.body: gr.Column(visible=recommender is not None),
            self.source: NOTHING if recommender is None else about(recommender, engine.sentence),
            self.catalogue: NOTHING if recommender is None else extent_of(recommender),
        }

    def waits(self, stage: str) -> Updates:
        """What they show while it is not known to whom."""
        return {self.status: cards.waiting(stage, None), self.body: gr.Column(visible=False)}


def status_of(engine: Engine) -> Markup:
    """What is being done, or why there is nothing; nothing if all is well."""
    problem = without_folders(engine.problem) if engine.problem else ""
    if engine.recommender is None:
        return cards.problem(problem) if problem else cards.waiting(engine.stage, engine.done)
    if engine.improving:
        return cards.note(BEGIN) + cards.waiting(engine.stage, engine.done)
    return cards.note(f"No better model: {problem}") if problem else NOTHING


def about(recommender: Recommender, sentence: str) -> Markup:
    """Whose films these are; in a fold, which model answers, and where it came from."""
    dataset = recommender.artifact.facts.get("dataset")
    parts = [spoken_name(dataset)] if isinstance(dataset, str) and dataset else []
    chosen = f"The model that chooses is {recommender.artifact.name}. {without_folders(sentence)}"
    return fold(" · ".join([*parts, "About"]), chosen)


def extent_of(recommender: Recommender) -> Markup:
    """How many films somebody can be recommended, and up to when they came out."""
    return extent(len(recommender.titles.item_of), recommender.catalog.last_year)


def extent(n_films: int, last: int | None) -> Markup:
    """How many films there are, and up to which year they came out, which spares looking for newer ones."""
    films = f"{n_films:,} film{'s' * (n_films != 1)}"
    return Markup('<p class="extent">{}</p>').format(films if last is None else f"{films}, up to {last}")


def fold(summary: str, inside: str) -> Markup:
    """A sentence that can be opened."""
    html = Markup('<details class="about-page"><summary>{}</summary><p>{}</p></details>')
    return html.format(summary, inside)
