"""Gradients by finite differences, for networks in float64."""

from collections.abc import Callable, Sequence

import numpy as np

from recsys.models.numeric.dense_stack import DenseStack


def doubled(stack: DenseStack) -> DenseStack:
    """The same in float64."""
    kernels, biases = ([each.astype(np.float64) for each in part] for part in (stack.kernels, stack.biases))
    return DenseStack(kernels, biases, stack.activations)


def assert_gradient(
    gradient: Sequence[np.ndarray], parameters: Sequence[np.ndarray], loss: Callable[[], float], n_places: int = 12
) -> None:
    """Compare at some places of each parameter, those of the largest slopes among them."""
    for slope, each in zip(gradient, parameters, strict=True):
        assert slope.shape == each.shape
        places = np.unique(np.concatenate([np.argsort(-np.abs(slope), axis=None)[:n_places], [0, each.size - 1]]))
        for place in (np.unravel_index(number, each.shape) for number in places):
            before = each[place]
            each[place] = before + 1e-5
            above = loss()
            each[place] = before - 1e-5
            below = loss()
            each[place] = before
            np.testing.assert_allclose((above - below) / 2e-5, slope[place], rtol=1e-4, atol=1e-6)
