"""What of a chain each of several processes has: people with their ratings, and of every film what those gave it.

One process draws random numbers for all people, films and ratings. Several draw the same numbers, all of them each, and
use those that belong to what they have, so that together they are one chain.

Legend: N people of all processes, U of this one, I films, n ratings of all processes, W ratings of a row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.numeric.quick_normal import standard_normal
from recsys.models.numeric.row_groups import Others, RowGroup, RowGroups, of_similar_length, turned
from recsys.training.processes import ALONE, Processes, own_place, sum_of_sparse


class Whole:
    """All rows of a side with all their ratings, as one process has them."""

    def normals(self, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """Standard normal numbers of every row, of that shape."""
        return standard_normal(shape, rng)

    def errors(self, groups: Sequence[RowGroup], widest: int, rng: np.random.Generator) -> Iterable[np.ndarray]:
        """Standard normal numbers of the ratings of groups, those of up to `widest` ratings: (n, W) of each."""
        return (standard_normal(group.places.shape, rng) for group in groups)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Sums over all ratings of what these say."""
        return values


WHOLE = Whole()


@dataclass(frozen=True, eq=False)
class SomeRows(Whole):
    """Some rows, with all their ratings.

    Attributes:
        rows: which of all.
        lengths: (N,) ratings of each of all rows.
    """

    rows: slice
    lengths: np.ndarray

    def normals(self, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """See `Whole`."""
        return standard_normal((len(self.lengths), shape[1]), rng)[self.rows]

    def errors(self, groups: Sequence[RowGroup], widest: int, rng: np.random.Generator) -> Iterable[np.ndarray]:
        """See `Whole`."""
        table = np.zeros((len(self.lengths), widest), dtype=np.float32)
        for rows in self.all_groups:
            width = self.lengths[rows[-1]]  # the longest of them
            if width <= widest:
                table[rows, :width] = standard_normal((len(rows), width), rng)
        own = table[self.rows]
        return (own[group.rows, : group.width] for group in groups)

    @cached_property
    def all_groups(self) -> list[np.ndarray]:
        """All rows in groups, as one process would have them."""
        return list(of_similar_length(self.lengths))


@dataclass(frozen=True, eq=False)
class SomeRatings(Whole):
    """All rows, with some of the ratings of each."""

    processes: Processes

    def summed(self, values: np.ndarray) -> np.ndarray:
        """See `Whole`."""
        return self.processes.sum(values)


@dataclass(frozen=True, eq=False)
class Crowd:
    """The people of a chain.

    Attributes:
        processes: that have them.
        people: which of all this process has.
        ratings: which of all ratings, by person and then by film.
        n_ratings: n.
        of_people: (N,) ratings of each of all people.
        of_films: (P, I) ratings of each film in each process.
    """

    processes: Processes
    people: slice
    ratings: slice
    n_ratings: int
    of_people: np.ndarray
    of_films: np.ndarray

    @classmethod
    def of(cls, by_user: sp.csr_array, processes: Processes = ALONE) -> Self:
        """Of the ratings that a process has, (U, I)."""
        of_people = processes.gathered(np.diff(by_user.indptr).astype(np.int64))
        of_films = processes.gathered(np.bincount(by_user.indices, minlength=by_user.shape[1])[None])
        people, _ = own_place(by_user.shape[0], processes)
        return cls(processes, people, *own_place(by_user.nnz, processes), of_people, of_films)

    @property
    def n_people(self) -> int:
        """N."""
        return len(self.of_people)

    @property
    def is_alone(self) -> bool:
        """Whether one process has everybody."""
        return self.processes.count == 1

    def of_all(self, n_columns: int) -> tuple[int, int]:
        """The shape of an array with a row for everybody."""
        return self.n_people, n_columns

    @property
    def for_people(self) -> Whole:
        """What this process has of people's rows."""
        return WHOLE if self.is_alone else SomeRows(self.people, self.of_people)

    @property
    def for_films(self) -> Whole:
        """What it has of films' rows."""
        return WHOLE if self.is_alone else SomeRatings(self.processes)

    def around(self, counts: np.ndarray) -> np.ndarray | None:
        """(2, n) what processes before and after this have of each of n kinds, (n,) each; None: there are none."""
        if self.is_alone:
            return None
        everywhere, number = self.processes.gathered(counts[None]), self.processes.number
        return np.stack([everywhere[:number].sum(axis=0), everywhere[number + 1 :].sum(axis=0)])

    def film_groups(self, by_user: sp.csr_array) -> RowGroups:
        """The ratings of each film, in the groups that they have in all processes."""
        by_item, stored = turned(by_user)
        before = self.of_films[: self.processes.number].sum(axis=0)
        others = None if self.is_alone else Others(self.of_films.sum(axis=0), before)
        return RowGroups(by_item, stored, others)

    def raters(self, by_item: sp.csr_array, people: np.ndarray) -> sp.csr_array:
        """(I, len(people)) float32 of films: 1 / sqrt(ratings of the film) where one of these of all people rated it.

        Args:
            by_item: (I, U) of this process.
            people: rising numbers among all.
        """
        is_own = (people >= self.people.start) & (people < self.people.stop)
        rated = by_item[:, people[is_own] - self.people.start].tocoo()
        places = np.flatnonzero(is_own)[rated.coords[1]]
        shape = (by_item.shape[0], len(people))
        own = sp.csc_array((np.ones(rated.nnz, dtype=np.float32), (rated.coords[0], places)), shape=shape)
        found = sum_of_sparse(own, self.processes).tocsr()
        found.sort_indices()
        weights = (1.0 / np.sqrt(np.maximum(self.of_films.sum(axis=0), 1))).astype(np.float32)
        found.data = np.repeat(weights, np.diff(found.indptr))
        return found
