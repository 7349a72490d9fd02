"""Global mean plus what is particular to the user and to the item."""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.config import BaselineConfig
from recsys.models.simple.sums import mean_of_all, shrunk_means
from recsys.training import Training


class Baseline(LearningModel):
    """stars(u, i) = mean + user offset + item offset, by alternating ridge means (Koren 2010, section 2.1)."""

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")

    config: BaselineConfig

    def __init__(self, config: BaselineConfig = BaselineConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Alternate between user and item offsets until the sweeps are used up."""
        train, processes = data.stars, training.processes
        rows = entry_rows(train)
        self.mean = mean_of_all(train.data, self.scale, processes)
        self.item_offset = np.zeros(train.shape[1])
        for _ in range(self.config.sweeps):
            offset = self.user_offset(train)
            rest = train.data - self.mean - offset[rows]
            self.item_offset = shrunk_means(train.indices, rest, train.shape[1], self.config.l2_item, processes)

    def user_offset(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B,) float64 stars above what the items explain; 0 for an empty history."""
        rest = history.data - self.mean - self.item_offset[history.indices]
        return shrunk_means(entry_rows(history), rest, history.shape[0], self.config.l2_user)

    def residuals(self, history: sp.csr_array) -> np.ndarray:
        """(nnz,) float64 stars of each stored rating minus the baseline's prediction, in storage order."""
        offset = self.user_offset(history)
        return history.data - self.mean - self.item_offset[history.indices] - offset[entry_rows(history)]

    def stars_of(self, history: sp.csr_array, cells: sp.csr_array) -> np.ndarray:
        """(nnz,) float64 stars of the stored cells, (B, I), of people with these histories, (B, I)."""
        return self.mean + self.user_offset(history)[entry_rows(cells)] + self.item_offset[cells.indices]

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        stars = self.mean + self.user_offset(people.stars)[:, None] + self.item_offset
        return stars.astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars: the same order for everybody."""
        return self.predict(people)
