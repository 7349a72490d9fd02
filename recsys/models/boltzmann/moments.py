"""When somebody rates: what a machine may hear of it.

Legend: n ratings, B people, I films, T numbers of a moment.
"""

from dataclasses import dataclass

import numpy as np

from recsys.data.interactions import Histories
from recsys.models.base import entry_rows

DAY, YEAR = 86_400, 31_556_952  # seconds
SINCE_FIRST = np.array([300, 1_800, DAY, 30 * DAY])  # seconds; ends of the first four buckets
AGES = np.array([1, 2, 5, 15])  # years; likewise, of films
N_CLOCK = 4 + 7 + 12 + len(SINCE_FIRST) + 1  # hour, day of the week, month, time since the first rating
N_AGES = len(AGES) + 1
N_NUMBERS = N_CLOCK + N_AGES  # T


def clock(times: np.ndarray, first: np.ndarray) -> np.ndarray:
    """(n, N_CLOCK) of a moment and of when its person began, (n,) seconds since 1970 each.

    The hour as two waves a day, UTC; the day of the week, the month and the time since the first rating as one of each.
    """
    hour = 2 * np.pi * (times % DAY) / DAY
    waves = [np.cos(hour), np.sin(hour), np.cos(2 * hour), np.sin(2 * hour)]
    months = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
    since = np.searchsorted(SINCE_FIRST, times - first, side="right")
    return np.column_stack(
        [*waves, one_of(times // DAY % 7, 7), one_of(months, 12), one_of(since, len(SINCE_FIRST) + 1)]
    )


def ages(times: np.ndarray, years: np.ndarray) -> np.ndarray:
    """(n, N_AGES) how old films were at these moments, (n,) years of release, 0 = unknown: then none of all."""
    found = one_of(np.searchsorted(AGES, 1970 + times // YEAR - years, side="right"), N_AGES)
    return found * (years > 0)[:, None]


def one_of(number: np.ndarray, n: int) -> np.ndarray:
    """(m,) whole numbers from 0 to n - 1 -> (m, n), 1.0 at the number, else 0."""
    return np.eye(n)[number]


@dataclass(frozen=True, eq=False)
class Calendar:
    """What a machine knows of films and moments in general.

    Attributes:
        years: (I,) of release, 0 = unknown.
        usual: (T,) the mean moment, from which others are measured.
    """

    years: np.ndarray
    usual: np.ndarray

    def of_ratings(self, people: Histories) -> np.ndarray:
        """(nnz, T) float32 of every stored rating; 0 where times are not known."""
        if people.times is None:
            return np.zeros((people.stars.nnz, N_NUMBERS), dtype=np.float32)
        rows, years = entry_rows(people.stars), self.years[people.stars.indices]
        moments = np.column_stack([clock(people.times, first_of(people)[rows]), ages(people.times, years)])
        return (moments - self.usual).astype(np.float32)

    def means(self, people: Histories, moments: np.ndarray) -> np.ndarray:
        """(B, T) float32 the mean of each person's moments, (nnz, T); 0 without a rating."""
        sums = np.zeros((len(people), N_NUMBERS))
        np.add.at(sums, entry_rows(people.stars), moments)
        n_ratings = np.diff(people.stars.indptr)[:, None]
        return (sums / np.maximum(n_ratings, 1)).astype(np.float32)

    def leaning(self, people: Histories, lean: np.ndarray, items: np.ndarray | None) -> np.ndarray:
        """(B, I or n) how far people lean who are asked at the median of their times; lean: (T,), of each number.

        0 for people without times.
        """
        years = self.years if items is None else self.years[items]
        found = np.zeros((len(people), len(years)), dtype=np.float32)
        if people.times is None:
            return found
        first, bounds = first_of(people), people.stars.indptr
        for row in np.flatnonzero(np.diff(bounds)):
            asked = np.full(1, np.int64(np.median(people.times[bounds[row] : bounds[row + 1]])))
            of_person = (clock(asked, first[[row]])[0] - self.usual[:N_CLOCK]) @ lean[:N_CLOCK]
            of_films = ages(np.repeat(asked, len(years)), years) - self.usual[N_CLOCK:]
            found[row] = of_person + of_films @ lean[N_CLOCK:]
        return found


def first_of(people: Histories) -> np.ndarray:
    """(B,) int64 when each person began; 0 without a rating."""
    assert people.times is not None, "only where times are known"
    first = np.full(len(people), np.iinfo(np.int64).max)
    np.minimum.at(first, entry_rows(people.stars), people.times)
    return np.where(np.diff(people.stars.indptr) > 0, first, 0)
