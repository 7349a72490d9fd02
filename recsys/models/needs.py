"""How much memory fitting a model takes at least, known before it begins by how much there is to learn from.

Only what is surely held at one time is counted, beside the ratings themselves, so that no model is told not to fit
where it does. What models hold otherwise goes with films, or with ratings, times some ten to hundred numbers.

Legend: I films, R ratings.
"""

from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS
from recsys.models.array_shapes import ITEMS, looks
from recsys.models.base import CompositeModel, Model
from recsys.models.boltzmann.config import BoltzmannConfig
from recsys.models.linear.config import EASEConfig, SLIMConfig
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import n_units, weight_shapes
from recsys.models.neighbours.config import DBNClustersConfig, ItemKNNConfig, UserKNNConfig
from recsys.models.vae.config import VAEConfig
from recsys.models.vocabulary.vocabulary import Vocabulary
from recsys.settings import Config

FLOAT, ENTRY = 4, 12  # bytes of a float32, and of an entry of a sparse matrix of float64
LINKED_FROM = 20  # ratings, from which a film surely goes with another by more than the l1 of slim
ADAM = 3  # numbers for each weight of a network while it learns: itself and its two means
BLOCK = 512  # films whose likeness to all others neighbours are found by


@dataclass(frozen=True, eq=False)
class Extent:
    """How much there is to learn from.

    Attributes:
        n_people: those with ratings.
        counts: (I,) ratings of each film.
    """

    n_people: int
    counts: np.ndarray

    @classmethod
    def of(cls, stars: sp.csr_array) -> Self:
        """Of (U, I) stars."""
        n_people = int(np.count_nonzero(np.diff(stars.indptr)))
        return cls(n_people, np.bincount(stars.indices, minlength=stars.shape[1]))

    @property
    def n_films(self) -> int:
        """Rated or not."""
        return len(self.counts)

    @property
    def n_ratings(self) -> int:
        """In all."""
        return int(self.counts.sum())

    def of_frequent(self, least: int) -> Self:
        """What is left of it without films of fewer ratings."""
        return type(self)(self.n_people, self.counts[self.counts >= least])

    def n_rated(self, least: int = 1) -> int:
        """Films with so many ratings."""
        return int(np.count_nonzero(self.counts >= least))


def bytes_needed(model: Model, extent: Extent) -> float:
    """Memory that fitting an unfitted model takes at least; of one made of others, that of the largest of these."""
    if isinstance(model, Vocabulary):
        return bytes_needed(model.inner, extent.of_frequent(model.least))
    if isinstance(model, CompositeModel):
        return max(bytes_needed(part, extent) for part in model.parts().values())
    return max(bytes_by_settings(model.config, extent), bytes_kept(model, extent.n_films))


def bytes_kept(model: Model, n_films: int) -> float:
    """Memory of what the model will have learned, as far as its shape is known before."""
    declared = {name: shape for name, shape in model.array_shapes().items() if not name.endswith("?")}
    sizes = [{ITEMS: n_films, **look.fixed} for look in looks(declared).values()]
    axes = [look.axes for look in looks(declared).values()]
    return FLOAT * sum(
        float(np.prod([size.get(axis, 1) for axis in of_one])) for size, of_one in zip(sizes, axes, strict=True)
    )


@singledispatch
def bytes_by_settings(config: Config, extent: Extent) -> float:
    """Memory that fitting with these settings takes at least, where it is known by more than what is kept."""
    return 0.0


@bytes_by_settings.register
def _(config: SLIMConfig, extent: Extent) -> float:
    """The weights, and seven matrices of the films that are linked to another while they are alternated."""
    return FLOAT * (extent.n_films**2 + 7.0 * extent.n_rated(LINKED_FROM) ** 2)


@bytes_by_settings.register
def _(config: BoltzmannConfig, extent: Extent) -> float:
    """The weights, their slopes for either film and for both, and Adam's two means of these."""
    return FLOAT * 6.0 * extent.n_films**2


@bytes_by_settings.register
def _(config: EASEConfig, extent: Extent) -> float:
    """The inverse, of films or of people, and the weights; never more than the settings give."""
    by_films = FLOAT * (2.0 * extent.n_rated() ** 2 + extent.n_films**2)
    by_people = 4.0 * FLOAT * extent.n_people * extent.n_films
    return min(by_films, by_people, config.memory_mb * 2**20)


@bytes_by_settings.register
def _(config: ItemKNNConfig, extent: Extent) -> float:
    """The ratings in seven matrices, and four blocks of films by films."""
    return 7.0 * ENTRY * extent.n_ratings + 4.0 * 8 * min(BLOCK, extent.n_films) * extent.n_films


@bytes_by_settings.register
def _(config: DBNClustersConfig, extent: Extent) -> float:
    """The ratings in five matrices, and three blocks of films by films."""
    return 5.0 * ENTRY * extent.n_ratings + 3.0 * 8 * min(BLOCK, extent.n_films) * extent.n_films


@bytes_by_settings.register
def _(config: UserKNNConfig, extent: Extent) -> float:
    """The ratings in four matrices, which are kept."""
    return 4.0 * ENTRY * extent.n_ratings


@bytes_by_settings.register
def _(config: MultVAEConfig, extent: Extent) -> float:
    """A network while it learns, its gradients and Adam's two means of these, beside the networks that are done."""
    of_size = replace(config, n_hidden=n_units(config, extent.n_ratings))
    shapes = weight_shapes(of_size, WHOLE_STARS, extent.n_films).values()
    return FLOAT * (1.0 + ADAM + config.n_networks - 1) * sum(float(np.prod(shape)) for shape in shapes)


@bytes_by_settings.register
def _(config: VAEConfig, extent: Extent) -> float:
    """The outermost layers of encoder and decoder while they learn."""
    return FLOAT * ADAM * 2.0 * extent.n_films * config.hidden[0]
