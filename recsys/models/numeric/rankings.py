"""How well scores rank what should be found: for models that choose some of their settings themselves.

Legend: U users, I items, P people who have something relevant.
"""

import numpy as np
import scipy.sparse as sp


def whole_ndcg(score: np.ndarray, relevant: sp.csr_array) -> np.ndarray:
    """The nDCG of whole rankings, (P,), of the people who have something relevant; scores (U, I), relevant (U, I) bool.

    Films of the same score stand in each other's way: each counts as ranked below the others.
    """
    counts, gains = np.diff(relevant.indptr), np.zeros(score.shape[0])
    for person in np.flatnonzero(counts):
        items = relevant.indices[relevant.indptr[person] : relevant.indptr[person + 1]]
        places = np.count_nonzero(score[person] >= score[person, items][:, None], axis=1)  # 1 = first
        gains[person] = np.sum(1.0 / np.log2(places + 1.0))
    ideal = np.cumsum(1.0 / np.log2(np.arange(2.0, score.shape[1] + 2.0)))
    return (gains[counts > 0] / ideal[counts[counts > 0] - 1]).clip(max=1.0)
