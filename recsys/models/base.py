"""The contract of every model: it learns from interactions, and answers people by their histories.

Legend: B people in a batch, I items, U training users, G genres, L latent dimensions. A history is one row of stars,
0 = unrated, with times where they are known. No model ever sees a user id, so a visitor and a user of the data set go
through the same code. Without times a model answers as with none; the order of equal times does not matter.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import RatingScale
from recsys.settings import Config
from recsys.training import Training

if TYPE_CHECKING:
    import keras


class Model(Protocol):
    """What can be fitted on ratings and then scores items for anybody."""

    @property
    def config(self) -> Config:
        """The settings."""

    @property
    def scale(self) -> RatingScale:
        """That stars are given on."""

    uses_validation: ClassVar[bool]  # False: fit ignores validation, so give it all ratings
    keeps_ratings: ClassVar[bool]  # True: what fit learns is the ratings themselves, which no artifact may hold

    def fit(self, data: Interactions, training: Training = Training()) -> Self:
        """Learn from ratings and what is known of films and people.

        Args:
            data: what is learned from.
            training: how.
        """

    def score(self, people: Histories) -> np.ndarray:
        """Ranking scores, (B, I) float32, unbounded, higher is better."""

    def arrays(self) -> dict[str, np.ndarray]:
        """What fit learned, by name; empty where `keeps_ratings`."""

    def array_shapes(self) -> dict[str, str]:
        """What `arrays` look like: by name, a letter for each axis, such as "S I D=17".

        I is the number of items; any other letter is a size that is the same wherever it occurs, and that is named
        where the settings fix it. "F:I" has one axis, and its values are item_idx, below I; "I whole" has whole
        numbers. Both are int64. Other values are floating numbers. All are of at most `array_shapes.LARGEST` in size,
        or within what is said at the end: "S in 0..1e9". A name with a question mark may be absent.
        """

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """Become the fitted model that `arrays` came from; the inverse of `arrays`."""


@runtime_checkable
class RatingModel(Model, Protocol):
    """A model that also predicts stars."""

    def predict(self, people: Histories) -> np.ndarray:
        """Expected stars, (B, I) float32; they may leave the scale a little, callers clip."""


@runtime_checkable
class DistributionModel(RatingModel, Protocol):
    """A model that knows how sure it is of a star."""

    @property
    def predicts_means(self) -> bool:
        """Whether `predict` is the mean of `rating_distribution`, so that nobody need ask for both."""

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """Probability of every star level, lowest first: (B, I, n_levels) float32 summing to 1.

        Where some items are asked for, (n,) int, of those in that order: (B, n, n_levels), in a fraction of the time.
        """


@runtime_checkable
class ContrastModel(Model, Protocol):
    """A model that says of few films what sets them apart, in a fraction of the time that scores of all films take."""

    def above_mean(self, people: Histories, items: np.ndarray) -> np.ndarray:
        """Scores of some films, (n,) item_idx, less the mean of all films' scores, or about that: (B, n) float32."""


@runtime_checkable
class GenreModel(Model, Protocol):
    """A model that can be told which genres a person asks for: its scores heed `Histories.genres`."""

    @property
    def understands_genres(self) -> bool:
        """Whether it has learned what genres say; otherwise to ask for some is an error."""


@runtime_checkable
class LatentModel(Model, Protocol):
    """A generative model: a person is a taste z, and a taste is a distribution over films."""

    def latent(self, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of z, (B, L) float32 each; its prior is N(0, 1)."""

    def log_chances(self, taste: np.ndarray) -> np.ndarray:
        """What people of these tastes choose, (B, L) -> (B, I) float32 nats; their exponentials sum to 1."""

    def stars_of_taste(self, taste: np.ndarray) -> np.ndarray:
        """Expected stars that people of these tastes give, (B, L) -> (B, I) float32."""


@runtime_checkable
class KerasModel(Model, Protocol):
    """A model some of whose weights live in a Keras model."""

    def network(self) -> "keras.Model":
        """That Keras model."""

    def network_arrays(self) -> dict[str, np.ndarray]:
        """What its variables hold, by name."""

    def restore_network(self, path: Path, n_items: int) -> Self:
        """Take what `network().save_weights` wrote for a catalogue of n_items; comes before `restore`.

        Raises:
            ValueError: the file lacks an array, or has one of another shape or with NaN; says which.
        """


FitPart = Callable[[str, Model, Interactions, Interactions | None], Any]  # name, part, data, kept aside -> fitted


@runtime_checkable
class CompositeModel(Model, Protocol):
    """A model made of other models, which somebody else may fit, and share between composites."""

    def parts(self) -> dict[str, Model]:
        """New, unfitted parts by name."""

    def assemble(self, parts: dict[str, Model]) -> Self:
        """Take fitted parts, of the names that `parts` gives, instead of calling fit."""

    def fit_by(self, fit_part: FitPart, data: Interactions, seed: int) -> Iterator[Model]:
        """Fit, as `fit` and `fit_in_stages` do, by a function that fits one part.

        It may be called from several threads. What it is told to fit is the same whenever name, config, ratings and
        those kept aside are.
        """


@runtime_checkable
class ChoosingModel(Model, Protocol):
    """A model that finds some of its settings itself when it is fitted."""

    def chosen(self) -> str:
        """Which, and on what, in a few words: "chosen on 9,000 ratings kept aside: the usual weights stand"."""


@runtime_checkable
class PrivateModel(Model, Protocol):
    """A model that hides every person from whom it learned: nothing else of their ratings may go with it.

    Whoever stores it tells no count of ratings but `told_counts`, and tells `promise`.
    """

    def promise(self) -> str:
        """In which sense, how far, and what is not covered, in a few words."""

    def told_counts(self) -> np.ndarray:
        """(I,) about how many like each film, as far as that may be told; may be below 0."""


@runtime_checkable
class StagedModel(Model, Protocol):
    """A model that is of use before all of it is trained."""

    def fit_ahead(self, data: Interactions, training: Training) -> Model | None:
        """What answers before the first stage; None: nothing does. `fit_in_stages` on the same ratings has use for it.

        It takes a small part of the time of the whole, and changes nothing in what becomes of that.
        """

    def fit_in_stages(self, data: Interactions, training: Training) -> Iterator[Model]:
        """Train, and yield a model that answers whenever there is a better one; the last is what `fit` returns."""


def entry_rows(matrix: sp.csr_array) -> np.ndarray:
    """(nnz,) int row of every stored entry, in storage order."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def with_values(matrix: sp.csr_array, values: np.ndarray) -> sp.csr_array:
    """The same stored entries with other values: (nnz,) in storage order. Zeros stay stored.

    Indices are copied: SciPy sorts them in place when it likes, and then the values of whoever shares them are wrong.
    """
    return sp.csr_array((values, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)


def graded(matrix: sp.csr_array, scale: RatingScale) -> sp.csr_array:
    """Stored stars as grades from 0 to 1, (stars - lowest) / (highest - lowest), float64."""
    return with_values(matrix, scale.grade(matrix.data.astype(np.float64)))


def rated(matrix: sp.csr_array) -> sp.csr_array:
    """1.0 (float64) where the matrix stores a rating."""
    return with_values(matrix, np.ones(matrix.nnz))
