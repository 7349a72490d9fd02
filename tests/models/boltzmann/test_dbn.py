"""Deep belief networks, against the sum over all their states."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS
from recsys.models.boltzmann.binary import BinaryUnits, chances
from recsys.models.boltzmann.config import DBNConfig, FineTuningConfig
from recsys.models.boltzmann.deep.dbn import DBN
from recsys.models.boltzmann.deep.tuning import fine_tuned, missed
from recsys.models.boltzmann.deep.unrolled import drawn, unrolled
from recsys.models.boltzmann.machine import Batch, Parameters, free_energy, sigmoid
from recsys.models.boltzmann.rbm_gaussian import GaussianRBM
from recsys.models.networks.choices import choice_loss
from recsys.models.simple.baseline import Baseline
from recsys.training import Training
from tests.models.boltzmann.enumeration import all_hidden, machine_of
from tests.support.small_models import made_small, ratings

CONFIG = made_small(DBNConfig())
SEEN = all_hidden(4)  # (16, 4) every state of four visible units


def log_prior(machine: Parameters) -> np.ndarray:
    """(2^D,) log chance of all states of a machine's visible units."""
    states = all_hidden(len(machine["visible_bias"]))
    log_weight = -free_energy(BinaryUnits(), Batch(values=states, is_unit=np.ones((len(states), 1))), machine)
    return log_weight - np.logaddexp.reduce(log_weight)


def log_given(machine: Parameters, hidden: np.ndarray) -> np.ndarray:
    """(2^4, H) log P(v | h) of all states of the visible units."""
    odds = hidden @ machine["weights"].T + machine["visible_bias"]
    return SEEN @ odds.T - np.logaddexp(0, odds).sum(axis=1)


def log_chance(below: Parameters, above: Parameters) -> np.ndarray:
    """(2^4,) log P(v) of a network whose upper machine is the prior of the lower one's hidden units."""
    return np.logaddexp.reduce(log_given(below, all_hidden(3)) + log_prior(above), axis=1)


def bound(below: Parameters, above: Parameters) -> np.ndarray:
    """(2^4,) Hinton, Osindero and Teh's: hidden units are told from visible ones as the lower machine alone tells."""
    on = chances(SEEN, below)[:, None]  # (2^4, 1, 3)
    log_posterior = np.log(np.where(all_hidden(3) > 0, on, 1 - on)).sum(axis=2)
    joint = log_given(below, all_hidden(3)) + log_prior(above)
    return (np.exp(log_posterior) * (joint - log_posterior)).sum(axis=1)


def turned(machine: Parameters) -> Parameters:
    """The machine upside down."""
    turned = {"weights": machine["weights"].T, "visible_bias": machine["hidden_bias"]}
    return turned | {"hidden_bias": machine["visible_bias"]}


def test_with_its_lower_machine_turned_on_its_head_above_it_is_the_lower_machine():
    below = machine_of(4, n_hidden=3)
    np.testing.assert_allclose(log_chance(below, turned(below)), log_prior(below), rtol=1e-12)
    np.testing.assert_allclose(bound(below, turned(below)), log_prior(below), rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_that_a_layer_more_improves_is_never_above_the_likelihood(seed):
    below, above = machine_of(4, seed, n_hidden=3), machine_of(3, seed + 10, n_hidden=2)
    assert np.exp(log_chance(below, above)).sum() == pytest.approx(1)
    gap = log_chance(below, above) - bound(below, above)
    assert (gap > 0).all()
    assert gap.max() > 0.01


def test_the_bound_rises_by_what_the_machine_above_explains_better():
    """Its own part of the bound is how likely the hidden units are to it, and no other part depends on it."""
    below, above = machine_of(4, 0, n_hidden=3), machine_of(3, 11, n_hidden=2)
    on = chances(SEEN, below)[:, None]
    posterior = np.where(all_hidden(3) > 0, on, 1 - on).prod(axis=2)
    explained = posterior @ (log_prior(above) - log_prior(turned(below)))
    np.testing.assert_allclose(bound(below, above) - bound(below, turned(below)), explained, rtol=1e-10)


def test_unrolled_it_goes_up_through_all_machines_and_down_again():
    below, above = machine_of(4, 0, n_hidden=3), machine_of(3, 1, n_hidden=2)
    code = chances(chances(0.5 * SEEN, below), above)
    back = sigmoid(code @ above["weights"].T + above["visible_bias"])
    expected = back @ below["weights"].T + below["visible_bias"]
    np.testing.assert_allclose(unrolled([below, above], 0.5)(SEEN), expected, rtol=1e-6)


def test_of_one_machine_that_is_not_tuned_stars_are_those_of_the_machine():
    train = Interactions(ratings(1))
    config = replace(CONFIG, star_units=(6,), list_units=(6,), tunes=False)
    model = DBN(config).fit(train)
    machine = GaussianRBM(
        replace(GaussianRBM().config, n_hidden=6, variance=config.variance, learning=config.stars)
    ).fit(train)
    np.testing.assert_allclose(model.predict(train.histories), machine.predict(train.histories), rtol=1e-5)


@pytest.mark.parametrize("pretrains", [True, False])
def test_layers_that_have_not_learned_anything_say_offsets_and_how_often_films_are_chosen(pretrains):
    train = ratings(1)
    still = replace(CONFIG.stars, learning_rate=1e-9, init_scale=1e-9)
    config = replace(CONFIG, stars=still, choices=still, above=still, pretrains=pretrains, tunes=False)
    model, nobody = DBN(config).fit(Interactions(train)), Histories(sp.csr_array((1, train.shape[1]), dtype=np.float32))
    if pretrains:
        expected = Baseline().fit(Interactions(train)).predict(Histories(train))
        np.testing.assert_allclose(model.predict(Histories(train)), expected, atol=1e-5)
        grades = np.maximum(train.toarray() - 1, 0).sum(axis=0) / 4 + 1
        np.testing.assert_allclose(np.exp(model.score(nobody)[0]), grades / grades.sum(), rtol=1e-4)
    assert np.exp(model.score(Histories(train))).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("loss", [missed, choice_loss])
def test_tuning_goes_down_the_slope_of_what_it_says_it_minimises(loss):
    """The first of Adam's steps tells the signs of a gradient, here of one batch with nothing hidden."""
    told = sp.csr_array(np.random.default_rng(0).random((5, 4)) * (SEEN[:5, ::-1] > 0))
    config = FineTuningConfig(epochs=1, batch_size=5, learning_rate=1e-4, forgets=0.0, l2=0.1)
    before, after = (drawn(4, (3, 2), np.random.default_rng(1)) for _ in range(2))
    fine_tuned(after, told, told, loss, config, Training())

    def objective() -> float:
        squares = sum(float(np.sum(kernel.astype(float) ** 2)) for kernel in before.kernels)
        return loss(before(told).astype(float), told)[0] / 5 + 0.05 * squares

    for old, new in zip(before.parameters, after.parameters, strict=True):
        for place in np.ndindex(old.shape):
            kept, step = old[place], np.float32(2e-2)
            ends = []
            for end in (kept + step, kept - step):
                old[place] = end
                ends.append(objective())
            old[place] = kept
            slope = (ends[0] - ends[1]) / float(2 * step)
            if abs(slope) > 1e-3:
                assert np.sign(new[place] - kept) == -np.sign(slope)


def test_half_stars_and_settings_that_leave_out_a_step_are_answered():
    train = ratings(2)
    train.data -= 0.5
    found = [
        DBN(replace(CONFIG, pretrains=pretrains, tunes=tunes), HALF_STARS).fit(Interactions(train))
        for pretrains, tunes in ((True, True), (True, False), (False, True))
    ]
    stars = [model.predict(Histories(train)) for model in found]
    assert all(np.isfinite(each).all() for each in stars)
    assert not np.allclose(stars[0], stars[1])
    assert not np.allclose(found[0].score(Histories(train)), found[2].score(Histories(train)))


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (DBNConfig, {"star_units": ()}, "sizes >= 1, one at least"),
        (DBNConfig, {"list_units": (5, 0)}, "sizes >= 1, one at least"),
        (DBNConfig, {"variance": 0.0}, "variance > 0 and prior > 0"),
        (FineTuningConfig, {"forgets": 1.0}, r"forgets in \[0, 1\)"),
        (FineTuningConfig, {"epochs": 0}, "epochs and batch_size >= 1"),
        (FineTuningConfig, {"l2": -1.0}, "learning_rate > 0 and l2 >= 0"),
    ],
)
def test_settings_out_of_range_are_refused(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        kind(**wrong)
