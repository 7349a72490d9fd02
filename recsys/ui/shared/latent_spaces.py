"""The latent spaces that parts of the page need, and what to show while or where there is none."""

from collections.abc import Iterable
from contextlib import suppress

import gradio as gr
import numpy as np
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.exploring import LatentSpace, is_generative
from recsys.recommend.hues import hues_of_genres
from recsys.recommend.recommender import Recommender
from recsys.serve.background import Background
from recsys.serve.sentences import without_folders
from recsys.ui.markup import NOTHING
from recsys.ui.shared import cards

POLL_SECONDS = 0.5
WAITING = "Finding out which films are alike"

LatentSpaces = Background[Recommender, LatentSpace]


def space_of(spaces: LatentSpaces, model: Recommender) -> LatentSpace | None:
    """The model's latent space; None while it is being worked out; DataError if there is none."""
    if not is_generative(model):
        raise DataError(f"The model that answers now, {model.artifact.name}, has no latent space to look into.")
    return spaces.ask(model, lambda: LatentSpace.of(model))


def shown_of(spaces: LatentSpaces, model: Recommender) -> tuple[LatentSpace | None, Markup, gr.Timer]:
    """The space, or what to show instead of it, and whether to ask again."""
    try:
        space = space_of(spaces, model)
    except DataError as reason:
        return None, cards.note(without_folders(str(reason))), gr.Timer(active=False)
    waiting = NOTHING if space is not None else cards.waiting(WAITING, None)
    return space, waiting, gr.Timer(active=space is None)


def space_if_there(spaces: LatentSpaces, model: Recommender) -> LatentSpace | None:
    """The model's latent space; None while it is being worked out, or where there is none."""
    with suppress(DataError):
        return space_of(spaces, model)
    return None


def tastes_if_there(spaces: LatentSpaces, model: Recommender) -> np.ndarray | None:
    """(I, L) tastes of the films; None while they are being worked out, or where the model has none."""
    space = space_if_there(spaces, model)
    return None if space is None else space.tastes.vectors


def hues_of(spaces: LatentSpaces, model: Recommender, titles: Iterable[str]) -> dict[str, int]:
    """Display title -> hue in degrees, by the film's place in the latent space; until that is there, by its genres."""
    films = [film for film in titles if film in model.titles.item_of]
    items = np.array([model.titles.item_of[film] for film in films], dtype=np.int64)
    space = space_if_there(spaces, model)
    hues = hues_of_genres(model.catalog, items) if space is None else space.hues[items]
    return dict(zip(films, hues.tolist(), strict=True))
