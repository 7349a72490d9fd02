"""A restricted Boltzmann machine of real-valued stars.

Legend: B histories, I items, F hidden units.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import rated
from recsys.models.boltzmann.config import ContrastiveConfig, GaussianRBMConfig
from recsys.models.boltzmann.learning import learn
from recsys.models.boltzmann.machine import Batch, Parameters, first_machine, sigmoid, up
from recsys.models.boltzmann.restricted import BeyondOffsets, RestrictedMachine
from recsys.models.boltzmann.visible import GaussianUnits
from recsys.training import Training


class GaussianRBM(BeyondOffsets, RestrictedMachine):
    """stars = baseline + b + W E[h | history]: a machine of what plain offsets leave unexplained, in stars of five.

    Where ratings are few, the machine has a smaller share.
    """

    config: GaussianRBMConfig

    def __init__(self, config: GaussianRBMConfig = GaussianRBMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale, self.offsets = config, scale, config.baseline
        self.units = GaussianUnits(config.variance)

    def learn_beyond(self, left: sp.csr_array, training: Training) -> None:
        """Fit the machine."""
        self.keep(learned_machine(left, self.units, self.config.n_hidden, self.config.learning, training))

    def said_beyond(self, left: sp.csr_array) -> np.ndarray:
        """(B, I) float32 stars of five that offsets leave -> (B, I) what the machine expects of it."""
        hidden = sigmoid(up(self.units, batch_of(left), self.machine))
        return np.asarray(hidden @ self.weights.T + self.visible_bias)


def learned_machine(
    left: sp.csr_array, units: GaussianUnits, n_hidden: int, config: ContrastiveConfig, training: Training
) -> Parameters:
    """A machine of stored values, (U, I)."""
    machine = first_machine(np.zeros(left.shape[1]), n_hidden, config.init_scale, np.random.default_rng(training.seed))
    learn(units, machine, lambda people: batch_of(left[people]), left.shape[0], config, training)
    return machine


def batch_of(left: sp.csr_array) -> Batch:
    """Of stored values, (B, I), one unit each."""
    return Batch(values=left.toarray(), is_unit=rated(left).astype(np.float32).toarray())
