"""How a network learns to say again what it is told of rows, which are people or films.

Legend: R rows, B rows in a batch, N columns.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from recsys.models.autoencoders.config import AutoRecConfig
from recsys.models.base import rated
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import descend
from recsys.training import Training

ACTIVATIONS = ("sigmoid", "linear")  # of AutoRec's two layers


def trained(told: sp.csr_array, config: AutoRecConfig, training: Training) -> DenseStack:
    """AutoRec's network, which has learned to say (R, N) again."""
    rng = np.random.default_rng(training.seed)
    stack = DenseStack.drawn((told.shape[1], config.n_hidden, told.shape[1]), ACTIVATIONS, rng)
    say_again(stack, told, config, rng, training)
    return stack


def say_again(
    stack: DenseStack, told: sp.csr_array, config: AutoRecConfig, rng: np.random.Generator, training: Training
) -> None:
    """Let a network learn to say (R, N) again.

    It minimises sum (answer - told)^2 / 2 over the stored cells, plus l2 / 2 times the squares of all kernels
    (Sedhain et al. 2015, equation 2).
    """

    def steps(rows: np.ndarray) -> Iterator[tuple[list[np.ndarray], float]]:
        batch = told[rows]
        outputs = stack.outputs(batch)
        missed = missed_cells(outputs[-1], batch)
        share = config.l2 * len(rows) / told.shape[0]
        yield with_decay(stack.gradient(outputs, missed), stack, share), float(np.sum(missed**2)) / len(rows)

    descend(stack.parameters, told.shape[0], steps, config, rng, training)


def missed_cells(said: np.ndarray, told: sp.csr_array) -> np.ndarray:
    """By how much answers are wrong, (B, N) float32: 0 in all cells but those that are stored."""
    return np.asarray(rated(told).toarray().astype(np.float32) * said - told.toarray())


def with_decay(gradient: list[np.ndarray], stack: DenseStack, l2: float) -> list[np.ndarray]:
    """The gradient of a loss plus that of l2 / 2 times the squares of all kernels; biases are free."""
    decay = [np.float32(l2) * each if each.ndim > 1 else 0 for each in stack.parameters]
    return [slope + more for slope, more in zip(gradient, decay, strict=True)]
