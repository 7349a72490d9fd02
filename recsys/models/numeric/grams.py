"""Normal equations of one regression per person.

Legend: B people, I items, F features.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

CHUNK_BYTES = 2**27  # of normal equations held at once


def grams(ratings: sp.csr_array, features: np.ndarray) -> np.ndarray:
    """(B, F, F): of each row's stored items, features' features; (B, I) and (I, F)."""
    found = np.empty((ratings.shape[0], features.shape[1], features.shape[1]))
    for row, (start, stop) in enumerate(pairwise(ratings.indptr)):
        seen = features[ratings.indices[start:stop]]  # (n, F)
        np.matmul(seen.T, seen, out=found[row])  # many times faster than a sparse product for each pair of features
    return found


def chunks(n_rows: int, n_features: int) -> Iterator[slice]:
    """Rows, in order, of which the normal equations fit into CHUNK_BYTES."""
    size = max(1, CHUNK_BYTES // (8 * n_features**2))
    return (slice(start, start + size) for start in range(0, n_rows, size))
