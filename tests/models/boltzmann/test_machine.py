"""Energies, passes and gradients of machines, against the sum over all their states and scikit-learn."""

import numpy as np
import pytest
from sklearn.neural_network import BernoulliRBM

from recsys.models.boltzmann.learning import gap
from recsys.models.boltzmann.machine import Batch, Parameters, Units, free_energy, sigmoid, slopes, up
from recsys.models.boltzmann.visible import CountUnits, GaussianUnits, SoftmaxUnits, softmax
from tests.models.boltzmann.enumeration import (
    LEVELS,
    N_FILMS,
    N_LEVELS,
    all_hidden,
    all_levels,
    energies,
    levels_of,
    log_chances,
    machine_of,
    told,
)

SOFTMAX, GAUSSIAN = SoftmaxUnits(LEVELS), GaussianUnits(0.8)
SOME = np.array([[0, 2, -1], [1, 1, 0], [-1, -1, -1], [2, 0, 1]])  # levels of three films, -1 = unrated


def gaussian_people() -> Batch:
    values, rated = np.random.default_rng(3).normal(size=(4, N_FILMS)), (SOME >= 0).astype(float)
    return Batch(values=values * rated, is_unit=rated)


def choosers() -> Batch:
    counts = np.array([[2.0, 0.0, 1.0], [0.5, 0.25, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    return Batch(values=counts, is_unit=counts.sum(axis=1, keepdims=True))


KINDS = {
    "levels": (SOFTMAX, told(SOME), machine_of(N_FILMS * N_LEVELS)),
    "real": (GAUSSIAN, gaussian_people(), machine_of(N_FILMS)),
    "counts": (CountUnits(), choosers(), machine_of(N_FILMS)),
}
every_kind = pytest.mark.parametrize(("units", "people", "machine"), KINDS.values(), ids=KINDS)


@every_kind
def test_the_free_energy_is_that_of_all_states_of_the_hidden_units(units, people, machine):
    summed = -np.logaddexp.reduce(-energies(units, people, machine), axis=1)
    np.testing.assert_allclose(free_energy(units, people, machine), summed, rtol=1e-12)


@every_kind
def test_a_hidden_unit_is_on_as_often_as_all_states_say(units, people, machine):
    weight = np.exp(-energies(units, people, machine))  # (B, 2^F)
    expected = weight @ all_hidden() / weight.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sigmoid(up(units, people, machine)), expected, rtol=1e-12)


@every_kind
def test_slopes_are_derivatives_of_minus_the_free_energy(units, people, machine):
    found = slopes(units, people, sigmoid(up(units, people, machine)), machine)
    for name, slope in found.items():
        expected = differences(lambda other: -free_energy(units, people, other).sum(), machine, name)
        np.testing.assert_allclose(slope, expected, atol=1e-7, err_msg=name)


def differences(function, machine: Parameters, name: str, step: float = 1e-5) -> np.ndarray:
    """Derivatives of a function of the machine by one of its parameters, by central differences."""
    found = np.zeros_like(machine[name])
    for place in np.ndindex(found.shape):
        moved = [machine | {name: machine[name].copy()} for _ in range(2)]
        moved[0][name][place] += step
        moved[1][name][place] -= step
        found[place] = (function(moved[0]) - function(moved[1])) / (2 * step)
    return found


@pytest.mark.parametrize("name", ["weights", "visible_bias", "hidden_bias", "generosity", "rated_weights"])
def test_the_likelihood_s_gradient_is_what_the_data_pull_less_what_the_machine_does(name):
    """Over the 27 states of three films, Z and all: Ackley, Hinton and Sejnowski's rule."""
    machine, data, everything = machine_of(N_FILMS * N_LEVELS), np.array([3, 3, 17, 26]), told(all_levels())
    chances = np.exp(log_chances(SOFTMAX, machine))
    assert chances.sum() == pytest.approx(1)

    def pull(state: int) -> np.ndarray:
        one = told(all_levels()[[state]])
        return slopes(SOFTMAX, one, sigmoid(up(SOFTMAX, one, machine)), machine)[name]

    pulls = [pull(state) for state in range(len(everything.values))]
    exact = sum(pulls[state] for state in data) - len(data) * sum(c * p for c, p in zip(chances, pulls, strict=True))
    numeric = differences(lambda other: log_chances(SOFTMAX, other)[data].sum(), machine, name)
    np.testing.assert_allclose(exact, numeric, atol=1e-7)


def test_contrastive_divergence_that_runs_for_long_is_the_likelihood_s_gradient():
    """With levels drawn, from many chains: within three standard errors of the mean over all states."""
    machine, n_chains, n_groups = machine_of(N_FILMS * N_LEVELS, seed=2), 2500, 16
    units, chances = SoftmaxUnits(LEVELS, draws=True), np.exp(log_chances(SOFTMAX, machine))
    start, rng = all_levels()[[5]], np.random.default_rng(0)
    found = [
        gap(units, told(np.repeat(start, n_chains, axis=0)), machine, rng, n_sweeps=30)[0] for _ in range(n_groups)
    ]
    everything = told(all_levels())
    hidden = sigmoid(up(SOFTMAX, everything, machine))
    of_model = (chances[:, None] * everything.values).T @ hidden
    one = told(start)
    exact = one.values.T @ sigmoid(up(SOFTMAX, one, machine)) - of_model
    each = np.array([group["weights"] for group in found])
    error = each.std(axis=0, ddof=1) / np.sqrt(n_groups)
    assert (np.abs(each.mean(axis=0) - exact) < 4 * error + 1e-12).all()
    assert (np.abs(each.mean(axis=0) - exact) < 3 * error).mean() > 0.9
    assert np.abs(exact).max() > 20 * error.max()


def test_levels_that_are_expected_are_those_of_all_states():
    units, people, machine = KINDS["levels"]
    hidden = np.tile(all_hidden()[2], (4, 1))
    expected = units.expected(hidden, people, machine).reshape(4, N_LEVELS, N_FILMS)
    weight = np.exp(
        [-sum_energy(units, told(np.full((1, N_FILMS), level)), hidden[:1], machine) for level in range(N_LEVELS)]
    )  # (K, I)
    np.testing.assert_allclose(expected[1], weight / weight.sum(axis=0), rtol=1e-12)
    assert not expected[2].any()  # who rated nothing has no units
    assert not expected[0, :, 2].any()


def sum_energy(units: Units, batch: Batch, hidden: np.ndarray, machine: Parameters) -> np.ndarray:
    """(I,) what each film's unit adds to the energy, given hidden units."""
    weights = machine["weights"].reshape(N_LEVELS, N_FILMS, -1)
    level = int(np.argmax(batch.values.reshape(N_LEVELS, N_FILMS)[:, 0]))
    lean = machine["generosity"] * batch.generosity[0, 0] * LEVELS[level]
    return -(machine["visible_bias"].reshape(N_LEVELS, N_FILMS)[level] + lean + weights[level] @ hidden[0])


def test_draws_of_levels_come_as_often_as_their_chances_and_only_where_there_are_units():
    units, people, machine = SoftmaxUnits(LEVELS, draws=True), told(SOME[[0, 1]]), KINDS["levels"][2]
    hidden, rng = np.tile(all_hidden()[1], (2, 1)), np.random.default_rng(1)
    drawn = np.mean([units.down(hidden, people, machine, rng) for _ in range(4000)], axis=0)
    np.testing.assert_allclose(drawn, units.expected(hidden, people, machine), atol=0.04)
    assert not drawn[people.is_unit == 0].any()


def test_choices_that_are_expected_are_a_softmax_over_all_films_for_each_that_was_made():
    units, people, machine = KINDS["counts"]
    hidden = np.random.default_rng(0).random((4, 2))
    logits = np.exp(hidden @ machine["weights"].T + machine["visible_bias"])
    expected = people.values.sum(axis=1)[:, None] * logits / logits.sum(axis=1)[:, None]
    np.testing.assert_allclose(units.expected(hidden, people, machine), expected, rtol=1e-12)


@pytest.mark.parametrize("history", [[0, 2, -1], [1, -1, 2], [-1, -1, 1], [2, -1, -1]])
def test_a_level_is_predicted_by_the_sum_over_all_states_of_the_hidden_units(history):
    """Of a film that was not rated; who rated what stays what it was."""
    machine, history = machine_of(N_FILMS * N_LEVELS, seed=4), np.array([history])
    film = int(np.flatnonzero(history[0] < 0)[0])
    before = told(history)
    found = softmax(SOFTMAX.log_chances(sigmoid(up(SOFTMAX, before, machine)), before, machine), axis=1)[0, :, film]
    weights = []
    for level in range(N_LEVELS):
        after = history.copy()
        after[0, film] = level
        given = Batch(values=levels_of(after), is_unit=before.is_unit, generosity=before.generosity, rated=before.rated)
        weights.append(np.exp(-energies(SOFTMAX, given, machine)).sum())
    np.testing.assert_allclose(found, np.array(weights) / np.sum(weights), rtol=1e-10)


def test_two_levels_are_scikit_learn_s_binary_machine():
    n_films, n_hidden, rng = 6, 4, np.random.default_rng(0)
    weights, bias, hidden_bias = rng.normal(size=(n_films, n_hidden)), rng.normal(size=n_films), rng.normal(size=4)
    seen = (rng.random((9, n_films)) < 0.5).astype(float)
    referee = BernoulliRBM(n_components=n_hidden, random_state=7)
    referee.components_, referee.intercept_visible_, referee.intercept_hidden_ = weights.T, bias, hidden_bias
    machine = {
        "weights": np.vstack([np.zeros((n_films, n_hidden)), weights]),  # the lower level has none
        "visible_bias": np.concatenate([np.zeros(n_films), bias]),
        "hidden_bias": hidden_bias,
    }
    units = SoftmaxUnits(np.array([0.0, 1.0]))

    def people(states: np.ndarray) -> Batch:
        return Batch(values=np.hstack([1 - states, states]), is_unit=np.ones((len(states), 2 * n_films)))

    np.testing.assert_allclose(sigmoid(up(units, people(seen), machine)), referee.transform(seen), rtol=1e-10)
    flipped, places = seen.copy(), np.random.RandomState(7).randint(0, n_films, len(seen))
    flipped[np.arange(9), places] = 1 - flipped[np.arange(9), places]
    likelihood = free_energy(units, people(flipped), machine) - free_energy(units, people(seen), machine)
    np.testing.assert_allclose(-n_films * np.logaddexp(0, -likelihood), referee.score_samples(seen), rtol=1e-10)
