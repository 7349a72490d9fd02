"""Two hidden layers that learn at once: mean field for what people did, a chain of dreams for each of them.

Salakhutdinov and Hinton 2009, "Deep Boltzmann machines": P(v, h, g) = exp(-E) / Z with E = (what visible units have
alone) - pull(v)' W h - c' h - h' U g - d' g. Given h, visible and upper units are independent; given these, h is.

Legend: B people, U training users, F lower hidden units, h, G upper ones, g.
"""

from dataclasses import dataclass

import numpy as np

from recsys.models.boltzmann.config import JointConfig
from recsys.models.boltzmann.deep.crowd import Crowd
from recsys.models.boltzmann.learning import climb, gap_between
from recsys.models.boltzmann.machine import Batch, Parameters, Units, sigmoid, slopes, up
from recsys.training import Training


def inferred(odds: np.ndarray, machine: Parameters, config: JointConfig) -> tuple[np.ndarray, np.ndarray]:
    """Chances of both hidden layers, (B, F) and (B, G), near to their posterior, in which they are not independent.

    Layers take turns, and each goes a part of the way to where the other one wants it; so the bound of the likelihood
    that they stand for never falls.

    Args:
        odds: (B, F) log odds of the lower units, as far as visible ones tell.
        machine: the parameters.
        config: how many rounds, and how much of a layer stays as it was.
    """
    step, weights, bias = np.float32(1 - config.damping), machine["upper_weights"], machine["upper_bias"]
    lower = sigmoid(2 * odds - machine["hidden_bias"])  # what is below stands in for what is above, as it first learned
    upper = sigmoid(lower @ weights + bias)
    for _ in range(config.rounds):
        lower += step * (sigmoid(odds + upper @ weights.T) - lower)
        upper += step * (sigmoid(lower @ weights + bias) - upper)
    return lower, upper


def joint_slopes(units: Units, batch: Batch, lower: np.ndarray, upper: np.ndarray, machine: Parameters) -> Parameters:
    """Derivatives of minus the expected energy, summed over people, where hidden units have these chances."""
    found = slopes(units, batch, lower, machine)
    found["upper_weights"], found["upper_bias"] = lower.T @ upper, upper.sum(axis=0)
    return found


@dataclass(frozen=True, eq=False)
class Dreams:
    """A Gibbs chain for each person, over the visible units that they have.

    Attributes:
        lower: (U, F) float32, 0 or 1, which is all that a chain has to keep; changed in place.
        units: the kind of visible units.
        rng: draws.
    """

    lower: np.ndarray
    units: Units
    rng: np.random.Generator

    def drawn(self, chances: np.ndarray) -> np.ndarray:
        """1 where a unit is on, else 0, of the same shape and type."""
        return (self.rng.random(chances.shape, dtype=np.float32) < chances).astype(chances.dtype)

    def step(self, people: np.ndarray, batch: Batch, machine: Parameters) -> tuple[Batch, np.ndarray, np.ndarray]:
        """Go to the next state of people, by their numbers, (B,) int.

        Returns:
            Their visible units, the chances of lower units given these and the upper ones, and the upper ones.
        """
        lower, weights = self.lower[people], machine["upper_weights"]
        dreamt = batch.with_values(self.units.down(lower, batch, machine, self.rng))
        upper = self.drawn(sigmoid(lower @ weights + machine["upper_bias"]))
        chances = sigmoid(up(self.units, dreamt, machine) + upper @ weights.T)
        self.lower[people] = self.drawn(chances)
        return dreamt, chances, upper


def learn_jointly(crowd: Crowd, machine: Parameters, config: JointConfig, training: Training) -> None:
    """Move the parameters, in place, up the slope of the bound; dreams stand for the machine's own states.

    Chains go on from step to step (Tieleman 2008), each from where the machine infers its person to be.
    """
    units, rng = crowd.units, np.random.default_rng(training.seed)

    def mean_field(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        return inferred(up(units, batch, machine), machine, config)

    dreams = Dreams(crowd.each(lambda batch: mean_field(batch)[0]), units, rng)
    dreams.lower[:] = dreams.drawn(dreams.lower)

    def gap_of(people: np.ndarray, n_sweeps: int) -> tuple[Parameters, float]:
        batch = crowd.batch_of(people)
        wanted = joint_slopes(units, batch, *mean_field(batch), machine)
        for _ in range(n_sweeps):
            dreamt, lower, upper = dreams.step(people, batch, machine)
        return gap_between(wanted, joint_slopes(units, dreamt, lower, upper, machine), batch, dreamt)

    climb(machine, gap_of, crowd.n_people, config, rng, training)
