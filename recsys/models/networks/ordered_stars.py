"""Star levels by ordered logit (McCullagh 1980): what they say of stars, and how they learn, in NumPy.

    P(level <= n) = sigmoid((threshold_n - centre) / width)

Legend: B histories, I items, N star levels, K groups of them (see level_groups), n ratings.
"""

from typing import NamedTuple, Self

import numpy as np

from recsys.data.scale import RatingScale
from recsys.models.numeric.level_groups import group_size, n_groups, spreading

FAR = 1e4  # stars; what stands for an infinite threshold, so that no gradient is infinity minus infinity
STEEPEST = 80.0  # a logit below -80 counts as -80, so that its exponential stays finite in float32
FIRST_WIDTH = 0.5  # stars, before anything is learned: errors of 0.9 stars
LARGEST_POWER = 700.0  # of e, which stays finite


class OrderedStars(NamedTuple):
    """Thresholds between groups of levels, in stars, as the lowest and the logarithms of the gaps that follow."""

    first: np.ndarray  # ()
    log_gaps: np.ndarray  # (K - 2,)
    log_width: np.ndarray  # ()

    @classmethod
    def of(cls, scale: RatingScale) -> Self:
        """Before anything is learned: halfway between the groups."""
        width = group_size(len(scale.levels)) * scale.width
        first = scale.levels[0] + width - scale.width / 2
        gaps = np.full(n_groups(len(scale.levels)) - 2, np.log(width), dtype=np.float32)
        return cls(np.array(first, np.float32), gaps, np.array(np.log(FIRST_WIDTH), np.float32))

    def thresholds(self) -> np.ndarray:
        """(K - 1,) thresholds between the groups."""
        return np.concatenate([[self.first], self.first + np.cumsum(np.exp(self.log_gaps))])

    def bounds(self, n_levels: int) -> np.ndarray:
        """(N + 1,) float32 thresholds between the levels, with one far below and one far above."""
        return np.concatenate([[-FAR], spreading(n_levels) @ self.thresholds(), [FAR]]).astype(np.float32)

    def at_least(self, centre: np.ndarray, level: np.ndarray | int, n_levels: int) -> np.ndarray:
        """Probability of this star level (0 = lowest) or a higher one, (B, I) -> (B, I) float32.

        Args:
            centre: where the stars of films lie.
            level: one for all, or one for each person, (B, 1) int.
            n_levels: N.
        """
        logits = centre - self.bounds(n_levels)[level]
        logits /= np.exp(self.log_width)
        return sigmoid(logits)

    def distribution(self, centre: np.ndarray, n_levels: int) -> np.ndarray:
        """Probability of each star level, (B, I) -> (B, I, N) float32."""
        below = sigmoid((self.bounds(n_levels) - centre[..., None]) / np.exp(self.log_width))  # (B, I, N + 1)
        return np.diff(below, axis=2)

    def loss(self, centre: np.ndarray, group: np.ndarray) -> tuple[float, np.ndarray, Self]:
        """Nats of what ratings, (n,), say beyond the model, and their gradient.

        log(sigmoid(a) - sigmoid(b)) = log sigmoid(a) + log sigmoid(-b) + log(1 - exp(b - a)), where a and b are how
        far the thresholds above and below a group are from the centre, in widths.

        Args:
            centre: (n,).
            group: (n,) int, 0 = lowest.

        Returns:
            The nats; the slope at each centre, (n,); and the slopes at the thresholds and the width.
        """
        width, bounds = float(np.exp(self.log_width)), np.concatenate([[-FAR], self.thresholds(), [FAR]])
        above, below = (bounds[group + 1] - centre) / width, (bounds[group] - centre) / width
        apart = np.expm1(np.minimum(above - below, LARGEST_POWER))  # > 0
        nats = np.logaddexp(0, -above) + np.logaddexp(0, below) - np.log1p(-np.exp(below - above))
        at_above, at_below = -sigmoid(-above) - 1 / apart, sigmoid(below) + 1 / apart
        at_bounds = np.bincount(group + 1, at_above, len(bounds)) + np.bincount(group, at_below, len(bounds))
        from_here = np.cumsum(at_bounds[-2:0:-1])[::-1] / width  # (K - 1,) a gap moves all that follow it
        at_width = -float(above @ at_above + below @ at_below)
        at_gaps = (np.exp(self.log_gaps) * from_here[1:]).astype(np.float32)
        slopes = type(self)(np.array(from_here[0], np.float32), at_gaps, np.array(at_width, np.float32))
        return float(nats.sum()), -(at_above + at_below) / width, slopes


def groups_of(stars: np.ndarray, scale: RatingScale) -> np.ndarray:
    """(n,) int group that each rating, (n,) stars, belongs to; 0 = lowest."""
    return np.asarray(scale.level_of(stars) // group_size(len(scale.levels)))


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-logits)), of any shape."""
    grown = np.maximum(logits, -STEEPEST)
    np.exp(np.negative(grown, out=grown), out=grown)
    grown += 1
    return np.reciprocal(grown, out=grown)
