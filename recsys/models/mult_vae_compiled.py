"""What a MultVAE computes, compiled: pure functions of the values that its networks' variables hold.

Networks of the same settings and size share what was compiled for one of them, so that a second model (the next fold,
a model that is loaded) starts at once. Each function still compiles for every size of batch that comes.

Legend: B histories in a batch, I items, M networks, H hidden units, L latent dimensions, N star levels.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops

from recsys.config import MultVAEConfig
from recsys.data.scale import RatingScale
from recsys.models.mult_vae_network import MultVAENetwork, build_decoder, build_encoder

SMALLEST_CHANCE = 1e-6  # of a film being liked; keeps its logarithm finite
N_KEPT = 4  # sets of settings

Values = list[Any]  # what a network's variables hold


def make_network(
    config: MultVAEConfig, scale: RatingScale, n_items: int, *, seed: int = 0, n_batches: int = 1
) -> MultVAENetwork:
    """One untrained network; n_batches is the number of training steps in an epoch."""
    parts = build_encoder(n_items, scale, config, seed), build_decoder(n_items, scale, config)
    network = MultVAENetwork(
        *parts,
        beta=config.beta,
        anneal_steps=config.anneal_epochs * n_batches,
        stars_weight=config.stars_weight,
        seed=seed + 1,  # not the seed of what is forgotten
    )
    network(keras.Input((n_items,)))  # Keras finishes a subclass at its first call; a symbolic one computes nothing
    return network


@lru_cache(maxsize=N_KEPT)
def functions(config: MultVAEConfig, scale: RatingScale, n_items: int) -> dict[str, Callable[[Any, Any], Any]]:
    """By name, functions of all networks' values and of a dense history, (B, I), or of what is said.

    tastes: mean and variance of every z, (M, B, L) each. score_of_tastes: nats, (B, I), given means (M, B, L).
    score_of_hidden: likewise, given the inputs of the encoders' hidden units, (M, B, H), and z_0's mean and log
    variance. stars: expected, (B, I). distribution: (B, I, N). Of the first network's values alone, features: see
    HistoryFeatures; log_chances: of its z, (B, L) -> (B, I).
    """
    import jax

    network, levels = make_network(config, scale, n_items), scale.levels.astype(np.float32)
    hidden, (features, *generosity) = network.encoder.get_layer("hidden"), network.features.output
    after_features = keras.Model([features, *generosity], network.encoder.outputs)
    after_hidden = keras.Model([hidden.output, *generosity], network.encoder.outputs)
    liked = int(np.searchsorted(scale.levels, config.liked_from))  # the lowest level that is a like

    def averaged(call: Callable[[Any], Any], values: list[Values], means: Any) -> Any:
        found = [with_variables(network, each, call, mean) for each, mean in zip(values, means, strict=True)]
        return sum(found) / len(found)

    def tastes(values: list[Values], history: Any) -> Any:  # the features are the same for all networks
        described = with_variables(network, values[0], network.features, history)
        found = [with_variables(network, each, after_features, described) for each in values]
        return ops.stack([mean for mean, _ in found]), ops.exp(ops.stack([log_var for _, log_var in found]))

    def score_of_tastes(values: list[Values], means: Any) -> Any:
        log_chances = averaged(lambda z: network.decoder(z)[0], values, means)
        is_liked = averaged(lambda z: network.stars.at_least(network.decoder(z)[1], liked), values, means)
        return log_chances + config.liked_weight * ops.log(ops.maximum(is_liked, SMALLEST_CHANCE))

    def score_of_hidden(values: list[Values], given: tuple[Any, Any, Any]) -> Any:
        inputs, *known = given

        def mean(one: Any) -> Any:
            return after_hidden([hidden.activation(one + hidden.bias), *known])[0]

        means = [with_variables(network, each, mean, one) for each, one in zip(values, inputs, strict=True)]
        return score_of_tastes(values, means)

    def distribution(values: list[Values], history: Any) -> Any:
        means, _ = tastes(values, history)
        return averaged(lambda z: network.stars.distribution(network.decoder(z)[1]), values, means)

    return {
        "tastes": jax.jit(tastes),
        "score_of_tastes": jax.jit(score_of_tastes),
        "score_of_hidden": jax.jit(score_of_hidden),
        "features": jax.jit(lambda values, history: with_variables(network, values, network.features, history)),
        "stars": jax.jit(lambda values, history: ops.sum(distribution(values, history) * levels, axis=2)),
        "distribution": jax.jit(distribution),
        "log_chances": jax.jit(lambda values, z: with_variables(network, values, network.decoder, z)[0]),
    }


@lru_cache(maxsize=N_KEPT)
def training(config: MultVAEConfig, scale: RatingScale, n_items: int, n_batches: int) -> tuple[Values, Callable]:
    """How to train a network of these settings with n_batches steps in an epoch.

    Returns:
        What the optimizer's variables hold before the first step, and a step: (state, history) -> (state, loss). A
        state is the values of the network's trainable variables, of its others, and of the optimizer's.
    """
    import jax

    network = make_network(config, scale, n_items, n_batches=n_batches)
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.epochs * n_batches)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(network.trainable_variables)

    def loss_of(trainable: Any, fixed: Any, history: Any) -> Any:
        _, fixed, losses = network.stateless_call(trainable, fixed, history, training=True, return_losses=True)
        return sum(losses), fixed

    def step(state: Any, history: Any) -> Any:
        trainable, fixed, optimizer_values = state
        (loss, fixed), gradient = jax.value_and_grad(loss_of, has_aux=True)(trainable, fixed, history)
        trainable, optimizer_values = optimizer.stateless_apply(optimizer_values, gradient, trainable)
        return (trainable, fixed, optimizer_values), loss

    return values_of(optimizer.variables), jax.jit(step)


def with_variables(network: keras.Model, values: Values, call: Callable[[Any], Any], given: Any) -> Any:
    """call(given), where a network's variables hold these values: a pure function of both."""
    with keras.StatelessScope(state_mapping=list(zip(network.variables, values, strict=True))):
        return call(given)


def values_of(variables: list[Any]) -> Values:
    """What variables hold."""
    return [variable.value for variable in variables]


def assign(variables: list[Any], values: Values) -> None:
    """Set variables to values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
