"""What deep machines have in common: one part for stars, beyond plain offsets, and one for lists.

Legend: B histories, U training users, I items.
"""

from abc import abstractmethod

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.models.base import graded
from recsys.models.boltzmann.restricted import BeyondOffsets
from recsys.models.networks.choices import log_chances
from recsys.models.numeric.threads import by_blocks
from recsys.training import Training


class StarsAndLists(BeyondOffsets):
    """A model of what offsets leave of stars, and of choices, which are grades of ratings."""

    @abstractmethod
    def learn_choices(self, choices: sp.csr_array, training: Training) -> None:
        """Learn from (U, I) float32 grades in [0, 1]."""

    @abstractmethod
    def logits_of(self, choices: sp.csr_array) -> np.ndarray:
        """(B, I) -> (B, I) float32, log chances of all films but for a number that is the same for all."""

    def learn(self, data: Interactions, training: Training) -> None:
        """Stars, then lists."""
        super().learn(data, training.of_part("stars"))
        self.learn_choices(self.choices(data.stars), training.of_part("lists"))

    def choices(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32 grades."""
        return graded(history, self.scale).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 nats: the log chance of a film to be chosen."""
        return by_blocks(lambda block: log_chances(self.logits_of(self.choices(block.stars))), people)
