"""Who visits the page, and what answers them: what the handlers of all tabs share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import gradio as gr

from recsys.artifacts.runs import RUNS
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.shelf import Shelf, Shelves
from recsys.serve.engine import Engine
from recsys.serve.other_models import SERVED, OtherModels
from recsys.ui.gradio_helpers import in_one_sentence
from recsys.ui.shared.latent_spaces import LatentSpaces

STORAGE_KEY = "movie-vae-guest"  # under which a browser keeps what a guest has said
LIST_MODEL_KEY = "movie-vae-list-model"  # under which a browser keeps it
SECRET = "not secret: these are a visitor's own"  # fixed, so that it outlasts a restart of the server


def list_model() -> gr.BrowserState:
    """What keeps the name of the model that makes a visitor's lists."""
    return gr.BrowserState(SERVED, storage_key=LIST_MODEL_KEY, secret=SECRET)


@dataclass(frozen=True, eq=False)
class Visits:
    """What finds the model and a visitor's shelf.

    Attributes:
        engine: has the model.
        shelves: what people have said about films.
        spaces: the latent spaces of models that have answered.
        browser_state: the component whose value is what a guest's browser keeps.
        others: models beside the one that answers.
        list_model: the component whose value is the name of the model that makes a visitor's lists.
        chosen: has another number each time that one is chosen.
    """

    engine: Engine
    shelves: Shelves
    spaces: LatentSpaces
    browser_state: gr.BrowserState
    others: OtherModels = field(default_factory=lambda: OtherModels(None, RUNS))
    list_model: gr.BrowserState = field(default_factory=list_model)
    chosen: gr.State = field(default_factory=lambda: gr.State(0))

    def of(self, stored: object, request: gr.Request) -> tuple[Recommender, Shelf]:
        """The model that answers whoever makes a request, and their shelf.

        Args:
            stored: as the visitor's browser has it, which may be anything.
            request: says by its cookies who makes it.

        Raises:
            DataError: there is no model yet, the session has ended, or the store is out of reach.
        """
        shelf = self.shelves.of(self.engine.ready(), stored, request)
        return shelf.model, shelf

    @contextmanager
    def answer(self, stored: object, request: gr.Request) -> Iterator[tuple[Recommender, Shelf]]:
        """The same for a handler: a DataError of what is done with them is told in one sentence."""
        with in_one_sentence():
            yield self.of(stored, request)
