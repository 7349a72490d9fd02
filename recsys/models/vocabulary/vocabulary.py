"""A model that knows the films with some ratings alone; of all others the means of their genres answer.

So a matrix of films by films, or a layer of a unit for each film, is as large as what there is to learn from. Lists
hold the films that the model knows first: the score of every other is below the lowest of these.

Legend: B histories, I items, F films of the vocabulary.
"""

from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.models.array_shapes import ITEMS, check_arrays, of_part
from recsys.models.base import Model
from recsys.models.vocabulary.config import RareFilmsConfig
from recsys.models.vocabulary.known_films import KnownFilms
from recsys.models.vocabulary.rare_films import RareFilms
from recsys.training import Training

KNOWN, RARE, INNER = "known_films", "rare", "inner"  # names of arrays, and of parts of which arrays are
OWN_AXIS = "F"


class Vocabulary:
    """What every such model has.

    Attributes:
        inner: the model, of the films of its vocabulary.
        least: ratings that these have.
        n_known: how many they are; None before they are known.
        rare: what answers for the others.
        known: the vocabulary, once it is settled.
        depth: (I - F,) in (0, 1], how far down each of the others is among these.
    """

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    inner: Any

    def __init__(self, inner: Model, least: int, n_known: int | None, config: RareFilmsConfig):
        self.inner, self.least, self.n_known = inner, least, n_known
        self.config, self.scale, self.rare = inner.config, inner.scale, RareFilms(config, inner.scale)

    def fit(self, data: Interactions, training: Training = Training()) -> Self:
        """See `Model.fit`.

        Raises:
            DataError: too few films have so many ratings.
        """
        self.inner = self.inner.fit(*self.prepared(data, training))
        return self

    def prepared(self, data: Interactions, training: Training) -> tuple[Interactions, Training]:
        """Settle the vocabulary, learn of all other films, and give what the inner model is to learn from."""
        self.rare.fit(data)
        self.take(KnownFilms.of(data.stars, self.least))
        aside = training.validation
        return self.known.of_data(data), replace(training, validation=aside and self.known.of_data(aside))

    def take(self, known: KnownFilms) -> None:
        """Have this vocabulary, of films of which all that is said of rare ones is known."""
        self.known, self.n_known = known, len(known.films)
        self.depth = depths(-self.rare.offset[known.rare])

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32; rare films, by their expected stars, are below all others.

        Where the model says the same of all films it says so of these too, and of what is rare the crowd decides.
        """
        inner = self.inner.score(self.known.of_people(people))  # (B, F)
        lowest = inner.min(axis=1, keepdims=True)
        below = (inner.max(axis=1, keepdims=True) - lowest) * self.depth
        return self.together(inner, lowest - below)

    def together(self, inner: np.ndarray, rare: np.ndarray) -> np.ndarray:
        """(B, F, ...) of the vocabulary and (B, I - F, ...) of the others -> (B, I, ...) float32."""
        answer = np.empty((len(inner), self.known.n_items, *inner.shape[2:]), dtype=np.float32)
        answer[:, self.known.films], answer[:, self.known.rare] = inner, rare
        return answer

    def arrays(self) -> dict[str, np.ndarray]:
        """The vocabulary, and what the inner model and that of rare films learned; see `Model.arrays`."""
        if self.keeps_ratings:
            return {}
        parts = {INNER: self.inner.arrays(), RARE: self.rare.arrays()}
        of_parts = {f"{part}/{name}": array for part, arrays in parts.items() for name, array in arrays.items()}
        return {KNOWN: self.known.films.astype(np.int64), **of_parts}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        if self.keeps_ratings:
            return {}
        of_inner = of_part(INNER, self.inner.array_shapes())
        size = "" if self.n_known is None else f"={self.n_known}"
        return {
            KNOWN: f"{OWN_AXIS}{size}:{ITEMS}",
            **{name: of_known(shape) for name, shape in of_inner.items()},
            **of_part(RARE, self.rare.array_shapes()),
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`.

        Raises:
            TypeError: the inner model consists of its training ratings.
            ValueError: the vocabulary is not some of the films in order, or what the inner model learned is not of it.
        """
        if self.keeps_ratings:
            self.inner.restore({})
        own, inner = arrays[KNOWN], of_name(INNER, arrays)
        self.rare.restore(of_name(RARE, arrays))
        if np.any(np.diff(own) <= 0) or not 0 < len(own) <= len(self.rare.offset):
            raise ValueError(f"{KNOWN} are not some of the {len(self.rare.offset):,} films, rising; expected each once")
        check_arrays(inner, self.inner.array_shapes(), len(own))
        self.take(KnownFilms(own, len(self.rare.offset)))
        self.inner = self.inner.restore(inner)
        return self


def depths(values: np.ndarray) -> np.ndarray:
    """The place of each value, counted from 1, over how many there are; the lowest first.

    >>> depths(np.array([5.0, -1.0, 5.0, 0.0]))
    array([0.75, 0.25, 1.  , 0.5 ], dtype=float32)
    """
    found = np.empty(len(values), dtype=np.float32)
    found[np.argsort(values, kind="stable")] = np.arange(1, len(values) + 1) / max(len(values), 1)
    return found


def of_known(shape: str) -> str:
    """The shape of an array of the inner model, whose items are the films of the vocabulary.

    >>> of_known("I K.inner=3 in 0..1"), of_known("N.inner:I")
    ('F K.inner=3 in 0..1', 'N.inner:I')
    """
    sizes, word, limits = shape.partition(" in ")
    return " ".join(OWN_AXIS if axis == ITEMS else axis for axis in sizes.split()) + word + limits


def of_name(part: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a part, under their own names."""
    own = {name: array for name, array in arrays.items() if name.startswith(f"{part}/")}
    return {name.removeprefix(f"{part}/"): array for name, array in own.items()}
