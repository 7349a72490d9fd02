"""Sparse rows of about the same length side by side, so that small products of many rows are few large ones.

Legend: N rows, M columns, nnz stored entries, n rows of a group, W the most entries that one of them has, K numbers of
a column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

CELLS = 2**14  # of a group: what is gathered for it stays in the cache of a core
PADDING = 1.1  # a row is as long as the shortest of its group, or this much longer
ROWS_AT_ONCE = 1024  # of a group, and of a batch of groups or one more group


@dataclass(frozen=True, eq=False)
class RowGroup:
    """Some rows; where one has ended, its columns are M, and its places nnz.

    Attributes:
        rows: (n,) int.
        columns: (n, W) int.
        places: (n, W) int, where an entry is stored.
    """

    rows: np.ndarray
    columns: np.ndarray
    places: np.ndarray

    def gathered(self, table: np.ndarray) -> np.ndarray:
        """(M + 1, K) numbers of the columns, the last row of no column -> (n, W, K)."""
        return np.take(table, self.columns, axis=0, mode="clip")


class RowGroups:
    """The rows of a sparse matrix that have entries, in groups.

    Attributes:
        shape: (N, M).
        nnz: how many entries are stored.
        is_known: (N,) bool, which rows have entries.
        groups: of those.
    """

    def __init__(self, matrix: sp.csr_array):
        self.shape, self.nnz = matrix.shape, int(matrix.nnz)
        lengths = np.diff(matrix.indptr)
        self.is_known = lengths > 0
        self.groups = [group_of(matrix, rows) for rows in of_similar_length(lengths)]

    def batches(self) -> Iterator[list[RowGroup]]:
        """All groups, some at a time that have few rows together."""
        n_rows = np.array([len(group.rows) for group in self.groups], dtype=np.int64)
        n_before = np.cumsum(n_rows) - n_rows
        for start, stop in pairwise([*np.flatnonzero(np.diff(n_before // ROWS_AT_ONCE, prepend=-1)), len(self.groups)]):
            yield self.groups[start:stop]

    def products(self, of_rows: np.ndarray, of_columns: np.ndarray) -> np.ndarray:
        """(nnz,) products of a row's numbers, (N, K), and a column's, (M + 1, K), of every stored entry."""
        found = np.empty(self.nnz + 1)  # the last is of no entry
        for group in self.groups:
            found[group.places] = (group.gathered(of_columns) @ of_rows[group.rows][:, :, None])[:, :, 0]
        return found[:-1]


def group_of(matrix: sp.csr_array, rows: np.ndarray) -> RowGroup:
    """Some rows, (n,) int, of a matrix."""
    lengths = np.diff(matrix.indptr)[rows]
    within = np.arange(lengths.max())
    is_entry = within < lengths[:, None]
    places = np.where(is_entry, matrix.indptr[rows][:, None] + within, matrix.nnz)
    columns = np.full(places.shape, matrix.shape[1])
    columns[is_entry] = matrix.indices[places[is_entry]]
    return RowGroup(rows, columns.astype(np.int32), places.astype(np.int32))


def of_similar_length(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Rows, (n,) int each, whose lengths, of (N,), are not far apart; rows of length 0 are left out."""
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    for start, stop in pairwise(borders(lengths[order])):
        yield order[start:stop]


def borders(lengths: np.ndarray) -> list[int]:
    """Where groups begin among rising lengths, (N,), and where the last one ends."""
    found = [0]
    while found[-1] < len(lengths):
        start = found[-1]
        longest = int(lengths[start] * PADDING)
        similar = int(np.searchsorted(lengths, longest, side="right"))
        found.append(min(similar, start + max(1, CELLS // longest), start + ROWS_AT_ONCE))
    return found
