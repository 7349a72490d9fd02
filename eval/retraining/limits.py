"""How much the ratings of one person, or of a few, may change the next model.

Whoever pushes a film opens accounts. What a model makes of ratings is too intricate to be defended there, so the limits
are on what it is given, and each can be read off: how many ratings of a person count, and how many people may rate a
film beyond what is usual. They depend on the data set and on the people who consent alone, never on a model that has
learned from somebody who has gone since. Days and order are those in which ratings came to hold on the page: when they
were given is what whoever imports them says.

Legend: N ratings of people, P people, U people of the data set, I films.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from eval.retraining.people import Given
from recsys.data.movielens import Dataset
from recsys.settings import require

DAY = 86_400  # s
MIXING = 2_654_435_761  # an odd number near 2**32 / 1.618: its multiples are spread over 2**32


@dataclass(frozen=True, kw_only=True)
class LimitsConfig:
    """How much counts."""

    least_ratings: int = 5  # of a person who counts at all
    most_per_day: int = 200  # of what a person enters on one day (UTC), an import too, chosen by film and nothing else
    least_to_judge: int = 20  # ratings from which on it is told whether somebody's stars contradict everybody's
    contrary: float = 0.02  # so many of the data set's people have stars that agree less with the films' means
    spread: float = 1.0  # standard deviations by which a film may have more ratings of a kind than is usual
    always: int = 2  # ratings of a kind of a film count however unusual they are
    surplus: float = 0.1  # of all people, as ratings of a film and kind beyond the usual that do not count; at least 1

    def __post_init__(self) -> None:
        require(min(self.least_ratings, self.most_per_day) >= 1, self, "at least 1 rating, and at least 1 a day")
        require(self.least_to_judge >= 3 and self.always >= 0, self, "at least 3 ratings to judge by")
        require(0 <= self.contrary < 1 and 0 <= self.surplus <= 1, self, "shares from 0 to 1")
        require(self.spread >= 0, self, "at least 0 standard deviations")


@dataclass(frozen=True, eq=False, kw_only=True)
class Limited:
    """What is left of people's ratings, and what does not count.

    Attributes:
        given: that counts.
        n_hurried: ratings beyond those of a day.
        n_few: people with too few.
        n_contrary: people whose stars contradict everybody's.
        n_pushed: ratings of a film beyond the usual.
    """

    given: Given
    n_hurried: int
    n_few: int
    n_contrary: int
    n_pushed: int


def limited(dataset: Dataset, given: Given, config: LimitsConfig, *, of_films: bool = True) -> Limited:
    """What counts of people's ratings.

    Args:
        dataset: beside which they are given.
        given: all of them.
        config: the limits.
        of_films: whether there is one for every film, too; the others are each person's own matter.
    """
    base = dataset.ratings.matrix()  # (U, I)
    unhurried = given.only(counts_of_a_day(given, config.most_per_day))
    enough = unhurried.only(has_enough(unhurried, config.least_ratings))
    agreeing = enough.only(~contradicts(base, enough, config)[enough.person_idx])
    left = agreeing
    if of_films:
        liked_from = dataset.ratings.scale.liked_from
        left = agreeing.only(is_usual(base, agreeing, liked_from, config))
    return Limited(
        given=left,
        n_hurried=given.n_ratings - unhurried.n_ratings,
        n_few=unhurried.n_people - enough.n_people,
        n_contrary=enough.n_people - agreeing.n_people,
        n_pushed=agreeing.n_ratings - left.n_ratings,
    )


def counts_of_a_day(given: Given, most: int) -> np.ndarray:
    """(N,) bool: which ratings are among the first of a person's day, in an order that tells nothing of films."""
    day, mixed = given.entered // DAY, (given.item_idx * MIXING) % 2**32
    order = np.lexsort((mixed, day, given.person_idx))
    return places_within(order, given.person_idx, day) < most


def has_enough(given: Given, least: int) -> np.ndarray:
    """(N,) bool: which ratings are of people with at least so many."""
    return np.bincount(given.person_idx, minlength=given.n_people)[given.person_idx] >= least


def places_within(order: np.ndarray, *groups: np.ndarray) -> np.ndarray:
    """(N,) int64: the place of each rating among those of its group, from 0, in an order that has groups together."""
    begins = np.zeros(len(order), dtype=bool)
    for group in groups:
        in_order = group[order]
        begins[1:] |= in_order[1:] != in_order[:-1]
    counted = np.arange(len(order))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = counted - np.maximum.accumulate(np.where(begins, counted, 0))
    return places


def contradicts(base: sp.csr_array, given: Given, config: LimitsConfig) -> np.ndarray:
    """(P,) bool: whose stars agree less with the films' means than those of nearly all people of the data set do.

    That is what stars by chance do, and stars turned round. Agreement is the correlation over the films that somebody
    rated; whoever gives all the same stars, or rated few films, is not judged.
    """
    owners = np.repeat(np.arange(base.shape[0]), np.diff(base.indptr))
    n, sums = np.bincount(base.indices, minlength=base.shape[1]), np.bincount(base.indices, base.data, base.shape[1])
    usual = sums.sum() / max(n.sum(), 1)
    without_own = (sums[base.indices] - base.data + usual) / n[base.indices]  # as if one other had given the usual
    of_base = agreement(owners, base.data, without_own, base.shape[0], config.least_to_judge)
    means = (sums + usual) / (n + 1)  # (I,)
    of_people = agreement(given.person_idx, given.stars, means[given.item_idx], given.n_people, config.least_to_judge)
    judged = of_base[np.isfinite(of_base)]
    least = np.quantile(judged, config.contrary) if len(judged) else -np.inf
    return of_people < least  # NaN is not


def agreement(owner: np.ndarray, stars: np.ndarray, means: np.ndarray, n_people: int, least: int) -> np.ndarray:
    """(n_people,) correlation of stars with means; NaN where it cannot be told, or there are too few."""

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(owner, values, n_people) / np.maximum(n, 1)

    n = np.bincount(owner, minlength=n_people)
    own, others = stars.astype(np.float64), means.astype(np.float64)
    own, others = own - mean(own)[owner], others - mean(others)[owner]
    spread = np.sqrt(mean(own**2) * mean(others**2))
    told = (n >= least) & (spread > 1e-9)
    return np.where(told, mean(own * others) / np.where(told, spread, 1.0), np.nan)


def is_usual(base: sp.csr_array, given: Given, liked_from: float, config: LimitsConfig) -> np.ndarray:
    """(N,) bool: which ratings count, of those of each film that are likes, and of the others.

    Usual is the data set's share of people with such a rating. What goes beyond that, and what chance adds, is left
    out, the one that was entered last first, but no more than so many people as `surplus` is of all: a few accounts so
    add little to what is usual, while a film that many come to love is known to be loved. Of fewer than ten people, one
    person is that share, so that one account adds little there, too.
    """
    counts = np.ones(given.n_ratings, dtype=bool)
    likes, base_likes = given.stars >= liked_from, base.data >= liked_from
    for is_so, base_is_so in ((likes, base_likes), (~likes, ~base_likes)):
        usual = np.bincount(base.indices[base_is_so], minlength=base.shape[1]) / base.shape[0]  # (I,)
        rows = np.flatnonzero(is_so)
        counts[rows] = are_usual(given, rows, usual, config)
    return counts


def are_usual(given: Given, rows: np.ndarray, usual: np.ndarray, config: LimitsConfig) -> np.ndarray:
    """(n,) bool: which of some ratings, (n,) rows, all of a kind, count; usual: (I,) share of people with one."""
    items, n_items = given.item_idx[rows], len(usual)
    n_rated = np.bincount(items, minlength=n_items)
    expected = usual * given.n_people  # (I,)
    allowed = np.maximum(config.always, np.ceil(expected + config.spread * np.sqrt(expected)))
    n_out = np.minimum(np.maximum(n_rated - allowed, 0), share_of(given.n_people, config.surplus))  # (I,)
    order = np.lexsort((given.person_idx[rows], given.entered[rows], items))
    return places_within(order, items) < (n_rated - n_out)[items]


def share_of(n_people: int, surplus: float) -> int:
    """So many people are a share of all, one of few.

    >>> share_of(39, 0.1), share_of(3, 0.1), share_of(3, 0.0)
    (3, 1, 0)
    """
    return max(1, int(surplus * n_people)) if surplus else 0
