"""What is learned from rated cells alone, against the Keras model on dense histories."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.models.mult_vae.learning import (
    Batch,
    Stage,
    StandIn,
    evidence_loss,
    log_sum_of,
    trained_of,
    uniform_at,
    weights_of,
)
from recsys.models.mult_vae.training import make_network, start_from_baseline
from recsys.models.networks.cells import Cells
from recsys.models.networks.film_sample import FilmSample, FilmSampler
from tests.support.small_models import N_ITEMS, ratings, small_config

SMALL = replace(small_config("mult-vae"), beta=0.7, anneal_epochs=1)
TO_HUNDRED = RatingScale(lowest=1.0, highest=100.0)
N_PEOPLE, SEED = 45, 5  # 40 who rated, and nobody


def history(scale: RatingScale) -> sp.csr_array:
    """(40, I) of every level."""
    found = ratings(1)
    found.data = np.random.default_rng(0).choice(scale.levels, found.nnz).astype(np.float32)
    return found


def untrained(scale: RatingScale, config=SMALL):
    """A Keras network that knows the films, whose star layers say something."""
    network = make_network(config, scale, N_ITEMS, seed=SEED)
    start_from_baseline(network, history(scale), config, scale)
    network.stars.log_width.assign(0.3)
    return network


def stage() -> Stage:
    """That of Keras's first step, where the divergence gets its weight in one."""
    return Stage(*(np.array([seed, 0], dtype=np.uint32) for seed in (SEED, SEED + 1)), SMALL.beta)


def batch(scale: RatingScale, sample: FilmSample | None = None, n_cells: int = 1024) -> Batch:
    cells = Cells.of(history(scale), N_PEOPLE, n_cells)
    return Batch(cells, sample and StandIn.of(sample, cells))


def slopes_of_cells(network, scale: RatingScale, told: Batch) -> tuple[float, dict]:
    trained, usual = trained_of(NetworkWeights(*map(np.array, network.get_weights())))
    call = jax.jit(jax.value_and_grad(lambda trained: evidence_loss(trained, told, usual, stage(), SMALL, scale)))
    return call(trained)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, TO_HUNDRED])
def test_cells_teach_what_dense_histories_teach_the_keras_model(scale):
    network = untrained(scale)
    dense = np.vstack([history(scale).toarray(), np.zeros((N_PEOPLE - 40, N_ITEMS))]).astype(np.float32)
    learned, others = network.trainable_variables, network.non_trainable_variables
    fixed = [each.value for each in others]

    def of_keras(trainable):
        return sum(network.stateless_call(trainable, fixed, dense, training=True, return_losses=True)[2])

    expected, slopes = jax.jit(jax.value_and_grad(of_keras))([each.value for each in learned])
    nats, found = slopes_of_cells(network, scale, batch(scale))
    assert float(nats) == pytest.approx(float(expected), rel=1e-5)
    for variable, slope in zip(learned, slopes, strict=True):
        variable.assign(slope)
    slopes, _ = trained_of(NetworkWeights(*map(np.array, network.get_weights())))
    assert found.keys() == slopes.keys()
    for name, slope in found.items():
        np.testing.assert_allclose(slope, slopes[name], rtol=2e-3, atol=2e-5, err_msg=name)


def test_room_for_more_cells_changes_nothing():
    network = untrained(WHOLE_STARS)
    nats, slopes = slopes_of_cells(network, WHOLE_STARS, batch(WHOLE_STARS))
    more, found = slopes_of_cells(network, WHOLE_STARS, batch(WHOLE_STARS, n_cells=2048))
    assert float(more) == pytest.approx(float(nats), rel=1e-6)
    for name, slope in found.items():
        np.testing.assert_allclose(slope, slopes[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_sample_of_all_films_teaches_what_all_films_teach():
    network, sampler = untrained(WHOLE_STARS), FilmSampler(np.arange(N_ITEMS), N_ITEMS)
    nats, slopes = slopes_of_cells(network, WHOLE_STARS, batch(WHOLE_STARS))
    told = batch(WHOLE_STARS, sampler.draw(np.random.default_rng(0)))
    sampled, found = slopes_of_cells(network, WHOLE_STARS, told)
    assert float(sampled) == pytest.approx(float(nats), rel=1e-5)
    for name, slope in found.items():
        np.testing.assert_allclose(slope, slopes[name], rtol=1e-3, atol=2e-6, err_msg=name)


def test_the_softmax_s_sum_has_all_own_films_and_is_right_on_the_average():
    rng, cells = np.random.default_rng(0), batch(WHOLE_STARS).cells
    logits = rng.normal(0, 2, (N_PEOPLE, N_ITEMS)).astype(np.float32)
    sampler, totals = FilmSampler(np.arange(N_ITEMS), 9), np.zeros((N_PEOPLE, 1))
    own = jnp.asarray(logits)[np.minimum(cells.rows, N_PEOPLE - 1), cells.columns]
    for _ in range(400):
        sample = sampler.draw(rng)
        sampled = jnp.asarray(logits[:, sample.columns] + sample.log_weights)
        totals += np.exp(log_sum_of(own, sampled, StandIn.of(sample, cells))) / 400
    exact = np.exp(logits).sum(axis=1, keepdims=True)
    assert np.mean(totals / exact) == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(totals, exact, rtol=0.25)


def test_random_numbers_of_cells_are_those_of_a_dense_array():
    cells, key = batch(WHOLE_STARS).cells, stage().forgetting
    everywhere = np.asarray(jax.random.uniform(key, (N_PEOPLE, N_ITEMS)))
    n_ratings = cells.starts[-1]
    found = np.asarray(uniform_at(key, cells, N_ITEMS))[:n_ratings]
    np.testing.assert_array_equal(found, everywhere[cells.rows[:n_ratings], cells.columns[:n_ratings]])


def test_weights_are_trained_as_rows_of_films_and_turned_back():
    weights = NetworkWeights(*map(np.array, untrained(WHOLE_STARS).get_weights()))
    found = weights_of(*trained_of(weights), kl_weight=0.25)
    for name, array in weights._replace(kl_weight=np.float32(0.25))._asdict().items():
        np.testing.assert_array_equal(getattr(found, name), array)
        assert np.shape(getattr(found, name)) == np.shape(array)
