"""The plainest predictors: what any model of stars has to beat."""

from typing import ClassVar, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.finite import learns_numbers
from recsys.models.simple.config import MeanConfig
from recsys.progress import OnProgress, silent


class GlobalMean:
    """Everybody gives every item the mean of all training ratings."""

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def __init__(self, config: MeanConfig = MeanConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    @learns_numbers
    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Take the mean of all ratings, and of each item's; an item without ratings gets the mean of all."""
        self.mean = float(train.data.mean(dtype=np.float64)) if train.nnz else self.scale.middle
        n_ratings = np.bincount(train.indices, minlength=train.shape[1])
        sums = np.bincount(train.indices, weights=train.data, minlength=train.shape[1])
        self.item_mean = np.where(n_ratings > 0, sums / np.maximum(n_ratings, 1), self.mean)
        return self

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, one value everywhere."""
        return np.full(history.shape, self.mean, dtype=np.float32)

    def score(self, history: sp.csr_array) -> np.ndarray:
        """The predicted stars."""
        return self.predict(history)

    def arrays(self) -> dict[str, np.ndarray]:
        """The means."""
        return {"mean": np.array(self.mean), "item_mean": self.item_mean}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        return {"mean": "", "item_mean": "I"}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        self.mean, self.item_mean = float(arrays["mean"]), arrays["item_mean"]
        return self


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
