"""How sure a figure is: 95 % intervals by a bootstrap over people, who are drawn whole, with all that they did.

Of more people than MOST_UNITS, some at random are drawn together, so that memory and time are bounded.
Shapes: U units of people, R resamples, K columns, F films.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

N_RESAMPLES, N_OF_FILMS = 1000, 200
MOST_UNITS = 2000
CHUNK = 20  # resamples of films at once
TAILS = (2.5, 97.5)  # percent
SHARE_STEP, STARS_STEP = 0.01, 0.05  # that figures are rounded to, lest one person's part shows from day to day


@dataclass(frozen=True)
class Figure:
    """A figure, rounded, with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Resamples:
    """Draws of people, the same for every figure and at every time."""

    def __init__(self, n_people: int):
        rng = np.random.default_rng(0)
        self.n_units = max(1, min(n_people, MOST_UNITS))
        self._unit = rng.permutation(n_people) % self.n_units
        even = np.full(self.n_units, 1 / self.n_units)
        self._weights = rng.multinomial(self.n_units, even, N_RESAMPLES).astype(np.float32)  # (R, U)

    def totals(self, people: np.ndarray, counts: np.ndarray) -> "Totals":
        """Sums of what people count for.

        Args:
            people: (n,) their numbers; somebody may stand there more than once.
            counts: (n, K).
        """
        units = np.zeros((self.n_units, counts.shape[1]))
        np.add.at(units, self._unit[people], counts)
        return Totals(units.sum(axis=0), self._weights @ units)

    def coverage(self, shown: Sequence[tuple[int, np.ndarray]], n_films: int) -> Figure:
        """The share of films that were shown to anybody.

        Fewer people are shown fewer films, and a resample has fewer: it tells how far the share varies, not where it
        is, so the interval lies around the share itself.

        Args:
            shown: somebody's number, and the numbers of the films that they were shown.
            n_films: that there are to show.
        """
        people = np.concatenate([np.full(len(films), self._unit[person]) for person, films in shown])
        numbers, films = np.unique(np.concatenate([films for _, films in shown]), return_inverse=True)
        shape = (self.n_units, len(numbers))
        seen = sp.csr_array((np.ones(len(films), dtype=np.float32), (people, films)), shape=shape)  # (U, F)
        drawn = (self._weights[:N_OF_FILMS] > 0).astype(np.float32)
        parts = (drawn[start : start + CHUNK] @ seen for start in range(0, N_OF_FILMS, CHUNK))
        found = np.concatenate([(part > 0).sum(axis=1) for part in parts]) / n_films
        value, ends = len(numbers) / n_films, np.percentile(found, TAILS)
        low, high = value + ends - found.mean()
        return figure(value, max(low, 0.0), min(high, 1.0), SHARE_STEP)


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over people: as they are, (K,), and in each resample, (R, K)."""

    real: np.ndarray
    drawn: np.ndarray

    def ratio(self, above: int, below: int, *, step: float = SHARE_STEP, minus: int | None = None) -> Figure:
        """One column's sum by another's.

        Args:
            above: the column that is divided.
            below: the column by which it is divided.
            step: to which it is rounded.
            minus: a column that is taken from the first.
        """
        return self._figure(above, below, step, minus, root=False)

    def root(self, above: int, below: int) -> Figure:
        """The square root of one column's sum by another's, in stars."""
        return self._figure(above, below, STARS_STEP, None, root=True)

    def difference(self, one: tuple[int, int], other: tuple[int, int], step: float) -> Figure:
        """One column by another, less another one by yet another.

        Args:
            one: the column that is divided, and that by which it is.
            other: likewise.
            step: to which it is rounded.
        """

        def of(sums: np.ndarray) -> np.ndarray:
            with np.errstate(invalid="ignore", divide="ignore"):
                return sums[..., one[0]] / sums[..., one[1]] - sums[..., other[0]] / sums[..., other[1]]

        drawn = of(self.drawn)
        low, high = np.percentile(drawn[np.isfinite(drawn)], TAILS)
        return figure(float(of(self.real)), low, high, step)

    def _figure(self, above: int, below: int, step: float, minus: int | None, root: bool) -> Figure:
        def of(sums: np.ndarray) -> np.ndarray:
            with np.errstate(invalid="ignore", divide="ignore"):
                less = 0.0 if minus is None else sums[..., minus]
                found = (sums[..., above] - less) / sums[..., below]
                return np.sqrt(np.maximum(found, 0.0)) if root else found

        drawn = of(self.drawn)
        drawn = drawn[np.isfinite(drawn)]
        low, high = np.percentile(drawn, TAILS)
        return figure(float(of(self.real)), low, high, step)


def figure(value: float, low: float, high: float, step: float) -> Figure:
    """A figure as it is shown.

    >>> figure(0.1234, 0.0561, 0.2, 0.01)
    Figure(value=0.12, low=0.06, high=0.2)
    """
    return Figure(*(round(math.floor(each / step + 0.5) * step, 4) + 0.0 for each in (value, low, high)))
