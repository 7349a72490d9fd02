"""The scale that stars are given on."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

HIGHEST = 1000.0  # stars that a scale may end at
MOST_LEVELS = 1000  # of a scale: models hold numbers for every film and level
LIKED_GRADE = 0.75  # of the lowest like: 4 stars on 1 to 5 and on 0.5 to 5, 8 on 1 to 10
N_BINS = 21  # of a scale without levels
ROUNDING = 1e-6  # of the distance between levels; ends of bins and means of equal stars are known no better


@dataclass(frozen=True, kw_only=True)
class RatingScale:
    """Stars from `lowest` to `highest` in steps of `step`; 0 is kept free to mean "unrated".

    Where step is 0 the scale is continuous: any number from lowest to highest will do. What needs levels then takes
    N_BINS bins of the same width, and `levels` are their centres.

    Raises:
        ValueError: lowest is not above 0, highest is not above lowest, or step is neither 0 nor divides the range; or
            there are more than MOST_LEVELS levels, or stars above HIGHEST.
    """

    lowest: float = 1.0
    highest: float = 5.0
    step: float = 1.0

    def __post_init__(self) -> None:
        came = f"got a rating scale from {self.lowest} to {self.highest} in steps of {self.step}"
        if not (0 < self.lowest < self.highest <= HIGHEST and 0 <= self.step <= HIGHEST):
            raise ValueError(
                f"{came}; expected 0 < lowest < highest <= {HIGHEST:g} and a step that divides the range, of at most "
                f"{HIGHEST:g}, or 0 where any number will do"
            )
        if self.is_continuous:
            return
        n_steps = (self.highest - self.lowest) / self.step
        if n_steps >= MOST_LEVELS:
            raise ValueError(
                f"{came}; expected at most {MOST_LEVELS:,} levels: models hold numbers for each. Take 0 for the step: "
                "then any number will do"
            )
        if not math.isclose(n_steps, round(n_steps), rel_tol=1e-9):  # .6 / .1 is a little less than 6
            raise ValueError(f"{came}; expected 0 < lowest < highest and a step that divides the range")

    def in_words(self, unit: str = "") -> str:
        """What may be given: "1 to 5 in steps of 1", with a unit after the 5."""
        steps = ", any number" if self.is_continuous else f" in steps of {self.step:g}"
        return f"{self.lowest:g} to {self.highest:g}{unit}{steps}"

    @property
    def is_continuous(self) -> bool:
        """Whether any number between the ends may be given."""
        return self.step == 0

    @property
    def unit(self) -> float:
        """A quarter of the scale, which is a star of five: settings that hold for 1 to 5 stars hold in it."""
        return (self.highest - self.lowest) / 4

    @property
    def width(self) -> float:
        """Stars from one level to the next."""
        return (self.highest - self.lowest) / N_BINS if self.is_continuous else self.step

    @property
    def increment(self) -> float:
        """The step by which somebody is offered stars: that of the scale, or a round one where any number will do."""
        if not self.is_continuous:
            return self.step
        return float(10.0 ** math.floor(math.log10((self.highest - self.lowest) / N_BINS)))

    @cached_property
    def levels(self) -> np.ndarray:
        """(n_levels,) float64, every rating that the scale allows, lowest first; of a continuous one, bins' centres."""
        if self.is_continuous:
            found = self.lowest + self.width * (np.arange(N_BINS) + 0.5)
        else:
            found = self.lowest + self.step * np.arange(round((self.highest - self.lowest) / self.step) + 1)
        found.flags.writeable = False  # it is kept
        return found

    @property
    def cutpoints(self) -> np.ndarray:
        """(n_levels - 1,) float64 stars halfway between neighbouring levels."""
        return self.levels[:-1] + self.width / 2

    @property
    def thresholds(self) -> np.ndarray:
        """(n_levels - 1,) float64 stars from which a rating is of a level above the lowest."""
        return self.cutpoints if self.is_continuous else self.levels[1:]

    def level_of(self, stars: np.ndarray) -> np.ndarray:
        """Stars of any shape, on the scale, as int64 place of the level that they are, or are in; 0 = lowest."""
        place = (stars - self.lowest) / self.width
        rounded = np.floor(place + ROUNDING) if self.is_continuous else np.rint(place)
        return np.clip(rounded, 0, len(self.levels) - 1).astype(np.int64)

    @property
    def middle(self) -> float:
        """Centre of the scale, in stars."""
        return (self.lowest + self.highest) / 2

    @property
    def liked_from(self) -> float:
        """Stars that a like has at least: the lowest level, or any number, whose grade is LIKED_GRADE or more."""
        if self.is_continuous:
            return self.lowest + LIKED_GRADE * (self.highest - self.lowest)
        levels = self.levels
        return float(levels[self.grade(levels) >= LIKED_GRADE - ROUNDING][0])

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
        """Bool of the same shape: whether each value may be given, up to rounding. NaN may not."""
        if self.is_continuous:
            return (stars >= self.lowest) & (stars <= self.highest)
        rounding = 4 * np.finfo(np.result_type(stars, np.float32)).eps  # .1 + 2 * .1 is a little more than .3
        place = np.round((stars - self.lowest) / self.step)
        is_level = np.isclose(stars, self.lowest + self.step * place, rtol=rounding, atol=0)
        return (place >= 0) & (place < len(self.levels)) & is_level


WHOLE_STARS = RatingScale()  # 1, 2, 3, 4, 5
HALF_STARS = RatingScale(lowest=0.5, step=0.5)  # 0.5, 1, ..., 5
