"""Dense layers one after the other, in NumPy: what they answer, and the gradient of a loss of it.

Small networks learn as quickly so as by a compiler, whose seconds they save, and come out the same on every run.

Legend: B rows in a batch; layer n has H_n inputs and H_(n+1) outputs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

Array = np.ndarray
NO_MASKS: Mapping[int, Array] = {}
SELU_SCALE, SELU_BEND = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017, equation 14
STEEPEST = 80.0  # a logit below -80 counts as -80, so that its exponential stays finite in float32


class Activation(NamedTuple):
    """A function of each number, and its derivative as a function of what it answered."""

    of: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-logits))."""
    return np.asarray(1 / (1 + np.exp(np.minimum(-logits, np.float32(STEEPEST)))))


def selu(values: Array) -> Array:
    """The scaled exponential linear unit: outputs keep a mean of 0 and a variance of 1 from layer to layer."""
    negative = np.float32(SELU_BEND) * np.expm1(np.minimum(values, 0))
    return np.asarray(np.float32(SELU_SCALE) * np.where(values > 0, values, negative))


def selu_slope(answered: Array) -> Array:
    """The derivative of `selu` where it answered this."""
    scale = np.float32(SELU_SCALE)
    return np.where(answered > 0, scale, answered + scale * np.float32(SELU_BEND))


ACTIVATIONS = {
    "linear": Activation(lambda values: values, np.ones_like),
    "tanh": Activation(np.tanh, lambda answered: 1 - answered * answered),
    "relu": Activation(lambda values: np.maximum(values, 0), lambda answered: (answered > 0).astype(answered.dtype)),
    "sigmoid": Activation(sigmoid, lambda answered: answered * (1 - answered)),
    "selu": Activation(selu, selu_slope),
}


@dataclass(frozen=True, eq=False)
class DenseStack:
    """Layers that answer activation(input @ kernel + bias), float32.

    Attributes:
        kernels: (H_n, H_(n+1)) of each layer n.
        biases: (H_(n+1),) of each.
        activations: keys of ACTIVATIONS, one for each.
    """

    kernels: Sequence[Array]
    biases: Sequence[Array]
    activations: Sequence[str]

    @classmethod
    def drawn(cls, sizes: Sequence[int], activations: Sequence[str], rng: np.random.Generator) -> Self:
        """A stack that has learned nothing: kernels uniform as Glorot and Bengio (2010) have them, biases 0.

        Args:
            sizes: H_0, H_1, ...
            activations: of each layer, one fewer.
            rng: where kernels are drawn from.
        """
        kernels = []
        for n_in, n_out in pairwise(sizes):
            limit = np.sqrt(6 / max(n_in + n_out, 1))
            kernels.append(rng.uniform(-limit, limit, (n_in, n_out)).astype(np.float32))
        return cls(kernels, [np.zeros(n_out, dtype=np.float32) for n_out in sizes[1:]], activations)

    @property
    def parameters(self) -> list[Array]:
        """Kernel and bias of each layer, the first layer's first; whoever changes them changes the stack."""
        return [each for pair in zip(self.kernels, self.biases, strict=True) for each in pair]

    def outputs(self, given: Array | sp.csr_array, masks: Mapping[int, Array] = NO_MASKS) -> list[Array]:
        """What goes into each layer, and what comes out of the last.

        Args:
            given: (B, H_0).
            masks: by the number of a layer, what its input is multiplied by, (B, H_n): 0 where a unit is dropped. What
                is returned is without them.
        """
        found: list[Array] = [given]
        for n, (kernel, bias, name) in enumerate(zip(self.kernels, self.biases, self.activations, strict=True)):
            found.append(ACTIVATIONS[name].of(masked(found[n], masks.get(n)) @ kernel + bias))
        return found

    def __call__(self, given: Array | sp.csr_array) -> Array:
        """(B, H_0) -> what comes out of the last layer."""
        return self.outputs(given)[-1]

    def gradient(self, outputs: Sequence[Array], slope: Array, masks: Mapping[int, Array] = NO_MASKS) -> list[Array]:
        """The gradient of a loss with respect to `parameters`, in their order.

        Args:
            outputs: what `outputs` answered, with the same masks.
            slope: the gradient of the loss with respect to the last of them, of its shape.
            masks: see there.
        """
        return self.gradient_of(outputs, self.slopes(outputs, slope, masks), masks)

    def slopes(self, outputs: Sequence[Array], slope: Array, masks: Mapping[int, Array] = NO_MASKS) -> list[Array]:
        """The gradient of a loss with respect to what each layer answers before its activation, (B, H_(n+1)) each.

        Args:
            outputs, slope, masks: see `gradient`.
        """
        found: list[Array] = []
        for n in reversed(range(len(self.kernels))):
            found.insert(0, slope * ACTIVATIONS[self.activations[n]].slope(outputs[n + 1]))
            if n:
                slope = masked(found[0] @ self.kernels[n].T, masks.get(n))
        return found

    def gradient_of(
        self, outputs: Sequence[Array], slopes: Sequence[Array], masks: Mapping[int, Array] = NO_MASKS
    ) -> list[Array]:
        """The gradient with respect to `parameters`, given the `slopes`."""
        return [
            each
            for n, slope in enumerate(slopes)
            for each in (masked(outputs[n], masks.get(n)).T @ slope, slope.sum(axis=0))
        ]

    def slope_of_input(self, slopes: Sequence[Array]) -> Array:
        """The gradient with respect to what goes into the first layer, (B, H_0), given the `slopes`, without masks."""
        return np.asarray(slopes[0] @ self.kernels[0].T)


def masked(values: Array, mask: Array | None) -> Array:
    """The values times the mask, where there is one."""
    return values if mask is None else values * mask
