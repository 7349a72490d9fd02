"""The plainest predictors: what any model of stars has to beat."""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.learned import LearningModel, Training, learned
from recsys.models.simple.config import MeanConfig


class GlobalMean(LearningModel):
    """Everybody gives every item the mean of all training ratings."""

    mean: float = learned("")
    item_mean: np.ndarray = learned("I")

    def __init__(self, config: MeanConfig = MeanConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, train: sp.csr_array, training: Training) -> None:
        """Take the mean of all ratings, and of each item's; an item without ratings gets the mean of all."""
        self.mean = float(train.data.mean(dtype=np.float64)) if train.nnz else self.scale.middle
        n_ratings = np.bincount(train.indices, minlength=train.shape[1])
        sums = np.bincount(train.indices, weights=train.data, minlength=train.shape[1])
        self.item_mean = np.where(n_ratings > 0, sums / np.maximum(n_ratings, 1), self.mean)

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, one value everywhere."""
        return np.full(history.shape, self.mean, dtype=np.float32)

    def score(self, history: sp.csr_array) -> np.ndarray:
        """The predicted stars."""
        return self.predict(history)


class ItemMean(GlobalMean):
    """Everybody gives an item the mean of its training ratings."""

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, the same row for everybody."""
        return np.broadcast_to(self.item_mean.astype(np.float32), history.shape).copy()


class UserMean(GlobalMean):
    """A person gives every item the mean of that person's history; without a history, the mean of all."""

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, constant along each row."""
        n_given = np.diff(history.indptr)
        sums = np.asarray(history.sum(axis=1, dtype=np.float64)).ravel()
        means = np.where(n_given > 0, sums / np.maximum(n_given, 1), self.mean)
        return np.repeat(means.astype(np.float32)[:, None], history.shape[1], axis=1)
