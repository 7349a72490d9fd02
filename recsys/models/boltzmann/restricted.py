"""What restricted Boltzmann machines of people's histories have in common: what they learn, and how it is kept.

Legend: B histories, I items, D visible units, F hidden units.
"""

from abc import abstractmethod

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.models.base import entry_rows, with_values
from recsys.models.boltzmann.machine import Parameters
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.threads import BLOCK, by_blocks
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.config import BaselineConfig
from recsys.models.simple.plain_share import ASIDE, needs_plain_offsets, sure_share
from recsys.training import Training


class RestrictedMachine(LearningModel):
    """A model whose parameters are those of a machine."""

    weights: np.ndarray = learned("I F={n_hidden}")
    visible_bias: np.ndarray = learned("I")
    hidden_bias: np.ndarray = learned("F={n_hidden}")

    @property
    def machine(self) -> Parameters:
        """What was learned, by the names of its parameters."""
        return {"weights": self.weights, "visible_bias": self.visible_bias, "hidden_bias": self.hidden_bias}

    def keep(self, machine: Parameters) -> None:
        """Take what was learned."""
        for name, values in machine.items():
            setattr(self, name, values)


class OnOffsets(LearningModel):
    """A model that is told what plain offsets say."""

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")

    offsets: BaselineConfig

    @property
    def baseline(self) -> Baseline:
        """The plain offsets."""
        arrays = {"mean": np.asarray(self.mean), "item_offset": self.item_offset}
        return Baseline(self.offsets, self.scale).restore(arrays)

    def learn_offsets(self, data: Interactions) -> None:
        """Fit them."""
        baseline = Baseline(self.offsets, self.scale).fit(data)
        self.mean, self.item_offset = baseline.mean, baseline.item_offset


class MachineOnOffsets(OnOffsets, RestrictedMachine):
    """A machine that is told what plain offsets say."""


class BeyondOffsets(OnOffsets):
    """A model of what plain offsets leave unexplained; where ratings are few, it has a smaller share."""

    share: float = learned(" in 0..1", default=1.0)  # of what is added to the offsets

    @abstractmethod
    def learn_beyond(self, left: sp.csr_array, training: Training) -> None:
        """Learn from (U, I) float32 stars of five that the offsets leave unexplained."""

    @abstractmethod
    def said_beyond(self, left: sp.csr_array) -> np.ndarray:
        """The same of all films, (B, I) -> (B, I)."""

    def learn(self, data: Interactions, training: Training) -> None:
        """Fit offsets and what is beyond; where ratings are few, find out before what the latter is worth."""
        self.share = self.share_that_helps(data, training.seed)
        self.learn_both(data, training)

    def share_that_helps(self, data: Interactions, seed: int) -> float:
        """1; where ratings are few, the share in [0, 1] that surely helps to predict what was kept aside of them."""
        train = data.stars
        is_aside = np.random.default_rng(seed).random(train.nnz) < ASIDE
        if not needs_plain_offsets(train, np.sum(is_aside)):
            return 1.0
        fitting, aside = keep_entries(train, ~is_aside), keep_entries(train, is_aside)
        self.learn_both(Interactions(fitting), Training(seed=seed))
        plain = self.baseline.stars_of(fitting, aside)
        cells = entry_rows(aside), aside.indices
        beyond = np.concatenate([self.beyond(block.stars) for block in Histories(fitting).batches(BLOCK)])
        return sure_share(beyond[cells].astype(np.float64), aside.data - plain)

    def learn_both(self, data: Interactions, training: Training) -> None:
        """Fit the offsets and what is beyond."""
        self.learn_offsets(data)
        self.learn_beyond(self.left_by_offsets(data.stars), training)

    def left_by_offsets(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32 stars of five that the offsets leave unexplained; zeros stay stored."""
        left = self.baseline.residuals(history) / self.scale.unit
        return with_values(history, left.astype(np.float32))

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        return by_blocks(self.stars_of, people)

    def stars_of(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        return (self.baseline.predict(people) + self.share * self.beyond(people.stars)).astype(np.float32)

    def beyond(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars that are expected above the offsets'."""
        return np.float32(self.scale.unit) * self.said_beyond(self.left_by_offsets(history))

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)
