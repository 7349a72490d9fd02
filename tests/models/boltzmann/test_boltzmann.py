"""The machine without hidden units, against the sum over all its states, finite differences and scikit-learn."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS
from recsys.models.boltzmann import pseudo_likelihood
from recsys.models.boltzmann.boltzmann import Boltzmann
from recsys.models.boltzmann.config import BoltzmannConfig
from recsys.models.boltzmann.pseudo_likelihood import gibbs, pseudo_slopes, tied
from recsys.ranking import top_k
from recsys.testing.synthetic import checkerboard
from recsys.training import Training
from tests.support.small_models import made_small, ratings

CONFIG = made_small(BoltzmannConfig())


def machine_of(n_units: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric weights and biases of a size that matters, float64."""
    rng = np.random.default_rng(seed)
    return 2 * tied(rng.normal(0, 0.5, (n_units, n_units))), rng.normal(0, 0.5, n_units)


def all_states(n_units: int) -> np.ndarray:
    return np.array(list(product((0.0, 1.0), repeat=n_units)))


def log_chances(weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(2^I,) of all states, divided by their sum, Z."""
    states = all_states(len(bias))
    log_weight = np.sum(states @ weights * states, axis=1) / 2 + states @ bias  # minus the energy
    return log_weight - np.logaddexp.reduce(log_weight)


def moments(states: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """(I, I) how often two units are on together."""
    return (chances[:, None] * states).T @ states


def test_the_likelihood_s_gradient_is_what_is_on_together_less_what_the_machine_has_on():
    """Ackley, Hinton and Sejnowski's rule, over all 256 states of eight units."""
    (weights, bias), states = machine_of(8), all_states(8)
    seen, step = np.array([3, 3, 77, 200]), 1e-5
    told = np.bincount(seen, minlength=256) / len(seen)
    exact = moments(states, told) - moments(states, np.exp(log_chances(weights, bias)))
    for i, j in ((0, 1), (2, 7), (5, 6)):
        up, down = weights.copy(), weights.copy()
        for moved, by in ((up, step), (down, -step)):
            moved[i, j] += by
            moved[j, i] += by
        found = (told @ log_chances(up, bias) - told @ log_chances(down, bias)) / (2 * step)
        assert found == pytest.approx(exact[i, j], abs=1e-8)


def test_a_score_is_the_log_odds_that_all_states_give_a_film_whatever_is_known_of_it():
    weights, bias = machine_of(6)
    model = Boltzmann().restore({"weights": weights, "bias": bias})
    states, chances = all_states(6), log_chances(weights, bias).reshape([2] * 6)
    scores = model.score(Histories(sp.csr_array(5 * states.astype(np.float32))))
    for film in range(6):
        odds = np.diff(np.moveaxis(chances, film, 0), axis=0)[0].ravel()  # on less off, others as they are
        for on in (0, 1):
            np.testing.assert_allclose(scores[states[:, film] == on, film], odds, rtol=1e-4, atol=1e-5)


def test_slopes_are_those_of_finite_differences():
    (weights, bias), states = machine_of(5), sp.csr_array(all_states(5)[::3])
    by_weights, by_bias, _ = pseudo_slopes(states, weights, bias)

    def nats(weights: np.ndarray, bias: np.ndarray) -> float:
        odds = states @ weights + bias
        return float(np.sum(np.log(1 + np.exp(odds)) - states.toarray() * odds))

    assert pseudo_slopes(states, weights, bias)[2] == pytest.approx(nats(weights, bias))
    for i, j in product(range(5), range(5)):
        moved = np.zeros((5, 5))
        moved[i, j] += 1e-5
        found = (nats(weights + moved, bias) - nats(weights - moved, bias)) / 2e-5
        assert by_weights[i, j] == pytest.approx(found, abs=1e-6)
        both = moved + moved.T  # one number in two places
        found = (nats(weights + both, bias) - nats(weights - both, bias)) / 4e-5
        assert i == j or tied(by_weights)[i, j] == pytest.approx(found, abs=1e-6)
        assert tied(by_weights)[i, i] == 0
    for i, moved in enumerate(1e-5 * np.eye(5)):
        found = (nats(weights, bias + moved) - nats(weights, bias - moved)) / 2e-5
        assert by_bias[i] == pytest.approx(found, abs=1e-6)


def test_columns_that_are_not_tied_are_scikit_learn_s_logistic_regressions():
    states = (np.random.default_rng(0).random((80, 5)) < 0.4).astype(float)
    weights, bias = np.zeros((5, 5)), np.zeros(5)
    for unit in range(5):
        others = np.delete(np.arange(5), unit)
        referee = LogisticRegression(C=1 / 3.0, tol=1e-8).fit(states[:, others], states[:, unit])
        weights[others, unit], bias[unit] = referee.coef_[0], referee.intercept_[0]
    by_weights, by_bias, _ = pseudo_slopes(sp.csr_array(states), weights, bias)
    left = by_weights + 3.0 * weights
    np.testing.assert_allclose(left[~np.eye(5, dtype=bool)], 0, atol=1e-4)
    np.testing.assert_allclose(by_bias, 0, atol=1e-4)


def test_weights_are_recovered_from_what_a_known_machine_draws(monkeypatch):
    monkeypatch.setattr(pseudo_likelihood, "BLOCK", 50_000)  # so few units take all people at once
    weights, bias = machine_of(6, seed=1)
    rng, chances = np.random.default_rng(2), np.exp(log_chances(weights, bias))
    drawn = all_states(6)[rng.choice(64, 50_000, p=chances)]
    config = BoltzmannConfig(l2=0.0, epochs=70, learning_rate=0.1)
    model = Boltzmann(config).fit(Interactions(sp.csr_array(5 * drawn.astype(np.float32))))
    np.testing.assert_allclose(model.weights, weights, atol=0.1)
    np.testing.assert_array_equal(model.weights, model.weights.T)
    assert not np.diag(model.weights).any()


def test_imaginary_viewers_like_films_together_as_often_as_all_states_say():
    weights, bias = machine_of(6)
    states, chances = all_states(6), np.exp(log_chances(weights, bias))
    viewers = Boltzmann().restore({"weights": weights, "bias": bias}).imagine(4000, np.random.default_rng(0), 30)
    exact, found = moments(states, chances), moments(viewers.astype(float), np.full(4000, 1 / 4000))
    assert (np.abs(found - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000)).all()
    assert np.ptp(exact) > 0.3
    again = gibbs(weights, bias, 4000, 30, np.random.default_rng(0))
    np.testing.assert_array_equal(again > 0, viewers)


def test_at_first_films_stand_by_how_often_they_are_liked_and_only_likes_count():
    train = ratings(1)
    still = replace(CONFIG, epochs=1, learning_rate=1e-9, prior=2.0)
    n_likes = np.asarray((train >= 4).sum(axis=0)).ravel()
    expected = np.log((n_likes + 2) / (train.shape[0] + 2 - n_likes))
    model = Boltzmann(still, HALF_STARS).fit(Interactions(train))
    nobody = Histories(sp.csr_array((1, train.shape[1]), dtype=np.float32))
    np.testing.assert_allclose(model.score(nobody)[0], expected, rtol=1e-5)
    learned = Boltzmann(replace(CONFIG, feedback="binary")).fit(Interactions(train))
    dislikes = Histories(sp.csr_array(np.where(train.toarray() < 4, train.toarray(), 0)))
    np.testing.assert_allclose(learned.score(dislikes), np.tile(learned.bias, (train.shape[0], 1)))
    assert np.ptp(learned.weights) > 0


def test_an_answer_is_told_grades():
    train = ratings(1)
    model = Boltzmann(CONFIG).fit(Interactions(train))
    grades = np.where(train.toarray() > 0, (train.toarray() - 1) / 4, 0)
    expected = grades @ model.weights + model.bias
    np.testing.assert_allclose(model.score(Histories(train)), expected, rtol=1e-4, atol=1e-5)


def test_tastes_are_learned():
    told, board = [], Interactions(checkerboard(60, 20))
    training = Training(on_progress=lambda *step, nats: told.append(nats))
    model = Boltzmann(BoltzmannConfig(l2=1.0)).fit(board, training)
    assert told[-1] < 0.7 * told[0]
    ranked = top_k(model.score(Histories(board.stars)), board.stars, 1)[:, 0]
    assert (ranked % 2 == np.arange(60) % 2).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"feedback": "stars"}, "feedback 'graded' or 'binary'"),
        ({"l2": -1.0}, "l2 >= 0 and epochs >= 1"),
        ({"prior": 0.0}, "prior > 0 and learning_rate > 0"),
        ({"liked_from": -1.0}, "liked_from above 0 stars"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        BoltzmannConfig(**wrong)
