"""Neighbours in many dimensions as neighbours in two: t-SNE (van der Maaten and Hinton 2008), the exact one.

A thousand points take a few seconds, without a compiler and without a library that is larger than this project.

Legend: n points, D dimensions, K neighbours.
"""

import numpy as np
import scipy.sparse as sp

PERPLEXITY = 20.0  # how many neighbours a point has, in effect
STEPS, EXAGGERATED_STEPS = 200, 75  # of gradient descent; of these the first draw neighbours together
EXAGGERATION = 12.0
FIRST_WIDTH = 1e-4  # standard deviation of the points' first coordinate at the start
MOMENTUM = (0.5, 0.8)  # while exaggerated, and after
GAIN_UP, GAIN_DOWN, LEAST_GAIN = 0.2, 0.8, 0.01  # a coordinate's step grows while it keeps its direction (Jacobs 1988)
SMALLEST = 5  # points; fewer are laid out by their principal components


def embed(points: np.ndarray) -> np.ndarray:
    """A layout in two dimensions, the same every time: it starts from the principal components.

    Args:
        points: (n, D).

    Returns:
        (n, 2) float64, centred, in no particular unit.
    """
    first = principal_components(points)
    if len(points) < SMALLEST:
        return first
    width = max(first[:, 0].std(), 1e-12)
    return descend(affinities(points), (first * (FIRST_WIDTH / width)).astype(np.float32)).astype(np.float64)


def principal_components(points: np.ndarray) -> np.ndarray:
    """(n, D) -> (n, 2) float64 coordinates along the two widest directions; 0 where there is none.

    The direction's component of largest size is positive, so that there is one answer.
    """
    centred = points.astype(np.float64) - points.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]  # (2 or fewer, D)
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    found = centred @ (axes * signs[:, None]).T
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def affinities(points: np.ndarray) -> np.ndarray:
    """(n, D) -> (n, n) float32, how near points are to each other; symmetric, sums to 1 (equations 1 and 2).

    Each looks at its nearest K = 3 PERPLEXITY points only, by a normal kernel as wide as PERPLEXITY asks for.
    """
    n_points = len(points)
    perplexity = min(PERPLEXITY, (n_points - 1) / 3)
    n_near = min(n_points - 1, int(3 * perplexity) + 1)
    distances = squared_distances(points.astype(np.float64))
    np.fill_diagonal(distances, np.inf)
    near = np.argpartition(distances, n_near - 1, axis=1)[:, :n_near]  # (n, K)
    chances = with_perplexity(np.take_along_axis(distances, near, axis=1), perplexity)
    rows = np.repeat(np.arange(n_points), n_near)
    one_way = sp.csr_array((chances.ravel(), (rows, near.ravel())), shape=distances.shape).toarray()
    return ((one_way + one_way.T) / (2 * n_points)).astype(np.float32)


def with_perplexity(distances: np.ndarray, perplexity: float) -> np.ndarray:
    """(n, K) squared distances -> (n, K) chances, of entropy log(perplexity) in each row, by bisection."""
    beyond = distances - distances.min(axis=1, keepdims=True)
    beyond /= np.maximum(beyond.mean(axis=1, keepdims=True), 1e-12)
    low, high = np.full((len(beyond), 1), -12.0), np.full((len(beyond), 1), 12.0)  # log of the kernel's sharpness
    for _ in range(40):
        middle = (low + high) / 2
        chances = np.exp(-beyond * np.exp(middle))
        chances /= chances.sum(axis=1, keepdims=True)
        entropy = -np.sum(chances * np.log(np.maximum(chances, 1e-300)), axis=1, keepdims=True)
        too_wide = entropy > np.log(perplexity)
        low, high = np.where(too_wide, middle, low), np.where(too_wide, high, middle)
    return chances


def descend(wanted: np.ndarray, layout: np.ndarray) -> np.ndarray:
    """Move a layout, (n, 2) float32, until its affinities are as wanted, (n, n)."""
    rate = max(len(layout) / EXAGGERATION, 50.0)  # Belkina et al. 2019
    speed, gains = np.zeros_like(layout), np.ones_like(layout)
    for step in range(STEPS):
        early = step < EXAGGERATED_STEPS
        gradient = slope(wanted * np.float32(EXAGGERATION if early else 1), layout)
        turned = np.sign(gradient) != np.sign(speed)
        gains = np.maximum(np.where(turned, gains + GAIN_UP, gains * GAIN_DOWN), LEAST_GAIN)
        speed = np.float32(MOMENTUM[0 if early else 1]) * speed - np.float32(rate) * gains * gradient
        layout = layout + speed
        layout -= layout.mean(axis=0)
    return layout


def slope(wanted: np.ndarray, layout: np.ndarray) -> np.ndarray:
    """Gradient of the divergence of a layout's affinities from those wanted: equation 5, (n, n), (n, 2) -> (n, 2)."""
    closeness = squared_distances(layout)
    closeness += 1
    np.reciprocal(closeness, out=closeness)
    np.fill_diagonal(closeness, 0)
    pull = wanted - closeness / closeness.sum()
    pull *= closeness
    return 4 * (pull.sum(axis=1, keepdims=True) * layout - pull @ layout)


def squared_distances(points: np.ndarray) -> np.ndarray:
    """(n, D) -> (n, n), at least 0."""
    lengths = np.sum(points**2, axis=1)
    distances = points @ points.T
    distances *= -2
    distances += lengths
    distances += lengths[:, None]
    return np.maximum(distances, 0, out=distances)
