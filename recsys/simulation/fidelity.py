"""How true to life simulated people are, on ratings that nothing was learned from.

Legend: U people, I films, n held-out likes, m films by chance beside each.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.special import softmax
from scipy.stats import kendalltau, wasserstein_distance

from recsys.data.interactions import Interactions
from recsys.models.base import entry_rows
from recsys.simulation.people import People

RATIOS = (1, 3, 9)  # films by chance beside each like, as in Agent4Rec


@dataclass(frozen=True)
class Told:
    """How well likes are told from films by chance, in lists of one like and `ratio` others.

    Attributes:
        ratio: m.
        auc: share of pairs in which people would rather choose the real like; simulated_auc: the like that simulated
            people choose themselves, which is as often as it should be if they are true to life.
        first: share of lists whose real like comes first, 1 / (m + 1) by chance; simulated_first likewise.
    """

    ratio: int
    auc: float
    simulated_auc: float
    first: float
    simulated_first: float


@dataclass(frozen=True)
class StarDistance:
    """Wasserstein distances, in stars, of distributions of held-out ratings from simulated ones.

    Attributes:
        stars: of all stars.
        people, films: of people's and of films' mean stars.
    """

    stars: float
    people: float
    films: float


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Real ratings that neither people nor habits were made of.

    Attributes:
        stars: (U, I) csr.
        known: (U, I) csr of all other ratings of these people.
    """

    stars: sp.csr_array
    known: sp.csr_array

    @cached_property
    def rows(self) -> np.ndarray:
        """(nnz,) int person of each."""
        return entry_rows(self.stars)

    @cached_property
    def seen(self) -> np.ndarray:
        """(U, I) bool, what somebody rated, held out or not."""
        return np.asarray((self.stars + self.known).toarray() > 0)


def told_apart(people: People, held_out: HeldOut, ratio: int, rng: np.random.Generator) -> Told:
    """Lists of a held-out like and of films by chance that the person has rated nowhere; NaN without likes."""
    has_others = np.any(~held_out.seen, axis=1)  # (U,)
    is_like = (held_out.stars.data >= people.scale.liked_from - 1e-6) & has_others[held_out.rows]
    rows, likes = held_out.rows[is_like], held_out.stars.indices[is_like]
    if not len(rows):
        return Told(ratio, *[float("nan")] * 4)
    films = np.column_stack([likes, others(held_out.seen, rows, ratio, rng)])  # (n, 1 + m)
    cells = (rows[:, None], films)
    longing = people.wish[cells].astype(np.float64) + np.log(np.maximum(people.likes[cells], 1e-9))
    ahead = pairs_ahead(longing)
    first = (longing == longing.max(axis=1, keepdims=True)).astype(np.float64)
    first /= first.sum(axis=1, keepdims=True)
    chosen = softmax(longing, axis=1)
    real, simulated = (float(each) for each in (ahead[:, 0].mean(), (chosen * ahead).sum(axis=1).mean()))
    return Told(ratio, real, simulated, float(first[:, 0].mean()), float((chosen * first).sum(axis=1).mean()))


def pairs_ahead(values: np.ndarray) -> np.ndarray:
    """(n, 1 + m) share of the others of a row that a value is above; a tie counts a half."""
    above = (values[:, :, None] > values[:, None, :]).sum(axis=2)
    level = (values[:, :, None] == values[:, None, :]).sum(axis=2) - 1
    return (above + level / 2) / (values.shape[1] - 1)


def others(seen: np.ndarray, rows: np.ndarray, ratio: int, rng: np.random.Generator) -> np.ndarray:
    """(n, m) films by chance that the people, (n,) int, have not seen, (U, I) bool; all have some."""
    found = rng.integers(0, seen.shape[1], (len(rows), ratio))
    while (again := seen[rows[:, None], found]).any():
        found[again] = rng.integers(0, seen.shape[1], int(again.sum()))
    return found


def star_distance(stars: np.ndarray, held_out: HeldOut) -> StarDistance:
    """Of (nnz,) simulated stars from the held-out ones, in their order; NaN without any."""
    if not len(stars):
        return StarDistance(*[float("nan")] * 3)
    real = held_out.stars.data
    people, films = (
        wasserstein_distance(means(real, of), means(stars, of)) for of in (held_out.rows, held_out.stars.indices)
    )
    return StarDistance(float(wasserstein_distance(real, stars)), float(people), float(films))


def simulated_stars(people: People, held_out: HeldOut) -> np.ndarray:
    """(nnz,) what simulated people say of the held-out films."""
    return people.stars[held_out.rows, held_out.stars.indices]


def anybodys_stars(data: Interactions, held_out: HeldOut, rng: np.random.Generator) -> np.ndarray:
    """(nnz,) drawn from all ratings, whoever gave them to whatever: what stars must beat that know people and films."""
    found: np.ndarray = rng.choice(data.stars.data, held_out.stars.nnz)
    return found


def means(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Means of the values, (n,), of each number that occurs among `of`, (n,) int."""
    counts = np.bincount(of)
    return (np.bincount(of, weights=values) / np.maximum(counts, 1))[counts > 0]


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Kendall's tau of two orders, given by values, (n,) each: 1 the same, -1 reversed."""
    return float(kendalltau(one, other).statistic)
