"""The generative recommender: its likelihoods against SciPy, its latent taste, its networks as Keras models."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Thread

import keras
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from scipy.stats import logistic, multinomial, norm

from recsys.artifacts.artifact import load_artifact, save_artifact
from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models import create
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.learning import trained_of
from recsys.models.mult_vae.mult_vae import MultVAE, sized
from recsys.models.mult_vae.network import (
    Forgetting,
    HistoryFeatures,
    MultVAENetwork,
    OrderedStars,
    build_decoder,
    build_encoder,
    multinomial_log_likelihood,
)
from recsys.models.mult_vae.training import Course, Study, make_network, of_a_step, step_of, untrained
from recsys.models.networks.adam import beginning
from recsys.models.numeric.threads import BLOCK
from recsys.ranking import top_k
from recsys.testing.synthetic import checkerboard, low_rank
from recsys.training import Training
from tests.support.small_models import N_ITEMS, artifact_of, carved, fitted, ratings, small_config

SMALL = small_config("mult-vae")
LEARNS = MultVAEConfig(n_networks=1, n_hidden=32, n_star_units=16, n_latent=9, batch_size=32, epochs=40)

seeds = st.integers(0, 2**32 - 1)


@cache
def small_model() -> MultVAE:
    return fitted("mult-vae", ratings(1))


def members() -> list[MultVAENetwork]:
    """The Keras networks of the small model."""
    return small_model().network().members


def star_layer(scale=WHOLE_STARS, n_items: int = 7) -> OrderedStars:
    """With thresholds that are not where they start."""
    decoder = build_decoder(n_items, scale, SMALL)
    layer = decoder.get_layer("stars")
    layer.first.assign(scale.lowest + 0.3)
    layer.log_gaps.assign(np.linspace(-1.0, 0.5, len(scale.levels) - 2))
    layer.log_width.assign(-0.4)
    return layer


def thresholds(layer: OrderedStars) -> np.ndarray:
    return np.asarray(layer.first.value) + np.concatenate([[0], np.cumsum(np.exp(np.asarray(layer.log_gaps.value)))])


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_the_likelihood_of_choices_is_scipy_s_multinomial_up_to_the_order(seed):
    rng = np.random.default_rng(seed)
    counts, logits = rng.integers(0, 4, (5, 8)), rng.normal(size=(5, 8))
    chances = log_softmax(logits, axis=1)
    found = np.asarray(multinomial_log_likelihood(chances.astype(np.float32), counts.astype(np.float32)))
    n_orders = [multinomial.logpmf(row, row.sum(), np.full(8, 1 / 8)) + row.sum() * np.log(8) for row in counts]
    expected = [
        multinomial.logpmf(row, row.sum(), np.exp(chance)) - n
        for row, chance, n in zip(counts, chances, n_orders, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("n_cores", [1, 2])
def test_a_thread_for_each_network_answers_one_person_as_one_thread_does(n_cores, monkeypatch):
    model, somebody = small_model(), Histories(ratings(2)[[3]])
    expected, begun = model.score(somebody), []
    monkeypatch.setattr("recsys.models.mult_vae.mult_vae.LONG", 0)
    monkeypatch.setattr("recsys.models.numeric.threads.os.cpu_count", lambda: n_cores)
    start = Thread.start
    monkeypatch.setattr(Thread, "start", lambda thread: begun.append(thread) or start(thread))
    np.testing.assert_array_equal(model.score(somebody), expected)
    assert bool(begun) == (n_cores > 1)


def test_stars_of_many_levels_are_told_apart_by_their_groups_alone():
    scale = RatingScale(lowest=1.0, highest=100.0)
    layer = build_decoder(2, scale, SMALL).get_layer("stars")
    np.testing.assert_allclose(thresholds(layer), 10.5 + 10 * np.arange(9), rtol=1e-5)
    np.testing.assert_allclose(np.asarray(layer.bounds())[1:-1], scale.cutpoints, rtol=1e-5)
    layer.log_width.assign(2.0)
    centre, stars = np.full((1, 100), 47.0, dtype=np.float32), np.arange(1, 101, dtype=np.float32)[None]
    cuts = np.concatenate([[-np.inf], thresholds(layer), [np.inf]])
    expected = np.log(np.diff(logistic.cdf((cuts - 47.0) / np.exp(2.0))))
    found = np.asarray(layer.log_likelihood(centre, stars))[0]
    np.testing.assert_allclose(found, np.repeat(expected, 10), rtol=1e-3)
    assert layer.distribution(centre).shape == (1, 100, 100)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS])
def test_the_likelihood_of_stars_is_a_difference_of_scipy_s_logistic(scale):
    layer = star_layer(scale)
    rng = np.random.default_rng(0)
    centre, level = rng.normal(3, 2, (4, 7)).astype(np.float32), rng.integers(0, len(scale.levels), (4, 7))
    stars = scale.levels[level].astype(np.float32)
    cuts, width = np.concatenate([[-np.inf], thresholds(layer), [np.inf]]), np.exp(-0.4)
    expected = logistic.cdf((cuts[level + 1] - centre) / width) - logistic.cdf((cuts[level] - centre) / width)
    np.testing.assert_allclose(np.asarray(layer.log_likelihood(centre, stars)), np.log(expected), rtol=1e-4, atol=1e-5)
    found = np.asarray(layer.distribution(centre))
    assert found.shape == (4, 7, len(scale.levels))
    np.testing.assert_allclose(np.take_along_axis(found, level[..., None], 2)[..., 0], expected, rtol=1e-4, atol=1e-6)


def test_a_star_that_is_all_but_impossible_has_a_finite_likelihood():
    layer = star_layer()
    stars = np.array([[1.0, 5.0]], dtype=np.float32)
    found = np.asarray(layer.log_likelihood(np.array([[200.0, -200.0]], dtype=np.float32), stars))
    cuts, width = thresholds(layer), np.exp(-0.4)
    expected = [logistic.logcdf((cuts[0] - 200) / width), logistic.logsf((cuts[-1] + 200) / width)]
    np.testing.assert_allclose(found[0], expected, rtol=1e-4)


def test_thresholds_start_half_way_between_the_levels():
    for scale in (WHOLE_STARS, HALF_STARS):
        layer = build_decoder(3, scale, SMALL).get_layer("stars")
        np.testing.assert_allclose(thresholds(layer), scale.levels[:-1] + scale.step / 2, rtol=1e-6)


def test_generosity_has_the_posterior_of_a_normal_mean():
    """Offset ~ N(0, s^2), each residual = offset + N(0, l2 s^2): Bayes' rule on a grid, in units of s."""
    layer = HistoryFeatures(1.0, 5.0, l2=4.0)
    layer.build((None, 3))
    layer.know(3.5, np.array([0.5, -0.5, 0.0]), spread=0.4)
    _, mean, log_var = (np.asarray(part) for part in layer(np.array([[5, 0, 4], [0, 0, 0]], dtype=np.float32)))
    z = np.linspace(-6, 6, 4001)
    density = norm.pdf(z) * norm.pdf(1.0, 0.4 * z, 0.8) * norm.pdf(0.5, 0.4 * z, 0.8)
    density /= density.sum()
    assert mean[0, 0] == pytest.approx((z * density).sum(), rel=1e-4)
    assert np.exp(log_var[0, 0]) == pytest.approx((z**2 * density).sum() - mean[0, 0] ** 2, rel=1e-4)
    assert (mean[1, 0], log_var[1, 0]) == (0, 0)  # nobody known: the prior


def test_features_worked_by_hand():
    layer = HistoryFeatures(1.0, 5.0, l2=2.0)
    layer.build((None, 3))
    layer.know(3.0, np.array([1.0, 0.0, 0.0]), spread=1.0)
    found = np.asarray(layer(np.array([[5, 3, 0]], dtype=np.float32))[0])  # residuals 1 and 0, offset 1/4
    grades = np.array([1, 0.5, 0]) / np.sqrt(1.25)
    np.testing.assert_allclose(found, [[*grades, 0.75 / np.sqrt(3), -0.25 / np.sqrt(3), 0]], rtol=1e-6)


def test_forgetting_hides_whole_ratings_in_training_only():
    layer, history = Forgetting(0.4, seed=1), np.full((50, 40), 3.0, dtype=np.float32)
    np.testing.assert_array_equal(np.asarray(layer(history)), history)
    kept = np.asarray(layer(history, training=True))
    assert set(np.unique(kept)) == {0, 3}
    assert (kept == 0).mean() == pytest.approx(0.4, abs=0.05)


def test_a_distribution_of_stars_sums_to_one_and_its_mean_is_the_prediction():
    history = ratings(3)[:6]
    found = small_model().rating_distribution(Histories(history))
    assert (found.shape, found.dtype) == ((6, N_ITEMS, 5), np.float32)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=2), 1, rtol=1e-5)
    expected = (found * WHOLE_STARS.levels).sum(axis=2)
    np.testing.assert_allclose(small_model().predict(Histories(history)), expected, rtol=1e-5)


def test_the_latent_taste_has_the_prior_s_width_or_less_where_nothing_is_known_about_generosity():
    mean, variance = small_model().latent(
        Histories(sp.csr_array(np.vstack([np.zeros(N_ITEMS), ratings(3).toarray()[0]])))
    )
    assert mean.shape == variance.shape == (2, SMALL.n_latent)
    assert mean.dtype == variance.dtype == np.float32
    assert (variance > 0).all()
    assert (mean[0, 0], variance[0, 0]) == (0, 1)
    assert variance[1, 0] < 1


def test_a_score_adds_the_chances_of_being_chosen_and_of_being_liked():
    model, history = small_model(), ratings(3)[:4]
    heads = [network(history.toarray()) for network in members()]
    log_chances = np.mean([np.asarray(choice) for choice, _ in heads], axis=0)
    liked = np.mean([np.asarray(stars) for _, stars in heads], axis=0)[..., 3:].sum(axis=2)
    np.testing.assert_allclose(model.score(Histories(history)), log_chances + 0.5 * np.log(liked), rtol=1e-5)
    assert np.exp(np.asarray(heads[0][0])).sum(axis=1) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, RatingScale(lowest=1.0, highest=10.0, step=0.0)])
def test_what_is_answered_in_numpy_is_what_keras_answers(scale):
    """With thresholds that have moved, for histories that are long, of one film, and empty."""
    train = ratings(1)
    train.data *= scale.highest / 5
    model = MultVAE(SMALL, scale).fit(Interactions(train))
    for number, weights in enumerate(model.weights):
        model.weights[number] = weights._replace(log_gaps=weights.log_gaps + 0.3, log_width=weights.log_width - 0.2)
    history = sp.csr_array(np.vstack([train.toarray()[:3], np.eye(1, N_ITEMS, 4) * scale.lowest, np.zeros(N_ITEMS)]))
    ensemble = model.network()
    for network, mean, variance in zip(ensemble.members, *model.tastes(Histories(history)), strict=True):
        z_mean, z_log_var = (np.asarray(head) for head in network.encoder(history.toarray()))
        np.testing.assert_allclose(mean, z_mean, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(variance, np.exp(z_log_var), rtol=1e-4)
    log_chances, stars = (np.asarray(head) for head in ensemble(history.toarray()))
    np.testing.assert_allclose(model.rating_distribution(Histories(history)), stars, atol=1e-6)
    liked = np.searchsorted(scale.levels, scale.liked_from)
    expected = log_chances + 0.5 * np.log(np.maximum(stars[..., liked:].sum(axis=2), 1e-6))
    np.testing.assert_allclose(model.score(Histories(history)), expected, rtol=1e-4, atol=1e-5)


def test_many_people_are_answered_like_a_few():
    """Many are answered block by block, in threads."""
    many = sp.csr_array(np.vstack([ratings(3).toarray()] * 7))
    assert many.shape[0] > 2 * BLOCK
    for answer in (small_model().score, small_model().rating_distribution):
        np.testing.assert_allclose(answer(Histories(many))[-40:], answer(Histories(ratings(3))), rtol=1e-4, atol=1e-6)


def test_weights_go_to_keras_and_back():
    for weights, network in zip(small_model().weights, members(), strict=True):
        assert len(weights) == len(network.get_weights())
        for ours, theirs in zip(weights, network.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def cells_of(batch):
    """Person in the batch, film and stars of each rating."""
    cells = batch.cells
    return [each[: cells.starts[-1]].tolist() for each in (cells.rows, cells.columns, cells.stars)]


def test_batches_hold_everybody_once_an_epoch_and_differ_from_epoch_to_epoch():
    train = ratings(1)
    study = Study(train, replace(SMALL, batch_size=16, epochs=2), WHOLE_STARS, seed=0)
    batches = [make() for make in study.orders()]
    assert (study.n_batches, len(batches)) == (3, 6)
    for epoch in (batches[:3], batches[3:]):
        stars = [sp.csr_array((cells[2], cells[:2]), shape=(16, N_ITEMS)).toarray() for cells in map(cells_of, epoch)]
        found = sorted(map(tuple, np.vstack(stars)))
        assert found == sorted(map(tuple, np.vstack([train.toarray(), np.zeros((8, N_ITEMS))])))
    assert cells_of(batches[0]) != cells_of(batches[3])
    assert len({len(batch.cells.rows) for batch in batches}) == 1


def test_only_of_more_films_than_it_is_worked_out_for_some_stand_for_all():
    for exact, n_sampled, is_sampled in ((N_ITEMS, 5, False), (9, N_ITEMS, False), (N_ITEMS - 1, 5, True)):
        study = Study(ratings(1), replace(SMALL, exact_films=exact, n_sampled=n_sampled), WHOLE_STARS, seed=0)
        first, second, *_ = (make().stand_in for make in study.orders())
        assert (first is not None) == is_sampled
        if is_sampled:
            assert len(first.sample.columns) == n_sampled
            assert first.sample.columns.tolist() != second.sample.columns.tolist()
            assert not study.sampler.is_certain[first.rare.columns[: first.rare.starts[-1]]].any()


def test_the_divergence_s_weight_rises_to_beta_and_stays():
    network = make_network(replace(SMALL, anneal_epochs=2), WHOLE_STARS, N_ITEMS, n_batches=3)
    history, n_steps = ratings(1).toarray(), 2 * 3
    for step in range(1, n_steps + 3):
        network(history, training=True)
        expected = SMALL.beta * min(1, step / n_steps)
        assert float(network.kl_weight.value) == pytest.approx(expected, rel=1e-4)
    network(history)
    assert float(network.kl_weight.value) == pytest.approx(SMALL.beta)


def test_the_weight_of_the_divergence_survives_training():
    model = MultVAE(SMALL).fit(Interactions(ratings(1)))
    for weights in model.weights:
        assert float(weights.kl_weight) == pytest.approx(SMALL.beta * SMALL.epochs / SMALL.anneal_epochs)


def test_the_networks_of_an_ensemble_differ():
    first, second = (np.asarray(network(ratings(3).toarray())[0]) for network in members())
    assert not np.allclose(first, second)


def saved_and_loaded(network: keras.Model, path: Path) -> keras.Model:
    network.save(path)
    return keras.saving.load_model(path)


def assert_same_outputs(found: keras.Model, expected: keras.Model, inputs: np.ndarray) -> None:
    for one, other in zip(keras.tree.flatten(found(inputs)), keras.tree.flatten(expected(inputs)), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_encoder_and_decoder_save_and_load_as_keras_models_of_their_own(tmp_path):
    network = members()[0]
    history, z = ratings(3).toarray(), np.random.default_rng(0).normal(size=(3, SMALL.n_latent)).astype(np.float32)
    assert_same_outputs(saved_and_loaded(network.encoder, tmp_path / "encoder.keras"), network.encoder, history)
    assert_same_outputs(saved_and_loaded(network.decoder, tmp_path / "decoder.keras"), network.decoder, z)


def test_a_whole_network_saves_loads_and_trains_on_with_plain_keras(tmp_path):
    network, history = members()[0], ratings(3).toarray()
    loaded = saved_and_loaded(network, tmp_path / "network.keras")
    assert isinstance(loaded, MultVAENetwork)
    assert_same_outputs(loaded, network, history)
    loaded.compile(optimizer="adam")
    losses = loaded.fit(history, epochs=40, batch_size=len(history), verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_a_taste_drawn_from_the_prior_is_a_person_who_never_was():
    decoder = members()[0].decoder
    z = np.random.default_rng(0).normal(size=(5, SMALL.n_latent)).astype(np.float32)
    log_chances, centre = (np.asarray(head) for head in decoder(z))
    np.testing.assert_allclose(np.exp(log_chances).sum(axis=1), 1, rtol=1e-5)
    assert np.isfinite(centre).all()


def test_chances_of_a_taste_are_what_the_first_network_s_decoder_says():
    z = np.random.default_rng(0).normal(size=(3, SMALL.n_latent))
    expected = np.asarray(members()[0].decoder(z.astype(np.float32))[0])
    np.testing.assert_allclose(small_model().log_chances(z), expected, rtol=1e-5)


def test_two_models_share_what_was_compiled_once_and_nothing_else():
    first, second = (MultVAE(SMALL).fit(Interactions(ratings(1)), Training(seed=seed)) for seed in (0, 1))
    before = first.score(Histories(ratings(3)))
    assert not np.allclose(before, second.score(Histories(ratings(3))))
    np.testing.assert_array_equal(first.score(Histories(ratings(3))), before)
    step_of.cache_clear()
    again = MultVAE(SMALL).fit(Interactions(ratings(1)))
    MultVAE(replace(SMALL, epochs=5, n_networks=1, liked_weight=0.1)).fit(Interactions(ratings(1)))
    np.testing.assert_array_equal(again.score(Histories(ratings(3))), before)
    assert step_of.cache_info().currsize == 1
    assert step_of(of_a_step(sized(SMALL, ratings(1))), WHOLE_STARS)._cache_size() == 1


def test_a_step_writes_what_is_learned_where_it_was():
    study, weights = Study(ratings(1), SMALL, WHOLE_STARS, 0), next(untrained(ratings(1), SMALL, WHOLE_STARS, 0, [0]))
    trained, usual = trained_of(weights)
    before = beginning(trained)
    after, _ = step_of(of_a_step(SMALL), WHOLE_STARS)(before, next(study.orders())(), usual, Course(3, 3, 0, 4e-3))
    assert all(value.is_deleted() for value in (*before.values.values(), *before.first.values()))
    assert not any(value.is_deleted() for value in (*after.values.values(), *after.first.values()))
    assert int(after.n_done) == 1
    assert not np.allclose(after.values["choice_rows"], trained["choice_rows"])


def test_a_sample_of_films_learns_about_as_much_as_all_films():
    train, held_out = carved(low_rank(300, 120, 9000, seed=0), seed=0)
    losses = []
    for exact_films in (120, 0):
        model = MultVAE(replace(LEARNS, epochs=20, exact_films=exact_films, n_sampled=60)).fit(Interactions(train))
        chances = model.averaged(lambda network, z: network.log_chances(z), model.tastes(Histories(train))[0])
        losses.append(-chances[held_out.nonzero()].mean())
    assert losses[1] == pytest.approx(losses[0], abs=0.03)


@pytest.mark.parametrize(
    ("people", "each", "units", "epochs"),
    [
        (943, 85, 800, 22),  # MovieLens 100K: as asked
        (671, 149, 800, 22),  # ml-latest-small
        (3000, 8, 266, 5),  # 24 steps in an epoch, of which 120 there may be
        (6040, 165, 800, 5),  # ML-1M: 48 steps in an epoch, of which 240 there may be
        (20_000, 2, 444, 1),
        (40, 9, 100, 22),
    ],
)
def test_few_ratings_get_few_units_and_steps(people, each, units, epochs):
    columns = (np.arange(people)[:, None] + np.arange(each)) % 2000
    rated = sp.csr_array((np.ones(columns.size), columns.ravel(), each * np.arange(people + 1)), shape=(people, 2000))
    config = sized(MultVAEConfig(n_hidden=800), rated)
    assert (config.n_hidden, config.epochs, config.anneal_epochs) == (units, epochs, max(1, round(epochs * 20 / 22)))
    assert sized(config, rated) == sized(config, rated[:1]) == config
    nobody = sp.csr_array(sp.vstack([rated, sp.csr_array((people, 2000))]))
    assert sized(MultVAEConfig(n_hidden=800), nobody) == config
    assert sized(replace(MultVAEConfig(n_hidden=800), ratings_per_unit=0, ratings_per_step=0), rated).n_hidden == 800


@pytest.mark.parametrize(
    ("people", "batch", "epochs"),
    [(943, 128, 22), (8192, 128, 3), (16_384, 256, 3), (70_000, 1024, 3), (200_000, 1024, 2)],
)
def test_many_people_are_met_in_larger_batches_and_less_often(people, batch, epochs):
    rated = sp.csr_array((np.ones(100 * people), np.tile(np.arange(100), people), 100 * np.arange(people + 1)))
    config = sized(MultVAEConfig(), rated)
    assert (config.batch_size, config.epochs, config.popular_start) == (batch, epochs, people > 943)
    assert sized(config, rated[:50]) == config
    assert sized(MultVAEConfig(most_steps=0, largest_batch=0), rated).epochs == 22
    assert sized(MultVAEConfig(largest_batch=0), rated).batch_size == 128


def test_choices_begin_with_how_often_films_were_chosen_if_that_is_wanted():
    train = ratings(1)
    flat, popular = (
        next(untrained(train, replace(SMALL, popular_start=wanted), WHOLE_STARS, 0, [0])) for wanted in (False, True)
    )
    assert not flat.choice_bias.any()
    chances = np.exp(popular.choice_bias)
    counts = np.bincount(train.indices, minlength=N_ITEMS) + 1
    np.testing.assert_allclose(chances / chances.sum(), counts / counts.sum(), rtol=1e-5)
    np.testing.assert_array_equal(flat.choice_kernel, popular.choice_kernel)


def test_networks_smaller_than_asked_are_saved_loaded_and_made_anew(tmp_path):
    model = create("mult-vae", WHOLE_STARS, config=replace(SMALL, n_hidden=150)).fit(
        Interactions(ratings(1)), Training(seed=0)
    )
    assert model.weights[0].choice_kernel.shape == (100, N_ITEMS)
    save_artifact(tmp_path / "small", artifact_of("mult-vae", model, ratings(1)))
    found = load_artifact(tmp_path / "small").model
    np.testing.assert_array_equal(found.predict(Histories(ratings(2))), model.predict(Histories(ratings(2))))
    assert found.network().count_params() == model.network().count_params()


def test_people_without_ratings_teach_nothing():
    nobody = sp.csr_array((7, N_ITEMS), dtype=np.float32)
    more = sp.csr_array(sp.vstack([nobody, ratings(1), nobody]))
    np.testing.assert_array_equal(
        fitted("mult-vae", more).predict(Histories(ratings(2))), small_model().predict(Histories(ratings(2)))
    )


def test_encoder_and_decoder_have_the_configured_sizes():
    encoder, decoder = build_encoder(11, HALF_STARS, MultVAEConfig()), build_decoder(11, HALF_STARS, MultVAEConfig())
    assert (encoder.input_shape, [output.shape for output in encoder.outputs]) == ((None, 11), [(None, 50)] * 2)
    assert (decoder.input_shape, [output.shape for output in decoder.outputs]) == ((None, 50), [(None, 11)] * 2)
    assert encoder.get_layer("hidden").units == decoder.get_layer("hidden").units == 400


@cache
def epochs_told(n_networks):
    seen = []
    note = Training(seed=0, on_progress=lambda *step, **losses: seen.append((step, losses["loss"])))
    MultVAE(replace(SMALL, n_networks=n_networks)).fit(Interactions(ratings(1)), note)
    return seen


def test_every_epoch_is_reported_and_the_loss_falls():
    told = epochs_told(1)
    assert [step for step, _ in told] == [("epoch", 1, 3), ("epoch", 2, 3), ("epoch", 3, 3)]
    assert told[-1][1] < told[0][1]


def test_networks_are_trained_one_after_the_other_and_each_reports_its_loss():
    alone, both = ([loss for _, loss in told] for told in map(epochs_told, (1, 2)))
    steps = [step for step, _ in epochs_told(2)]
    assert steps[:3] == [("network 1 of 2 epoch", 1, 3), ("network 1 of 2 epoch", 2, 3), ("network 1 of 2 epoch", 3, 3)]
    assert steps[3:] == [("epoch", 1, 3), ("epoch", 2, 3), ("epoch", 3, 3)]
    assert both[:3] == alone
    assert both[3:] != alone
    np.testing.assert_allclose(both[3:], alone, rtol=0.05)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, RatingScale(lowest=1, highest=10, step=1)])
def test_a_network_for_other_stars_goes_back_to_those_it_was_trained_on(scale):
    network = next(untrained(ratings(1), SMALL, WHOLE_STARS, 0, [0]))
    back = network.on(scale).off(scale)
    for name, value in network._asdict().items():
        np.testing.assert_allclose(getattr(back, name), value, rtol=1e-5, atol=1e-6, err_msg=name)
    assert scale == WHOLE_STARS or not np.allclose(network.on(scale).mean, network.mean)


def test_a_network_that_has_begun_goes_on_from_there_and_the_first_begins_anew():
    steps = []
    note = Training(seed=0, on_progress=lambda stage, done, total, **_: steps.append((stage, done, total)))
    begun = MultVAE(SMALL).fit(Interactions(ratings(2)), Training(seed=5)).weights[0]
    cut = replace(SMALL, most_steps=1, more_epochs=1, more_rate=1e-6)
    model, anew = MultVAE(cut), MultVAE(cut)
    model.begun = (begun, begun)
    data = Interactions(ratings(1))
    first, second = model.fit(data, note).weights
    assert steps[-1] == ("epoch", 1, 1)
    for name, value in anew.fit(data, Training(seed=0)).weights[0]._asdict().items():
        np.testing.assert_array_equal(getattr(first, name), value)
    for name in ("hidden_kernel", "choice_kernel", "star_items_kernel"):
        np.testing.assert_allclose(getattr(second, name), getattr(begun, name), atol=1e-4)
    assert second.mean == first.mean != begun.mean  # what is usual is that of all ratings


@pytest.mark.parametrize("changed", [{"most_steps": 1, "more_epochs": 0}, {}])
def test_a_network_that_has_begun_begins_anew_where_people_are_few_or_no_epochs_are_for_it(changed):
    data, model = Interactions(ratings(1)), MultVAE(replace(SMALL, **changed))
    model.begun = (MultVAE(SMALL).fit(Interactions(ratings(2)), Training(seed=5)).weights[0],)
    expected = MultVAE(replace(SMALL, **changed)).fit(data, Training(seed=0)).weights
    np.testing.assert_array_equal(model.fit(data, Training(seed=0)).weights[1].hidden_kernel, expected[1].hidden_kernel)


def test_more_epochs_are_fewer_where_all_are():
    rated = low_rank(943, 300, 40_000, seed=0)
    assert sized(MultVAEConfig(), rated).more_epochs == 0  # all of 12 epochs have their time
    assert sized(MultVAEConfig(most_steps=40), rated).more_epochs == 2  # of 8, as 5 of 22


def test_learns_tastes_beyond_what_films_and_people_explain():
    """Against the baseline's film and person offsets, on made-up people whose tastes have eight dimensions."""
    train, held_out = carved(low_rank(300, 120, 9000, seed=0), seed=0)
    rows, columns = held_out.nonzero()
    errors = [
        model.predict(Histories(train))[rows, columns] - held_out.data
        for model in (MultVAE(LEARNS).fit(Interactions(train)), fitted("baseline", train))
    ]
    ours, baseline = (np.sqrt(np.mean(error**2)) for error in errors)
    assert ours < 0.97 * baseline


def test_a_checkerboard_is_understood():
    """Even users like even items: what they have not seen of them comes before everything else."""
    board = checkerboard(40, 20)
    model = MultVAE(LEARNS).fit(Interactions(board))
    assert (top_k(model.score(Histories(board)), board, 1)[:, 0] % 2 == np.arange(40) % 2).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultVAEConfig(n_latent=1), "sizes and epochs >= 1, n_latent >= 2"),
        (lambda: MultVAEConfig(forgets=1.0), r"forgets in \[0, 1\)"),
        (lambda: MultVAEConfig(learning_rate=0), "learning_rate and more_rate > 0"),
        (lambda: MultVAEConfig(more_rate=0), "learning_rate and more_rate > 0"),
        (lambda: MultVAEConfig(more_epochs=-1), "more_epochs >= 0"),
        (lambda: MultVAEConfig(beta=-1), "weights >= 0"),
    ],
)
def test_a_setting_out_of_range_is_refused(make, message):
    with pytest.raises(ValueError, match=rf"got MultVAEConfig\(.*\); expected {message}"):
        make()
