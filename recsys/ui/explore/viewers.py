"""Imaginary viewers: a taste drawn at random, the films they choose, and the stars they give."""

import secrets
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.recommend import exploring
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf
from recsys.serve.engine import Engine
from recsys.ui.explore import cards as explore_cards
from recsys.ui.gradio_helpers import UNCHECKED, TabContent, Updates, in_one_sentence
from recsys.ui.places import Place, Said, Setting
from recsys.ui.shared import cards


def viewer_part(engine: Engine, tab: gr.Tab) -> TabContent:
    """Meet one."""
    gr.Markdown("Somebody the model makes up: a taste drawn at random, the films they choose, and the stars they give.")
    with gr.Row(elem_id="meet"):
        seed = gr.Number(label="Viewer number", info="The same number is the same viewer.", elem_id="seed")
        another = gr.Button("Meet another", variant="primary", elem_id="another")
    person = gr.HTML(elem_id="person")
    handlers = ViewerHandlers(engine, seed, person)
    another.click(handlers.draw, None, [seed, person], **UNCHECKED)
    gr.on([seed.submit, seed.blur], handlers.show, seed, person, **UNCHECKED)
    tab.select(handlers.arrive, person, [seed, person], **UNCHECKED)
    place = Place(
        "explore/viewer", {"person": Setting(seed, events=(person.change,))}, (seed, person), handlers.restore
    )
    return TabContent((), lambda recommender, shelf: {}, (place,))


@dataclass(frozen=True, eq=False)
class ViewerHandlers:
    """The handlers of the part's events.

    Attributes:
        engine: has the model.
        seed: the field for a number.
        person: shows whose it is.
    """

    engine: Engine
    seed: gr.Number
    person: gr.HTML

    def show(self, number: Any) -> Markup:
        """The person of a number."""
        with in_one_sentence():
            return imagined(self.engine.ready(), number)

    def draw(self) -> tuple[int, Markup]:
        """A number at random, and its person."""
        number = secrets.randbelow(exploring.SEEDS)
        return number, self.show(number)

    def arrive(self, shown: Any) -> tuple[Any, Any]:
        """The same when the tab opens, unless it shows somebody."""
        return (gr.skip(), gr.skip()) if shown else self.draw()

    def restore(self, recommender: Recommender, _: Shelf, said: Said) -> Updates:
        """The person of the number that an address says; somebody who is met there, if it says none."""
        number = said.checked("person", exploring.checked_seed, None)
        if number is None:
            return {}
        return {self.seed: number, self.person: imagined(recommender, number)}


def imagined(recommender: Recommender, number: Any) -> Markup:
    """The person of a number, or that the model cannot imagine any.

    Raises:
        DataError: nobody has such a number.
    """
    wanted = exploring.checked_seed(number)
    if not exploring.is_generative(recommender):
        return cards.note(f"The model that answers now, {recommender.artifact.name}, cannot imagine people.")
    return explore_cards.person(exploring.imaginary_viewer(recommender, wanted), recommender.scale.highest)
