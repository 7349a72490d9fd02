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
OUT = 30.0  # nats; how much a film loses that has none of the genres that are asked for


class Example(NamedTuple):
    """What a network is told of some people, and what it is to say.

    Attributes:
        told: (E, I) grades that are not hidden from it.
        asked: (E, G) float32, 1 for the genres that are asked for.
        wanted: (E, I) grades of films that are right.
        beyond: (E, I) float32 nats, what is added to what it says of each film, see `beyond_genres`.
    """

    told: sp.csr_array
    asked: np.ndarray
    wanted: sp.csr_array
    beyond: np.ndarray


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
        grades, n = sp.csr_array(sp.vstack([self.grades[people]] * 2)), len(people)
        is_new = rng.random(n) < strangers
        asked = np.concatenate([np.zeros((n, self.genres.shape[1]), dtype=bool), self.asks(people, is_new, rng)])
        is_hidden = np.concatenate([np.zeros(n, dtype=bool), is_new]) & asked.any(axis=1)
        told = keep_entries(grades, (rng.random(grades.nnz) >= forgets) & ~is_hidden[entry_rows(grades)])
        wanted = of_genres(grades, asked, self.genres)
        return Example(told, asked.astype(np.float32), wanted, beyond_genres(asked, self.genres))

    def asks(self, people: np.ndarray, is_new: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(B, G) bool: of new people, (B,) bool, what they would name, one to three genres by even chances.

        Of others that, or as often one genre of those that they like.
        """
        named = self.stated[rng.integers(MOST_ASKED, size=len(people)), people]
        below = np.asarray(rng.random((len(people), 1)) < np.cumsum(self.chances[people], axis=1))
        single = below & (np.cumsum(below, axis=1) == 1)
        names = is_new | (rng.random(len(people)) < 0.5)
        return np.where(names[:, None], named, single)


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


def beyond_genres(asked: np.ndarray, genres: np.ndarray) -> np.ndarray:
    """(E, I) float32 nats: -OUT for films, (I, G) bool, with none of the genres that are asked for, (E, G); else 0.

    >>> genres = np.array([[True, False], [False, True], [False, False]])
    >>> beyond_genres(np.array([[False, True], [False, False]]), genres)
    array([[-30.,   0., -30.],
           [  0.,   0.,   0.]], dtype=float32)
    """
    wanted = asked.astype(np.float32)
    fits = wanted @ genres.T.astype(np.float32) > 0
    return np.where(fits | ~wanted.any(axis=1, keepdims=True), np.float32(0), np.float32(-OUT))
