"""What a trained network computes in NumPy, against loops and SciPy, on scales of every kind and without Keras."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import expit, log_softmax
from scipy.stats import logistic

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import PLACES, NetworkWeights, product, weight_shapes
from recsys.models.networks.histories import standardised, summed
from recsys.models.networks.ordered_stars import STEEPEST, sigmoid
from recsys.models.numeric.shared_columns import Packed

TO_TEN = RatingScale(lowest=1.0, highest=10.0)
BY_THREES = RatingScale(lowest=2.0, highest=8.0, step=3.0)
every_scale = pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, TO_TEN, BY_THREES])
N_FILMS, L2 = 6, 3.0
CONFIG = MultVAEConfig(n_hidden=5, n_star_units=4, n_latent=3)


def network(scale: RatingScale) -> NetworkWeights:
    """Random weights; stars around the middle of the scale."""
    rng, shapes = np.random.default_rng(0), weight_shapes(CONFIG, scale, N_FILMS)
    weights = NetworkWeights(**{name: rng.normal(0, 0.7, shapes[name]).astype(np.float32) for name in shapes})
    first = np.float32(scale.lowest + 0.4 * scale.step)
    return weights._replace(mean=np.float32(scale.middle), spread=np.float32(0.6), first=first)


def histories(scale: RatingScale) -> sp.csr_array:
    """Four people: two who rated some films, one who gave the lowest stars alone, one who rated nothing."""
    rng = np.random.default_rng(1)
    stars = rng.choice(scale.levels, (4, N_FILMS)) * (rng.random((4, N_FILMS)) < 0.7)
    stars[2], stars[3] = scale.lowest * np.array([1, 0, 1, 0, 0, 0]), 0
    return sp.csr_array(stars.astype(np.float32))


@every_scale
def test_features_are_grades_of_length_one_and_surprises_at_the_stars_given(scale):
    weights, history = network(scale), histories(scale)
    found, generosity, log_var = weights.features(history, L2, scale)
    for person, stars in enumerate(history.toarray().astype(float)):
        rated = np.flatnonzero(stars)
        grades = (stars[rated] - scale.lowest) / (scale.step * (len(scale.levels) - 1))
        residuals = stars[rated] - weights.mean - weights.item_offset[rated]
        offset = residuals.sum() / (len(rated) + L2)
        expected = np.zeros(2 * N_FILMS)
        expected[rated] = grades / max(np.linalg.norm(grades), 1e-3)
        expected[rated + N_FILMS] = (residuals - offset) / np.sqrt(len(rated) + 1)
        np.testing.assert_allclose(found[[person]].toarray()[0], expected, rtol=1e-5, atol=1e-6)
        assert generosity[person, 0] == pytest.approx(offset / 0.6, rel=1e-5, abs=1e-6)
        assert log_var[person, 0] == pytest.approx(np.log(L2 / (len(rated) + L2)), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("n_people", [4, 12])
def test_a_taste_is_the_generosity_and_what_two_layers_say(n_people):
    """Few people are multiplied row by row, many at once."""
    weights = network(HALF_STARS)
    rng = np.random.default_rng(2)
    features, generosity, log_var = rng.normal(size=(n_people, 2 * N_FILMS)), *rng.normal(size=(2, n_people, 1))
    mean, spread = weights.encode(Packed.of(sp.csr_array(features)), generosity, log_var)
    known = np.column_stack([np.tanh(features @ weights.hidden_kernel + weights.hidden_bias), generosity])
    expected = known @ weights.taste_mean_kernel + weights.taste_mean_bias
    np.testing.assert_allclose(mean, np.column_stack([generosity, expected]), rtol=1e-5)
    expected = known @ weights.taste_log_var_kernel + weights.taste_log_var_bias
    np.testing.assert_allclose(spread, np.column_stack([log_var, expected]), rtol=1e-5)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_log_variance_of_a_taste_is_kept_in_bounds(sign):
    weights = network(WHOLE_STARS)
    weights = weights._replace(taste_log_var_bias=np.full(2, sign * 1e5, dtype=np.float32))
    _, log_var = weights.encode(Packed.of(sp.csr_array((1, 2 * N_FILMS))), np.zeros((1, 1)), np.zeros((1, 1)))
    assert log_var.tolist() == [[0, sign * STEEPEST, sign * STEEPEST]]


def test_chances_are_a_softmax_and_stay_finite_where_logits_are_large():
    weights, z = network(WHOLE_STARS), np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    for scaled in (weights, weights._replace(choice_bias=1e4 * weights.choice_bias)):
        logits = np.tanh(z @ scaled.decoder_kernel + scaled.decoder_bias) @ scaled.choice_kernel + scaled.choice_bias
        np.testing.assert_allclose(scaled.log_chances(z), log_softmax(logits, axis=1), rtol=1e-4, atol=1e-5)


def test_stars_lie_around_the_film_s_the_person_s_and_the_taste_s():
    weights, z = network(WHOLE_STARS), np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    taste = np.tanh(z @ weights.star_taste_kernel + weights.star_taste_bias)
    expected = taste @ weights.star_items_kernel + weights.star_items_bias + weights.generosity * z[:, [0]]
    np.testing.assert_allclose(weights.centres(z), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(weights.centres(z, np.array([4, 1])), expected[:, [4, 1]], rtol=1e-4, atol=1e-5)


@every_scale
def test_levels_are_slices_of_a_logistic_curve(scale):
    weights, z = network(scale), np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    gaps = np.exp(weights.log_gaps.astype(float))
    cuts = [float(weights.first) + gaps[:place].sum() for place in range(len(scale.levels) - 1)]
    curve = logistic(weights.centres(z)[..., np.newaxis], np.exp(weights.log_width))
    below = np.concatenate([np.zeros((7, 6, 1)), curve.cdf(np.array(cuts)), np.ones((7, 6, 1))], axis=2)
    np.testing.assert_allclose(weights.distribution(z, len(scale.levels)), np.diff(below, axis=2), rtol=1e-4, atol=1e-6)
    for level in range(len(scale.levels)):
        np.testing.assert_allclose(
            weights.at_least(z, level, len(scale.levels)), 1 - below[..., level], rtol=1e-4, atol=1e-6
        )
    some = weights.distribution(z, len(scale.levels), np.array([5, 0]))
    np.testing.assert_allclose(some, weights.distribution(z, len(scale.levels))[:, [5, 0]], rtol=1e-4, atol=1e-6)


def test_a_sigmoid_of_any_logit_is_finite():
    logits = np.array([-1e6, -100, -2, 0, 2, 100, 1e6], dtype=np.float32)
    np.testing.assert_allclose(sigmoid(logits), expit(logits), rtol=1e-5, atol=1e-30)


def test_sums_and_products_are_those_of_plain_matrices():
    assert summed(np.array([1.0, 2, 4]), np.array([0, 0, 2]), 4).tolist() == [[3], [0], [4], [0]]
    right = np.random.default_rng(0).normal(size=(3, 2))
    for n_rows in (0, 1, 4, 5, 9):
        left = np.random.default_rng(1).normal(size=(n_rows, 3))
        np.testing.assert_allclose(product(left, right), left @ right)
        assert product(left, right).shape == (n_rows, 2)


@every_scale
def test_standardised_stars_run_from_1_to_5_with_as_many_levels(scale):
    stars, five = standardised(sp.csr_array(scale.levels[np.newaxis]), scale)
    np.testing.assert_allclose(stars.data, np.linspace(1, 5, len(scale.levels)), rtol=1e-6)
    np.testing.assert_allclose(five.levels, np.linspace(1, 5, len(scale.levels)), rtol=1e-12)


def encoded(network, history, scale):
    features, *generosity = network.features(history, L2, scale)
    return network.encode(Packed.of(features), *generosity)


@every_scale
def test_a_network_put_on_a_scale_says_of_its_stars_what_it_said_of_those_from_1_to_5(scale):
    history = histories(scale)
    of_five, five = standardised(history, scale)
    before, z = network(five), np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    after = before.on(scale)
    for ours, theirs in zip(
        encoded(after, history, scale),
        encoded(before, of_five, five),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    places = (before.centres(z) - 1) / 4
    np.testing.assert_allclose(scale.grade(after.centres(z)), places, rtol=1e-4, atol=1e-5)
    n_levels = len(scale.levels)
    np.testing.assert_allclose(after.distribution(z, n_levels), before.distribution(z, n_levels), rtol=1e-3, atol=1e-6)
    np.testing.assert_array_equal(after.log_chances(z), before.log_chances(z))


def saved(path: Path, networks: list[NetworkWeights]) -> Path:
    """A file as Keras writes it."""
    with h5py.File(path, "w") as file:
        for number, weights in enumerate(networks):
            group = file.create_group("layers/mult_vae_network" + (f"_{number}" if number else ""))
            for name, place in PLACES.items():
                group[place] = getattr(weights, name)
    return path


@every_scale
def test_networks_are_read_in_their_order(scale, tmp_path):
    """With numbers at the limits of what may be exponentiated, or divides."""
    first = network(scale)
    second = first._replace(spread=np.float32(2e-6), log_gaps=0 * first.log_gaps - 30, log_width=np.float32(30))
    config = replace(CONFIG, n_networks=2)
    for found, expected in zip(
        NetworkWeights.read(saved(tmp_path / "w.h5", [first, second]), config, scale, N_FILMS),
        [first, second],
        strict=True,
    ):
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "value", "limits"),
    [
        ("spread", 0.0, "1e-06 to 1e\\+06"),
        ("spread", 1.1e6, "1e-06 to 1e\\+06"),
        ("log_gaps", 30.5, "-30 to 30"),
        ("log_gaps", -30.5, "-30 to 30"),
        ("log_width", 30.5, "-30 to 30"),
        ("log_width", -30.5, "-30 to 30"),
        ("choice_bias", 1.1e6, "-1e\\+06 to 1e\\+06"),
    ],
)
def test_numbers_that_answers_would_drown_in_are_refused(name, value, limits, tmp_path):
    weights = network(WHOLE_STARS)
    spoilt = weights._replace(**{name: (0 * getattr(weights, name) + value).astype(np.float32)})
    with pytest.raises(ValueError, match=f"numbers at .*{PLACES[name]} are from .*; expected {limits}"):
        NetworkWeights.read(saved(tmp_path / "w.h5", [spoilt]), replace(CONFIG, n_networks=1), WHOLE_STARS, N_FILMS)


@every_scale
def test_arrays_are_as_large_as_the_settings_say(scale):
    shapes = weight_shapes(replace(CONFIG, n_hidden=7), scale, 11)
    assert set(shapes) == set(NetworkWeights._fields)
    assert (shapes["hidden_kernel"], shapes["hidden_bias"]) == ((22, 7), (7,))
    assert (shapes["taste_mean_kernel"], shapes["taste_log_var_kernel"]) == ((8, 2), (8, 2))
    assert (shapes["decoder_kernel"], shapes["choice_kernel"], shapes["choice_bias"]) == ((3, 7), (7, 11), (11,))
    assert (shapes["star_taste_kernel"], shapes["star_items_kernel"]) == ((3, 4), (4, 11))
    assert (shapes["log_gaps"], shapes["first"], shapes["item_offset"]) == ((len(scale.levels) - 2,), (), (11,))
