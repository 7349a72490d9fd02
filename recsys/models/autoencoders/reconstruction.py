"""What the autoencoders of ratings have in common: what they are told, and what they make of stars.

Legend: B histories, U training users, I items.
"""

from abc import abstractmethod

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.models.autoencoders.config import Target
from recsys.models.base import with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.config import BaselineConfig
from recsys.models.simple.plain_share import ASIDE, needs_plain_offsets, sure_share
from recsys.training import Training

BLOCK = 512  # histories answered at once


class Reconstruction(LearningModel):
    """A model that is told what stars are beyond plain offsets, or beyond their mean, and says it of all films.

    It is told them in units of the scale, which its settings hold for. Where ratings are few, plain offsets have a
    share in the stars.
    """

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")
    share: float = learned(" in 0..1", default=1.0)  # of this model in the stars; the rest is of plain offsets

    target: Target
    baseline: BaselineConfig

    @abstractmethod
    def learn_to_reconstruct(self, told: sp.csr_array, training: Training) -> None:
        """Learn from what (U, I) stars are beyond; float32 in units of the scale."""

    @abstractmethod
    def reconstructed(self, told: sp.csr_array) -> np.ndarray:
        """The same of all films, (B, I) -> (B, I)."""

    def learn(self, data: Interactions, training: Training) -> None:
        """Learn; where ratings are few, find out before how much plain offsets are to be trusted instead."""
        share = self.share_that_helps(data, training.seed)
        self.learn_from(data, training)
        self.share = share

    def learn_from(self, data: Interactions, training: Training) -> None:
        """Learn from stars, all of which the model is to believe."""
        plain = Baseline(self.baseline, self.scale).fit(data)
        self.mean, self.item_offset, self.share = plain.mean, plain.item_offset, 1.0
        self.learn_to_reconstruct(self.told(data.stars), training)

    def share_that_helps(self, data: Interactions, seed: int) -> float:
        """1; where ratings are few, the share in [0, 1] that surely helps to predict what was kept aside of them."""
        train = data.stars
        is_aside = np.random.default_rng(seed).random(train.nnz) < ASIDE
        if not needs_plain_offsets(train, np.sum(is_aside)):
            return 1.0
        fitting, aside = keep_entries(train, ~is_aside), keep_entries(train, is_aside)
        self.learn_from(data.only(~is_aside), Training(seed=seed))
        plain = self.plain.stars_of(fitting, aside)
        return sure_share(self.stars_of(fitting, aside) - plain, aside.data - plain)

    @property
    def plain(self) -> Baseline:
        """The plain offsets."""
        offsets = {"mean": np.asarray(self.mean), "item_offset": self.item_offset}
        return Baseline(self.baseline, self.scale).restore(offsets)

    def told(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32, what they are beyond, in units of the scale."""
        beyond = self.plain.residuals(history) if self.target == "residuals" else history.data - self.mean
        return with_values(history, (beyond / self.scale.unit).astype(np.float32))

    def stars_of(self, history: sp.csr_array, cells: sp.csr_array) -> np.ndarray:
        """(nnz,) stars of the stored cells, (B, I), of people with these histories, (B, I)."""
        found = []
        for start in range(0, history.shape[0], BLOCK):
            rows, columns = cells[start : start + BLOCK].nonzero()
            found.append(self.predict(Histories(history[start : start + BLOCK]))[rows, columns])
        return np.concatenate(found)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        plain = self.plain.predict(people)
        beyond = self.scale.unit * self.reconstructed(self.told(people.stars))
        stars = (plain if self.target == "residuals" else self.mean) + beyond
        return np.asarray(self.share * stars + (1 - self.share) * plain, dtype=np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)
