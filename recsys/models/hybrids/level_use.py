"""How people use the star levels, and what becomes of films: who never gives 1 or 3 stars will hardly start now.

Legend: B people, I items, N star levels, G groups of ratings (people, or films).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.base import entry_rows

LEAST = 1e-6  # expected number of a level; keeps a quotient finite
NEWTON_STEPS = 6  # towards a mean; the first two leave less than a thousandth of the scale
LARGEST_STEP = 2.0  # of a tilt, per half of the scale
LEAST_VARIANCE = 1e-3  # of a level's place between -1 and 1


@dataclass(frozen=True, eq=False)
class LevelUse:
    """Which levels a group's ratings have, beside those that were expected of them.

    Attributes:
        given: (G, N) number of ratings of each level.
        expected: (G, N) sums of the probabilities that each rating had of being of a level.
    """

    given: np.ndarray
    expected: np.ndarray

    @classmethod
    def of(cls, distribution: np.ndarray, history: sp.csr_array, scale: RatingScale) -> Self:
        """Of people by their own ratings. Args: distribution: (B, I, N), summing to 1. history: (B, I) stars."""
        rows, n_levels = entry_rows(history), len(scale.levels)
        given, expected = np.zeros((2, history.shape[0], n_levels))
        np.add.at(given, (rows, scale.level_of(history.data)), 1.0)
        np.add.at(expected, rows, distribution[rows, history.indices])
        return cls(given, expected)

    def factor(self, prior_ratings: float) -> np.ndarray:
        """By how much more often each level is to be expected from now on, (G, N) float32; 1 without ratings.

        With n_l ratings of level l, e_l expected ones and n in all: (n_l + a e_l / n) / (e_l + a e_l / n), where
        a = prior_ratings > 0. It is the ratio of the posterior mean of a group's share of level l, under a Dirichlet
        prior of a ratings, to the share that was expected.
        """
        expected = self.expected + LEAST
        believed = prior_ratings * expected / expected.sum(axis=1, keepdims=True)
        has_any = self.given.any(axis=1, keepdims=True)
        return np.where(has_any, (self.given + believed) / (expected + believed), 1.0).astype(np.float32)


def with_level_use(
    distribution: np.ndarray, history: sp.csr_array, scale: RatingScale, prior_ratings: float
) -> np.ndarray:
    """Tilt star probabilities towards the levels that a person gives more often than was expected of the rated films.

    Args:
        distribution: (B, I, N) float32, summing to 1.
        history: (B, I) stars.
        prior_ratings: see `LevelUse.factor`.

    Returns:
        (B, I, N) float32 summing to 1; unchanged for somebody without ratings.
    """
    return tilted(distribution, LevelUse.of(distribution, history, scale).factor(prior_ratings)[:, None, :])


def tilted(distribution: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Distributions, (..., N), whose probabilities are multiplied by a factor that broadcasts, summing to 1 again."""
    changed = distribution * factor
    changed /= changed.sum(axis=-1, keepdims=True)
    return changed


def with_means(distribution: np.ndarray, means: np.ndarray, scale: RatingScale) -> np.ndarray:
    """The distributions nearest to these, in relative entropy, that have other means.

    Each is multiplied by exp(tilt * level), with the tilt that makes its mean right, found by Newton's method.

    Args:
        distribution: (..., N) float32, summing to 1.
        means: (...) stars, inside the scale.

    Returns:
        (..., N) float32 summing to 1, whose means differ from those by less than a thousandth of the scale unless a
        mean lies at an end of the scale.
    """
    places = np.linspace(-1.0, 1.0, distribution.shape[-1], dtype=np.float32)  # of the levels
    lowest, highest = scale.levels[[0, -1]]
    wanted = (2.0 * (means - lowest) / (highest - lowest) - 1.0).astype(np.float32)
    tilt, found = np.zeros_like(wanted), distribution
    for _ in range(NEWTON_STEPS):
        mean = found @ places
        variance = np.maximum(found @ places**2 - mean**2, LEAST_VARIANCE)
        tilt += np.clip((wanted - mean) / variance, -LARGEST_STEP, LARGEST_STEP)
        found = tilted(distribution, np.exp(tilt[..., None] * places))
    return found
