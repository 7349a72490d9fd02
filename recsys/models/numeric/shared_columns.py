"""Products of sparse rows that nearly all have the same columns, as somebody's history without each of its ratings.

Legend: B rows, I columns, C of them that some row has, H numbers of a column.
"""

from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

FEWEST_ROWS = 4
LEAST_SHARE = 0.5  # of the columns of all, that rows have on average


class Packed(NamedTuple):
    """Rows, of which those columns alone are kept that some row has, where rows share them.

    Attributes:
        rows: (B, C) dense or, where rows have few columns in common, (B, I) as it was.
        columns: (C,) int of the first; None of the second.
    """

    rows: np.ndarray | sp.csr_array
    columns: np.ndarray | None

    @classmethod
    def of(cls, matrix: sp.csr_array) -> Self:
        """Look what (B, I) rows share, once for all products."""
        n_rows = matrix.shape[0]
        longest = np.diff(matrix.indptr).max(initial=0)  # no fewer columns than that
        if n_rows >= FEWEST_ROWS and matrix.nnz >= LEAST_SHARE * n_rows * longest > 0:
            columns, places = np.unique(matrix.indices, return_inverse=True)
            if matrix.nnz >= LEAST_SHARE * n_rows * len(columns):
                return cls(among(matrix, places, len(columns)), columns)
        return cls(matrix, None)

    def times(self, kernel: np.ndarray) -> np.ndarray:
        """The product of the rows and (I, H): (B, H)."""
        return np.asarray(self.rows @ (kernel if self.columns is None else kernel[self.columns]))


def among(matrix: sp.csr_array, places: np.ndarray, n_columns: int) -> np.ndarray:
    """(B, I) with each stored entry in another column, (nnz,): (B, n_columns), dense."""
    found = np.zeros((matrix.shape[0], n_columns), dtype=matrix.dtype)
    found[np.repeat(np.arange(len(found)), np.diff(matrix.indptr)), places] = matrix.data
    return found
