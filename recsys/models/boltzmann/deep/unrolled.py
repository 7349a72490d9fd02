"""A stack of machines as an autoencoder: up through their weights, and down again (Hinton and Salakhutdinov 2006).

Legend: I items, H_n hidden units of machine n.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recsys.models.boltzmann.machine import Parameters
from recsys.models.numeric.dense_stack import DenseStack


def unrolled(machines: Sequence[Parameters], first_scale: float = 1.0) -> DenseStack:
    """Layers of machines, the lowest first; none of them is shared by the way up and the way down.

    Args:
        machines: each of the hidden units of the one before.
        first_scale: what the input counts times on the way up.
    """
    up = [machine["weights"].copy() for machine in machines]
    up[0] *= np.float32(first_scale)
    down = [machine["weights"].T.copy() for machine in reversed(machines)]
    biases = [machine["hidden_bias"].copy() for machine in machines]
    biases += [machine["visible_bias"].copy() for machine in reversed(machines)]
    return stack_of_layers([*up, *down], biases)


def stack_of(parameters: Sequence[np.ndarray]) -> DenseStack:
    """Of kernels and biases in turns."""
    return stack_of_layers(parameters[::2], parameters[1::2])


def stack_of_layers(kernels: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> DenseStack:
    """Units are chances, those of films apart."""
    return DenseStack(kernels, biases, ("sigmoid",) * (len(kernels) - 1) + ("linear",))


def drawn(n_items: int, units: Sequence[int], rng: np.random.Generator) -> DenseStack:
    """The same layers as chance has them."""
    stack = DenseStack.drawn((n_items, *there_and_back(units), n_items), ("linear",) * (2 * len(units)), rng)
    return stack_of_layers(stack.kernels, stack.biases)


def there_and_back(units: Sequence[int]) -> tuple[int, ...]:
    """Units of all layers between films and films."""
    return (*units, *units[-2::-1])


def names_of(network: str, units: Sequence[int]) -> list[str]:
    """Of kernels and biases in turns."""
    return [f"{network}/{kind}_{n}" for n in range(2 * len(units)) for kind in ("kernel", "bias")]


def shapes_of(letter: str, units: Sequence[int]) -> list[str]:
    """Likewise, as `Model.array_shapes` has them; the letter stands for this network's sizes."""
    axes = [f"{letter}{n}={size}" for n, size in enumerate(units)]
    way = ["I", *axes, *axes[-2::-1], "I"]
    return [shape for n_in, n_out in pairwise(way) for shape in (f"{n_in} {n_out}", n_out)]
