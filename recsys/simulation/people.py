"""People made of ratings: what they would watch and the stars that they would give, film by film.

Legend: U people, B a batch of them, I films, L star levels, F = 3 motives.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.special import expit

from recsys.data.interactions import Interactions
from recsys.data.scale import ROUNDING, RatingScale
from recsys.models.base import entry_rows
from recsys.simulation.habits import Habits, base_for, best_pull, film_chances, logistic, pulled
from recsys.simulation.traits import Traits, genres_of, novelty, traits_of
from recsys.simulation.truths import Truth

BATCH = 64  # people at a time: bounds memory at 64 * I * L numbers
N_OTHERS = 4  # films by chance beside each that was watched, to find what makes people watch


@dataclass(frozen=True, eq=False)
class People:
    """What everybody would do with every film.

    Attributes:
        traits: of them.
        wish: (U, I) float32, log odds of watching a film that is shown.
        stars: (U, I) float32 on the scale, given after watching; one opinion of each film, whoever shows it.
        likes: (U, I) float32, how likely those stars were to be a like.
        scale: of the stars.
    """

    traits: Traits
    wish: np.ndarray
    stars: np.ndarray
    likes: np.ndarray
    scale: RatingScale

    @property
    def joy(self) -> np.ndarray:
        """(U, I) what watching is worth, from -1 for the lowest star to 1 for the highest."""
        return 2 * self.scale.grade(self.stars) - 1

    @property
    def worth(self) -> np.ndarray:
        """(U, I) joy to expect of showing a film: what an oracle ranks by."""
        return expit(self.wish) * self.joy


@dataclass(frozen=True, eq=False)
class Crowd:
    """A fitted truth, and the people and films that it was fitted on.

    Attributes:
        truth: fitted on the data.
        data: (U, I) interactions.
        scale: of the stars.
    """

    truth: Truth
    data: Interactions
    scale: RatingScale

    @cached_property
    def traits(self) -> Traits:
        """Of the people."""
        return traits_of(self.data)

    @cached_property
    def everybody(self) -> np.ndarray:
        """(I, L) chances of stars, whoever gives them."""
        stars = self.data.stars
        return film_chances(self.scale.level_of(stars.data), stars.indices, stars.shape[1], self.scale)

    @cached_property
    def new(self) -> np.ndarray:
        """(U, I) how new a film's genres are to somebody."""
        return novelty(self.data.stars, genres_of(self.data))

    @cached_property
    def fame(self) -> np.ndarray:
        """(I,) log of how many rated a film, in the mean 0."""
        counts = np.log1p(np.bincount(self.data.stars.indices, minlength=self.data.shape[1]))
        return np.asarray(counts - counts.mean(), dtype=np.float32)

    def batches(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Rows, motives to watch, (B, I, F), and chances of stars by oneself, (B, I, L), a batch at a time."""
        histories = self.data.histories
        for start in range(0, len(histories), BATCH):
            rows = slice(start, min(start + BATCH, len(histories)))
            batch = histories[rows]
            yield rows, self.motives(rows, self.truth.appeal(batch)), self.truth.star_chances(batch)

    def motives(self, rows: slice, appeal: np.ndarray) -> np.ndarray:
        """(B, I, F) appeal, fame by conformity, novelty by diversity."""
        conforming, varied = self.traits.conformity[rows, None] / 2, self.traits.diversity[rows, None] / 2
        return np.stack([appeal, conforming * self.fame, varied * self.new[rows]], axis=-1).astype(np.float64)


def calibrated(crowd: Crowd, aside: sp.csr_array, rng: np.random.Generator) -> Habits:
    """The habits under which ratings that were kept aside, (U, I) stars, are most likely.

    What was rated was watched; N_OTHERS films by chance beside each, rated nowhere, were not. A film by chance is
    watched as often as one is among those that somebody has rated.
    """
    found = [case(crowd, aside, batch, rng) for batch in crowd.batches()]
    motives, watched, own, everybody, conformity = (np.concatenate(part) for part in zip(*found, strict=True))
    _, appeal, fame, new = map(float, logistic(motives, watched))
    plain = Habits(0.0, appeal, fame, new, best_pull(own, everybody, conformity))
    share = (crowd.data.n_ratings + aside.nnz) / np.prod(aside.shape)
    return replace(plain, base=base_for(plain.wish(motives[~watched]), share))


def case(
    crowd: Crowd, aside: sp.csr_array, batch: tuple[slice, np.ndarray, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Motives and whether watched, (n, F) and (n,); chances of given stars by oneself and by all, and conformity."""
    rows, motives, chances = batch
    given = aside[rows]
    people, films = entry_rows(given), given.indices
    others = np.repeat(people, N_OTHERS)
    by_chance = rng.integers(0, aside.shape[1], len(others))
    seen = (crowd.data.stars[rows] + given).toarray() > 0
    unseen = ~seen[others, by_chance]
    asked = np.concatenate([motives[people, films], motives[others[unseen], by_chance[unseen]]])
    watched = np.arange(len(asked)) < len(people)
    levels = crowd.scale.level_of(given.data)
    own, everybody = chances[people, films, levels], crowd.everybody[films, levels]
    return asked, watched, own, everybody, crowd.traits.conformity[rows][people] / 2


def people_of(crowd: Crowd, habits: Habits, rng: np.random.Generator) -> People:
    """Everybody's wishes, and one opinion of each film, drawn."""
    wish, stars, likes = np.empty((3, *crowd.data.shape), dtype=np.float32)
    levels = crowd.scale.levels
    is_like = levels >= crowd.scale.liked_from - ROUNDING * crowd.scale.width
    for rows, motives, own in crowd.batches():
        pull = habits.pull * crowd.traits.conformity[rows, None] / 2
        chances = pulled(own, crowd.everybody, np.broadcast_to(pull, own.shape[:2]))
        wish[rows] = habits.wish(motives)
        stars[rows] = levels[drawn(chances, rng)]
        likes[rows] = chances @ is_like
    return People(crowd.traits, wish, stars, likes, crowd.scale)


def drawn(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(..., L) chances -> (...) int level, one draw each."""
    below = np.cumsum(chances, axis=-1)[..., :-1]
    return (rng.random(chances.shape[:-1])[..., None] > below).sum(axis=-1)
