"""The contract of every model: a function of a rating history.

Legend: B histories in a batch, I items, U training users. A history is one row of stars, 0 = unrated. No model ever
sees a user id, so a visitor and a user of the data set go through the same code.
"""

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.progress import OnProgress


class Model(Protocol):
    """What can be fitted on ratings and then scores items for any history."""

    config: Any
    scale: RatingScale
    uses_validation: ClassVar[bool]  # False: fit ignores validation, so give it all ratings
    keeps_ratings: ClassVar[bool]  # True: what fit learns is the ratings themselves, which no artifact may hold

    def fit(
        self, train: sp.csr_array, validation: sp.csr_array | None = None, *, seed: int, on_progress: OnProgress
    ) -> Self:
        """Learn from a ratings matrix.

        Args:
            train: (U, I) stars, 0 = unrated.
            validation: (U, I) stars of ratings of the same users that are not in train; for early stopping.
            seed: of everything random, 0 to 2**32 - 1. On one machine the same seed gives the same model, bit for bit.
            on_progress: told of every epoch, with its losses.
        """

    def score(self, history: sp.csr_array) -> np.ndarray:
        """Ranking scores, (B, I) stars -> (B, I) float32, unbounded, higher is better."""

    def arrays(self) -> dict[str, np.ndarray]:
        """What fit learned, by name; empty where `keeps_ratings`."""

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """Become the fitted model that `arrays` came from; the inverse of `arrays`."""


@runtime_checkable
class RatingModel(Model, Protocol):
    """A model that also predicts stars."""

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """Expected stars, (B, I) stars -> (B, I) float32; may leave the scale a little, callers clip."""


@runtime_checkable
class DistributionModel(RatingModel, Protocol):
    """A model that knows how sure it is of a star."""

    def rating_distribution(self, history: sp.csr_array) -> np.ndarray:
        """Probability of every star level, lowest first: (B, I) stars -> (B, I, n_levels) float32 summing to 1."""


@runtime_checkable
class GenreModel(Model, Protocol):
    """A model that can be told which genres a person asked for."""

    def score_for_genres(self, history: sp.csr_array, genres: np.ndarray) -> np.ndarray:
        """Ranking scores like `score`, (B, I) stars and (B, G) bool in the catalogue's order -> (B, I) float32."""


@runtime_checkable
class KerasModel(Model, Protocol):
    """A model whose weights live in Keras networks."""

    def build(self, n_items: int) -> Self:
        """Create the networks, untrained, for a catalogue of n_items."""

    def networks(self) -> dict[str, Any]:
        """The Keras models by name; together they hold every weight."""


@runtime_checkable
class CompositeModel(Model, Protocol):
    """A model made of other models: `fit` is to fit its parts, in any order, and to assemble them."""

    def parts(self) -> dict[str, Model]:
        """New, unfitted parts by name; parts of equal name and config are interchangeable between composites."""

    def assemble(self, parts: dict[str, Model]) -> Self:
        """Take fitted parts, of the names that `parts` gives, instead of calling fit."""


def entry_rows(matrix: sp.csr_array) -> np.ndarray:
    """(nnz,) int row of every stored entry, in storage order."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def with_values(matrix: sp.csr_array, values: np.ndarray) -> sp.csr_array:
    """The same stored entries with other values: (nnz,) in storage order. Zeros stay stored.

    Indices are copied: SciPy sorts them in place when it likes, and then the values of whoever shares them are wrong.
    """
    return sp.csr_array((values, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)


def rated(matrix: sp.csr_array) -> sp.csr_array:
    """1.0 (float64) where the matrix stores a rating."""
    return with_values(matrix, np.ones(matrix.nnz))
