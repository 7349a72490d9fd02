"""The paper's network as Keras models of their own, its losses, and how it is trained."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.vae.config import VAEConfig
from recsys.models.vae.paper_vae import (
    RECONSTRUCTION_LOSSES,
    HistoryBatches,
    PaperVAE,
    Sampling,
    antithetic_noise,
    build_decoder,
    build_encoder,
    kl_divergence,
    masked_mean_squared_error,
)
from recsys.training import Training
from tests.support.small_models import carved, fitted, ratings

SMALL = VAEConfig(hidden=(16, 8), n_latent=4, epochs=3)


def layer_sizes(network: keras.Model) -> list[tuple[str, int]]:
    return [
        (layer.activation.__name__, layer.units) for layer in network.layers if isinstance(layer, keras.layers.Dense)
    ]


def test_the_layers_are_those_of_figure_5():
    encoder, decoder = build_encoder(1682, VAEConfig()), build_decoder(1682, VAEConfig())
    hidden = [("relu", 1024), ("relu", 512), ("relu", 256)]
    assert layer_sizes(encoder) == [*hidden, ("linear", 50), ("linear", 50)]
    assert layer_sizes(decoder) == [*reversed(hidden), ("sigmoid", 1682)]
    assert encoder.input_shape == (None, 1682)
    assert [output.shape for output in encoder.outputs] == [(None, 50), (None, 50)]


def saved_and_loaded(network: keras.Model, path: Path) -> keras.Model:
    network.save(path)
    return keras.saving.load_model(path)


def assert_same_outputs(found: keras.Model, expected: keras.Model, width: int) -> None:
    inputs = np.random.default_rng(0).random((3, width), dtype=np.float32)
    for one, other in zip(keras.tree.flatten(found(inputs)), keras.tree.flatten(expected(inputs)), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_encoder_and_decoder_save_and_load_as_keras_models_of_their_own(tmp_path):
    vae = PaperVAE(SMALL).build(7).vae
    assert_same_outputs(saved_and_loaded(vae.encoder, tmp_path / "encoder.keras"), vae.encoder, 7)
    assert_same_outputs(saved_and_loaded(vae.decoder, tmp_path / "decoder.keras"), vae.decoder, 4)


def test_the_whole_vae_saves_loads_samples_and_trains_on(tmp_path):
    vae = fitted("vae", ratings(1)).vae
    loaded = saved_and_loaded(vae, tmp_path / "vae.keras")
    assert_same_outputs(loaded.encoder, vae.encoder, 23)
    assert_same_outputs(loaded.decoder, vae.decoder, 4)
    scaled = ratings(1).toarray() / 5
    one, other = (np.asarray(loaded(scaled)) for _ in range(2))
    assert one.shape == (40, 23)
    assert not np.array_equal(one, other)  # every call draws z anew
    assert np.isfinite(loaded.fit(scaled, scaled, epochs=1, verbose=0).history["loss"][0])


def test_a_taste_is_drawn_around_its_mean_as_far_as_its_variance_says():
    mean, log_var = np.full((20_000, 2), [1.0, -3.0]), np.full((20_000, 2), np.log([4.0, 0.25]))
    drawn = np.asarray(Sampling(0)(mean.astype(np.float32), log_var.astype(np.float32)))
    np.testing.assert_allclose(drawn.mean(axis=0), [1, -3], atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.diag([4, 0.25]), atol=0.1)


def test_kl_divergence_agrees_with_the_integral():
    """Against a Monte Carlo estimate of E_q[log q - log p]."""
    mean, log_var = np.array([[0.3, -1.0]], dtype=np.float32), np.array([[0.5, -0.7]], dtype=np.float32)
    z = mean + np.exp(log_var / 2) * np.random.default_rng(0).normal(size=(400_000, 2))
    log_q = -0.5 * (np.log(2 * np.pi) + log_var + (z - mean) ** 2 / np.exp(log_var))
    log_p = -0.5 * (np.log(2 * np.pi) + z**2)
    found = float(np.asarray(kl_divergence(mean, log_var))[0])
    assert found == pytest.approx((log_q - log_p).sum(axis=1).mean(), abs=0.01)
    assert float(np.asarray(kl_divergence(0 * mean, 0 * log_var))[0]) == 0


def test_the_masked_loss_sees_rated_items_only():
    target = np.array([[0.2, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.6, 0.0]], dtype=np.float32)
    guess = np.array([[0.4, 0.9, 0.5], [0.3, 0.3, 0.3], [0.3, 0.3, 0.3]], dtype=np.float32)
    found = np.asarray(masked_mean_squared_error(target, guess))
    np.testing.assert_allclose(found, [(0.2**2 + 0.5**2) / 2, 0.0, 0.3**2], rtol=1e-5)


def test_the_paper_s_losses_count_every_unrated_item_as_a_zero():
    target, guess = np.array([[0.2, 0.0]], dtype=np.float32), np.array([[0.4, 0.9]], dtype=np.float32)
    mse, bce = (float(np.asarray(RECONSTRUCTION_LOSSES[name](target, guess))[0]) for name in ("mse", "bce"))
    assert mse == pytest.approx((0.2**2 + 0.9**2) / 2)
    assert bce == pytest.approx((-(0.2 * np.log(0.4) + 0.8 * np.log(0.6)) - np.log(0.1)) / 2, rel=1e-5)


def test_noise_comes_in_pairs_that_cancel():
    noise = antithetic_noise(8, 5)
    assert noise.shape == (8, 5)
    np.testing.assert_array_equal(noise[:4], -noise[4:])
    np.testing.assert_array_equal(noise, antithetic_noise(8, 5))


@pytest.mark.parametrize(("scale", "times"), [(WHOLE_STARS, 1), (RatingScale(lowest=2.0, highest=10.0, step=2.0), 2)])
def test_a_prediction_is_the_mean_over_draws_times_the_highest_star(scale, times):
    train, history = (sp.csr_array(times * each) for each in (ratings(1), ratings(3)[:4]))
    model = PaperVAE(SMALL, scale).fit(Interactions(train))
    mean, log_var = (np.asarray(part) for part in model.vae.encoder(history.toarray() / scale.highest))
    draws = [np.asarray(model.vae.decoder(mean + np.exp(log_var / 2) * noise)) for noise in antithetic_noise(8, 4)]
    np.testing.assert_allclose(model.predict(Histories(history)), scale.highest * np.mean(draws, axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.score(Histories(history)), np.mean(draws, axis=0), rtol=1e-5)


def test_batches_hold_every_row_once_and_shuffle_between_epochs():
    inputs, targets = ratings(1), ratings(2)
    batches = HistoryBatches(inputs, targets, 7, np.random.default_rng(0))
    orders = []
    for _ in range(2):
        seen = [batches[index] for index in range(len(batches))]
        orders.append(batches.order.copy())
        np.testing.assert_array_equal(np.vstack([batch[0] for batch in seen]), inputs.toarray()[orders[-1]])
        np.testing.assert_array_equal(np.vstack([batch[1] for batch in seen]), targets.toarray()[orders[-1]])
        batches.on_epoch_end()
    assert not np.array_equal(*orders)
    np.testing.assert_array_equal(np.sort(orders[0]), np.arange(40))


def test_every_epoch_is_reported_with_its_losses():
    fitting, validation = carved(ratings(1, density=0.8), seed=0)
    seen = []
    PaperVAE(SMALL).fit(
        Interactions(fitting),
        Training(
            validation=Interactions(validation), seed=0, on_progress=lambda *step, **losses: seen.append((step, losses))
        ),
    )
    assert [step for step, _ in seen] == [("epoch", 1, 3), ("epoch", 2, 3), ("epoch", 3, 3)]
    assert all(losses.keys() == {"loss", "val_loss"} for _, losses in seen)
    assert seen[-1][1]["loss"] < seen[0][1]["loss"]


def test_training_stops_when_validation_gets_worse_and_the_best_epoch_comes_back():
    """At a rate far too high: training again for as many epochs as the best one took gives the very same weights."""
    config = VAEConfig(hidden=(16, 8), n_latent=4, epochs=60, patience=2, learning_rate=0.1)
    fitting, validation = carved(ratings(1, density=0.8), seed=0)
    losses: list[float] = []
    stopped = PaperVAE(config)
    stopped.fit(
        Interactions(fitting),
        Training(
            validation=Interactions(validation), seed=0, on_progress=lambda *_, **each: losses.append(each["val_loss"])
        ),
    )
    best = int(np.argmin(losses)) + 1
    assert best + config.patience == len(losses) < 60
    again = PaperVAE(replace(config, epochs=best)).fit(
        Interactions(fitting), Training(validation=Interactions(validation), seed=0)
    )
    np.testing.assert_array_equal(stopped.score(Histories(fitting)), again.score(Histories(fitting)))


def test_without_validation_all_epochs_run():
    seen = []
    PaperVAE(SMALL).fit(
        Interactions(ratings(1)), Training(seed=0, on_progress=lambda *step, **losses: seen.append(losses))
    )
    assert [each.keys() for each in seen] == [{"loss"}] * 3


def test_validation_targets_add_the_held_out_ratings_or_are_those_alone():
    fitting, validation = sp.csr_array([[4.0, 0, 0]]), sp.csr_array([[0, 2.0, 0]])
    inputs, target = PaperVAE(VAEConfig()).validation_batches(fitting, validation)[0]
    np.testing.assert_allclose(inputs, [[0.8, 0, 0]])
    np.testing.assert_allclose(target, [[0.8, 0.4, 0]])
    _, target = PaperVAE(VAEConfig(loss="masked-mse")).validation_batches(fitting, validation)[0]
    np.testing.assert_allclose(target, [[0, 0.4, 0]])
