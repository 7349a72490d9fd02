"""How Boltzmann machines learn: by contrastive divergence, in steps of a size that each parameter finds for itself.

Legend: B people, D visible units, F hidden units.
"""

import math
from collections.abc import Callable

import numpy as np

from recsys.models.boltzmann.config import ContrastiveConfig
from recsys.models.boltzmann.machine import Batch, Parameters, Units, sigmoid, slopes, up
from recsys.models.numeric.descent import Adam, Momentum, Rule, falling, shuffled
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
    return gap_between(wanted, slopes(units, dreamt, chances, machine), batch, dreamt)


def gap_between(wanted: Parameters, found: Parameters, batch: Batch, dreamt: Batch) -> tuple[Parameters, float]:
    """Of slopes where people are, and where the machine dreams them to be: means over people, and see `gap`."""
    missed = float(np.sum((batch.values - dreamt.values) ** 2) / max(float(batch.is_unit.sum()), 1.0))
    return {name: (wanted[name] - found[name]) / np.float32(len(batch.values)) for name in wanted}, missed


RULES: dict[str, Callable[[list[np.ndarray]], Rule]] = {"adam": Adam, "momentum": Momentum}
Gap = Callable[[np.ndarray, int], tuple[Parameters, float]]  # people, sweeps -> as `gap` answers


def learn(
    units: Units,
    machine: Parameters,
    batch_of: Callable[[np.ndarray], Batch],
    n_people: int,
    config: ContrastiveConfig,
    training: Training,
) -> None:
    """Move the parameters, in place, to where the machine dreams of what the data are like.

    Args:
        units: the kind of visible units.
        machine: where it starts.
        batch_of: the visible units of some people, by their numbers, (B,) int.
        n_people: in all.
        config: how it learns.
        training: its seed draws orders and hidden units; it is told of epochs.
    """
    rng = np.random.default_rng(training.seed)

    def gap_of(people: np.ndarray, n_sweeps: int) -> tuple[Parameters, float]:
        return gap(units, batch_of(people), machine, rng, n_sweeps)

    climb(machine, gap_of, n_people, config, rng, training)


def climb(
    machine: Parameters,
    gap_of: Gap,
    n_people: int,
    config: ContrastiveConfig,
    rng: np.random.Generator,
    training: Training,
) -> None:
    """Change the parameters, in place, along the gaps of batch after batch.

    Weights decay: from the gradient of every step a share of them is taken. Biases do not.

    Args:
        machine: where it starts.
        gap_of: between data and dreams, of some people, by their numbers, (B,) int, and so many sweeps.
        n_people: in all.
        config: how it learns.
        rng: of the orders.
        training: told of epochs.
    """
    rule, n_batches = RULES[config.rule](list(machine.values())), -(-n_people // config.batch_size)
    with one_thread():
        for epoch in range(config.epochs):
            missed, n_sweeps = [], 1 + epoch * config.sweeps // config.epochs
            for number, people in enumerate(shuffled(n_people, config.batch_size, rng)):
                gradient, miss = gap_of(people, n_sweeps)
                rate = falling(config.learning_rate, (epoch + number / n_batches) / config.epochs)
                rule.step(downwards(gradient, machine, config), rate)
                missed.append(miss)
            error = math.sqrt(sum(missed) / max(len(missed), 1))
            training.on_progress("epoch", epoch + 1, config.epochs, rmse=error)


def downwards(gradient: Parameters, machine: Parameters, config: ContrastiveConfig) -> list[np.ndarray]:
    """What a step goes down for the machine to go up a gradient while its weights decay, in the machine's order."""
    return [np.float32(config.decay_of(name)) * values - gradient[name] for name, values in machine.items()]
