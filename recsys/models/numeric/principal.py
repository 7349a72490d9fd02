"""Rows of a large matrix in a few numbers: singular value decomposition, cut off.

Legend: N rows, M columns, K numbers.
"""

import numpy as np
import scipy.sparse as sp

SMALL = 200  # rows or columns of a matrix that is decomposed whole
MORE, ROUNDS = 16, 12  # columns beside those that are wanted, and rounds, where it is not


def principal(matrix: sp.csr_array | np.ndarray, n: int) -> np.ndarray:
    """(N, M) -> (N, K) left singular vectors times their values, the largest first; K is n, or N or M if smaller.

    Inner products of the rows are as near to those of the matrix as K numbers allow (Eckart and Young 1936); in a large
    matrix nearly, by subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4), which finds all vectors of
    one value. A column has the sign with which its cubes sum to a positive number, so that none hangs on how it was
    found.
    """
    if min(matrix.shape) <= SMALL:
        dense = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
        left, values, _ = np.linalg.svd(dense, full_matrices=False)
    else:
        basis = np.random.default_rng(0).normal(size=(matrix.shape[1], min(n + MORE, *matrix.shape)))
        for _ in range(ROUNDS):
            basis = np.linalg.qr(matrix.T @ np.linalg.qr(matrix @ basis)[0])[0]
        left, values, _ = np.linalg.svd(matrix @ basis, full_matrices=False)
    found = left[:, :n] * values[:n]
    return np.asarray(found * np.where(np.sum(found**3, axis=0) < 0, -1.0, 1.0))
