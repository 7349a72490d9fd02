"""The latent spaces that parts of the page need, and what to show while or where there is none."""

from contextlib import suppress
from typing import Any

import gradio as gr
import numpy as np

from recsys.errors import DataError
from recsys.recommend.exploring import LatentSpace, is_generative
from recsys.recommend.recommender import Recommender
from recsys.serve.background import Kept
from recsys.serve.sentences import without_folders
from recsys.ui.gradio_helpers import HIDDEN
from recsys.ui.shared import cards

POLL_SECONDS = 0.5
RAW: dict[str, Any] = {**HIDDEN, "preprocess": False}  # of handlers that check themselves whatever comes
WAITING = "Finding out which films are alike"

Spaces = Kept[Recommender, LatentSpace]


def space_of(spaces: Spaces, model: Recommender) -> LatentSpace | None:
    """The model's latent space; None while it is being worked out; DataError if there is none."""
    if not is_generative(model):
        raise DataError(f"The model that answers now, {model.artifact.name}, has no latent space to look into.")
    return spaces.ask(model, lambda: LatentSpace.of(model))


def shown_of(spaces: Spaces, model: Recommender) -> tuple[LatentSpace | None, str, gr.Timer]:
    """The space, or what to show instead of it, and whether to ask again."""
    try:
        space = space_of(spaces, model)
    except DataError as reason:
        return None, cards.note(without_folders(str(reason))), gr.Timer(active=False)
    waiting = "" if space is not None else cards.waiting(WAITING, None)
    return space, waiting, gr.Timer(active=space is None)


def tastes_if_there(spaces: Spaces, model: Recommender) -> np.ndarray | None:
    """(I, L) tastes of the films; None while they are being worked out, or where the model has none."""
    with suppress(DataError):
        space = space_of(spaces, model)
        return None if space is None else space.tastes.vectors
    return None
