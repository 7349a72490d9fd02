"""k-means: groups of points that are near each other.

Legend: N points, M numbers of a point, K clusters.
"""

from typing import NamedTuple

import numpy as np

ROUNDS = 300  # after which moving centres are left where they are


class Clusters(NamedTuple):
    """Points and where they belong.

    Attributes:
        of_points: (N,) int, the number of each point's cluster.
        centres: (K, M).
        inertia: the sum of squared distances to centres after each round; it never rises.
    """

    of_points: np.ndarray
    centres: np.ndarray
    inertia: list[float]


def k_means(points: np.ndarray, n_clusters: int, restarts: int, rng: np.random.Generator) -> Clusters:
    """The best of some runs of Lloyd's algorithm, (N, M) with N >= 1; of fewer different points fewer clusters."""
    starts = (k_means_start(points, n_clusters, rng) for _ in range(restarts))
    return min((lloyd(points, start) for start in starts), key=lambda found: found.inertia[-1])


def k_means_start(points: np.ndarray, n_clusters: int, rng: np.random.Generator) -> np.ndarray:
    """(K, M) of the points, each drawn by its squared distance from those before it (Arthur and Vassilvitskii 2007)."""
    centres = [points[rng.integers(len(points))]]
    while len(centres) < n_clusters:
        far = np.min(squared_distances(points, np.array(centres)), axis=1)
        if not far.sum() > 0:
            break
        centres.append(points[rng.choice(len(points), p=far / far.sum())])
    return np.array(centres)


def lloyd(points: np.ndarray, centres: np.ndarray) -> Clusters:
    """Points to their nearest centres, centres to the means of their points, until nothing moves (Lloyd 1982)."""
    inertia: list[float] = []
    of_points = np.full(len(points), -1)
    for _ in range(ROUNDS):
        far = squared_distances(points, centres)
        nearest = far.argmin(axis=1)
        inertia.append(float(far[np.arange(len(points)), nearest].sum()))
        if np.array_equal(nearest, of_points):
            break
        of_points = nearest
        n = np.bincount(of_points, minlength=len(centres))[:, None]
        sums = np.zeros_like(centres, dtype=np.float64)
        np.add.at(sums, of_points, points)
        centres = np.where(n > 0, sums / np.maximum(n, 1), centres)
    return Clusters(of_points, centres, inertia)


def squared_distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(N, K), at least 0."""
    products = points @ centres.T
    return np.maximum(np.sum(points**2, axis=1)[:, None] - 2 * products + np.sum(centres**2, axis=1), 0)
