"""Deep belief networks: machines in a stack, unrolled into an autoencoder whose layers then learn together.

Legend: B histories, U training users, I items, H_n hidden units of machine n.
"""

from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.boltzmann import rbm_choice, rbm_gaussian
from recsys.models.boltzmann.binary import stacked
from recsys.models.boltzmann.config import DBNConfig
from recsys.models.boltzmann.deep.both import StarsAndLists
from recsys.models.boltzmann.deep.tuning import fine_tuned, missed
from recsys.models.boltzmann.deep.unrolled import drawn, names_of, shapes_of, stack_of, unrolled
from recsys.models.boltzmann.machine import Parameters, sigmoid, up
from recsys.models.boltzmann.visible import CountUnits, GaussianUnits
from recsys.models.learned import learned
from recsys.models.networks.choices import choice_loss
from recsys.models.numeric.dense_stack import DenseStack
from recsys.training import Training


class DBN(StarsAndLists):
    """Hinton, Osindero and Teh 2006, unrolled as Hinton and Salakhutdinov 2006 have it: one for stars, one for lists.

    The lowest machines are those of `rbm-gaussian` and `rbm-choice`; hidden units of one machine are the visible ones
    of the next, at their chances. Up through all of them and down again is an autoencoder: of what offsets leave of
    the stars, and of the log chances of choices. Its layers go on learning with some ratings hidden from the input.
    """

    star_bias: np.ndarray = learned("I")  # what stars are told beyond

    config: DBNConfig
    stars_stack: DenseStack
    lists_stack: DenseStack

    def __init__(self, config: DBNConfig = DBNConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale, self.offsets = config, scale, config.baseline

    def learn_beyond(self, left: sp.csr_array, training: Training) -> None:
        """Stack the machines of stars, and tune them."""
        config, n_items = self.config, left.shape[1]
        self.star_bias = np.zeros(n_items, dtype=np.float32)
        self.stars_stack = drawn(n_items, config.star_units, np.random.default_rng(training.seed))
        if config.pretrains:
            machines = self.star_machines(left, training)
            self.star_bias = machines[0]["visible_bias"].copy()
            self.stars_stack = unrolled(machines, 1 / config.variance)
        if config.tunes:
            fine_tuned(self.stars_stack, self.told(left), left, missed, config.tuning_stars, training)

    def star_machines(self, left: sp.csr_array, training: Training) -> list[Parameters]:
        """The stack of machines of stars."""
        config, units = self.config, GaussianUnits(self.config.variance)
        first = rbm_gaussian.learned_machine(left, units, config.star_units[0], config.stars, training)
        hidden = sigmoid(up(units, rbm_gaussian.batch_of(left), first))
        return [first, *stacked(hidden, config.star_units[1:], config.above, training)]

    def told(self, left: sp.csr_array) -> sp.csr_array:
        """(B, I) what offsets leave -> (B, I) float32, what goes into the network: that beyond the machine's bias."""
        told = left.copy()
        told.data = told.data - self.star_bias[told.indices]
        return told

    def said_beyond(self, left: sp.csr_array) -> np.ndarray:
        """(B, I) what offsets leave -> (B, I) float32, of all films."""
        return self.stars_stack(self.told(left))

    def learn_choices(self, choices: sp.csr_array, training: Training) -> None:
        """Stack the machines of choices, and tune them."""
        config, rng = self.config, np.random.default_rng(training.seed)
        first_bias = rbm_choice.log_shares(choices, config.prior)
        self.lists_stack = drawn(choices.shape[1], config.list_units, rng)
        self.lists_stack.biases[-1][:] = first_bias
        if config.pretrains:
            self.lists_stack = unrolled(self.choice_machines(choices, first_bias, training))
        if config.tunes:
            fine_tuned(self.lists_stack, choices, choices, choice_loss, config.tuning_choices, training)

    def choice_machines(self, choices: sp.csr_array, bias: np.ndarray, training: Training) -> list[Parameters]:
        """The stack of machines of choices; bias: (I,) as it is at first."""
        config = self.config
        first = rbm_choice.learned_machine(choices, bias, config.list_units[0], config.choices, training)
        hidden = sigmoid(up(CountUnits(), rbm_choice.batch_of(choices), first))
        return [first, *stacked(hidden, config.list_units[1:], config.above, training)]

    def logits_of(self, choices: sp.csr_array) -> np.ndarray:
        """(B, I) grades -> (B, I) float32, log chances of all films but for a number that is the same for all."""
        return self.lists_stack(choices)

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learned, by name: kernels and biases by their network and the number of their layer."""
        return super().arrays() | dict(zip(self.names, self.parameters, strict=True))

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        shapes = shapes_of("S", self.config.star_units) + shapes_of("L", self.config.list_units)
        return super().array_shapes() | dict(zip(self.names, shapes, strict=True))

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        found = [arrays[name] for name in self.names]
        n_stars = 4 * len(self.config.star_units)
        self.stars_stack, self.lists_stack = stack_of(found[:n_stars]), stack_of(found[n_stars:])
        return super().restore(arrays)

    @property
    def names(self) -> list[str]:
        """Of the networks' parameters, in their order."""
        return names_of("stars", self.config.star_units) + names_of("lists", self.config.list_units)

    @property
    def parameters(self) -> list[np.ndarray]:
        """Of both networks."""
        return self.stars_stack.parameters + self.lists_stack.parameters
