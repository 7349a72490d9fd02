"""Scores and stars of several models, added with weights that ratings kept aside decide about.

Legend: B histories, I items, U users, M members of lists, S members of stars, n ratings kept aside.
"""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from scipy.optimize import nnls

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.base import FitPart, Model, entry_rows
from recsys.models.finite import named
from recsys.models.hybrids.config import WeightedConfig
from recsys.models.hybrids.members import Hybrid, Member, part_name, standardised
from recsys.models.learned import learned
from recsys.models.numeric.rankings import whole_ndcg
from recsys.settings import LEVEL, Liking
from recsys.split import carve_evenly

SHARES = np.arange(11) / 10  # of one more member, that are tried
FIRM = 1e4  # how firmly weights sum to 1, in units of the scale


class Weighted(Hybrid):
    """Scores are a weighted mean of the members' standardised scores, stars one of their stars (Burke 2002, 3.1).

    Members that do not know a part of the ratings are judged on it: the weights of stars are those of least squared
    error, none below 0; those of lists rank best what was liked. Then the members learn from all ratings.
    """

    list_weights: np.ndarray | None = learned("M={n_lists} in 0..1", default=None)  # summing to 1; None: all alike
    star_weights: np.ndarray | None = learned("S={n_stars} in 0..1", default=None)  # likewise

    config: WeightedConfig

    def __init__(self, config: WeightedConfig = WeightedConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config, scale)

    def fit_by(self, fit_part: FitPart, data: Interactions, seed: int) -> Iterator[Self]:
        """See `Hybrid.fit_by`."""
        self.list_weights = self.star_weights = None  # those of an earlier fit are of other data
        known, aside = carve_evenly(data, self.config.kept_aside, seed)
        if aside.n_ratings:
            self.assemble({name: fit_part(f"trial {name}", part, known, None) for name, part in self.parts().items()})
            self.choose(known.histories, aside.stars)
        yield from super().fit_by(fit_part, data, seed)

    def choose(self, people: Histories, aside: sp.csr_array) -> None:
        """Set the weights by what was kept aside, (U, I) stars of these people, whom the members know."""
        relevant = liked(aside, least_stars(liking_of(self.config.lists), self.scale, people.stars))
        self.list_weights = weights_of_lists(self.standing(people), people.stars, relevant)
        stars = [self.fitted_as(member).predict(people) for member in self.config.stars]
        rows, items = entry_rows(aside), aside.indices
        foretold = np.stack([each[rows, items] for each in stars], axis=1)
        middle, unit = self.scale.middle, self.scale.unit
        self.star_weights = weights_of_stars((foretold - middle) / unit, (aside.data - middle) / unit, self.config.l2)

    def standing(self, people: Histories) -> list[np.ndarray]:
        """(B, I) standardised scores of each member."""
        return [standardised(self.fitted_as(member).score(people), people) for member in self.config.lists]

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, the weighted mean of the members' standardised scores."""
        return weighed(self.standing(people), self.list_weights)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32, the weighted mean of the members' stars."""
        return weighed([self.fitted_as(member).predict(people) for member in self.config.stars], self.star_weights)

    def sizes(self) -> dict[str, Any]:
        """See `LearningModel.sizes`."""
        return super().sizes() | {"n_lists": len(self.config.lists), "n_stars": len(self.config.stars)}


def lists_beside_stars(lists: tuple[str, Model], stars: tuple[str, Model]) -> Weighted:
    """One model of two that are fitted: the first makes the lists, the second knows the stars.

    Args:
        lists: its key of MODELS, and the model.
        stars: likewise, of another name; it predicts stars.
    """
    first, second = (Member(name=name, config=model.config) for name, model in (lists, stars))
    both = Weighted(WeightedConfig(lists=(first,), stars=(second,), kept_aside=0.0), lists[1].scale)
    return named(both.assemble({part_name(name): model for name, model in (lists, stars)}), "weighted")


def liking_of(members: tuple[Member, ...]) -> Liking:
    """What the first of them that asks takes for a like."""
    return next((member.config.liked_from for member in members if hasattr(member.config, "liked_from")), LEVEL)


def weighed(answers: list[np.ndarray], weights: np.ndarray | None) -> np.ndarray:
    """(B, I) float32 of (B, I) each; without weights all alike."""
    shares = np.full(len(answers), 1 / len(answers)) if weights is None else weights
    return sum(share * each.astype(np.float64) for share, each in zip(shares, answers, strict=True)).astype(np.float32)


def weights_of_lists(scores: list[np.ndarray], known: sp.csr_array, relevant: sp.csr_array) -> np.ndarray:
    """(M,) summing to 1: each member in turn gets the share that ranks best beside all those before.

    Best is by the mean nDCG of whole rankings, whose errors are smaller than those of short lists.

    Args:
        scores: (U, I) of each member.
        known: (U, I) stars that the members know; these films are in no list.
        relevant: (U, I) bool, what lists should hold.
    """
    weights, pooled = np.array([1.0]), scores[0]
    for score in scores[1:]:
        worth = []
        for share in SHARES:
            both = (1 - share) * pooled + share * score
            both[known.nonzero()] = -np.inf
            worth.append(whole_ndcg(both, relevant).sum())
        best = SHARES[int(np.argmax(worth))]
        weights, pooled = np.append((1 - best) * weights, best), (1 - best) * pooled + best * score
    return weights


def weights_of_stars(foretold: np.ndarray, stars: np.ndarray, l2: float) -> np.ndarray:
    """(S,) at least 0 and summing to 1, of least squared error, drawn to be alike.

    Args:
        foretold: (n, S) by each member, in units of the scale from its middle.
        stars: (n,) as they were given, likewise.
        l2: of the weights' distances from being alike.
    """
    n_members = foretold.shape[1]
    alike = np.sqrt(l2) * np.eye(n_members)
    sums = np.full((1, n_members), FIRM)
    found, _ = nnls(np.vstack([foretold, alike, sums]), np.concatenate([stars, alike.sum(axis=0) / n_members, [FIRM]]))
    return found / found.sum()
