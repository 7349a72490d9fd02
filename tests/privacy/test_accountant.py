"""The accountant, against closed forms, integrals and another library."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from recsys.privacy.accountant import (
    Release,
    calibrated,
    delta_of_gaussian,
    epsilon_of,
    epsilon_of_gaussian,
    epsilon_of_renyi,
    keeps,
    renyi,
)

WHOLE = np.arange(2, 257)
DELTA = 1 / 9430
BY_DP_ACCOUNTING = {  # (sampling, noise, times, delta): epsilon, and divergences of orders 2, 3, 8, 32 and 256
    (1.0, 4.0, 1, 1e-5): (1.0125506277526433, [0.0625, 0.09375, 0.25, 1.0, 8.0]),
    (0.01, 1.0, 1000, 1e-5): (
        2.1077530754515745,
        [0.17181342207455164, 0.2646375745846693, 0.893643907606041, 11246.275937048073, 123376.77032308647],
    ),
    (256 / 60000, 1.1, 14040, 1e-5): (
        2.5948176752357233,
        [0.3284766951797446, 0.4965624935674587, 1.38070850739019, 106566.24438078994, 1408307.4983185981],
    ),
    (0.136, 1.26, 160, DELTA): (
        7.994712856481284,
        [2.575664598060461, 4.373658421109752, 59.282898667556395, 1282.9834987934887, 12579.50691411961],
    ),
    (0.5, 13.7, 60, DELTA): (
        0.9965274649924897,
        [0.08007883336655919, 0.12027863602746686, 0.32289869578063507, 1.3346318654062386, 15.191600854220754],
    ),
    (0.9, 5.0, 20, 1e-4): (
        3.279598210168748,
        [0.6504420706747149, 0.9790882125454581, 2.6548089743295606, 11.291359375471085, 100.28460904323138],
    ),
}  # dp-accounting 0.6.0, RdpAccountant with the orders 2 to 256


@pytest.mark.parametrize("case", BY_DP_ACCOUNTING)
def test_divergences_and_epsilon_are_those_of_another_library(case):
    sampling, noise, times, delta = case
    epsilon, some = BY_DP_ACCOUNTING[case]
    found = renyi(Release(noise=noise, sampling=sampling, times=times), WHOLE)
    np.testing.assert_allclose(found[[0, 1, 6, 30, 254]], some, rtol=1e-9)
    assert epsilon_of_renyi(found, delta, WHOLE) == pytest.approx(epsilon, rel=1e-9)


@pytest.mark.parametrize(("sampling", "noise", "order"), [(0.3, 1.5, 2), (0.3, 1.5, 5), (0.05, 0.8, 3), (1.0, 2.0, 4)])
def test_a_divergence_is_the_integral_of_its_definition(sampling, noise, order):
    def moment(z):
        without = norm.pdf(z, 0, noise)
        ratio = (1 - sampling) + sampling * math.exp((2 * z - 1) / (2 * noise**2))
        return without * ratio**order

    expected = math.log(quad(moment, -60, 80, limit=400, points=[0, order])[0]) / (order - 1)
    found = renyi(Release(noise=noise, sampling=sampling), np.array([order]))[0]
    assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("epsilon", "noise"), [(0.5, 2.0), (1.0, 1.0), (8.0, 0.55), (0.0, 1.0)])
def test_delta_is_what_one_answer_is_likelier_by_than_e_to_the_epsilon_allows(epsilon, noise):
    """The hockey-stick divergence of N(1, noise) from N(0, noise), by quadrature."""

    def beyond(z):
        return max(0.0, norm.pdf(z, 1, noise) - math.exp(epsilon) * norm.pdf(z, 0, noise))

    edge = 0.5 + epsilon * noise**2  # from where on it is
    expected = quad(beyond, edge, edge + 40 * noise, limit=400)[0]
    assert delta_of_gaussian(epsilon, noise) == pytest.approx(expected, rel=1e-7)


def test_epsilon_is_that_of_delta_and_of_another_library_s_distributions_of_losses():
    """dp-accounting 0.6.0, PLDAccountant, whose steps of 1e-4 round up."""
    assert epsilon_of_gaussian(4.0, 1e-5) == pytest.approx(0.9263415237343752, abs=1e-4)
    assert epsilon_of([Release(noise=2.9661858, times=30)], DELTA) == pytest.approx(8.000000025989278, abs=1e-4)
    assert delta_of_gaussian(epsilon_of_gaussian(0.7, 1e-6), 0.7) == pytest.approx(1e-6, rel=1e-6)


@pytest.mark.parametrize("noise", [0.4, 1.0, 5.0, 50.0])
def test_a_bound_by_divergences_is_above_what_is_exact(noise):
    exact = epsilon_of_gaussian(noise, 1e-5)
    by_divergence = epsilon_of_renyi(renyi(Release(noise=noise)), 1e-5)
    assert exact <= by_divergence <= 1.25 * exact + 0.05


def test_releases_one_after_the_other_add_up():
    both = [Release(noise=3.0, sampling=0.2, times=7), Release(noise=2.0)]
    divergence = renyi(both[0]) + renyi(both[1])
    assert epsilon_of(both, 1e-5) == epsilon_of_renyi(divergence, 1e-5)
    together = epsilon_of([Release(noise=3.0, times=5), Release(noise=2.0)], 1e-5)
    assert together == pytest.approx(epsilon_of_gaussian((5 / 9 + 1 / 4) ** -0.5, 1e-5))
    assert epsilon_of([], 1e-5) == epsilon_of([Release(noise=1.0, times=0)], 1e-5) == 0


@pytest.mark.parametrize(("epsilon", "sampling"), [(0.3, 1.0), (8.0, 1.0), (8.0, 0.3)])
def test_noise_is_enough_and_no_more(epsilon, sampling):
    def plan(much):
        return [Release(noise=2 * much), Release(noise=3 * much, sampling=sampling, times=9)]

    much = calibrated(plan, epsilon, 1e-4)
    assert keeps(plan(much), epsilon, 1e-4)
    assert not keeps(plan(0.999 * much), epsilon, 1e-4)
    assert epsilon_of(plan(much), 1e-4) == pytest.approx(epsilon, rel=1e-6)


def test_what_no_noise_can_keep_is_refused():
    with pytest.raises(ValueError, match="got epsilon 1e-09 and delta 1e-09; no noise gives away so little"):
        calibrated(lambda much: [Release(noise=much * 1e-6)], 1e-9, 1e-9)
