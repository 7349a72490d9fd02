"""A restricted Boltzmann machine of real-valued stars.

Legend: B histories, I items, F hidden units.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows, rated, with_values
from recsys.models.boltzmann.config import GaussianRBMConfig
from recsys.models.boltzmann.learning import learn
from recsys.models.boltzmann.machine import Batch, first_machine, sigmoid, up
from recsys.models.boltzmann.restricted import MachineOnOffsets
from recsys.models.boltzmann.visible import GaussianUnits
from recsys.models.learned import learned
from recsys.models.numeric.threads import BLOCK, by_blocks
from recsys.models.simple.plain_share import ASIDE, needs_plain_offsets, sure_share
from recsys.training import Training


class GaussianRBM(MachineOnOffsets):
    """stars = baseline + b + W E[h | history]: a machine of what plain offsets leave unexplained, in stars of five.

    Where ratings are few, the machine has a smaller share.
    """

    share: float = learned(" in 0..1", default=1.0)  # of what the machine adds to the offsets

    config: GaussianRBMConfig

    def __init__(self, config: GaussianRBMConfig = GaussianRBMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale, self.offsets = config, scale, config.baseline
        self.units = GaussianUnits(config.variance)

    def learn(self, data: Interactions, training: Training) -> None:
        """Fit offsets and machine; where ratings are few, find out before what the machine is worth."""
        self.share = self.share_that_helps(data, training.seed)
        self.learn_machine(data, training)

    def share_that_helps(self, data: Interactions, seed: int) -> float:
        """1; where ratings are few, the share in [0, 1] that surely helps to predict what was kept aside of them."""
        train = data.stars
        is_aside = np.random.default_rng(seed).random(train.nnz) < ASIDE
        if not needs_plain_offsets(train, np.sum(is_aside)):
            return 1.0
        fitting, aside = keep_entries(train, ~is_aside), keep_entries(train, is_aside)
        self.learn_machine(Interactions(fitting), Training(seed=seed))
        plain = self.baseline.stars_of(fitting, aside)
        cells = entry_rows(aside), aside.indices
        beyond = np.concatenate([self.beyond(block.stars) for block in Histories(fitting).batches(BLOCK)])
        return sure_share(beyond[cells].astype(np.float64), aside.data - plain)

    def learn_machine(self, data: Interactions, training: Training) -> None:
        """Fit the offsets and the machine."""
        self.learn_offsets(data)
        train, config = data.stars, self.config
        rng = np.random.default_rng(training.seed)
        machine = first_machine(np.zeros(train.shape[1]), config.n_hidden, config.learning.init_scale, rng)
        left = self.left_by_offsets(train)
        learn(self.units, machine, lambda people: batch_of(left[people]), train.shape[0], config.learning, training)
        self.keep(machine)

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
        """(B, I) stars -> (B, I) float32 stars that the machine expects above the offsets'."""
        batch = batch_of(self.left_by_offsets(history))
        hidden = sigmoid(up(self.units, batch, self.machine))
        return np.float32(self.scale.unit) * (hidden @ self.weights.T + self.visible_bias)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)


def batch_of(left: sp.csr_array) -> Batch:
    """Of stored values, (B, I), one unit each."""
    return Batch(values=left.toarray(), is_unit=rated(left).astype(np.float32).toarray())
