"""Sums over the people of all processes that fit together.

Legend: n ratings of this process.
"""

import numpy as np

from recsys.data.scale import RatingScale
from recsys.training.processes import ALONE, Processes


def mean_of_all(stars: np.ndarray, scale: RatingScale, processes: Processes = ALONE) -> float:
    """The mean of (n,) stars and those of the other processes; of none, the middle of the scale."""
    n_ratings = int(processes.sum(len(stars)))
    total = processes.sum(np.sum(stars, dtype=np.float64))
    return float(total) / n_ratings if n_ratings else scale.middle


def shrunk_means(idx: np.ndarray, values: np.ndarray, n: int, l2: float, processes: Processes = ALONE) -> np.ndarray:
    """Sum of the values that share an index over (their number + l2): (nnz,), (nnz,) -> (n,) float64; 0 for none."""
    sums = processes.sum(np.bincount(idx, weights=values, minlength=n))
    counts = processes.sum(np.bincount(idx, minlength=n)) + l2
    return np.divide(sums, counts, out=np.zeros(n), where=counts > 0)
