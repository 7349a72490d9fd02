"""A visit: people look at pages of films, watch some, give stars, and leave when they are tired of it.

Legend: U people, I films, P pages at most, k films a page, n = P * k places.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from recsys.simulation.people import People


@dataclass(frozen=True, kw_only=True)
class VisitConfig:
    """How a page looks, and when people leave. No data says the latter: these are assumptions.

    After each page somebody leaves with log odds leaving + tiring * pages seen - content * mean joy of a film shown
    - busy * activity (0, 0.5 or 1).

    Raises:
        ValueError: fewer than one page, or one film on it.
    """

    page_size: int = 4  # films, as in Agent4Rec
    pages: int = 5  # at most, likewise
    leaving: float = -1.0  # log odds
    tiring: float = 0.5  # log odds a page
    content: float = 4.0  # log odds for a joy of 1, which is the highest star for every film on the pages
    busy: float = 1.0  # log odds for the most active

    def __post_init__(self) -> None:
        if self.page_size < 1 or self.pages < 1:
            raise ValueError(f"got {self.pages} pages of {self.page_size} films; expected at least one of each")

    @property
    def n_places(self) -> int:
        """Films on all pages."""
        return self.page_size * self.pages


@dataclass(frozen=True, eq=False)
class Chances:
    """What decides a visit beside what is shown; the same for two recommenders, so that only these differ.

    Attributes:
        watching: (U, I) in 0 to 1; a film is watched if that lies below its chance.
        leaving: (U, P) likewise, after each page.
    """

    watching: np.ndarray
    leaving: np.ndarray

    @classmethod
    def drawn(cls, people: People, config: VisitConfig, seed: int) -> "Chances":
        """By a seed."""
        rng = np.random.default_rng(seed)
        n_users, n_items = people.wish.shape
        return cls(rng.random((n_users, n_items), dtype=np.float32), rng.random((n_users, config.pages)))


@dataclass(frozen=True, eq=False)
class Visits:
    """The log of everybody's visit.

    Attributes:
        shown: (U, n) int, films on the pages that were looked at, -1 elsewhere.
        watched: (U, n) bool.
        joy: (U, n) float32, of what was watched, else 0.
        pages: (U,) int, that were looked at.
        page_size: k.
    """

    shown: np.ndarray
    watched: np.ndarray
    joy: np.ndarray
    pages: np.ndarray
    page_size: int

    @cached_property
    def satisfaction(self) -> np.ndarray:
        """(U,) in -1 to 1: joy of a visit per place that there was; pages not looked at bring none."""
        return self.joy.sum(axis=1) / self.joy.shape[1]

    @property
    def share_watched(self) -> float:
        """Of the films that were shown."""
        return float(self.watched.sum() / max((self.shown >= 0).sum(), 1))

    @property
    def mean_joy(self) -> float:
        """Of what was watched; 0 if nothing was."""
        return float(self.joy.sum() / max(self.watched.sum(), 1))

    def coverage(self, n_items: int) -> float:
        """Share of all films that anybody was shown."""
        return len(np.unique(self.shown[self.shown >= 0])) / max(n_items, 1)

    def entropy(self, genres: np.ndarray) -> np.ndarray:
        """(U,) nats of the genres, (I, G), that somebody was shown; the less, the narrower."""
        padded = np.vstack([genres, np.zeros((1, genres.shape[1]))])  # what -1 stands for
        mentions = padded[self.shown].sum(axis=1)  # (U, G)
        shares = mentions / np.maximum(mentions.sum(axis=1, keepdims=True), 1e-12)
        found: np.ndarray = -(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1)
        return found


def visit(people: People, ranked: np.ndarray, chances: Chances, config: VisitConfig) -> Visits:
    """Everybody visits once.

    Args:
        people: who.
        ranked: (U, n) int item_idx, best first, -1 where there is none; what is shown, page by page.
        chances: what decides.
        config: how.
    """
    rows, place = np.arange(len(ranked))[:, None], np.maximum(ranked, 0)
    willing = (chances.watching[rows, place] < expit(people.wish[rows, place])) & (ranked >= 0)
    joy = np.where(willing, people.joy[rows, place], 0.0)  # (U, n), if all pages were looked at
    stays, pages = np.ones(len(ranked), dtype=bool), np.zeros(len(ranked), dtype=np.int64)
    for page in range(config.pages):
        pages += stays
        stays &= chances.leaving[:, page] >= leaves(joy[:, : (page + 1) * config.page_size], page + 1, people, config)
    looked = np.arange(config.n_places) < (pages * config.page_size)[:, None]  # (U, n)
    watched = willing & looked
    return Visits(np.where(looked, ranked, -1), watched, np.where(looked, joy, 0), pages, config.page_size)


def leaves(joy: np.ndarray, page: int, people: People, config: VisitConfig) -> np.ndarray:
    """(U,) chance of leaving after a page, counted from 1, given the joy of all places so far."""
    pleased, active = joy.mean(axis=1), people.traits.activity / 2
    found: np.ndarray = expit(config.leaving + config.tiring * page - config.content * pleased - config.busy * active)
    return found
