"""How the networks of a MultVAE are made and trained: the only part of it that takes Keras's time to import.

Networks of the same settings and size share what was compiled for one of them, so that a second model (the next fold)
starts at once.

Legend: U users, I items.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import jax
import keras
import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Interactions, keep_entries
from recsys.data.scale import RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.models.mult_vae.learning import Batch, Share, StandIn, trained_of, weights_of
from recsys.models.mult_vae.network import MultVAEEnsemble, MultVAENetwork, build_decoder, build_encoder
from recsys.models.mult_vae.steps import Course, Step, joint_step_of, of_a_step, step_of
from recsys.models.networks.adam import arrays_of, beginning, learner_of
from recsys.models.networks.ahead import made_ahead
from recsys.models.networks.cells import Cells, room_for
from recsys.models.networks.film_sample import FilmSampler
from recsys.models.networks.histories import Usual, standardised
from recsys.models.networks.keras_settings import standard_keras
from recsys.models.numeric.memory import give_back_memory
from recsys.models.simple.baseline import Baseline
from recsys.progress import renamed
from recsys.training import Training
from recsys.training.checkpoints import NOTHING_KEPT, Loop
from recsys.training.processes import ALONE, Processes

LOSSES = "losses"  # of the steps that were done, which are kept with what was learned
LARGE = 500_000  # weights of a layer; to look for what smaller networks leave takes longer than it is worth


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


def train(
    matrix: sp.csr_array,
    config: MultVAEConfig,
    scale: RatingScale,
    training: Training,
    begun: Iterable[NetworkWeights] = (),
) -> list[NetworkWeights]:
    """Train all networks of an ensemble on the same batches; matrix is (U, I) stars.

    Networks that have begun, on most of the ratings, go on for `more_epochs`; one at least begins here. Of a list, each
    is taken out when its turn comes, so that memory holds it no longer.
    Progress is told of the last one as "epoch", with its mean loss, and of others with their number before it.
    Whoever has no ratings is left out, unless that is everybody.
    They are trained on stars from 1 to 5, where the settings hold, and returned for stars of the scale.
    """
    matrix, five = standardised(matrix[np.diff(matrix.indptr) > 0] if matrix.nnz else matrix, scale)
    seeds = np.random.default_rng(training.seed).integers(2**31 - 1, size=config.n_networks).tolist()
    going = begun if isinstance(begun, list) else [*begun]
    del going[config.n_networks - 1 if config.more_epochs else 0 :]
    n_new, learned = config.n_networks - len(going), []
    made = untrained(matrix, config, five, training.seed, seeds)
    usual = Usual(*(np.array(each, np.float32) for each in usual_of(matrix, config, five)))

    def start(number: int) -> NetworkWeights:
        """The first weights of a network, of which nothing else is kept here."""
        return next(made) if number < n_new else going.pop(0).off(scale)._replace(**usual._asdict())

    for number, own_seed in enumerate(seeds):  # one after the other, so that memory holds one optimizer
        is_last = number + 1 == config.n_networks
        name = f"network {number + 1} of {config.n_networks}"
        told = training.on_progress if is_last else renamed(training.on_progress, name)
        course = config if number < n_new else going_on(config)
        study = Study(matrix, course, five, training.seed, training.processes)
        loop = training.checkpoints.loop(name, {})
        for epoch, loss in study.epochs(start(number), own_seed, loop):
            told("epoch", epoch + 1, course.epochs, loss=loss)
        learned.append(study.learned().on(scale))
        del study
        give_back(config, matrix.shape[1])
    return learned


def going_on(config: MultVAEConfig) -> MultVAEConfig:
    """The course of a network that has begun: it is shorter, and calmer."""
    return replace(config, epochs=config.more_epochs, learning_rate=config.more_rate, anneal_epochs=1)


def untrained(
    matrix: sp.csr_array, config: MultVAEConfig, scale: RatingScale, seed: int, seeds: Sequence[int]
) -> Iterator[NetworkWeights]:
    """Networks before their first step, which know what is usual among (U, I) stars; each is made when it is wanted.

    Args:
        seed: of what their weights begin with; Keras draws that by Python's own random numbers.
        seeds: of the noise of each.
    """
    keras.utils.set_random_seed(seed)
    state = [random.getstate()]

    def begun(own_seed: int) -> NetworkWeights:
        random.setstate(state.pop())
        with standard_keras():
            network = make_network(config, scale, matrix.shape[1], seed=own_seed)
            start_from_baseline(network, matrix, config, scale)
            weights = NetworkWeights(*map(np.array, network.get_weights()))
        state.append(random.getstate())
        del network
        give_back(config, matrix.shape[1])
        return weights

    for own_seed in seeds:
        yield begun(own_seed)  # and keep nothing of it


def give_back(config: MultVAEConfig, n_items: int) -> None:
    """Return the memory of a network that is no longer used, if it is large."""
    if is_large(config, n_items):
        give_back_memory()


def is_large(config: MultVAEConfig, n_items: int) -> bool:
    """Whether a network is."""
    return n_items * config.n_hidden > LARGE


class Study:
    """One network after the other learns from the same ratings, in the same batches.

    Several processes have the same ratings, too; of every batch each works on its share.
    """

    def __init__(
        self,
        matrix: sp.csr_array,
        config: MultVAEConfig,
        scale: RatingScale,
        seed: int,
        processes: Processes = ALONE,
    ):
        self.matrix, self.config, self.scale, self.seed, self.processes = matrix, config, scale, seed, processes
        self.share = Share.of(processes.number, processes.count, config.batch_size)
        self.n_batches = max(1, -(-matrix.shape[0] // config.batch_size))
        self.usual_ratings = -(-matrix.nnz // self.n_batches)
        self.sampler = self.sampler_of_films()
        n_rare = 0 if self.sampler is None else np.count_nonzero(~self.sampler.is_certain[matrix.indices])
        self.usual_rare = -(-n_rare // self.n_batches)

    def epochs(self, weights: NetworkWeights, seed: int, loop: Loop = NOTHING_KEPT) -> Iterator[tuple[int, float]]:
        """Train a network, which `learned` then returns; every epoch that ends, from 0, and its mean loss.

        loop: what is kept of it, after any step; the losses of all steps before with it.
        """
        trained, self.usual = trained_of(weights)
        n_steps, n_annealing = (self.n_batches * n for n in (self.config.epochs, self.config.anneal_epochs))
        course = Course(n_steps, n_annealing, seed, self.config.learning_rate)
        step = self.step(jax.eval_shape(beginning, trained), course)
        self.learner = learner_of(loop.found) if loop.found else beginning(trained)
        losses = list(loop.found.get(LOSSES, ()))
        del weights, trained
        for batch in made_ahead(lambda make: make(), self.orders(loop.done)):
            self.learner, loss = step(self.learner, batch, self.usual, course)
            losses.append(loss)
            loop.reached(len(losses), lambda: arrays_of(self.learner) | {LOSSES: np.array(losses, np.float32)})
            if len(losses) % self.n_batches == 0:
                yield len(losses) // self.n_batches - 1, float(np.mean(losses[-self.n_batches :]))

    def step(self, learner: Any, course: Course) -> Step:
        """What a step is to these processes; a large one is compiled while there are no moments and slopes yet.

        To compile takes as much memory as they do, for a moment.

        Args:
            learner: shapes of what learns.
            course: as in all steps.
        """
        settings = of_a_step(self.config), self.scale
        if self.processes.count > 1:
            return joint_step_of(*settings, self.share, self.processes)
        step = step_of(*settings)
        if is_large(self.config, self.matrix.shape[1]):
            step.lower(learner, next(self.orders())(), self.usual, course).compile()
            give_back_memory()
        return step

    def orders(self, n_done: int = 0) -> Iterator[Callable[[], Batch]]:
        """What makes each batch of all epochs, without as many as are done."""
        rng, chance = np.random.default_rng(self.seed), np.random.default_rng([self.seed, 1])
        orders = (rng.permutation(self.matrix.shape[0]) for _ in range(self.config.epochs))
        parts = (order[start : start + self.config.batch_size] for order in orders for start in self.starts)
        for _ in islice(parts, n_done):
            if self.sampler is not None:
                self.sampler.draw(chance)
        yield from (partial(self.batch, people, chance) for people in parts)

    @property
    def starts(self) -> range:
        """Where each batch starts in the order of an epoch."""
        return range(0, self.matrix.shape[0] or 1, self.config.batch_size)

    def batch(self, people: np.ndarray, rng: np.random.Generator) -> Batch:
        """The cells of those of these people whom this process has, and films that stand for all."""
        history = self.matrix[people[self.share.rows]]
        cells = self.cells(history, self.usual_ratings)
        if self.sampler is None:
            return Batch(cells)
        rare = self.cells(keep_entries(history, ~self.sampler.is_certain[history.indices]), self.usual_rare)
        return Batch(cells, StandIn.of(self.sampler.draw(rng), rare))

    def cells(self, history: sp.csr_array, usual: int) -> Cells:
        """The cells of people, (B, I), with room for as many as their share of so many has as a rule."""
        n_people, usual = max(1, self.share.n_people), int(np.ceil(usual * self.share.weight))
        return Cells.of(history, n_people, room_for(history.nnz, usual))

    def sampler_of_films(self) -> FilmSampler | None:
        """What draws films for the softmax, if there are more than it is worked out for."""
        n_items, n_sampled = self.matrix.shape[1], self.config.n_sampled
        if n_items <= max(self.config.exact_films, n_sampled):
            return None
        return FilmSampler(np.bincount(self.matrix.indices, minlength=n_items), n_sampled)

    def learned(self) -> NetworkWeights:
        """What the network has learned; once."""
        trained, n_done = self.learner.values, int(self.learner.n_done)
        del self.learner  # and the moments, before anything is copied
        kl_weight = self.config.beta * min(1.0, n_done / (self.config.anneal_epochs * self.n_batches))
        return weights_of(trained, self.usual, kl_weight)


def start_from_baseline(
    network: MultVAENetwork, matrix: sp.csr_array, config: MultVAEConfig, scale: RatingScale
) -> None:
    """Give a network the films' offsets, how far those of people spread and, if wanted, how often films are chosen."""
    mean, item_offset, spread = usual_of(matrix, config, scale)
    network.features.know(mean, item_offset, spread)
    network.stars.know(mean + item_offset, spread)
    if config.popular_start:
        chosen = np.bincount(matrix.indices, minlength=matrix.shape[1]) + 1.0
        network.decoder.get_layer("choice").bias.assign(np.log(chosen / chosen.mean()))


def usual_of(matrix: sp.csr_array, config: MultVAEConfig, scale: RatingScale) -> tuple[float, np.ndarray, float]:
    """The mean of (U, I) stars, (I,) offsets of films from it, and how far those of people spread."""
    baseline = Baseline(config.baseline, scale).fit(Interactions(matrix))
    error = np.sqrt(np.mean(baseline.residuals(matrix) ** 2)) if matrix.nnz else 0.0
    spread = float(error / np.sqrt(config.baseline.l2_user)) or 1.0  # see HistoryFeatures
    return baseline.mean, baseline.item_offset, spread
