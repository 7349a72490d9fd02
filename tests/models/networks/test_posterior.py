"""Normal posteriors: their divergence against quadrature, their gradients against finite differences."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from recsys.models.networks.posterior import STEEPEST, Annealing, Posterior


def drawn(n_people: int = 4, n_latent: int = 3) -> Posterior:
    rng = np.random.default_rng(0)
    return Posterior(rng.normal(size=(n_people, n_latent)), rng.normal(size=(n_people, n_latent)))


def test_a_divergence_is_the_integral_of_the_log_odds():
    """One dimension after the other, by quadrature over 12 standard deviations."""
    posterior = drawn()
    expected = np.zeros(4)
    for (person, dimension), mean in np.ndenumerate(posterior.mean):
        one = norm(mean, np.exp(posterior.log_var[person, dimension] / 2))

        def odds(z: float, one=one) -> float:
            return float(one.pdf(z) * (one.logpdf(z) - norm.logpdf(z)))

        expected[person] += quad(odds, mean - 12 * one.std(), mean + 12 * one.std())[0]
    np.testing.assert_allclose(posterior.divergence(), expected, rtol=1e-7)


def test_nothing_is_diverged_from_by_the_prior():
    assert Posterior(np.zeros((2, 3)), np.zeros((2, 3))).divergence().tolist() == [0, 0]


def test_draws_have_the_mean_and_the_variance():
    posterior = Posterior(np.full((20_000, 1), 3.0), np.full((20_000, 1), np.log(4.0)))
    found = posterior.draw(np.random.default_rng(0).standard_normal((20_000, 1)))
    assert (found.mean(), found.var()) == pytest.approx((3, 4), rel=0.03)


def test_slopes_are_those_of_finite_differences():
    """Of a loss of the draw, squared here, plus a weighed divergence."""
    posterior, rng = drawn(), np.random.default_rng(1)
    noise, target = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    def loss(code: np.ndarray) -> float:
        found = Posterior.of(code)
        return float(np.sum((found.draw(noise) - target) ** 2) / 2 + 0.7 * found.divergence().sum())

    code = np.concatenate(posterior, axis=1)
    slopes = np.concatenate(posterior.slopes(posterior.draw(noise) - target, noise, 0.7), axis=1)
    for place in np.ndindex(code.shape):
        step = np.zeros_like(code)
        step[place] = 1e-6
        assert (loss(code + step) - loss(code - step)) / 2e-6 == pytest.approx(slopes[place], abs=1e-5)


def test_a_log_variance_beyond_all_is_kept_where_it_can_be_worked_with_and_learns_no_more():
    found = Posterior.of(np.array([[0.0, 1e5], [0.0, -1e5]]))
    assert found.log_var.ravel().tolist() == [STEEPEST, -STEEPEST]
    assert found.slopes(np.ones((2, 1)), np.ones((2, 1)), 1.0).log_var.ravel().tolist() == [0, 0]


def test_the_divergence_counts_more_with_every_step_until_it_counts_in_full():
    annealing = Annealing(0.6, 3)
    assert [annealing.next() for _ in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.6, 0.6])
