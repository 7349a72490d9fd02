"""Where two hidden layers begin: as two machines, each of which stands for both of its neighbours.

A unit of the layer between will be told by the layer below and by that above. While one of these is not there, the
other counts twice (Salakhutdinov and Hinton 2009, section 3.1), so that both put together say as much as each alone.

Legend: B people, D visible units, F lower hidden units, G upper ones.
"""

from dataclasses import dataclass

import numpy as np

from recsys.models.boltzmann import binary
from recsys.models.boltzmann.binary import BinaryUnits
from recsys.models.boltzmann.config import DeepMachineConfig
from recsys.models.boltzmann.deep.crowd import Crowd
from recsys.models.boltzmann.learning import learn
from recsys.models.boltzmann.machine import Batch, Parameters, Units, first_machine, sigmoid, up
from recsys.training import Training


@dataclass(frozen=True, eq=False)
class SeenTwice:
    """Visible units that stand twice below the same weights: a machine of 2 D units, told by the first D of them."""

    units: Units

    def pull(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """Of both."""
        return 2 * self.units.pull(batch, machine)

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """Of both."""
        return 2 * self.units.own_energy(batch, machine)

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """Of each."""
        return self.units.expected(hidden, batch, machine)

    def down(self, hidden: np.ndarray, batch: Batch, machine: Parameters, rng: np.random.Generator) -> np.ndarray:
        """Of each."""
        return self.units.down(hidden, batch, machine, rng)

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """Of both."""
        return {name: 2 * values for name, values in self.units.slopes(batch, hidden, machine).items()}


class ToldTwice(BinaryUnits):
    """Binary units below hidden ones that stand twice above the same weights, in the same state."""

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) chances."""
        return sigmoid(2 * (hidden @ machine["weights"].T) + machine["visible_bias"])


def joined(below: Parameters, above: Parameters) -> Parameters:
    """One machine of two; log odds of the units between are the mean of what each says, having counted twice."""
    between = (below["hidden_bias"] + above["visible_bias"]) / 2
    return {**below, "hidden_bias": between, "upper_weights": above["weights"], "upper_bias": above["hidden_bias"]}


def first_layers(crowd: Crowd, bias: np.ndarray, config: DeepMachineConfig, training: Training) -> Parameters:
    """A machine of two hidden layers that have not met.

    Args:
        crowd: whom it is about.
        bias: (D,) of visible units, as it is at first.
        config: the settings.
        training: its seed.
    """
    rng = np.random.default_rng(training.seed)
    below = first_machine(bias, config.n_lower, config.below.init_scale, rng)
    if not config.pretrains:
        return joined(below, first_machine(np.zeros(config.n_lower), config.n_upper, config.above.init_scale, rng))
    units = SeenTwice(crowd.units)
    learn(units, below, crowd.batch_of, crowd.n_people, config.below, training)
    lower = crowd.each(lambda batch: sigmoid(up(units, batch, below)))
    return joined(below, binary.learned_machine(lower, config.n_upper, config.above, training, ToldTwice()))
