"""The processes that fit a model together: one alone, or several that each have some of the people.

Legend: U people of this process, I items, N people of all.
"""

from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from recsys.data.interactions import Interactions


class Processes(Protocol):
    """What processes of one job do together. All call the same, in the same order and from one thread each."""

    @property
    def number(self) -> int:
        """Of this process, from 0; the first writes what is kept."""

    @property
    def count(self) -> int:
        """Of all processes, at least 1."""

    def sum(self, values: ArrayLike) -> np.ndarray:
        """The sum over processes of arrays of one shape and type; the same bits in each."""

    def gathered(self, rows: np.ndarray) -> np.ndarray:
        """The rows, (n, ...), of all processes, one after the other; n may differ."""

    def told_by_first(self, message: bytes) -> bytes:
        """What the first process says; what the others would say is lost."""


class Alone:
    """One process: what it has is all there is."""

    number, count = 0, 1

    def sum(self, values: ArrayLike) -> np.ndarray:
        """The same values."""
        return np.asarray(values)

    def gathered(self, rows: np.ndarray) -> np.ndarray:
        """The same rows."""
        return rows

    def told_by_first(self, message: bytes) -> bytes:
        """The same message."""
        return message


ALONE = Alone()


def own_part(data: Interactions, processes: Processes) -> Interactions:
    """The people of this process, with about as many ratings as those of any other; of one process, all."""
    if processes.count == 1:
        return data
    ends = np.searchsorted(data.stars.indptr, data.n_ratings * np.arange(1, processes.count) / processes.count)
    bounds = np.concatenate([[0], ends, [data.shape[0]]])
    return data.of_people(np.arange(*bounds[processes.number : processes.number + 2]))


def own_place(n_own: int, processes: Processes) -> tuple[slice, int]:
    """Where so many rows of this process stand among those of all, in their order, and how many those are."""
    counts = processes.gathered(np.array([n_own], dtype=np.int64))
    first = int(counts[: processes.number].sum())
    return slice(first, first + n_own), int(counts.sum())


def mean_of(values: np.ndarray, processes: Processes) -> float:
    """The mean of values, (n,), and of those of the other processes; all together have some."""
    if processes.count == 1:
        return float(np.mean(values))
    total, n_values = processes.sum(np.array([np.sum(values, dtype=np.float64), len(values)]))
    return float(total / n_values)


def all_people(matrix: sp.csr_array, processes: Processes) -> sp.csr_array:
    """The rows of all processes, (U, I) -> (N, I), in their order; for what cannot be summed."""
    if processes.count == 1:
        return matrix
    lengths, indices, values = (
        processes.gathered(each) for each in (np.diff(matrix.indptr).astype(np.int64), matrix.indices, matrix.data)
    )
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return sp.csr_array((values, indices, starts), shape=(len(lengths), matrix.shape[1]))


def sum_of_sparse(matrix: sp.csc_array, processes: Processes) -> sp.csc_array:
    """The sum over processes of sparse matrices of one shape, of which only what is stored is sent."""
    if processes.count == 1:
        return matrix
    cells = matrix.tocoo()
    rows, columns, values = map(processes.gathered, (*cells.coords, cells.data))
    return sp.csc_array((values, (rows, columns)), shape=matrix.shape)
