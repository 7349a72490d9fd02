"""A deep belief network of binary features: machines one above the other, each of which learns the chances of the last.

Legend: N rows, B of a batch, D visible units, F hidden units.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from recsys.models.boltzmann.config import ContrastiveConfig
from recsys.models.boltzmann.learning import learn
from recsys.models.boltzmann.machine import Batch, Parameters, first_machine, sigmoid
from recsys.training import Training


class BinaryUnits:
    """Visible units that are 0 or 1, or chances of it: E = -v' b - v' W h - c' h (Smolensky 1986)."""

    def pull(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) the values."""
        return batch.values

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B,) minus the biases of what is on."""
        return -(batch.values @ machine["visible_bias"])

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) chances."""
        return sigmoid(hidden @ machine["weights"].T + machine["visible_bias"])

    def down(self, hidden: np.ndarray, batch: Batch, machine: Parameters, rng: np.random.Generator) -> np.ndarray:
        """The chances."""
        return self.expected(hidden, batch, machine)

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """By b: the values."""
        return {"visible_bias": batch.values.sum(axis=0)}


def learned_machine(
    rows: np.ndarray,
    n_hidden: int,
    config: ContrastiveConfig,
    training: Training,
    units: BinaryUnits = BinaryUnits(),
) -> Parameters:
    """A machine of rows, (N, D) float32 in [0, 1], that starts from how often each unit is on."""
    often = (rows.sum(axis=0) + 1) / (len(rows) + 2)
    rng = np.random.default_rng(training.seed)
    machine = first_machine(np.log(often / (1 - often)), n_hidden, config.init_scale, rng)

    def batch_of(some: np.ndarray) -> Batch:
        return Batch(values=rows[some], is_unit=np.ones((len(some), 1), dtype=np.float32))

    learn(units, machine, batch_of, len(rows), config, training)
    return machine


def chances(rows: np.ndarray, machine: Parameters) -> np.ndarray:
    """(N, F) that hidden units are on, given (N, D) in [0, 1]."""
    return sigmoid(rows @ machine["weights"] + machine["hidden_bias"])


def stacked(
    rows: np.ndarray, sizes: Sequence[int], config: ContrastiveConfig, training: Training
) -> Iterator[Parameters]:
    """Machines one above the other, each of what the one below makes of rows (Hinton, Osindero and Teh 2006).

    Args:
        rows: (N, D) in [0, 1].
        sizes: hidden units of each machine.
        config: how each learns.
        training: its seed.
    """
    values = rows.astype(np.float32)
    for n_hidden in sizes:
        machine = learned_machine(values, n_hidden, config, training)
        yield machine
        values = chances(values, machine)


def codes_of(rows: np.ndarray, sizes: Sequence[int], config: ContrastiveConfig, training: Training) -> np.ndarray:
    """Chances of the top layer's units of machines that are `stacked`: (N, F) float32."""
    values = rows.astype(np.float32)
    for machine in stacked(rows, sizes, config, training):
        values = chances(values, machine)
    return values
