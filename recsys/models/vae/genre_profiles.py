"""What people's histories, or people themselves, say of the genres that they like.

Legend: B people, I items, G genres.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.base import rated
from recsys.stated_genres import PSEUDO_LIKES, genre_shares, stated_genres

STATEMENTS = (1, 2, 3)  # numbers of genres that training people are taken to ask for


@dataclass(frozen=True, eq=False)
class GenreProfiles:
    """How profiles are made: in standard deviations of people's, from what is usual.

    Attributes:
        genres: (I, G) 0 or 1.
        reference: (G,) share of each genre among everybody's likes.
        spread: (2 G,) standard deviation of each number of a profile, > 0.
    """

    genres: np.ndarray
    reference: np.ndarray
    spread: np.ndarray

    @classmethod
    def learn(cls, genres: np.ndarray, residuals: sp.csr_array, likes: sp.csr_array) -> Self:
        """From everybody's histories; see `of`."""
        genres = genres.astype(np.float64)
        plain = cls(genres, genre_shares(likes, genres, 1.0), np.ones(2 * genres.shape[1]))
        spread = np.sqrt(np.mean(plain.of(residuals, likes) ** 2, axis=0)) if len(residuals.indptr) > 1 else 0.0
        return cls(genres, plain.reference, np.where(spread > 0, spread, 1.0) * np.ones(2 * genres.shape[1]))

    def of(self, residuals: sp.csr_array, likes: sp.csr_array) -> np.ndarray:
        """(B, 2 G) float32: of each genre what its films get beyond offsets, and its share of likes beyond the usual.

        Both are shrunk by PSEUDO_LIKES films, so that nobody without ratings is 0.

        Args:
            residuals: (B, I) stars beyond offsets, of rated films.
            likes: (B, I) 1 where a film is liked; no other cell is stored.
        """
        stars = (residuals @ self.genres) / (rated(residuals) @ self.genres + PSEUDO_LIKES)
        n_likes = np.diff(likes.indptr)[:, None]
        shares = (likes @ self.genres - n_likes * self.reference) / (n_likes + PSEUDO_LIKES)
        return np.asarray(np.concatenate([stars, shares], axis=1) / self.spread, dtype=np.float32)

    def asked(self, genres: np.ndarray) -> np.ndarray:
        """(B, 2 G) float32 of who asks for genres, (B, G) bool: one more standard deviation of both numbers of each."""
        return np.tile(genres, 2).astype(np.float32)

    def stated(self, likes: sp.csr_array) -> np.ndarray:
        """(3, B, G) bool, what people with these likes would ask for who name one, two or three genres."""
        return np.stack([stated_genres(likes, self.genres > 0, self.reference, n, 1.0) for n in STATEMENTS])
