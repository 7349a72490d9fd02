"""Which model makes a visitor's own lists: this page's, or another that they have chosen under Compare models."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.other_models import SERVED, OtherModels
from recsys.serve.sentences import without_folders
from recsys.ui.gradio_helpers import NOT_AN_ENDPOINT, Updates
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards
from recsys.ui.shared.latent_spaces import POLL_SECONDS

NUMBERS = count(1)


@dataclass(frozen=True)
class Lister:
    """What makes a list.

    Attributes:
        model: lists.
        about: what is to be said of it, as HTML.
        waits: whether another is being made ready.
        is_chosen: whether it is another than the page's.
    """

    model: Recommender
    about: Markup = NOTHING
    waits: bool = False
    is_chosen: bool = False


@dataclass(frozen=True)
class ToldOfModel:
    """What is told of the model that lists.

    Attributes:
        about: as HTML; "": nothing.
        waits: whether another is being made ready.
        served: name of the page's model.
    """

    about: Markup = NOTHING
    waits: bool = False
    served: str = ""


NOTHING_TOLD = ToldOfModel()


@dataclass(frozen=True, eq=False)
class ModelChoice:
    """What keeps the choice, and the components that tell of it beside a list.

    Attributes:
        others: find other models.
        name: keeps which, in the browser; SERVED: the page's.
        chosen: has another number each time that one is chosen.
        line: tells.
        again: the button that takes the page's model again.
        timer: asks again while a model is being made ready.
    """

    others: OtherModels
    name: gr.BrowserState
    chosen: gr.State
    line: gr.HTML
    again: gr.Button
    timer: gr.Timer

    @property
    def outputs(self) -> list[Any]:
        """What tells of it."""
        return [self.line, self.again, self.timer]

    def lister(self, served: Recommender, name: object) -> Lister:
        """What makes the lists of whose browser keeps a name, which may be anything; else the page's model."""
        if not isinstance(name, str) or name in (SERVED, served.artifact.name):
            return Lister(served)
        try:
            chosen = self.others.for_lists(name, served)
        except DataError as reason:
            return self.instead(served, reason)
        if chosen is None:
            stage = f"{name} is being made ready, and {served.artifact.name} lists meanwhile"
            return Lister(served, cards.waiting(stage, self.others.progress.get(name)), waits=True)
        starless = "" if chosen.checked.rating is not None else " It predicts no stars."
        return Lister(chosen, cards.note(f"Lists by {name}.{starless}"), is_chosen=True)

    def instead(self, served: Recommender, reason: DataError) -> Lister:
        """The page's model, and why it is not the chosen one."""
        about = f"These are by {served.artifact.name}, as the chosen model cannot list: {without_folders(str(reason))}"
        return Lister(served, cards.note(about))

    def shown(self, told: ToldOfModel) -> Updates:
        """What tells of it."""
        label = {"value": f"Use {told.served} again"} if told.served else {}
        return {
            self.line: told.about,
            self.again: gr.update(visible=bool(told.about), **label),
            self.timer: gr.update(active=told.waits),
        }

    def served_again(self) -> Updates:
        """Keep the page's model."""
        return chosen(self.name, self.chosen, SERVED)


def told_of(served: Recommender, lister: Lister) -> ToldOfModel:
    """What is told of what lists beside the page's model."""
    return ToldOfModel(lister.about, lister.waits, served.artifact.name)


def chosen(name: gr.BrowserState, number: gr.State, model: str) -> Updates:
    """Keep a model, and a number that no choice had before: lists are drawn anew when it changes."""
    return {name: model, number: next(NUMBERS)}


def model_choice(others: OtherModels, name: gr.BrowserState, number: gr.State, elem: str) -> ModelChoice:
    """The components, in their places.

    Args:
        others: find other models.
        name: keeps which.
        number: of the choice.
        elem: begins their elem_ids.
    """
    line = gr.HTML(elem_id=f"{elem}-model")
    again = gr.Button("Use this page's model again", visible=False, size="sm", elem_id=f"{elem}-model-again")
    choice = ModelChoice(others, name, number, line, again, gr.Timer(POLL_SECONDS, active=False))
    again.click(choice.served_again, None, [name, number], **NOT_AN_ENDPOINT)
    return choice
