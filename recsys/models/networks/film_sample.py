"""Some films that stand for all in a softmax, in NumPy.

Each film is drawn with a chance that is known, and what it adds to the sum of a softmax is divided by that chance, so
that the sum is right on the average (Horvitz and Thompson 1952; of the softmax Bengio and Senécal 2008). Popular
films, which have most of the sum, are always among them.

Legend: I items, S sampled items.
"""

from typing import NamedTuple

import numpy as np

FLATTER = 0.75  # power of the number of ratings: tastes differ, so those with few get more than their share
CERTAIN = 1 - 1e-9


class FilmSample(NamedTuple):
    """Films, each once, in the order of their numbers.

    Attributes:
        columns: (S,) int32.
        log_weights: (S,) float32, minus the logarithm of the chance that the film was drawn.
    """

    columns: np.ndarray
    log_weights: np.ndarray

    def places(self, items: np.ndarray) -> np.ndarray:
        """Where among the columns items are, (n,) -> (n,) int32; S for those that were not drawn."""
        found = np.searchsorted(self.columns, items)
        is_there = self.columns[np.minimum(found, len(self.columns) - 1)] == items
        return np.where(is_there, found, len(self.columns)).astype(np.int32)


class FilmSampler:
    """Draws n films of which some have more ratings than others."""

    def __init__(self, n_ratings: np.ndarray, n_sampled: int):
        self.n_sampled = min(n_sampled, len(n_ratings))
        self.chances = chances(n_ratings, self.n_sampled)
        self.is_certain = self.chances >= CERTAIN

    def draw(self, rng: np.random.Generator) -> FilmSample:
        """Exactly n_sampled films, by systematic sampling of a random order (Madow 1949)."""
        certain = np.flatnonzero(self.is_certain)
        others = rng.permutation(np.flatnonzero(~self.is_certain))
        ends = np.cumsum(self.chances[others])
        points = rng.random() + np.arange(self.n_sampled - len(certain))
        places = np.minimum(np.searchsorted(ends, points, side="right"), len(others) - 1)
        drawn = others[places] if len(others) else others
        columns = np.sort(np.concatenate([certain, drawn])).astype(np.int32)
        return FilmSample(columns, -np.log(self.chances[columns]).astype(np.float32))


def chances(n_ratings: np.ndarray, n_sampled: int) -> np.ndarray:
    """(I,) float64 chances that sum to n_sampled: 1, or in proportion to (ratings + 1)^FLATTER."""
    weights = (n_ratings + 1.0) ** FLATTER
    found = np.zeros(len(weights))
    open_ = np.ones(len(weights), dtype=bool)
    while True:
        left = n_sampled - np.count_nonzero(~open_)
        found[open_] = left * weights[open_] / max(weights[open_].sum(), 1e-300)
        too_much = open_ & (found >= CERTAIN)
        if not too_much.any():
            return found
        found[too_much], open_[too_much] = 1.0, False
