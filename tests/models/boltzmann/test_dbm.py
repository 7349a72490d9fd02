"""Deep Boltzmann machines, against sums over all their states."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS
from recsys.models.boltzmann.binary import BinaryUnits
from recsys.models.boltzmann.config import ContrastiveConfig, DBMConfig, DeepMachineConfig, JointConfig
from recsys.models.boltzmann.deep.crowd import Crowd
from recsys.models.boltzmann.deep.dbm import DBM
from recsys.models.boltzmann.deep.joint import Dreams, inferred, joint_slopes, learn_jointly
from recsys.models.boltzmann.deep.pretraining import SeenTwice, ToldTwice, first_layers, joined
from recsys.models.boltzmann.machine import Batch, Parameters, free_energy, sigmoid, slopes, up
from recsys.models.boltzmann.rbm_gaussian import GaussianRBM
from recsys.models.boltzmann.visible import GaussianUnits, SoftmaxUnits
from recsys.models.simple.baseline import Baseline
from recsys.training import Training
from tests.models.boltzmann.enumeration import LEVELS, all_hidden, all_levels, energies, machine_of, told
from tests.support.small_models import made_small, ratings

CONFIG, MEAN_FIELD = made_small(DBMConfig()), JointConfig(rounds=60)
UNITS, PEOPLE = SoftmaxUnits(LEVELS, draws=True), replace(told(all_levels()), rated=None)  # 27 people, 3 films each
UPPER = all_hidden(2)  # (4, G) every state of the upper units
STATES = np.array(list(product(range(27), range(4), range(4))))  # (432, 3) of films, lower and upper units


def deep_machine(seed: int = 0, tied: float = 1.0) -> Parameters:
    """Of 3 films, 2 lower and 2 upper units, float64; tied: how strongly the layers are."""
    rng, machine = np.random.default_rng(seed + 50), machine_of(9, seed)
    del machine["rated_weights"]
    return machine | {"upper_weights": tied * rng.normal(0, 1.5, (2, 2)), "upper_bias": rng.normal(0, 0.5, 2)}


def log_weights(machine: Parameters) -> np.ndarray:
    """(27, 4, 4) minus the energy of every state of films, lower and upper units."""
    above = all_hidden() @ machine["upper_weights"] @ UPPER.T + UPPER @ machine["upper_bias"]
    return -energies(UNITS, PEOPLE, machine)[:, :, None] + above


def log_likelihood(machine: Parameters) -> np.ndarray:
    """(27,) of all ways to give levels."""
    weights = log_weights(machine)
    return np.logaddexp.reduce(weights, axis=(1, 2)) - np.logaddexp.reduce(weights, axis=None)


def chances_of(on: np.ndarray) -> np.ndarray:
    """(27, 4) of all states of two units that are on by themselves, (27, 2)."""
    return np.where(all_hidden()[None] > 0, on[:, None], 1 - on[:, None]).prod(axis=2)


def bound(machine: Parameters, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """(27,) sum of q (log P(v, h, g) - log q) over all states of hidden units, with q as these chances have it."""
    q = chances_of(lower)[:, :, None] * chances_of(upper)[:, None]
    log_joint = log_weights(machine) - np.logaddexp.reduce(log_weights(machine), axis=None)
    return np.sum(q * (log_joint - np.log(q)), axis=(1, 2))


def mean_field(machine: Parameters, config: JointConfig = MEAN_FIELD) -> tuple[np.ndarray, np.ndarray]:
    return inferred(up(UNITS, PEOPLE, machine), machine, config)


# ---- mean field


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_below_the_likelihood_and_nowhere_better_than_at_mean_field(seed):
    machine = deep_machine(seed)
    found = mean_field(machine)
    best = bound(machine, *found)
    assert np.exp(log_likelihood(machine)).sum() == pytest.approx(1)
    assert (log_likelihood(machine) - best > 0).all()
    assert (log_likelihood(machine) - best).max() > 0.01
    for layer, unit, step in product((0, 1), (0, 1), (-1e-3, 1e-3)):
        moved = [layer_of.copy() for layer_of in found]
        moved[layer][:, unit] += step * moved[layer][:, unit]
        assert (bound(machine, *moved) <= best + 1e-12).all()


def test_where_layers_are_not_tied_mean_field_is_the_posterior():
    machine = deep_machine(tied=0.0)
    lower, upper = mean_field(machine)
    np.testing.assert_allclose(lower, sigmoid(up(UNITS, PEOPLE, machine)), rtol=1e-9)
    np.testing.assert_allclose(bound(machine, lower, upper), log_likelihood(machine), rtol=1e-9)


@pytest.mark.parametrize("damping", [0.0, 0.5, 0.9])
def test_no_round_lowers_the_bound(damping):
    machine = deep_machine(1, tied=3.0)
    along = [bound(machine, *mean_field(machine, JointConfig(rounds=n, damping=damping))) for n in range(1, 30)]
    assert np.diff(along, axis=0).min() > -1e-6
    assert np.sum(along[-1] - along[0]) > 1e-4


# ---- learning


def test_slopes_are_those_of_the_bound_with_hidden_units_held():
    """Of both sides at once: where people are, less where the machine is, weighed over all states of it."""
    machine, hidden = deep_machine(2), mean_field(deep_machine(2))
    states = np.exp(log_weights(machine) - np.logaddexp.reduce(log_weights(machine), axis=None))
    found = joint_slopes(UNITS, PEOPLE, *hidden, machine)
    for films, lower, upper in STATES:
        some = Batch(values=PEOPLE.values[[films]], is_unit=PEOPLE.is_unit[[films]], generosity=np.full((1, 1), 0.4))
        dreamt = joint_slopes(UNITS, some, all_hidden()[[lower]], UPPER[[upper]], machine)
        for name, values in dreamt.items():
            found[name] = found[name] - 27 * states[films, lower, upper] * values
    assert set(found) == set(machine)
    for name, values in machine.items():
        for place in np.ndindex(values.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = machine | {name: values.copy()}
                moved[name][place] += step
                ends.append(bound(moved, *hidden).sum())
            assert found[name][place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-6), name


def test_dreams_are_as_likely_as_the_sum_over_all_states_says():
    """20 000 steps of 500 chains, each of them a mean of its own; the first 10 of each are forgotten."""
    machine, n_chains = deep_machine(3), 500
    batch = Batch(**{name: np.repeat(getattr(PEOPLE, name)[:1], n_chains, axis=0) for name in ("values", "is_unit")})
    batch = replace(batch, generosity=np.full((n_chains, 1), 0.4))
    dreams = Dreams(np.zeros((n_chains, 2), dtype=np.float32), UNITS, np.random.default_rng(1))
    everybody, sums = np.arange(n_chains), 0.0
    for step in range(50):
        dreamt, lower, upper = dreams.step(everybody, batch, machine)
        if step >= 10:
            pairs = dreamt.values[:, :, None] * lower[:, None], lower[:, :, None] * upper[:, None]
            sums = sums + np.concatenate([dreamt.values, lower, upper, *(p.reshape(n_chains, -1) for p in pairs)], 1)
    states = np.exp(log_weights(machine) - np.logaddexp.reduce(log_weights(machine), axis=None))
    v, h, g = PEOPLE.values, all_hidden(), UPPER
    pairs = np.einsum("vhg,vi,hj->ij", states, v, h), np.einsum("vhg,hi,gj->ij", states, h, g)
    ones = states.sum(axis=(1, 2)) @ v, states.sum(axis=(0, 2)) @ h, states.sum(axis=(0, 1)) @ g
    exact = np.concatenate([*ones, *(pair.ravel() for pair in pairs)])
    error = np.std(sums / 40, axis=0, ddof=1) / np.sqrt(n_chains)
    apart = (np.mean(sums / 40, axis=0) - exact) / error
    assert np.abs(apart).max() < 3
    assert np.abs(dreams.lower.mean(axis=0) - ones[1]).max() < 0.1


def test_learning_makes_what_people_did_likelier():
    likely = np.exp(log_likelihood(deep_machine(4, tied=2.0)))
    drawn = np.random.default_rng(0).choice(27, 300, p=likely)
    rows = Batch(values=PEOPLE.values, is_unit=PEOPLE.is_unit, generosity=np.full((27, 1), 0.4))

    def batch_of(people: np.ndarray) -> Batch:
        of = drawn[people]
        return Batch(values=rows.values[of], is_unit=rows.is_unit[of], generosity=rows.generosity[of])

    machine = {name: 0.1 * values for name, values in deep_machine(5).items()}
    before = log_likelihood(machine)[drawn].mean()
    config = JointConfig(epochs=15, batch_size=50, learning_rate=0.04, decay=0.0, upper_decay=0.0)
    learn_jointly(Crowd(UNITS, batch_of, 300), machine, config, Training())
    after, most = log_likelihood(machine)[drawn].mean(), np.log(likely)[drawn].mean()
    assert after - before > 0.8 * (most - before)


def test_numbers_are_drawn_around_their_mean():
    units, machine = GaussianUnits(0.3, draws=True), machine_of(3)
    is_unit = np.tile([1.0, 0.0, 1.0], (20_000, 1))
    batch, hidden = Batch(values=0 * is_unit, is_unit=is_unit), np.tile([1.0, 0.0], (20_000, 1))
    found = units.down(hidden, batch, machine, np.random.default_rng(0))
    np.testing.assert_allclose(found.mean(axis=0), units.expected(hidden, batch, machine)[0], atol=0.02)
    np.testing.assert_allclose(found.var(axis=0), [0.3, 0, 0.3], atol=0.01)


# ---- where layers begin


def test_units_that_are_seen_twice_are_those_of_a_machine_with_each_unit_twice():
    machine, states = machine_of(4), all_hidden(4)
    twice = machine | {name: np.concatenate([machine[name]] * 2) for name in ("weights", "visible_bias")}
    once = Batch(values=states, is_unit=np.ones((16, 1)))
    both = Batch(values=np.tile(states, 2), is_unit=np.ones((16, 1)))
    units = SeenTwice(BinaryUnits())
    np.testing.assert_allclose(free_energy(units, once, machine), free_energy(BinaryUnits(), both, twice))
    hidden = sigmoid(up(units, once, machine))
    found, expected = slopes(units, once, hidden, machine), slopes(BinaryUnits(), both, hidden, twice)
    np.testing.assert_allclose(found["weights"], expected["weights"][:4] + expected["weights"][4:])
    np.testing.assert_allclose(found["visible_bias"], 2 * expected["visible_bias"][:4])
    np.testing.assert_allclose(
        np.tile(units.expected(hidden, once, machine), 2), BinaryUnits().expected(hidden, both, twice)
    )


def test_units_that_are_told_twice_are_those_of_a_machine_with_each_hidden_unit_twice():
    machine, hidden = machine_of(4), all_hidden()
    twice = machine | {"weights": np.tile(machine["weights"], 2)}
    batch = Batch(values=np.zeros((4, 4)), is_unit=np.ones((4, 1)))
    expected = BinaryUnits().expected(np.tile(hidden, 2), batch, twice)
    np.testing.assert_allclose(ToldTwice().expected(hidden, batch, machine), expected)


def test_machines_that_are_joined_say_as_much_together_as_each_alone():
    below, above = machine_of(4, 0), machine_of(2, 1)
    machine, seen, upper = joined(below, above), all_hidden(4), UPPER[[1] * 16]
    batch = Batch(values=seen, is_unit=np.ones((16, 1)))
    alone = up(SeenTwice(BinaryUnits()), batch, below)
    from_above = 2 * upper @ above["weights"].T + above["visible_bias"]
    together = up(BinaryUnits(), batch, machine) + upper @ machine["upper_weights"].T
    np.testing.assert_allclose(together, (alone + from_above) / 2)
    assert machine["upper_bias"] is above["hidden_bias"]


@pytest.mark.parametrize("pretrains", [True, False])
def test_layers_begin_as_machines_or_as_chance_has_them(pretrains):
    batch = Batch(values=PEOPLE.values[:, :3].astype(np.float32), is_unit=np.ones((27, 1)))
    crowd = Crowd(BinaryUnits(), lambda people: Batch(values=batch.values[people], is_unit=batch.is_unit[people]), 27)
    config = DeepMachineConfig(n_lower=4, n_upper=3, pretrains=pretrains, below=ContrastiveConfig(learning_rate=0.1))
    machine = first_layers(crowd, np.zeros(3), config, Training())
    assert machine["upper_weights"].shape == (4, 3)
    assert (np.abs(machine["weights"]).max() > 0.1) == pretrains
    assert machine["upper_bias"].any() == pretrains


# ---- the model


def answer_of(machine: Parameters, told: np.ndarray) -> np.ndarray:
    """(I,) b + W h of somebody of whom this is told, (I,), layer by layer until they agree, in float64."""
    weights, upper = machine["weights"].astype(float), machine["upper_weights"].astype(float)
    above = np.zeros(upper.shape[1])
    for _ in range(200):
        lower = 1 / (1 + np.exp(-(told @ weights + machine["hidden_bias"] + upper @ above)))
        above = 1 / (1 + np.exp(-(lower @ upper + machine["upper_bias"])))
    return weights @ lower + machine["visible_bias"]


def test_stars_and_lists_are_what_the_lower_units_expect_when_both_layers_agree():
    train = ratings(1)
    deep = replace(CONFIG, stars=tied(CONFIG.stars), choices=tied(CONFIG.choices))
    model, row = DBM(deep).fit(Interactions(train)), train.toarray()[3]
    offsets = Baseline().fit(Interactions(train)).predict(Histories(train))[3]
    stars = model.machine("star")
    left = np.where(row > 0, row - offsets - stars["visible_bias"], 0)
    person = Histories(train[[3]])
    np.testing.assert_allclose(
        model.predict(person)[0], offsets + answer_of(stars, left / deep.variance), rtol=1e-4, atol=1e-4
    )
    logits = answer_of(model.machine("list"), np.maximum(row - 1, 0) / 4)
    np.testing.assert_allclose(model.score(person)[0], logits - np.logaddexp.reduce(logits), rtol=1e-4)


def tied(config: DeepMachineConfig) -> DeepMachineConfig:
    """With layers that tell each other much, and time to agree."""
    return replace(
        config,
        above=replace(config.above, init_scale=0.5),
        joint=replace(config.joint, rounds=100, learning_rate=0.01, upper_decay=0.0),
    )


def test_without_an_upper_layer_stars_are_those_of_one_machine():
    train = ratings(1)
    model = DBM(CONFIG).fit(Interactions(train))
    arrays = model.arrays() | {"star_upper_weights": np.zeros_like(model.star_upper_weights)}
    machine = {name.removeprefix("star_"): values for name, values in arrays.items()}
    one = GaussianRBM(replace(GaussianRBM().config, n_hidden=6, variance=CONFIG.variance)).restore(machine)
    people = Histories(train)
    np.testing.assert_allclose(DBM(CONFIG).restore(arrays).predict(people), one.predict(people), rtol=1e-5)


def test_half_stars_and_layers_from_chance_are_answered():
    train = ratings(2)
    train.data -= 0.5
    chance = replace(CONFIG, choices=replace(CONFIG.choices, pretrains=False))
    found = [DBM(config, HALF_STARS).fit(Interactions(train)) for config in (CONFIG, chance)]
    nobody = Histories(sp.csr_array((1, train.shape[1]), dtype=np.float32))
    for model in found:
        assert np.isfinite(model.predict(Histories(train))).all()
        assert np.exp(model.score(nobody)).sum() == pytest.approx(1, rel=1e-5)
    np.testing.assert_array_equal(found[0].predict(nobody), found[1].predict(nobody))
    assert not np.allclose(found[0].score(nobody), found[1].score(nobody))


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (DBMConfig, {"variance": 0.0}, "variance > 0 and prior > 0"),
        (DeepMachineConfig, {"n_upper": 0}, "n_lower and n_upper >= 1"),
        (JointConfig, {"damping": 1.0}, r"damping in \[0, 1\)"),
        (JointConfig, {"rounds": 0}, "upper_decay >= 0 and rounds >= 1"),
    ],
)
def test_settings_out_of_range_are_refused(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        kind(**wrong)
