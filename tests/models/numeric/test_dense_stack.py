"""Dense layers and their gradients, against finite differences."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.numeric.dense_stack import ACTIVATIONS, DenseStack


def drawn(sizes: tuple[int, ...], activations: tuple[str, ...]) -> DenseStack:
    """In float64, with biases."""
    rng = np.random.default_rng(0)
    stack = DenseStack.drawn(sizes, activations, rng)
    kernels = [kernel.astype(np.float64) for kernel in stack.kernels]
    return DenseStack(kernels, [rng.normal(size=bias.shape) for bias in stack.biases], activations)


@pytest.mark.parametrize("masks", [{}, {0: 0.5, 2: 0.5}])
@pytest.mark.parametrize("last", ACTIVATIONS)
def test_a_gradient_is_that_of_finite_differences(last, masks):
    rng, stack = np.random.default_rng(1), drawn((5, 4, 3, 6), ("sigmoid", "selu", last))
    given, target = rng.normal(size=(7, 5)), rng.normal(size=(7, 6))
    dropped = {n: 2.0 * (rng.random((7, (5, 4, 3)[n])) < keep) for n, keep in masks.items()}

    def loss() -> float:
        return float(np.sum((stack.outputs(given, dropped)[-1] - target) ** 2) / 2)

    outputs = stack.outputs(given, dropped)
    for each, slope in zip(stack.parameters, stack.gradient(outputs, outputs[-1] - target, dropped), strict=True):
        assert slope.shape == each.shape
        for place in np.ndindex(each.shape):
            before = each[place]
            each[place] = before + 1e-6
            above = loss()
            each[place] = before - 1e-6
            assert (above - loss()) / 2e-6 == pytest.approx(slope[place], abs=1e-6)
            each[place] = before


def test_the_slope_of_what_is_given_is_that_of_finite_differences():
    """Through it a loss reaches the layers before; it is asked for with the slopes that make the gradient."""
    rng, stack = np.random.default_rng(1), drawn((5, 4, 6), ("tanh", "linear"))
    given, target = rng.normal(size=(3, 5)), rng.normal(size=(3, 6))
    outputs = stack.outputs(given)
    slopes = stack.slopes(outputs, outputs[-1] - target)
    for one, other in zip(
        stack.gradient_of(outputs, slopes), stack.gradient(outputs, outputs[-1] - target), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    found = stack.slope_of_input(slopes)
    for place in np.ndindex(given.shape):
        step = np.zeros_like(given)
        step[place] = 1e-6
        above, below = (np.sum((stack(given + sign * step) - target) ** 2) / 2 for sign in (1, -1))
        assert (above - below) / 2e-6 == pytest.approx(found[place], abs=1e-6)


def test_sparse_rows_are_answered_and_learned_from_like_dense_ones():
    stack, rng = drawn((8, 3, 8), ("sigmoid", "linear")), np.random.default_rng(2)
    dense = rng.normal(size=(5, 8)) * (rng.random((5, 8)) < 0.4)
    kinds = [stack.outputs(given) for given in (dense, sp.csr_array(dense))]
    np.testing.assert_allclose(kinds[0][-1], kinds[1][-1])
    for one, other in zip(*(stack.gradient(outputs, np.ones((5, 8))) for outputs in kinds), strict=True):
        np.testing.assert_allclose(one, other)


def test_extreme_logits_stay_finite():
    with np.errstate(all="raise", under="ignore"):
        far = np.array([-1e5, -80, 0, 80, 1e5], dtype=np.float32)
        np.testing.assert_allclose(ACTIVATIONS["sigmoid"].of(far), [0, 0, 0.5, 1, 1], atol=1e-6)
        assert ACTIVATIONS["selu"].of(far)[0] == pytest.approx(-1.7580993)


def test_selu_keeps_mean_and_variance():
    answered = ACTIVATIONS["selu"].of(np.random.default_rng(0).normal(size=200_000))
    assert (answered.mean(), answered.var()) == pytest.approx((0, 1), abs=0.02)
