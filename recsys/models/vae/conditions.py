"""What a conditioned network learns from: people who ask for genres, for whom films of these alone are right.

Legend: U people, B people of a batch, E = 2 B examples, I items, G genres.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import keep_entries
from recsys.liking import liked
from recsys.models.base import entry_rows
from recsys.stated_genres import genre_shares, stated_genres

MOST_ASKED = 3  # genres at once


class Example(NamedTuple):
    """What a network is told of some people, and what it is to say.

    Attributes:
        told: (E, I) grades that are not hidden from it.
        asked: (E, G) float32, 1 for the genres that are asked for.
        wanted: (E, I) grades of films that are right.
    """

    told: sp.csr_array
    asked: np.ndarray
    wanted: sp.csr_array


@dataclass(frozen=True, eq=False)
class Examples:
    """People, and what they might ask for.

    Attributes:
        grades: (U, I) float32 in [0, 1], of what was rated.
        genres: (I, G) bool.
        stated: (MOST_ASKED, U, G) bool, the one, two, three genres that each would name.
        chances: (U, G) how likely each is to be asked for alone: as somebody's films have it.
    """

    grades: sp.csr_array
    genres: np.ndarray
    stated: np.ndarray
    chances: np.ndarray

    @classmethod
    def of(cls, stars: sp.csr_array, grades: sp.csr_array, genres: np.ndarray | None, least: np.ndarray) -> Self:
        """From (U, I) stars and grades; least: (U,) stars of a like. Without genres nobody asks for any."""
        known = np.zeros((stars.shape[1], 0), dtype=bool) if genres is None else genres
        reference = genre_shares(stars, known, least)
        numbers = range(1, MOST_ASKED + 1)
        if not known.shape[1]:
            return cls(grades, known, np.zeros((MOST_ASKED, len(least), 0), dtype=bool), np.zeros((len(least), 0)))
        stated = np.stack([stated_genres(stars, known, reference, n, least) for n in numbers])
        counts = liked(stars, least).astype(np.float64) @ known.astype(np.float64)
        return cls(grades, known, stated, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))

    def draw(self, people: np.ndarray, forgets: float, strangers: float, rng: np.random.Generator) -> Example:
        """Everybody once as they are, and once asking for genres.

        Args:
            people: (B,) of U.
            forgets: the chance of every rating to be hidden.
            strangers: the chance of somebody who asks to have all ratings hidden.
            rng: what it is drawn with.
        """
        grades = sp.csr_array(sp.vstack([self.grades[people]] * 2))
        asked = np.concatenate([np.zeros((len(people), self.genres.shape[1]), dtype=bool), self.asks(people, rng)])
        rows = entry_rows(grades)
        is_new = (rng.random(2 * len(people)) < strangers) & asked.any(axis=1)
        told = keep_entries(grades, (rng.random(grades.nnz) >= forgets) & ~is_new[rows])
        return Example(told, asked.astype(np.float32), of_genres(grades, asked, self.genres))

    def asks(self, people: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(B, G) bool: by even chances what somebody would name, one to three, or one genre of those that they like."""
        named = self.stated[rng.integers(MOST_ASKED, size=len(people)), people]
        below = np.asarray(rng.random((len(people), 1)) < np.cumsum(self.chances[people], axis=1))
        single = below & (np.cumsum(below, axis=1) == 1)
        return np.where(rng.random((len(people), 1)) < 0.5, named, single)


def of_genres(grades: sp.csr_array, asked: np.ndarray, genres: np.ndarray) -> sp.csr_array:
    """Those of (E, I) grades whose film has one of the genres that are asked for, (E, G) bool; all where none is.

    Args:
        genres: (I, G) bool.

    >>> genres = np.array([[True, False], [False, True], [False, False]])
    >>> of_genres(sp.csr_array([[1.0, 2.0, 3.0]] * 2), np.array([[False, True], [False, False]]), genres).toarray()
    array([[0., 2., 0.],
           [1., 2., 3.]])
    """
    rows = entry_rows(grades)
    fits = (asked[rows] & genres[grades.indices]).any(axis=1)
    asks = np.asarray(asked.any(axis=1))
    return keep_entries(grades, fits | ~asks[rows])
