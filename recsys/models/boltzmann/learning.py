"""How Boltzmann machines learn: by contrastive divergence, in steps of a size that each parameter finds for itself.

Legend: B people, D visible units, F hidden units.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from recsys.models.boltzmann.config import ContrastiveConfig
from recsys.models.boltzmann.machine import Batch, Parameters, Units, sigmoid, slopes, up
from recsys.models.numeric.threads import one_thread
from recsys.training import Training


def gap(
    units: Units, batch: Batch, machine: Parameters, rng: np.random.Generator, n_sweeps: int = 1
) -> tuple[Parameters, float]:
    """Contrastive divergence: slopes where the data are, less slopes where the machine goes from there.

    On the way hidden units are drawn, and visible ones are mostly their means; the last hidden units are means too
    (Hinton 2010, "A practical guide to training restricted Boltzmann machines", section 3).

    Args:
        units: the kind of visible units.
        batch: B people.
        machine: the parameters.
        rng: draws hidden units.
        n_sweeps: how often the machine goes down and up.

    Returns:
        Means over people, and the mean square by which a visible unit was missed.
    """
    chances = sigmoid(up(units, batch, machine))
    wanted, dreamt = slopes(units, batch, chances, machine), batch
    for _ in range(n_sweeps):
        hidden = (rng.random(chances.shape, dtype=np.float32) < chances).astype(np.float32)
        dreamt = batch.with_values(units.down(hidden, batch, machine, rng))
        chances = sigmoid(up(units, dreamt, machine))
    found, n_people = slopes(units, dreamt, chances, machine), len(batch.values)
    missed = float(np.sum((batch.values - dreamt.values) ** 2) / max(float(batch.is_unit.sum()), 1.0))
    return {name: (wanted[name] - found[name]) / np.float32(n_people) for name in wanted}, missed


@dataclass
class Adam:
    """Steps upwards of about the same size for all parameters (Kingma and Ba 2015), whose size falls to 0 by a cosine.

    Attributes:
        rate: of the first step.
        n_steps: after so many the rate is 0.
        taken: steps so far.
    """

    rate: float
    n_steps: int
    taken: int = 0
    means: Parameters = field(default_factory=dict)
    squares: Parameters = field(default_factory=dict)

    def step(self, parameters: Parameters, gradient: Parameters) -> None:
        """Move parameters, in place."""
        rate = self.rate * (1 + math.cos(math.pi * self.taken / self.n_steps)) / 2
        self.taken += 1
        rate *= math.sqrt(1 - 0.999**self.taken) / (1 - 0.9**self.taken)
        for name, slope in gradient.items():
            mean = self.means.setdefault(name, np.zeros_like(slope))
            square = self.squares.setdefault(name, np.zeros_like(slope))
            mean += np.float32(0.1) * (slope - mean)
            square += np.float32(0.001) * (slope * slope - square)
            parameters[name] += np.float32(rate) * mean / (np.sqrt(square) + np.float32(1e-8))


@dataclass
class Momentum:
    """Steps that go on for a while: a velocity keeps nine tenths of itself, and gets a slope times the rate.

    Attributes:
        rate: of the first step; it falls as Adam's does.
        n_steps: after so many the rate is 0.
        taken: steps so far.
    """

    rate: float
    n_steps: int
    taken: int = 0
    velocities: Parameters = field(default_factory=dict)

    def step(self, parameters: Parameters, gradient: Parameters) -> None:
        """Move parameters, in place."""
        rate = np.float32(self.rate * (1 + math.cos(math.pi * self.taken / self.n_steps)) / 2)
        self.taken += 1
        for name, slope in gradient.items():
            velocity = self.velocities.setdefault(name, np.zeros_like(slope))
            velocity *= np.float32(0.9)
            velocity += rate * slope
            parameters[name] += velocity


RULES = {"adam": Adam, "momentum": Momentum}


def shuffled(n_people: int, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Everybody once, in a new order, at most `batch_size` at a time."""
    order = rng.permutation(n_people)
    return (order[start : start + batch_size] for start in range(0, n_people, batch_size))


def learn(
    units: Units,
    machine: Parameters,
    batch_of: Callable[[np.ndarray], Batch],
    n_people: int,
    config: ContrastiveConfig,
    training: Training,
) -> None:
    """Move the parameters, in place, to where the machine dreams of what the data are like.

    Weights decay: from the gradient of every step a share of them is taken. Biases do not.

    Args:
        units: the kind of visible units.
        machine: where it starts.
        batch_of: the visible units of some people, by their numbers, (B,) int.
        n_people: in all.
        config: how it learns.
        training: its seed draws orders and hidden units; it is told of epochs.
    """
    rng, decay = np.random.default_rng(training.seed), np.float32(config.decay)
    ascent = RULES[config.rule](config.learning_rate, config.epochs * -(-n_people // config.batch_size))
    with one_thread():
        for epoch in range(config.epochs):
            missed, n_sweeps = [], 1 + epoch * config.sweeps // config.epochs
            for people in shuffled(n_people, config.batch_size, rng):
                gradient, miss = gap(units, batch_of(people), machine, rng, n_sweeps)
                for name in gradient:
                    if name.endswith("weights"):
                        gradient[name] -= decay * machine[name]
                ascent.step(machine, gradient)
                missed.append(miss)
            error = math.sqrt(sum(missed) / max(len(missed), 1))
            training.on_progress("epoch", epoch + 1, config.epochs, rmse=error)
