"""The scale that stars are given on."""

import math
from dataclasses import dataclass

import numpy as np

HIGHEST = 1000.0  # stars that a scale may end at
MOST_LEVELS = 1000  # of a scale: models hold numbers for every film and level


@dataclass(frozen=True, kw_only=True)
class RatingScale:
    """Stars from `lowest` to `highest` in steps of `step`; 0 is kept free to mean "unrated".

    Raises:
        ValueError: lowest is not above 0, highest is not above lowest, or step does not divide the range; or there are
            more than MOST_LEVELS levels, or stars above HIGHEST.
    """

    lowest: float = 1.0
    highest: float = 5.0
    step: float = 1.0

    def __post_init__(self) -> None:
        came = f"got a rating scale from {self.lowest} to {self.highest} in steps of {self.step}"
        if not (0 < self.lowest < self.highest <= HIGHEST and 0 < self.step <= HIGHEST):
            raise ValueError(
                f"{came}; expected 0 < lowest < highest <= {HIGHEST:g} and a step that divides the range, of at most "
                f"{HIGHEST:g}"
            )
        n_steps = (self.highest - self.lowest) / self.step
        if n_steps >= MOST_LEVELS:
            raise ValueError(f"{came}; expected at most {MOST_LEVELS:,} levels: models hold numbers for each")
        if not math.isclose(n_steps, round(n_steps), rel_tol=1e-9):  # .6 / .1 is a little less than 6
            raise ValueError(f"{came}; expected 0 < lowest < highest and a step that divides the range")

    @property
    def levels(self) -> np.ndarray:
        """(n_levels,) float64, every rating that the scale allows, lowest first."""
        n_levels = round((self.highest - self.lowest) / self.step) + 1
        return self.lowest + self.step * np.arange(n_levels)

    @property
    def middle(self) -> float:
        """Centre of the scale, in stars."""
        return (self.lowest + self.highest) / 2

    def clip(self, stars: np.ndarray) -> np.ndarray:
        """Stars of any shape, moved to the nearest end where they lie outside the scale."""
        return np.clip(stars, self.lowest, self.highest)

    def grade(self, stars: np.ndarray) -> np.ndarray:
        """Stars of any shape as (stars - lowest) / (highest - lowest), in [0, 1]."""
        return (stars - self.lowest) / (self.highest - self.lowest)

    def mean_of(self, distribution: np.ndarray) -> np.ndarray:
        """Stars to expect where every level has a probability, (..., n_levels), lowest first: (...) float32."""
        return (distribution @ self.levels.astype(distribution.dtype)).astype(np.float32)

    def holds(self, stars: np.ndarray) -> np.ndarray:
        """Bool of the same shape: whether each value is one of the levels, up to rounding. NaN is not."""
        rounding = 4 * np.finfo(np.result_type(stars, np.float32)).eps  # .1 + 2 * .1 is a little more than .3
        place = np.round((stars - self.lowest) / self.step)
        is_level = np.isclose(stars, self.lowest + self.step * place, rtol=rounding, atol=0)
        return (place >= 0) & (place < len(self.levels)) & is_level


WHOLE_STARS = RatingScale()  # 1, 2, 3, 4, 5
HALF_STARS = RatingScale(lowest=0.5, step=0.5)  # 0.5, 1, ..., 5
