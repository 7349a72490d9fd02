"""Matrices of films by films, and their inverses.

Legend: U people of this process, I items.
"""

from functools import partial

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from recsys.training import Training

BLOCK = 1024  # columns at a time


def gram_matrix(matrix: sp.csr_array, training: Training = Training()) -> np.ndarray:
    """X'X of the people of all processes, a block of columns at a time, so that no sparse copy of it is made.

    Args:
        matrix: (U, I) float64 X.
        training: whose processes add up, and whose checkpoints keep, the blocks.

    Returns:
        (I, I) float64 column-major, the same in all processes.
    """
    n_items = matrix.shape[1]
    gram = np.empty((n_items, n_items), order="F")
    by_column = matrix.tocsc()

    def summed(columns: slice) -> dict[str, np.ndarray]:
        return {"gram": training.processes.sum((matrix.T @ by_column[:, columns]).toarray())}

    for start in range(0, n_items, BLOCK):
        columns = slice(start, start + BLOCK)
        gram[:, columns] = training.checkpoints.kept(f"gram {start}", partial(summed, columns))["gram"]
    return gram


def inverse_spd(matrix: np.ndarray) -> np.ndarray:
    """Inverse of a symmetric positive definite (n, n) float64 matrix, in place where it is column-major.

    By Cholesky (LAPACK potrf, potri): a third of the work of a general inverse.

    Raises:
        np.linalg.LinAlgError: the matrix is not positive definite.
    """
    factor, failed_at = lapack.dpotrf(matrix, lower=0, overwrite_a=1, clean=0)
    if failed_at:
        raise np.linalg.LinAlgError(f"the matrix is not positive definite (leading minor {failed_at})")
    upper, _ = lapack.dpotri(factor, lower=0, overwrite_c=1)
    for i in range(len(upper)):  # the triangle below the diagonal, without a third matrix
        upper[i + 1 :, i] = upper[i, i + 1 :]
    return upper
