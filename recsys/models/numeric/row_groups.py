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
PADDING = 0.1  # share of a group that is no entry, at most, or
SPARE = 768  # so many cells: to work on these takes no longer than to begin another group
UNPADDED = 8  # rows up to this length have groups of their own, none of which is padded
ROWS_AT_ONCE = 1024  # of a group, and of a batch of groups or one more group


@dataclass(frozen=True, eq=False)
class Others:
    """Rows of which other matrices, before and behind this one, have entries, too.

    Attributes:
        lengths: (N,) entries of each row in all of them.
        before: (N,) of those the ones in matrices before this.
    """

    lengths: np.ndarray
    before: np.ndarray


@dataclass(frozen=True, eq=False)
class RowGroup:
    """Some rows; where one has ended, its columns are M, and its places nnz.

    Attributes:
        rows: (n,) int.
        columns: (n, W) int32.
        places: (n, W) int32, where an entry is stored.
        longest: the most entries that one of them has, in others, too.
    """

    rows: np.ndarray
    columns: np.ndarray
    places: np.ndarray
    longest: int

    @property
    def width(self) -> int:
        """W."""
        return int(self.columns.shape[1])

    def gathered(self, table: np.ndarray) -> np.ndarray:
        """(M + 1, K) numbers of the columns, the last row of no column -> (n, W, K)."""
        return np.take(table, self.columns, axis=0, mode="clip")

    def stored(self, values: np.ndarray) -> np.ndarray:
        """(nnz + 1,) numbers of the entries, the last of no entry -> (n, W)."""
        return np.take(values, self.places, mode="clip")  # four times quicker than values[self.places]


class RowGroups:
    """The rows of a sparse matrix that have entries, in groups.

    Attributes:
        shape: (N, M).
        nnz: how many entries are stored.
        is_known: (N,) bool, which rows have entries.
        groups: of those.
    """

    def __init__(self, matrix: sp.csr_array, stored: np.ndarray | None = None, others: Others | None = None):
        """Put rows together.

        Args:
            matrix: its stored numbers are not looked at.
            stored: (nnz,) int, where numbers of its entries stand, if they have another order than those of the matrix.
            others: who else has entries of the rows. Then groups are those of all of them, and in unpadded ones an
                entry stands where it stands among all.
        """
        self.shape, self.nnz = matrix.shape, int(matrix.nnz)
        lengths = np.diff(matrix.indptr) if others is None else others.lengths
        self.is_known = lengths > 0
        self.groups = [group_of(matrix, stored, rows, others) for rows in of_similar_length(lengths)]

    def narrow(self, width: int) -> list[RowGroup]:
        """The groups up to a width; see UNPADDED."""
        return [group for group in self.groups if group.longest <= width]

    def batches(self, narrowest: int = 1) -> Iterator[list[RowGroup]]:
        """All groups from a width on, some at a time that have few rows together."""
        groups = [group for group in self.groups if group.longest >= narrowest]
        n_rows = np.array([len(group.rows) for group in groups], dtype=np.int64)
        n_before = np.cumsum(n_rows) - n_rows
        for start, stop in pairwise([*np.flatnonzero(np.diff(n_before // ROWS_AT_ONCE, prepend=-1)), len(groups)]):
            yield groups[start:stop]

    def products(self, of_rows: np.ndarray, of_columns: np.ndarray) -> np.ndarray:
        """(nnz,) products of a row's numbers, (N, K), and a column's, (M + 1, K), of every stored entry."""
        found = np.empty(self.nnz + 1, dtype=of_columns.dtype)  # the last is of no entry
        for group in self.groups:
            product = group.gathered(of_columns) @ of_rows[group.rows][:, :, None]  # (n, W, 1)
            found[group.places.astype(np.intp)] = product[:, :, 0]  # twice as quick as by int32
        return found[:-1]


def group_of(
    matrix: sp.csr_array, stored: np.ndarray | None, rows: np.ndarray, others: Others | None = None
) -> RowGroup:
    """Some rows, (n,) int, of a matrix, whose entries stand in its order or where `stored` says; see `RowGroups`."""
    starts = matrix.indptr[rows][:, None]
    lengths = matrix.indptr[rows + 1][:, None] - starts
    longest = int(lengths.max() if others is None else others.lengths[rows].max())
    if others is None or longest > UNPADDED:
        within = np.arange(lengths.max())
    else:
        within = np.arange(longest) - others.before[rows][:, None]
    is_entry = (within >= 0) & (within < lengths)
    places = (starts + within)[is_entry]
    filled = np.full((2, *is_entry.shape), matrix.nnz, dtype=np.int32)
    filled[0] = matrix.shape[1]
    filled[:, is_entry] = matrix.indices[places], places if stored is None else stored[places]
    return RowGroup(rows, filled[0], filled[1], longest)


def turned(matrix: sp.csr_array) -> tuple[sp.csr_array, np.ndarray]:
    """A matrix with rows and columns exchanged, and where each of its entries, (nnz,) int32, stands in the former."""
    places = sp.csr_array((np.arange(matrix.nnz, dtype=np.int32), matrix.indices, matrix.indptr), shape=matrix.shape)
    found = places.T.tocsr()
    return found, found.data


def of_similar_length(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Rows, (n,) int each, whose lengths, of (N,), are not far apart; rows of length 0 are left out."""
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    for start, stop in pairwise(borders(lengths[order])):
        yield order[start:stop]


def borders(lengths: np.ndarray) -> list[int]:
    """Where groups begin among rising lengths, (N,), and where the last one ends."""
    found, before = [0], np.concatenate([[0], np.cumsum(lengths)])
    while found[-1] < len(lengths):
        start = found[-1]
        longest = lengths[start : start + ROWS_AT_ONCE]
        n_cells = np.arange(1, len(longest) + 1) * longest
        n_entries = before[start + 1 : start + 1 + len(longest)] - before[start]
        fits = (n_cells <= CELLS) & (n_cells - n_entries <= np.maximum(PADDING * n_cells, SPARE))
        fits &= (longest > UNPADDED) | (longest == longest[0])
        fits[0] = True
        found.append(start + int(np.argmin(fits) if not fits.all() else len(fits)))
    return found
