"""How the layers of an unrolled network learn together, with some ratings hidden from the input.

Legend: B people of a batch, U training users, I items.
"""

from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse as sp

from recsys.models.base import rated, with_values
from recsys.models.boltzmann.config import FineTuningConfig
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import descend
from recsys.training import Training

Loss = Callable[[np.ndarray, sp.csr_array], tuple[float, np.ndarray]]  # (B, I) said, wanted -> sum, and its slope


def fine_tuned(
    stack: DenseStack,
    told: sp.csr_array,
    wanted: sp.csr_array,
    loss: Loss,
    config: FineTuningConfig,
    training: Training,
) -> None:
    """Let layers learn, in place, to say what is wanted of people.

    Args:
        stack: the layers.
        told: (U, I) what may go in; what is hidden of it is 0, and the rest counts more, so that sums stay alike.
        wanted: (U, I) what is to come out.
        loss: of what comes out.
        config: how they learn; l2 / 2 times all squared kernels is added to the loss of each person.
        training: its seed; it is told of epochs.
    """
    rng = np.random.default_rng(training.seed)

    def steps(rows: np.ndarray) -> Iterator[tuple[list[np.ndarray], float]]:
        batch, n_people = told[rows], np.float32(max(len(rows), 1))
        kept = (rng.random(batch.nnz) >= config.forgets).astype(np.float32) / np.float32(1 - config.forgets)
        outputs = stack.outputs(with_values(batch, batch.data * kept))
        total, slope = loss(outputs[-1], wanted[rows])
        gradient = stack.gradient(outputs, slope / n_people)
        yield decaying(gradient, stack, config.l2), total / float(n_people)

    descend(stack.parameters, told.shape[0], steps, config, rng, training)


def decaying(gradient: list[np.ndarray], stack: DenseStack, l2: float) -> list[np.ndarray]:
    """A gradient with what holds kernels; biases are free."""
    return [
        slope + np.float32(l2) * each if each.ndim > 1 else slope
        for slope, each in zip(gradient, stack.parameters, strict=True)
    ]


def missed(said: np.ndarray, wanted: sp.csr_array) -> tuple[float, np.ndarray]:
    """Half of the squared errors of stored cells, and the slope: the errors, (B, I) float32, 0 elsewhere."""
    errors = np.asarray(rated(wanted).toarray().astype(np.float32) * said - wanted.toarray())
    return float(np.sum(errors**2)) / 2, errors
