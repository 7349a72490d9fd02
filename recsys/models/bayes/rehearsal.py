"""What a chain foretells of ratings that are kept from it.

Legend: U users, I items, n held-out ratings, N star levels.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.base import entry_rows
from recsys.models.bayes.chain import Chain
from recsys.models.numeric.row_groups import RowGroups


@dataclass(frozen=True, eq=False)
class Foretold:
    """Distributions of stars, by a model that knew none of the held-out ratings.

    Attributes:
        held_out: (n, N) of every held-out rating, rows summing to 1, by person and then by film.
        of_people: (U, N) sums of the distributions of the ratings that the model learned from, over each person's.
        of_films: (I, N) the same sums over each film's.
    """

    held_out: np.ndarray
    of_people: np.ndarray
    of_films: np.ndarray

    @classmethod
    def of(cls, held_out: np.ndarray, learned: np.ndarray, known: sp.csr_array) -> Self:
        """Add up what was foretold.

        Args:
            held_out: (n, N).
            learned: (nnz, N) of the ratings learned from.
            known: (U, I) those ratings, in that order.
        """
        n_users, n_items = known.shape
        return cls(held_out, sums(entry_rows(known), learned, n_users), sums(known.indices, learned, n_items))


def sums(group: np.ndarray, values: np.ndarray, n_groups: int) -> np.ndarray:
    """Sums of the rows of values, (n, N), that are of the same group, (n,) int: (n_groups, N) float64."""
    return np.column_stack([np.bincount(group, each, minlength=n_groups) for each in values.T])


class Moments:
    """Running mean and variance of arrays of one shape."""

    def __init__(self) -> None:
        self.n, self.sum, self.squares = 0, np.zeros(0), np.zeros(0)

    def add(self, values: np.ndarray) -> None:
        """Take (n,) values into account."""
        if not self.n:
            self.sum, self.squares = np.zeros_like(values), np.zeros_like(values)
        self.n += 1
        self.sum += values
        self.squares += values**2

    def mean_and_variance(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) each."""
        mean = self.sum / max(self.n, 1)
        return mean, np.maximum(self.squares / max(self.n, 1) - mean**2, 0.0)


class Rehearsal:
    """A chain that does without some ratings, and what its draws make of those and of the others.

    Attributes:
        chain: as it stands after the last sweep.
        aside: (U, I) the ratings that are kept from it.
    """

    def __init__(self, chain: Chain, aside: sp.csr_array):
        self.chain, self.aside = chain, aside
        self._cells = RowGroups(aside)
        self._held_out, self._learned = Moments(), Moments()

    def add(self, counts: bool) -> np.ndarray:
        """What the newest draw makes of the held-out ratings, (n,) in units of the target; noted down if it counts."""
        chain = self.chain
        if counts:
            self._held_out.add(chain.expectations(self._cells))
            self._learned.add(chain.expectations(chain.of_users))
        return chain.predictions(self._cells)

    @property
    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance over draws of the held-out ratings, (n,) each."""
        return self._held_out.mean_and_variance()

    @property
    def learned(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of the ratings that the chain learns from."""
        return self._learned.mean_and_variance()
