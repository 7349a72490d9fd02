"""What models see: what they learn from, and the people that they answer. No people's ids are among it.

Legend: U training users, I items, B people, G genres, M features of a film.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    import pandas as pd

    from recsys.films.catalog import Catalog


@dataclass(frozen=True, eq=False, kw_only=True)
class FilmFacts:
    """What is known of the films beside ratings, in the order of the columns.

    Attributes:
        features: (I, M) float64, 1 where a genre or a period holds, else 0; None where nothing is known.
        genres: (I, G) bool; None where nothing is known.
        genre_names: of the G genres; empty where they have none.
        titles: I titles without the year, as the data writes them; empty where films have none.
        years: I years of release, None where unknown; empty where films have none.
        tables: what files say of them, by the names of these, (I, M) float64 each; NaN where it is not known.
    """

    features: np.ndarray | None = None
    genres: np.ndarray | None = None
    genre_names: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    years: tuple[int | None, ...] = ()
    tables: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: "Catalog", tables: Mapping[str, np.ndarray] | None = None) -> Self:
        """All that a catalogue knows, and tables of its films."""
        return cls(
            features=catalog.features(),
            genres=catalog.genre_matrix,
            genre_names=catalog.genre_names,
            titles=catalog.titles,
            years=catalog.year,
            tables=tables or {},
        )


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who rated which film how and when, and what is known of films and people.

    Attributes:
        stars: (U, I) csr, 0 = unrated.
        times: (nnz,) int64 seconds since 1970 of the stored ratings, in their order; None where unknown.
        films: what is known of the films; None where nothing is.
        people: a row for each user, in order, such as age and occupation; None where nothing is known.
    """

    stars: sp.csr_array
    times: np.ndarray | None = None
    films: FilmFacts | None = None
    people: "pd.DataFrame | None" = None

    def __post_init__(self) -> None:
        assert self.times is None or self.times.shape == self.stars.data.shape, "a time for every rating"
        assert self.people is None or len(self.people) == self.stars.shape[0], "a row for every user"

    @property
    def shape(self) -> tuple[int, int]:
        """(U, I)."""
        return self.stars.shape

    @property
    def n_ratings(self) -> int:
        """Ratings in all."""
        return int(self.stars.nnz)

    def only(self, keep: np.ndarray) -> Self:
        """The same people and films with some of the ratings: keep is (nnz,) bool, in the order of `stars`."""
        times = None if self.times is None else self.times[keep]
        return replace(self, stars=keep_entries(self.stars, keep), times=times)

    def of_people(self, rows: np.ndarray) -> Self:
        """The ratings of some people, (n,) int, as if there were no others."""
        people = None if self.people is None else self.people.iloc[rows].reset_index(drop=True)
        return replace(self, stars=self.stars[rows], times=times_of(self.stars, self.times, rows), people=people)

    def without_facts(self) -> Self:
        """The ratings and their times alone."""
        return replace(self, films=None, people=None)

    @property
    def histories(self) -> "Histories":
        """What is known of the training users, as of anybody."""
        return Histories(self.stars, self.times)


@dataclass(frozen=True, eq=False)
class Histories:
    """People whom a model is to answer: what they rated and when, and what they ask for.

    Attributes:
        stars: (B, I) csr, 0 = unrated.
        times: (nnz,) int64 seconds since 1970 of the stored ratings, in their order; None where unknown.
        genres: (B, G) bool, the genres that they ask for; None where nobody asks.
    """

    stars: sp.csr_array
    times: np.ndarray | None = None
    genres: np.ndarray | None = None

    def __post_init__(self) -> None:
        assert self.times is None or self.times.shape == self.stars.data.shape, "a time for every rating"
        assert self.genres is None or len(self.genres) == self.stars.shape[0], "genres of everybody"

    @classmethod
    def of(cls, stars: Mapping[int, float], n_items: int, genres: np.ndarray | None = None) -> Self:
        """One person's, B = 1.

        Args:
            stars: by item_idx.
            n_items: I.
            genres: (G,) bool.
        """
        items = np.fromiter(stars, dtype=np.int64, count=len(stars))
        values = np.fromiter(stars.values(), dtype=np.float32, count=len(stars))
        matrix = sp.csr_array((values, (np.zeros(len(items), dtype=np.int64), items)), shape=(1, n_items))
        return cls(matrix, genres=None if genres is None else genres[None])

    @classmethod
    def strangers(cls, genres: np.ndarray, n_items: int) -> Self:
        """People who rated nothing and ask for genres, (B, G) bool."""
        return cls(sp.csr_array((len(genres), n_items), dtype=np.float32), genres=genres)

    def __len__(self) -> int:
        return int(self.stars.shape[0])

    def __getitem__(self, rows: slice | np.ndarray) -> Self:
        genres = None if self.genres is None else self.genres[rows]
        return type(self)(self.stars[rows], times_of(self.stars, self.times, rows), genres)

    @property
    def shape(self) -> tuple[int, int]:
        """(B, I)."""
        return self.stars.shape

    def batches(self, size: int) -> Iterator[Self]:
        """Everybody, in order, at most `size` at a time."""
        if 0 < len(self) <= size:
            return iter([self])
        return (self[start : start + size] for start in range(0, len(self), size))


def times_of(stars: sp.csr_array, times: np.ndarray | None, rows: slice | np.ndarray) -> np.ndarray | None:
    """The times, in storage order, of some rows of (B, I) stars, given those of all."""
    if times is None:
        return None
    chosen = np.arange(stars.shape[0])[rows]
    starts, counts = stars.indptr[chosen], stars.indptr[chosen + 1] - stars.indptr[chosen]
    before = np.cumsum(counts) - counts  # ratings of the rows before each
    return times[np.arange(counts.sum()) + np.repeat(starts - before, counts)]


def keep_entries(matrix: sp.csr_array, keep: np.ndarray) -> sp.csr_array:
    """The same shape with only the stored entries where keep, (nnz,) bool in storage order, is True."""
    n_kept = np.concatenate([[0], np.cumsum(keep)])
    return sp.csr_array((matrix.data[keep], matrix.indices[keep], n_kept[matrix.indptr]), shape=matrix.shape)
