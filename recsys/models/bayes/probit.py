"""Ordered probit: star levels as slices of a normal variable.

A rating falls into level k if latent + standard normal noise lies between cutpoint k and cutpoint k + 1, with -inf and
+inf at the ends (McCullagh 1980; Albert and Chib 1993). Legend: n ratings, n_levels levels, n_levels - 1 cutpoints.
"""

import numpy as np
from scipy.special import ndtr, ndtri

TINY = 1e-12  # least probability of a level: keeps logarithms and quotients finite


def with_ends(cutpoints: np.ndarray) -> np.ndarray:
    """(..., n_levels - 1) -> (..., n_levels + 1) with -inf and +inf added."""
    end = np.full((*cutpoints.shape[:-1], 1), np.inf)
    return np.concatenate([-end, cutpoints, end], axis=-1)


def draw_latent(latent: np.ndarray, level: np.ndarray, cutpoints: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the normal variable of each rating, given its mean, (n,), and its observed level, (n,) int; (n,) back."""
    ends = with_ends(cutpoints)
    below, above = ndtr(ends[level] - latent), ndtr(ends[level + 1] - latent)
    share = below + rng.random(len(latent)) * (above - below)
    return latent + ndtri(np.clip(share, TINY, 1 - 1e-10))


def expected_latent(latent: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Mean of the normal variable around `latent` given that it lies between `lower` and `upper`; shapes broadcast."""
    low, high = lower - latent, upper - latent
    return latent + (density(low) - density(high)) / np.maximum(ndtr(high) - ndtr(low), TINY)


def density(x: np.ndarray) -> np.ndarray:
    """Standard normal density, 0 at the infinities."""
    return np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi)


def first_cutpoints(level: np.ndarray, n_levels: int) -> np.ndarray:
    """(n_levels - 1,) cutpoints that give the levels their frequencies, one added to each so that none is empty."""
    counts = np.bincount(level, minlength=n_levels) + 1.0
    return ndtri(np.cumsum(counts)[:-1] / counts.sum())


def improved_cutpoints(cutpoints: np.ndarray, latent: np.ndarray, level: np.ndarray) -> np.ndarray:
    """One step of Fisher scoring, cutpoint by cutpoint, towards the most likely cutpoints given the latent means.

    Args:
        cutpoints: (n_levels - 1,) increasing.
        latent: (n,).
        level: (n,) int in 0..n_levels - 1.

    Returns:
        (n_levels - 1,) increasing. A prior worth one rating at the old place keeps levels that nobody used in bounds.
    """
    slope, curvature = np.zeros(len(cutpoints)), np.zeros(len(cutpoints))
    for upper, places in enumerate(of_levels(level, len(cutpoints) + 1)):  # the cutpoint above a level has its number
        beside = [place for place in (upper - 1, upper) if 0 <= place < len(cutpoints)]
        distances = [cutpoints[place] - latent[places] for place in beside]
        below = ndtr(distances[0]) if upper > 0 else 0.0
        above = ndtr(distances[-1]) if upper < len(cutpoints) else 1.0
        probability = np.maximum(above - below, TINY)
        for place, distance in zip(beside, distances, strict=True):
            pull = density(distance) / probability  # (n of the level,)
            slope[place] += pull.sum() if place == upper else -pull.sum()
            curvature[place] += np.square(pull).sum()
    return np.sort(cutpoints + slope / (curvature + 1.0))


def of_levels(level: np.ndarray, n_levels: int) -> list[np.ndarray]:
    """Where each level, lowest first, stands in (n,) int: n_levels arrays of int.

    An end at infinity then costs nothing, and a cutpoint is one number.
    """
    order = np.argsort(level.astype(np.int16), kind="stable")  # a radix sort
    return np.split(order, np.cumsum(np.bincount(level, minlength=n_levels))[:-1])
