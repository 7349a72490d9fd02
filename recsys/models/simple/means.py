"""The plainest predictors: what any model of stars has to beat."""

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.config import MeanConfig
from recsys.models.simple.sums import mean_of_all
from recsys.training import Training


class GlobalMean(LearningModel):
    """Everybody gives every item the mean of all training ratings."""

    mean: float = learned("")
    item_mean: np.ndarray = learned("I")

    config: MeanConfig

    def __init__(self, config: MeanConfig = MeanConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Take the mean of all ratings, and of each item's; an item without ratings gets the mean of all."""
        train, processes = data.stars, training.processes
        self.mean = mean_of_all(train.data, self.scale, processes)
        n_ratings = processes.sum(np.bincount(train.indices, minlength=train.shape[1]))
        sums = processes.sum(np.bincount(train.indices, weights=train.data, minlength=train.shape[1]))
        self.item_mean = np.where(n_ratings > 0, sums / np.maximum(n_ratings, 1), self.mean)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, one value everywhere."""
        return np.full(people.shape, self.mean, dtype=np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)


class ItemMean(GlobalMean):
    """Everybody gives an item the mean of its training ratings."""

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, the same row for everybody."""
        return np.broadcast_to(self.item_mean.astype(np.float32), people.shape).copy()


class UserMean(GlobalMean):
    """A person gives every item the mean of that person's history; without a history, the mean of all."""

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, constant along each row."""
        history = people.stars
        n_given = np.diff(history.indptr)
        sums = np.asarray(history.sum(axis=1, dtype=np.float64)).ravel()
        means = np.where(n_given > 0, sums / np.maximum(n_given, 1), self.mean)
        return np.repeat(means.astype(np.float32)[:, None], history.shape[1], axis=1)
