"""Ordered probit: star levels as slices of a normal variable.

A rating falls into level k if latent + standard normal noise lies between cutpoint k and cutpoint k + 1, with -inf and
+inf at the ends (McCullagh 1980; Albert and Chib 1993). Legend: n ratings, n_levels levels, n_levels - 1 cutpoints.
"""

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr, ndtri

from recsys.models.numeric import quick_normal as quick
from recsys.training.processes import ALONE, Processes

TINY = 1e-12  # least probability of a level: keeps logarithms and quotients finite
LEFT_OUT = 2**20  # numbers at once
AT_ONCE = 2**14  # ratings of a level: what is worked out for them stays in the cache of a core


def with_ends(cutpoints: np.ndarray) -> np.ndarray:
    """(..., n_levels - 1) -> (..., n_levels + 1) with -inf and +inf added."""
    end = np.full((*cutpoints.shape[:-1], 1), np.inf)
    return np.concatenate([-end, cutpoints, end], axis=-1)


def draw_latent(
    latent: np.ndarray,
    places: list[np.ndarray],
    cutpoints: np.ndarray,
    rng: np.random.Generator,
    around: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the normal variable of each rating given its level.

    Args:
        latent: (n,) float32, its mean.
        places: of each level, see `of_levels`.
        cutpoints: (n_levels - 1,) increasing.
        around: (2, n_levels) ratings of each level of which others draw, before and after those; None: there are none.

    Returns:
        (n,) float32.
    """
    drawn, ends = np.empty_like(latent), with_ends(cutpoints).astype(np.float32)
    before, after = np.zeros((2, len(places)), dtype=np.int64) if around is None else around
    for level, all_of_it in enumerate(places):
        leave_out(before[level], rng)
        for chosen in some_at_once(all_of_it):
            mean = latent[chosen]
            drawn[chosen] = mean + quick.draw_between(ends[level] - mean, ends[level + 1] - mean, rng)
        leave_out(after[level], rng)
    return drawn


def leave_out(n_numbers: int, rng: np.random.Generator) -> None:
    """Let so many uniform numbers pass."""
    for start in range(0, n_numbers, LEFT_OUT):
        rng.random(min(LEFT_OUT, n_numbers - start), dtype=np.float32)


def expected_latent(latent: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Mean of the normal variable around `latent` given that it lies between `lower` and `upper`; shapes broadcast."""
    low, high = lower - latent, upper - latent
    return latent + (density(low) - density(high)) / np.maximum(ndtr(high) - ndtr(low), TINY)


def density(x: np.ndarray) -> np.ndarray:
    """Standard normal density, 0 at the infinities."""
    return np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi)


def first_cutpoints(counts: np.ndarray) -> np.ndarray:
    """(n_levels,) ratings of each level -> cutpoints that give the levels their frequencies.

    One is added to each, so that none is empty.
    """
    return ndtri(np.cumsum(counts + 1.0)[:-1] / (counts.sum() + len(counts)))


def improved_cutpoints(
    cutpoints: np.ndarray, latent: np.ndarray, places: list[np.ndarray], processes: Processes = ALONE
) -> np.ndarray:
    """One step of Fisher scoring, cutpoint by cutpoint, towards the most likely cutpoints given the latent means.

    Args:
        cutpoints: (n_levels - 1,) increasing.
        latent: (n,) float32.
        places: of each level, see `of_levels`.
        processes: that have more ratings.

    Returns:
        (n_levels - 1,) increasing. A prior worth one rating at the old place keeps levels that nobody used in bounds.
    """
    ends = with_ends(cutpoints).astype(np.float32)
    slope, curvature = np.zeros((2, len(ends)))  # those of the infinities are not looked at
    for level, chosen in in_turn(places):
        low, high = (end - latent[chosen] for end in ends[level : level + 2])
        probability = np.maximum(quick.share_between(low, high), np.float32(TINY))
        for end, sign, distance in ((level, -1, low), (level + 1, 1, high)):
            pull = quick.density(distance) / probability  # (n of the level,)
            slope[end] += sign * pull.sum(dtype=np.float64)
            curvature[end] += np.square(pull).sum(dtype=np.float64)
    slope, curvature = processes.sum(np.stack([slope, curvature]))
    return np.sort(cutpoints + slope[1:-1] / (curvature[1:-1] + 1.0))


def of_levels(level: np.ndarray, n_levels: int) -> list[np.ndarray]:
    """Where each level, lowest first, stands in (n,) int: n_levels arrays of int32.

    A cutpoint is one number then, however many ratings there are.
    """
    order = np.argsort(level.astype(np.int16), kind="stable").astype(np.int32)  # a radix sort
    return np.split(order, np.cumsum(np.bincount(level, minlength=n_levels))[:-1])


def in_turn(places: list[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Each level, and some of its places at a time."""
    for level, all_of_it in enumerate(places):
        for some in some_at_once(all_of_it):
            yield level, some


def some_at_once(places: np.ndarray) -> Iterator[np.ndarray]:
    """All places, (n,), in parts."""
    return (places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE))
