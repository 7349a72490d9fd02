"""What somebody is taken to require of films, and of what use films are to them: nothing of it is learned.

Legend: B people, I items, G genres.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.stated_genres import PSEUDO_LIKES

ANY_TIME = (0.0, 1e4)  # years


@dataclass(frozen=True, eq=False)
class FilmsInFigures:
    """What is known of films.

    Attributes:
        genres: (I, G) 0 or 1.
        years: (I,); 0 where unknown.
        grades: (I,) their mean stars, shrunk, as grades from 0 to 1.
        n_ratings: (I,).
        reference: (G,) share of each genre among all likes.
    """

    genres: np.ndarray
    years: np.ndarray
    grades: np.ndarray
    n_ratings: np.ndarray
    reference: np.ndarray

    def of_liked_genres(self, likes: sp.csr_array) -> np.ndarray:
        """(B, I) in [0, 1]: how far a film's genres stand out among what a person likes, 0.5 where they do not.

        Of each genre lift / (1 + lift), see `stated_genres`, and of these the mean.

        Args:
            likes: (B, I) 1.0 where a film is liked.
        """
        n_likes = np.diff(likes.indptr)[:, None]
        lift = (PSEUDO_LIKES + likes @ self.genres) / (PSEUDO_LIKES + n_likes * self.reference)  # (B, G)
        n_genres = self.genres.sum(axis=1)
        return np.where(n_genres > 0, (lift / (1 + lift)) @ self.genres.T / np.maximum(n_genres, 1), 0.5)

    def of_asked_genres(self, asked: np.ndarray) -> np.ndarray:
        """(B, I) 1 where a film has a genre that was asked for, else 0; asked (B, G) bool."""
        return (asked.astype(np.float64) @ self.genres.T > 0).astype(np.float64)

    def of_period(self, period: np.ndarray, slack: float) -> np.ndarray:
        """(B, I) in [0, 1]: 1 within a period, (B, 2) years, falling to 0 over `slack` years on both sides.

        A film of an unknown year is of use to who asks for any time alone.
        """
        first, last = period[:, :1], period[:, 1:]
        beyond = np.maximum(np.maximum(first - self.years, self.years - last), 0)
        return np.maximum(1 - beyond / slack, 0)

    def fame(self) -> np.ndarray:
        """(I,) in [0, 1]: the log of how many know a film, over that of the best known."""
        known = np.log1p(self.n_ratings)
        return known / max(float(known.max(initial=0.0)), 1.0)


def periods(likes: sp.csr_array, years: np.ndarray, share: float) -> np.ndarray:
    """(B, 2) first and last year between which so large a share of the liked films lies; ANY_TIME without any.

    Quantiles, between years where they fall there.

    Args:
        likes: (B, I), a film that is stored is liked.
        years: (I,); 0 where unknown.
        share: from 0 to 1.
    """
    found = np.tile(np.array(ANY_TIME), (likes.shape[0], 1))
    ends = (1 - share) / 2, (1 + share) / 2
    for row in range(likes.shape[0]):
        known = years[likes.indices[likes.indptr[row] : likes.indptr[row + 1]]]
        if (known > 0).any():
            found[row] = np.quantile(known[known > 0], ends)
    return found


def kept(fitting: np.ndarray, unrated: np.ndarray, least_films: int) -> np.ndarray:
    """Which requirements stand: the last, least important ones are given up until enough films fit the others.

    Args:
        fitting: (C, B, I) bool, whether a film fits each of C requirements, the most important first.
        unrated: (B, I) bool, films that can be listed.
        least_films: that are enough.

    Returns:
        (C, B) bool, falling along C.

    >>> first, second = np.array([[True, True, False]]), np.array([[True, False, False]])
    >>> kept(np.array([first, second]), np.ones((1, 3), dtype=bool), least_films=2).ravel()
    array([ True, False])
    """
    together = np.logical_and.accumulate(fitting, axis=0) & unrated
    return np.asarray(together.sum(axis=2) >= least_films)
