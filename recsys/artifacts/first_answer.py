"""The first questions to a model that was just loaded: whether its numbers make finite answers.

Numbers that are all possible may still overflow together, or leave a system of equations without a solution.

Legend: I items, G genres.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.models.base import DistributionModel, GenreModel, LatentModel, Model, RatingModel


def require_finite_answers(model: Model, n_items: int, n_genres: int) -> None:
    """Ask a model everything that it can answer, for nobody in particular and for somebody with two ratings.

    Args:
        model: fitted or restored.
        n_items: I.
        n_genres: G, that it may have been told of.

    Raises:
        ValueError: an answer is not finite, or of another shape; says which. What else a model raises is left as it is.
    """
    with np.errstate(all="ignore"):
        for what, shape, answer in questions(model, two_histories(model, n_items), n_genres):
            values = np.asarray(answer())
            if values.shape != shape or not np.isfinite(values).all():
                n_bad = int(np.sum(~np.isfinite(values)))
                raise ValueError(
                    f"its {what} of shape {values.shape} hold {n_bad:,} NaN or infinite numbers; expected finite ones "
                    f"of shape {shape}"
                )


def two_histories(model: Model, n_items: int) -> Histories:
    """Two people: one without ratings, and somebody who loves the first film and hates the last."""
    stars = sp.lil_array((2, n_items), dtype=np.float32)
    stars[1, n_items - 1] = model.scale.lowest
    stars[1, 0] = model.scale.highest
    return Histories(sp.csr_array(stars))


Question = tuple[str, tuple[int, ...], Callable[[], np.ndarray]]


def questions(model: Model, people: Histories, n_genres: int) -> Iterator[Question]:
    """What a model can be asked of two people: a name, the shape of a right answer, and the question."""
    shape = people.shape
    yield "scores", shape, lambda: model.score(people)
    if isinstance(model, RatingModel):
        yield "stars", shape, lambda: model.predict(people)
    if isinstance(model, DistributionModel):
        levels = len(model.scale.levels)
        yield "chances of stars", (*shape, levels), lambda: model.rating_distribution(people)
    if n_genres and understands_genres(model):
        asked = np.zeros((2, n_genres), dtype=bool)
        asked[:, 0] = True
        yield "scores for a genre", shape, lambda: model.score(replace(people, genres=asked))
    if isinstance(model, LatentModel):
        yield from questions_of_taste(model, people)


def understands_genres(model: Model) -> bool:
    """Whether it has learned what genres say."""
    return isinstance(model, GenreModel) and model.understands_genres


def questions_of_taste(model: LatentModel, people: Histories) -> Iterator[Question]:
    """Likewise of their tastes."""
    mean, variance = model.latent(people)
    yield "variances of taste", mean.shape, lambda: variance
    yield "chances of films", people.shape, lambda: model.log_chances(mean)
    yield "stars of a taste", people.shape, lambda: model.stars_of_taste(mean)
