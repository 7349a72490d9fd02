"""What another model would add to the flagship's pools of scores and of stars, on validation ratings.

Legend: U people, I films, N validation ratings of all people, L star levels, S splits, W weights.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from eval.measures.metrics import log_loss_sums, squared_error_sums
from eval.measures.per_user import levels_of, list_quality
from eval.measures.stats import UserSums, estimate, paired_bootstrap
from eval.running.experiment import user_chunks
from recsys.data.interactions import Histories
from recsys.data.scale import RatingScale
from recsys.liking import least_stars, liked
from recsys.models.base import DistributionModel, Model, RatingModel, entry_rows
from recsys.models.hybrids.level_use import with_means
from recsys.ranking import top_k
from recsys.results.metrics import NDCG
from recsys.results.schema import Difference
from recsys.settings import LEVEL
from recsys.split import Split

LENGTH = 10  # of lists
LIST_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the other model's score, both in standard deviations over films
STAR_WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)  # of the other model's stars; the flagship's have the rest


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says to the people of a split.

    Attributes:
        scores: (U, I) float32, of the films that somebody has not rated with mean 0 and deviation 1; None of a model
            that makes no lists of its own.
        stars: (N,) of the validation ratings; None of one that predicts none.
        forecast: (N, L) chances of the levels of these; None of one that gives none.
    """

    scores: Any
    stars: Any
    forecast: Any

    @classmethod
    def of(cls, model: Model, split: Split, ranks_by: str) -> "Answers":
        """Ask a fitted model, some people at a time. Args: ranks_by: see `Recipe`."""
        chunks = [cls.of_some(model, split, rows, ranks_by) for rows in user_chunks(*split.test.shape)]
        return cls(*(joined([getattr(chunk, name) for chunk in chunks]) for name in ("scores", "stars", "forecast")))

    @classmethod
    def of_some(cls, model: Model, split: Split, rows: slice, ranks_by: str) -> "Answers":
        """The same of some people."""
        people, held_out = split.histories[rows], split.test[rows]
        cells = entry_rows(held_out), held_out.indices
        stars = model.predict(people)[cells] if isinstance(model, RatingModel) else None
        forecast = model.rating_distribution(people)[cells] if isinstance(model, DistributionModel) else None
        return cls(standardised(model.score(people), people) if ranks_by == "scores" else None, stars, forecast)


def joined(parts: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """One below the other; None where there is nothing."""
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def standardised(scores: np.ndarray, people: Histories) -> np.ndarray:
    """(B, I) scores in standard deviations from the mean, each person's over the films that they have not rated."""
    unrated = np.ones(scores.shape, dtype=bool)
    unrated[people.stars.nonzero()] = False
    mean = scores.mean(axis=1, where=unrated, keepdims=True)
    return ((scores - mean) / np.maximum(scores.std(axis=1, where=unrated, keepdims=True), 1e-12)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Tried:
    """A metric with every weight of the other model.

    Attributes:
        weights: (W,), the first of which is 0.
        numerator: (W, S, U), see `UserSums`.
        denominator: (S, U).
        root: see `UserSums`.
        sign: 1 where more is better, -1 where less is.
    """

    weights: tuple[float, ...]
    numerator: np.ndarray
    denominator: np.ndarray
    root: bool
    sign: int

    def sums(self, weight: int, people: np.ndarray | slice = slice(None)) -> UserSums:
        """With the weight of a place, of some people."""
        return UserSums(self.numerator[weight][:, people], self.denominator[:, people], self.root)

    def best_for(self, people: np.ndarray) -> int:
        """The place of the weight that is best for some people, (U,) bool; of equals the smallest."""
        values = [self.sign * estimate(self.sums(place, people)) for place in range(len(self.weights))]
        return int(np.argmax(values))

    def chosen(self) -> tuple[int, int]:
        """Places of the weights for people of even and of odd number, each the best for the others."""
        odd = np.arange(self.denominator.shape[1]) % 2 == 1
        return self.best_for(odd), self.best_for(~odd)

    def gain(self, chosen: tuple[int, int], seed: int) -> Difference:
        """How far the metric with these weights is from that with none, by a paired bootstrap over people."""
        odd = np.arange(self.denominator.shape[1]) % 2 == 1
        mixed = np.where(odd, self.numerator[chosen[1]], self.numerator[chosen[0]])  # (S, U)
        pooled = UserSums(mixed, self.denominator, self.root)
        return paired_bootstrap(pooled, self.sums(0), rng=np.random.default_rng(seed))


@dataclass(frozen=True, eq=False)
class Pair:
    """The flagship's answers and another model's, to the same people.

    Attributes:
        split: whose test part holds validation ratings.
        scale: that they are given on.
        flagship, other: their answers.
    """

    split: Split
    scale: RatingScale
    flagship: Answers
    other: Answers

    @cached_property
    def liked(self) -> sp.csr_array:
        """(U, I) bool, which validation ratings are likes."""
        return liked(self.split.test, least_stars(LEVEL, self.scale, self.split.histories.stars))

    def ndcg(self, weight: float) -> np.ndarray:
        """(U,) nDCG of lists by both scores; 0 for people of whom no validation rating is a like."""
        scores = self.flagship.scores + np.float32(weight) * self.other.scores
        ranked = top_k(scores, self.split.histories.stars, LENGTH)
        return list_quality(ranked, self.liked, (LENGTH,))[NDCG.at(LENGTH).key]

    def stars(self, weight: float) -> np.ndarray:
        """(N,) stars of both, within the scale."""
        return self.scale.clip((1 - weight) * self.flagship.stars + weight * self.other.stars)

    def squared_error(self, weight: float) -> np.ndarray:
        """(U,) sums of squared errors."""
        test = self.split.test
        return squared_error_sums(self.stars(weight), test.data, entry_rows(test), test.shape[0])

    def log_loss(self, weight: float) -> np.ndarray:
        """(U,) sums of nats, by a mixture; with a model that gives no chances, those nearest with the mean of both."""
        test = self.split.test
        if self.other.forecast is None:
            forecast = with_means(self.flagship.forecast, self.stars(weight), self.scale) if weight else None
        else:
            forecast = (1 - weight) * self.flagship.forecast + weight * self.other.forecast
        forecast = self.flagship.forecast if forecast is None else forecast
        given = forecast[np.arange(test.nnz), levels_of(test, self.scale)]
        return log_loss_sums(given, entry_rows(test), test.shape[0])


def lists_tried(pairs: Sequence[Pair]) -> Tried | None:
    """NDCG with every weight; None if the other model makes no lists of its own."""
    if pairs[0].other.scores is None:
        return None
    has_any = np.stack([np.diff(pair.liked.indptr) > 0 for pair in pairs]).astype(float)
    return Tried(LIST_WEIGHTS, every(LIST_WEIGHTS, pairs, Pair.ndcg), has_any, root=False, sign=1)


def stars_tried(pairs: Sequence[Pair]) -> tuple[Tried, Tried] | None:
    """RMSE and NLL with every weight; None if the other model predicts no stars."""
    if pairs[0].other.stars is None:
        return None
    n_ratings = np.stack([np.diff(pair.split.test.indptr) for pair in pairs]).astype(float)
    error, loss = (every(STAR_WEIGHTS, pairs, each) for each in (Pair.squared_error, Pair.log_loss))
    rmse = Tried(STAR_WEIGHTS, error, n_ratings, root=True, sign=-1)
    return rmse, Tried(STAR_WEIGHTS, loss, n_ratings, root=False, sign=-1)


def every(weights: Sequence[float], pairs: Sequence[Pair], values: Callable[[Pair, float], np.ndarray]) -> np.ndarray:
    """(W, S, U) values of every weight and split."""
    return np.stack([[values(pair, weight) for pair in pairs] for weight in weights])
