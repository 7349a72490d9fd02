"""What a chain foretells of ratings that are kept from it.

Legend: U users, I items, n held-out ratings, N star levels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.base import entry_rows
from recsys.models.bayes.chain import Chain, part_of
from recsys.models.numeric.row_groups import RowGroups
from recsys.training.processes import Processes, own_place

AT_ONCE = 2**20  # ratings whose distributions of stars are in memory


@dataclass(frozen=True, eq=False)
class Foretold:
    """Distributions of stars, by a model that knew none of the held-out ratings.

    Attributes:
        held_out: (n, N) of every held-out rating, rows summing to 1, by person and then by film.
        stars: (n,) that are expected of each, see `BMF.told`.
        of_people: (U, N) sums of the distributions of the ratings that the model learned from, over each person's.
        of_films: (I, N) the same sums over each film's.
    """

    held_out: np.ndarray
    stars: np.ndarray
    of_people: np.ndarray
    of_films: np.ndarray

    @classmethod
    def of(
        cls, held_out: np.ndarray, stars: np.ndarray, learned: Callable[[slice], np.ndarray], known: sp.csr_array
    ) -> Self:
        """Add up what was foretold.

        Args:
            held_out: (n, N).
            stars: (n,).
            learned: of some of the ratings learned from, (their number, N).
            known: (U, I) those ratings, in that order.
        """
        n_users, n_items = known.shape
        of_people, of_films = (np.zeros((n_rows, held_out.shape[1])) for n_rows in known.shape)
        people = entry_rows(known)
        for start in range(0, known.nnz, AT_ONCE):
            block = slice(start, start + AT_ONCE)
            foretold = learned(block)
            of_people += sums(people[block], foretold, n_users)
            of_films += sums(known.indices[block], foretold, n_items)
        return cls(held_out, stars, of_people, of_films)


def told_in_all(own: Foretold, processes: Processes) -> Foretold:
    """What processes foretold of their own people, together."""
    if processes.count == 1:
        return own
    of_films = processes.sum(own.of_films)
    held_out, stars, of_people = map(processes.gathered, (own.held_out, own.stars, own.of_people))
    return Foretold(held_out, stars, of_people, of_films)


def sums(group: np.ndarray, values: np.ndarray, n_groups: int) -> np.ndarray:
    """Sums of the rows of values, (n, N), that are of the same group, (n,) int: (n_groups, N) float64."""
    return np.column_stack([np.bincount(group, each, minlength=n_groups) for each in values.T])


class Moments:
    """Running mean and variance of arrays of one shape (Welford 1962)."""

    def __init__(self) -> None:
        self.n, self.mean, self.squares = 0, np.zeros(0), np.zeros(0)

    def add(self, values: np.ndarray) -> None:
        """Take (n,) values into account."""
        if not self.n:
            self.mean, self.squares = np.zeros_like(values), np.zeros_like(values)
        self.n += 1
        away = values - self.mean
        self.mean += away / self.n
        away *= values - self.mean
        self.squares += away

    def state(self, processes: Processes) -> dict[str, np.ndarray]:
        """All of it, of all processes."""
        mean, squares = map(processes.gathered, (self.mean, self.squares))
        return {"n": np.array(self.n), "mean": mean, "squares": squares}

    def go_on_from(self, state: Mapping[str, np.ndarray], own: slice) -> None:
        """Be where others of the same values were; own: which of those are of this process."""
        self.n, self.mean, self.squares = int(state["n"]), state["mean"][own], state["squares"][own]

    def mean_and_variance(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) each."""
        return self.mean, self.squares / max(self.n, 1)


class Rehearsal:
    """A chain that does without some ratings, and what its draws make of those and of the others.

    Attributes:
        chain: as it stands after the last sweep.
        aside: (U, I) the ratings that are kept from it.
        own: which of those of all processes these are.
        n_aside: how many those are.
    """

    def __init__(self, chain: Chain, aside: sp.csr_array):
        self.chain, self.aside = chain, aside
        self._cells = RowGroups(aside)
        self.own, self.n_aside = own_place(aside.nnz, chain.crowd.processes)
        self._held_out, self._learned = Moments(), Moments()

    def add(self, counts: bool) -> np.ndarray:
        """What the newest draw makes of the held-out ratings, (n,) in units of the target; noted down if it counts."""
        chain = self.chain
        if counts:
            self._held_out.add(chain.expectations(self._cells))
            self._learned.add(chain.expectations(chain.sides.of_users))
        return chain.predictions(self._cells)

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that draws change, the chain's with it; of all processes."""
        arrays, processes = self.chain.state, self.chain.crowd.processes
        for whose, some in (("held out", self._held_out), ("learned", self._learned)):
            arrays |= {f"{whose} {name}": each for name, each in some.state(processes).items()}
        return arrays

    def go_on_from(self, state: Mapping[str, np.ndarray]) -> None:
        """Be where one of the same ratings was."""
        self.chain.be_at(state)
        self._held_out.go_on_from(part_of(state, "held out "), self.own)
        self._learned.go_on_from(part_of(state, "learned "), self.chain.crowd.ratings)

    @property
    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance over draws of the held-out ratings, (n,) each."""
        return self._held_out.mean_and_variance()

    @property
    def learned(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of the ratings that the chain learns from."""
        return self._learned.mean_and_variance()
