"""Deep Boltzmann machines: two hidden layers, each inferred from its neighbours.

Legend: B histories, U training users, I items, F lower hidden units, G upper ones.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.boltzmann import rbm_choice, rbm_gaussian
from recsys.models.boltzmann.config import DBMConfig, DeepMachineConfig
from recsys.models.boltzmann.deep.both import StarsAndLists
from recsys.models.boltzmann.deep.crowd import Crowd
from recsys.models.boltzmann.deep.joint import inferred, learn_jointly
from recsys.models.boltzmann.deep.pretraining import first_layers
from recsys.models.boltzmann.machine import Batch, Parameters, Units, up
from recsys.models.boltzmann.visible import CountUnits, GaussianUnits
from recsys.models.learned import learned
from recsys.training import Training

PARAMETERS = ("weights", "visible_bias", "hidden_bias", "upper_weights", "upper_bias")


class DBM(StarsAndLists):
    """Salakhutdinov and Hinton 2009, "Deep Boltzmann machines": one for stars, one for lists.

    Visible units are those of `rbm-gaussian` and of `rbm-choice`. What somebody did is explained by mean field in both
    hidden layers, and what the lower one then expects is the answer: stars = baseline + b + W h, log chances = b + W h.
    """

    star_weights: np.ndarray = learned("I SF={star_lower}")
    star_visible_bias: np.ndarray = learned("I")
    star_hidden_bias: np.ndarray = learned("SF={star_lower}")
    star_upper_weights: np.ndarray = learned("SF={star_lower} SG={star_upper}")
    star_upper_bias: np.ndarray = learned("SG={star_upper}")
    list_weights: np.ndarray = learned("I LF={list_lower}")
    list_visible_bias: np.ndarray = learned("I")
    list_hidden_bias: np.ndarray = learned("LF={list_lower}")
    list_upper_weights: np.ndarray = learned("LF={list_lower} LG={list_upper}")
    list_upper_bias: np.ndarray = learned("LG={list_upper}")

    config: DBMConfig

    def __init__(self, config: DBMConfig = DBMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale, self.offsets = config, scale, config.baseline
        self.star_units, self.list_units = GaussianUnits(config.variance, draws=True), CountUnits()

    def sizes(self) -> dict[str, Any]:
        """What the settings fix."""
        stars, choices = self.config.stars, self.config.choices
        own = {"star_lower": stars.n_lower, "star_upper": stars.n_upper}
        return super().sizes() | own | {"list_lower": choices.n_lower, "list_upper": choices.n_upper}

    def learn_beyond(self, left: sp.csr_array, training: Training) -> None:
        """Fit the machine of stars."""
        crowd = Crowd(self.star_units, lambda people: rbm_gaussian.batch_of(left[people]), left.shape[0])
        self.keep("star", learned_machine(crowd, np.zeros(left.shape[1]), self.config.stars, training))

    def learn_choices(self, choices: sp.csr_array, training: Training) -> None:
        """Fit the machine of choices."""
        crowd = Crowd(self.list_units, lambda people: rbm_choice.batch_of(choices[people]), choices.shape[0])
        bias = rbm_choice.log_shares(choices, self.config.prior)
        self.keep("list", learned_machine(crowd, bias, self.config.choices, training))

    def said_beyond(self, left: sp.csr_array) -> np.ndarray:
        """(B, I) float32 stars of five that offsets leave -> (B, I) what the machine expects of it."""
        return explained(self.star_units, rbm_gaussian.batch_of(left), self.machine("star"), self.config.stars)

    def logits_of(self, choices: sp.csr_array) -> np.ndarray:
        """(B, I) grades -> (B, I) float32, log chances of all films but for a number that is the same for all."""
        return explained(self.list_units, rbm_choice.batch_of(choices), self.machine("list"), self.config.choices)

    def keep(self, part: str, machine: Parameters) -> None:
        """Take what was learned of stars, or of lists."""
        for name, values in machine.items():
            setattr(self, f"{part}_{name}", values)

    def machine(self, part: str) -> Parameters:
        """That of stars, or of lists, by the names of its parameters."""
        return {name: getattr(self, f"{part}_{name}") for name in PARAMETERS}


def learned_machine(crowd: Crowd, bias: np.ndarray, config: DeepMachineConfig, training: Training) -> Parameters:
    """A machine of two hidden layers, whose visible units begin with these biases, (I,)."""
    machine = first_layers(crowd, bias, config, training)
    learn_jointly(crowd, machine, config.joint, training)
    return machine


def explained(units: Units, batch: Batch, machine: Parameters, config: DeepMachineConfig) -> np.ndarray:
    """(B, I) b + W h of all films, with h as mean field has it."""
    lower, _ = inferred(up(units, batch, machine), machine, config.joint)
    return np.asarray(lower @ machine["weights"].T + machine["visible_bias"], dtype=np.float32)
