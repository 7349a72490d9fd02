"""Products of sparse rows that nearly all have the same columns, as somebody's history without each of its ratings.

Legend: B rows, I columns, C of them that some row has, H numbers of a column.
"""

import numpy as np
import scipy.sparse as sp

FEWEST_ROWS = 4
LEAST_SHARE = 0.5  # of the columns of all, that rows have on average


def times(matrix: sp.csr_array, kernel: np.ndarray) -> np.ndarray:
    """The product of both, (B, I) and (I, H) -> (B, H); of the columns in question alone where rows share them."""
    n_rows, columns = matrix.shape[0], None
    longest = np.diff(matrix.indptr).max(initial=0)  # no fewer columns than that
    if n_rows >= FEWEST_ROWS and matrix.nnz >= LEAST_SHARE * n_rows * longest > 0:
        columns, places = np.unique(matrix.indices, return_inverse=True)
    if columns is None or matrix.nnz < LEAST_SHARE * n_rows * len(columns):
        return np.asarray(matrix @ kernel)
    return among(matrix, places, len(columns)) @ kernel[columns]


def among(matrix: sp.csr_array, places: np.ndarray, n_columns: int) -> np.ndarray:
    """(B, I) with each stored entry in another column, (nnz,): (B, n_columns), dense."""
    found = np.zeros((matrix.shape[0], n_columns), dtype=matrix.dtype)
    found[np.repeat(np.arange(len(found)), np.diff(matrix.indptr)), places] = matrix.data
    return found
