"""A deep autoencoder of people, which is fed with its own answers, too.

Legend: B histories, U training users, I items; H_n hidden units in layer n.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.autoencoders.config import DeepAutoencoderConfig
from recsys.models.autoencoders.reconstruction import Reconstruction
from recsys.models.autoencoders.training import missed_cells, with_decay
from recsys.models.base import with_values
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import Gradient, descend
from recsys.training import Training


class DeepAutoencoder(Reconstruction):
    """DeepRecommender (Kuchaiev and Ginsburg 2017): scaled exponential linear units, dropout at the code, re-feeding.

    What an autoencoder answers of all films should be a fixed point of it: told that, it should answer the same. So
    after each step on ratings there is a second one, where the answers, dense, are both what is told and what is to be
    said. Unlike in the paper the last layer is linear, some ratings are hidden from the input, and steps are Adam's.
    """

    config: DeepAutoencoderConfig
    stack: DenseStack

    def __init__(self, config: DeepAutoencoderConfig = DeepAutoencoderConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.target, self.baseline = config.target, config.baseline

    @property
    def deep(self) -> DeepAutoencoderConfig:
        """The settings of the layers."""
        return self.config

    @property
    def units(self) -> tuple[int, ...]:
        """Of the layers between input and output: there and back."""
        return self.deep.hidden + self.deep.hidden[-2::-1]

    @property
    def activations(self) -> tuple[str, ...]:
        """Of every layer."""
        return ("selu",) * len(self.units) + ("linear",)

    def learn_to_reconstruct(self, told: sp.csr_array, training: Training) -> None:
        """Train on people."""
        rng, n_items = np.random.default_rng(training.seed), told.shape[1]
        self.stack = DenseStack.drawn((n_items, *self.units, n_items), self.activations, rng)
        descend(self.stack.parameters, told.shape[0], self.lessons(told, rng).steps, self.deep, rng, training)

    def lessons(self, told: sp.csr_array, rng: np.random.Generator) -> "Lessons":
        """What the layers learn from (U, I) that is told of training people."""
        return Lessons(self.stack, told, self.deep, rng)

    def reconstructed(self, told: sp.csr_array) -> np.ndarray:
        """(B, I) what stars are beyond -> (B, I) float32, of all films."""
        return self.stack(told)

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learned, by name: kernels and biases by the number of their layer."""
        return super().arrays() | dict(zip(self.names, self.stack.parameters, strict=True))

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        axes = ["I", *(f"H{n}={size}" for n, size in enumerate(self.units)), "I"]
        shapes = [shape for n_in, n_out in pairwise(axes) for shape in (f"{n_in} {n_out}", n_out)]
        return super().array_shapes() | dict(zip(self.names, shapes, strict=True))

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        parameters = [arrays[name] for name in self.names]
        self.stack = DenseStack(parameters[::2], parameters[1::2], self.activations)
        return super().restore(arrays)

    @property
    def names(self) -> list[str]:
        """Of the network's parameters, in their order."""
        return [f"{kind}_{n}" for n in range(len(self.activations)) for kind in ("kernel", "bias")]


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a network learns from a batch of people.

    Attributes:
        stack: the network; its last layer is linear.
        told: (U, I) of all people.
        config: how it learns.
        rng: of what is hidden and dropped.
    """

    stack: DenseStack
    told: sp.csr_array
    config: DeepAutoencoderConfig
    rng: np.random.Generator

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradients of a step on what people said, and of some on what the network said; mean squared errors."""
        batch = self.told[rows]
        given, before = self.given(rows, batch)
        outputs, masks = self.answered(given)
        missed = missed_cells(outputs[-1] + before, batch)
        yield self.gradient(outputs, missed / np.float32(max(batch.nnz, 1)), masks), mean_square(missed, batch.nnz)
        for _ in range(self.config.refeeds):
            said = outputs[-1]
            outputs, masks = self.answered(said + before)
            missed = outputs[-1] - said
            yield self.gradient(outputs, missed / np.float32(missed.size), masks), mean_square(missed, missed.size)

    def given(self, rows: np.ndarray, batch: sp.csr_array) -> tuple[np.ndarray | sp.csr_array, np.ndarray]:
        """What goes into the network of people, (n,), and what has been said of them before, to which it adds."""
        return self.partly_hidden(batch), np.zeros((), dtype=np.float32)

    def answered(self, given: np.ndarray | sp.csr_array) -> tuple[list[np.ndarray], dict[int, np.ndarray]]:
        """What goes into each layer and comes out of the last, some units of the code dropped; and that mask."""
        code = len(self.config.hidden)
        size = (given.shape[0], self.config.hidden[-1])
        masks = {code: kept(size, self.config.dropout, self.rng)}
        return self.stack.outputs(given, masks), masks

    def gradient(self, outputs: list[np.ndarray], slope: np.ndarray, masks: dict[int, np.ndarray]) -> Gradient:
        """That of a mean squared error, halved, with the decay of weights."""
        found = self.stack.gradient(outputs, slope, masks)
        return with_decay(found, self.stack, self.config.l2 / max(self.told.nnz, 1))

    def partly_hidden(self, told: sp.csr_array) -> sp.csr_array:
        """(B, I) with some of the cells at 0, and the others larger, so that sums stay as they are in the mean."""
        return with_values(told, told.data * kept(told.data.shape, self.config.forgets, self.rng))


def kept(shape: tuple[int, ...], dropped: float, rng: np.random.Generator) -> np.ndarray:
    """A mask, float32: 0 with that probability, else so much that its mean is 1."""
    return (rng.random(shape) >= dropped).astype(np.float32) / np.float32(1 - dropped)


def mean_square(missed: np.ndarray, n: int) -> float:
    """The sum of squares over their number."""
    return float(np.sum(missed**2)) / max(n, 1)
