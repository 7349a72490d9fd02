"""A network of choices in NumPy: what it answers, and what it learns from a batch."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import log_softmax

from recsys.models.vae.choosing import ChoiceNetwork

RNG = np.random.default_rng(0)
TOLD = sp.csr_array(RNG.random((3, 5)) * (RNG.random((3, 5)) < 0.6))
CHOSEN = sp.csr_array(RNG.random((3, 5)) * (RNG.random((3, 5)) < 0.6))


def network() -> ChoiceNetwork:
    """In float64, with biases."""
    drawn = ChoiceNetwork.drawn(5, 4, 2, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    return ChoiceNetwork.of([each + 0.3 * rng.normal(size=each.shape) for each in drawn.parameters])


def test_tastes_and_chances_are_those_of_two_layers_each():
    one = network()
    into, into_bias, code, code_bias, taste, taste_bias, out, out_bias = one.parameters
    found = one.taste(TOLD)
    expected = np.tanh(TOLD @ into + into_bias) @ code + code_bias
    np.testing.assert_allclose(np.column_stack(found), expected)
    logits = np.tanh(found.mean @ taste + taste_bias) @ out + out_bias
    np.testing.assert_allclose(one.log_chances(found.mean), log_softmax(logits, axis=1))


@pytest.mark.parametrize("beyond", [np.zeros(5), np.array([0, 0, -np.inf, 0, 0])])
def test_a_lesson_is_the_bound_and_its_gradient_that_of_finite_differences(beyond):
    """Of the negative evidence lower bound with a given draw, a film that is left out among the others."""
    one, noise = network(), np.random.default_rng(3).normal(size=(3, 2))
    chosen = sp.csr_array(CHOSEN.toarray() * (beyond == 0))

    def bound() -> float:
        taste = one.taste(TOLD)
        nats = log_softmax(one.decoder(taste.draw(noise)) + beyond, axis=1)
        likelihood = np.sum(chosen.toarray() * np.where(beyond == 0, nats, 0))
        return float(0.4 * taste.divergence().sum() - likelihood) / 3

    gradient, loss = one.lesson(TOLD, chosen, noise, 0.4, beyond)
    assert loss == pytest.approx(bound())
    for each, slope in zip(one.parameters, gradient, strict=True):
        for place in np.ndindex(each.shape):
            before = each[place]
            each[place] = before + 1e-6
            above = bound()
            each[place] = before - 1e-6
            assert (above - bound()) / 2e-6 == pytest.approx(slope[place], abs=1e-6)
            each[place] = before
