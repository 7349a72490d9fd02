"""How the networks of a MultVAE are made and trained: the only part of it that takes Keras's time to import.

Networks of the same settings and size share what was compiled for one of them, so that a second model (the next fold)
starts at once.

Legend: U users, I items.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Interactions
from recsys.data.scale import RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.models.mult_vae.network import MultVAEEnsemble, MultVAENetwork, build_decoder, build_encoder
from recsys.models.networks.histories import standardised
from recsys.models.networks.keras_settings import standard_keras
from recsys.models.numeric.memory import give_back_memory
from recsys.models.simple.baseline import Baseline
from recsys.progress import OnProgress, renamed
from recsys.settings import LEVEL

N_KEPT = 4  # sets of settings
LARGE = 500_000  # weights of a layer; to look for what smaller networks leave takes longer than it is worth

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


@standard_keras()
def make_ensemble(config: MultVAEConfig, scale: RatingScale, weights: Sequence[NetworkWeights]) -> MultVAEEnsemble:
    """The Keras model of trained networks."""
    n_items, config = len(weights[0].item_offset), replace(config, n_hidden=len(weights[0].hidden_bias))
    networks = [make_network(config, scale, n_items, seed=number) for number in range(len(weights))]
    for network, learned in zip(networks, weights, strict=True):
        network.set_weights(list(learned))
    ensemble = MultVAEEnsemble(networks)
    ensemble(keras.Input((n_items,)))
    return ensemble


@standard_keras()
def train(
    matrix: sp.csr_array, config: MultVAEConfig, scale: RatingScale, *, seed: int, on_progress: OnProgress
) -> list[NetworkWeights]:
    """Train all networks of an ensemble on the same batches; matrix is (U, I) stars.

    Progress is told of the last one as "epoch", with the mean loss of all, and of others with their number before it.
    Whoever has no ratings is left out, unless that is everybody.
    They are trained on stars from 1 to 5, where the settings hold, and returned for stars of the scale.
    """
    matrix, five = standardised(matrix[np.diff(matrix.indptr) > 0] if matrix.nnz else matrix, scale)
    keras.utils.set_random_seed(seed)
    n_batches = max(1, -(-matrix.shape[0] // config.batch_size))
    seeds = np.random.default_rng(seed).integers(2**31 - 1, size=config.n_networks)
    networks = [make_network(config, five, matrix.shape[1], seed=int(each), n_batches=n_batches) for each in seeds]
    losses = np.zeros((config.n_networks, config.epochs))
    learned = []
    for number in range(config.n_networks):  # one after the other, so that memory holds one optimizer
        network = networks.pop(0)
        start_from_baseline(network, matrix, config, five)
        told = renamed(on_progress, f"network {number + 1} of {config.n_networks}") if networks else on_progress
        for epoch, loss in enumerate(epochs_of(network, matrix, config, five, seed)):
            losses[number, epoch] = loss
            told("epoch", epoch + 1, config.epochs, loss=float(losses[: number + 1, epoch].mean()))
        learned.append(NetworkWeights(*map(np.array, network.get_weights())).on(scale))
        del network
        if matrix.shape[1] * config.n_hidden > LARGE:
            give_back_memory()
    return learned


def epochs_of(
    network: MultVAENetwork, matrix: sp.csr_array, config: MultVAEConfig, scale: RatingScale, seed: int
) -> Iterator[float]:
    """Train a network, (U, I) stars, with the same batches for the same seed; the mean loss of every epoch."""
    n_batches = max(1, -(-matrix.shape[0] // config.batch_size))
    fresh, step = training(of_one_network(config), scale, matrix.shape[1], n_batches)
    if matrix.shape[1] * config.n_hidden > LARGE:
        give_back_memory()  # of the network and the optimizer that were made to compile the step
    state: Any = (values_of(network.trainable_variables), values_of(network.non_trainable_variables), fresh())
    rng = np.random.default_rng(seed)
    for _ in range(config.epochs):
        losses = []
        for history in dense_batches(matrix, rng.permutation(matrix.shape[0]), config.batch_size):
            state, loss = step(state, history)
            losses.append(loss)
        yield float(np.mean(losses))
    assign(network.trainable_variables, state[0])
    assign(network.non_trainable_variables, state[1])


def start_from_baseline(
    network: MultVAENetwork, matrix: sp.csr_array, config: MultVAEConfig, scale: RatingScale
) -> None:
    """Give a network the films' offsets, and how far those of people spread."""
    baseline = Baseline(config.baseline, scale).fit(Interactions(matrix))
    error = np.sqrt(np.mean(baseline.residuals(matrix) ** 2)) if matrix.nnz else 0.0
    spread = float(error / np.sqrt(config.baseline.l2_user)) or 1.0  # see HistoryFeatures
    network.features.know(baseline.mean, baseline.item_offset, spread)
    network.stars.know(baseline.mean + baseline.item_offset, spread)


def of_one_network(config: MultVAEConfig) -> MultVAEConfig:
    """The settings without those that make no difference to the training of a network."""
    return replace(config, n_networks=1, liked_from=LEVEL, liked_weight=0.0, l2_genres=1.0)


@lru_cache(maxsize=N_KEPT)
def training(
    config: MultVAEConfig, scale: RatingScale, n_items: int, n_batches: int
) -> tuple[Callable[[], Values], Callable[[Any, Any], tuple[Any, Any]]]:
    """How to train a network of these settings with n_batches steps in an epoch.

    Returns:
        What makes the values of the optimizer's variables before the first step, and a step: (state, history) ->
        (state, loss). A state is the values of the network's trainable variables, of its others, and of the
        optimizer's; a step writes the next one where it was, so that there is never a second.
    """
    import jax

    shape_of: Any = jax.ShapeDtypeStruct
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

    variables = network.trainable_variables, network.non_trainable_variables, optimizer.variables
    state = tuple([shape_of(each.shape, each.dtype) for each in part] for part in variables)
    history = shape_of((config.batch_size, n_items), "float32")
    compiled = jax.jit(step, donate_argnums=0).lower(state, history).compile()  # and forget the network's own numbers
    return lambda: [jax.numpy.zeros(each.shape, each.dtype) for each in state[-1]], compiled


def values_of(variables: list[Any]) -> Values:
    """What variables hold."""
    return [variable.value for variable in variables]


def assign(variables: list[Any], values: Values) -> None:
    """Set variables to values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def dense_batches(matrix: sp.csr_array, order: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Rows in this order, (batch_size, I) float32 each; the last batch is filled up with empty rows."""
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        history = np.zeros((batch_size, matrix.shape[1]), dtype=np.float32)
        history[: len(rows)] = matrix[rows].toarray()
        yield history
