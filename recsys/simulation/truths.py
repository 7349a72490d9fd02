"""What people would truly choose and say: two models of it that have nothing in common.

Whoever is judged by people made of a model like itself is favoured, so what holds under one truth alone says little.

Legend: B people, I films, L star levels.
"""

from typing import Protocol, Self

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import RatingScale
from recsys.models import create
from recsys.models.base import Model
from recsys.models.numeric.normal_levels import level_probabilities
from recsys.models.simple.baseline import Baseline
from recsys.training import Training

FAME_SHARE = 0.1  # of what neighbours choose that goes by popularity, so that every film has a chance


class Truth(Protocol):
    """What people choose and the stars that they give, learned from ratings."""

    def fit(self, data: Interactions, training: Training) -> Self:
        """Learn it."""

    def appeal(self, people: Histories) -> np.ndarray:
        """How likely each film is the next one that somebody chooses, (B, I) float32 log odds to a film by chance."""

    def star_chances(self, people: Histories) -> np.ndarray:
        """How likely somebody gives each star level to a film, lowest first: (B, I, L) float32 summing to 1."""


class OrdinalTruth:
    """Stars by the posterior of `bmf-ordinal`, choices by `rbm-choice`."""

    def __init__(self, scale: RatingScale, epochs: int | None = None):
        """epochs: instead of the models' own number."""
        self.stars, self.choices = (create(name, scale, epochs=epochs) for name in ("bmf-ordinal", "rbm-choice"))

    def fit(self, data: Interactions, training: Training) -> Self:
        """Learn both."""
        self.stars, self.choices = self.stars.fit(data, training), self.choices.fit(data, training)
        return self

    def appeal(self, people: Histories) -> np.ndarray:
        """The softmax over films of what the machine says."""
        scores = self.choices.score(people)
        shifted = scores - scores.max(axis=1, keepdims=True)
        return to_chance(np.exp(shifted))

    def star_chances(self, people: Histories) -> np.ndarray:
        """The posterior's."""
        found: np.ndarray = self.stars.rating_distribution(people)  # type: ignore[attr-defined]
        return found


class NeighbourTruth:
    """Stars and choices by `user-knn`; stars spread as far around it as around plain offsets."""

    def __init__(self, scale: RatingScale, epochs: int | None = None):
        """epochs: asked of all truths; this one has none."""
        self.model: Model = create("user-knn", scale, epochs=epochs)
        self.scale = scale

    def fit(self, data: Interactions, training: Training) -> Self:
        """Learn neighbours, fame and the spread."""
        self.model = self.model.fit(data, training)
        self.fame = np.bincount(data.stars.indices, minlength=data.shape[1]) + 1.0
        residuals = Baseline(scale=self.scale).fit(data).residuals(data.stars)
        self.spread = float(np.sqrt(np.mean(residuals**2))) if len(residuals) else 0.0
        self.spread = max(self.spread, self.scale.width / 10)
        return self

    def appeal(self, people: Histories) -> np.ndarray:
        """What neighbours chose, and FAME_SHARE of what everybody did."""
        votes = np.maximum(self.model.score(people).astype(np.float64), 0.0)
        theirs = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)
        return to_chance((1 - FAME_SHARE) * theirs + FAME_SHARE * self.fame / self.fame.sum())

    def star_chances(self, people: Histories) -> np.ndarray:
        """Normal around the neighbours' estimate, in levels."""
        stars = self.model.predict(people)  # type: ignore[attr-defined]
        chances = level_probabilities(stars / self.spread, self.scale.cutpoints / self.spread)
        return np.asarray(chances, dtype=np.float32)


TRUTHS: dict[str, type[OrdinalTruth] | type[NeighbourTruth]] = {
    "bmf-ordinal": OrdinalTruth,
    "user-knn": NeighbourTruth,
}


def to_chance(weights: np.ndarray) -> np.ndarray:
    """(B, I) weights of choices as float32 log odds to a film that is taken by chance."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    return np.log(np.maximum(shares * weights.shape[1], 1e-6)).astype(np.float32)
