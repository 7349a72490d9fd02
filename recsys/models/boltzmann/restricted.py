"""What restricted Boltzmann machines of people's histories have in common: what they learn, and how it is kept.

Legend: D visible units, F hidden units.
"""

import numpy as np

from recsys.data.interactions import Interactions
from recsys.models.boltzmann.machine import Parameters
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.config import BaselineConfig


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


class MachineOnOffsets(RestrictedMachine):
    """One that is told what plain offsets say."""

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
