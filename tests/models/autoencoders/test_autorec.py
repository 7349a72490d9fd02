"""autorec and item-autorec, against the singular value decomposition and Bayes' rule in plain matrices."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.models.autoencoders.autorec import AutoRec
from recsys.models.autoencoders.config import AutoRecConfig, ItemAutoRecConfig
from recsys.models.autoencoders.item_autorec import ItemAutoRec, normal_of, regressed
from recsys.models.autoencoders.training import missed_cells, say_again, trained
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.simple.baseline import Baseline
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.support.small_models import ratings

SMALL = AutoRecConfig(n_hidden=6, epochs=5, batch_size=16)
TRAIN = ratings(1)


def test_a_linear_network_that_is_told_everything_finds_the_principal_axes():
    """|R - R V W|^2 / 2 + l2 (|V|^2 + |W|^2) / 2 is least where an axis of variance s^2 keeps 1 - l2 / s^2 of it."""
    rng, l2, kept = np.random.default_rng(0), 6.0, 3
    told = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 9)) + 0.4 * rng.normal(size=(40, 9))
    told -= told.mean(axis=0)
    stack = DenseStack.drawn((9, kept, 9), ("linear", "linear"), rng)
    config = AutoRecConfig(n_hidden=kept, l2=l2, epochs=500, batch_size=40, learning_rate=0.05)
    say_again(stack, sp.csr_array(told.astype(np.float32)), config, rng, Training())
    left, lengths, right = np.linalg.svd(told, full_matrices=False)
    shrunk = np.maximum(lengths[:kept] - l2 / lengths[:kept], 0)
    expected = left[:, :kept] @ np.diag(shrunk) @ right[:kept]
    np.testing.assert_allclose(stack(told), expected, atol=2e-3)
    assert np.abs(expected - told).max() > 0.5


def test_what_a_network_says_of_cells_that_nobody_rated_is_not_counted():
    told, rng = ratings(3)[:8], np.random.default_rng(0)
    said = rng.normal(size=told.shape)
    elsewhere = np.where(told.toarray() > 0, said, 100 * rng.normal(size=told.shape))
    assert not np.array_equal(said, elsewhere)
    np.testing.assert_array_equal(missed_cells(said, told), missed_cells(elsewhere, told))
    np.testing.assert_allclose(missed_cells(said, told)[told.nonzero()], said[told.nonzero()] - told.data, rtol=1e-5)


def test_stars_are_offsets_plus_what_the_network_says_of_residuals():
    model, people = AutoRec(SMALL).fit(Interactions(TRAIN), Training(seed=3)), ratings(2)[:4]
    plain = Baseline().fit(Interactions(TRAIN))
    told = np.where(people.toarray() > 0, people.toarray() - plain.predict(Histories(people)), 0)
    hidden = 1 / (1 + np.exp(-(told @ model.into_kernel + model.into_bias)))
    expected = plain.predict(Histories(people)) + hidden @ model.out_kernel + model.out_bias
    np.testing.assert_allclose(model.predict(Histories(people)), expected, atol=1e-5)


def test_a_network_may_be_told_stars_themselves():
    model, people = AutoRec(replace(SMALL, target="stars")).fit(Interactions(TRAIN)), ratings(2)[:4]
    told = np.where(people.toarray() > 0, people.toarray() - TRAIN.data.mean(), 0)
    hidden = 1 / (1 + np.exp(-(told @ model.into_kernel + model.into_bias)))
    expected = TRAIN.data.mean() + hidden @ model.out_kernel + model.out_bias
    np.testing.assert_allclose(model.predict(Histories(people)), expected, atol=1e-5)


@pytest.mark.parametrize("target", ["residuals", "stars"])
def test_both_learn_tastes_that_offsets_do_not_know(target):
    network = AutoRecConfig(target=target, n_hidden=20, l2=5.0, epochs=30, learning_rate=0.03, batch_size=32)
    whole = low_rank(200, 80, 8000, seed=0)  # so many that offsets have no share
    is_held_out = np.random.default_rng(0).random(whole.nnz) < 0.2
    train, held_out = (Interactions(whole).only(keep).stars for keep in (~is_held_out, is_held_out))
    errors = {}
    for model in (Baseline(), AutoRec(network), ItemAutoRec(ItemAutoRecConfig(network=network))):
        model.fit(Interactions(train))
        errors[type(model)] = np.sqrt(np.mean((model.stars_of(train, held_out) - held_out.data) ** 2))
    assert max(errors[AutoRec], errors[ItemAutoRec]) < 0.95 * errors[Baseline]


# ---- how people are placed among films' codes


def test_people_are_the_posterior_means_of_the_weights_that_training_people_have():
    """w = (G' G / s^2 + S^-1)^-1 (G' r / s^2 + S^-1 m), where output weights have the mean m and the covariance S."""
    config = ItemAutoRecConfig(network=SMALL, noise=0.7)
    model, people = ItemAutoRec(config).fit(Interactions(TRAIN), Training(seed=3)), ratings(2)[:5]
    by_film = model.told(TRAIN).T.tocsr()
    stack = trained(by_film, SMALL, Training(seed=3))
    codes = np.column_stack([stack.outputs(by_film)[1], np.ones(TRAIN.shape[1])]).astype(np.float64)
    weights = np.column_stack([stack.kernels[1].T, stack.biases[1]]).astype(np.float64)
    mean, precision = weights.mean(axis=0), np.linalg.inv(np.cov(weights.T, bias=True))
    told, plain = model.told(people), model.plain.predict(Histories(people))
    for person in range(5):
        items = told[[person]].indices
        seen = codes[items]
        left = seen.T @ seen / 0.7 + precision
        taste = np.linalg.solve(left, seen.T @ told[[person]].data / 0.7 + precision @ mean)
        found = model.predict(Histories(people))[person]
        np.testing.assert_allclose(found, plain[person] + codes @ taste, atol=1e-4)


def test_a_regression_is_the_conditional_normal_distribution():
    rng, noise = np.random.default_rng(0), 0.3
    codes, centre, told = rng.normal(size=(7, 3)), rng.normal(size=7), sp.csr_array([[0.5, 0, -1, 0, 0, 2, 0.0]])
    seen = told.indices
    joint = codes[seen] @ codes[seen].T + noise * np.eye(len(seen))
    expected = codes[seen].T @ np.linalg.solve(joint, told.data - centre[seen])
    np.testing.assert_allclose(regressed(told, centre, codes, noise)[0], expected)
    np.testing.assert_array_equal(regressed(sp.csr_array((1, 7)), centre, codes, noise), 0)


def test_a_normal_distribution_has_the_points_mean_and_covariance():
    points = np.random.default_rng(0).normal(size=(50, 4)) @ np.random.default_rng(1).normal(size=(4, 4)) + 3
    mean, root = normal_of(points)
    np.testing.assert_allclose(mean, points.mean(axis=0))
    np.testing.assert_allclose(root @ root.T, np.cov(points.T, bias=True))
    assert not any(part.any() for part in normal_of(points[:0]))


def test_who_rated_nothing_gets_what_the_mean_person_says():
    model = ItemAutoRec(ItemAutoRecConfig(network=SMALL)).fit(Interactions(TRAIN))
    nobody = Histories(sp.csr_array((1, TRAIN.shape[1]), dtype=np.float32))
    np.testing.assert_allclose(model.predict(nobody)[0], model.plain.predict(nobody)[0] + model.centre, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (AutoRecConfig, {"target": "ranks"}, "target 'residuals' or 'stars'"),
        (AutoRecConfig, {"n_hidden": 0}, "sizes and epochs >= 1"),
        (AutoRecConfig, {"learning_rate": 0}, "l2 >= 0 and learning_rate > 0"),
        (ItemAutoRecConfig, {"noise": 0}, "noise > 0"),
    ],
)
def test_settings_out_of_range_are_refused(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        kind(**wrong)
