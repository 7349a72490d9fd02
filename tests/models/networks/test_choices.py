"""Choices among all films, against SciPy and finite differences."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import log_softmax

from recsys.models.networks.choices import choice_loss, log_chances

RNG = np.random.default_rng(0)
LOGITS = 3 * RNG.normal(size=(4, 6))
COUNTS = sp.csr_array(RNG.random((4, 6)) * (RNG.random((4, 6)) < 0.5))


def test_chances_are_a_softmax_and_stay_finite_where_logits_are_large():
    for scale in (1, 1e4):
        np.testing.assert_allclose(log_chances(scale * LOGITS), log_softmax(scale * LOGITS, axis=1), rtol=1e-9)


def test_the_loss_is_that_of_the_chosen_and_its_gradient_that_of_finite_differences():
    loss, slopes = choice_loss(LOGITS.copy(), COUNTS)
    assert loss == pytest.approx(-np.sum(COUNTS.toarray() * log_softmax(LOGITS, axis=1)))
    for place in np.ndindex(LOGITS.shape):
        step = np.zeros_like(LOGITS)
        step[place] = 1e-6
        above, below = (choice_loss(LOGITS + sign * step, COUNTS)[0] for sign in (1, -1))
        assert (above - below) / 2e-6 == pytest.approx(slopes[place], abs=1e-6)


def test_who_chose_nothing_teaches_nothing():
    loss, slopes = choice_loss(LOGITS.copy(), sp.csr_array((4, 6)))
    assert loss == 0
    assert not slopes.any()
