"""The generative recommender behind the contract: a few MultVAENetworks, trained side by side and averaged.

Legend: B histories in a batch, I items, U users, L latent dimensions, N star levels.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, ClassVar, Self

import keras
import numpy as np
import scipy.sparse as sp
from keras import ops

from recsys.config import MultVAEConfig
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.baseline import Baseline
from recsys.models.mult_vae_network import MultVAENetwork, build_decoder, build_encoder
from recsys.progress import OnProgress, silent

SMALLEST_CHANCE = 1e-6  # of a film being liked; keeps its logarithm finite


class MultVAE:
    """Which films a person chooses and what stars they get, from one latent taste (see `mult_vae_network`).

    Everything is the average over `n_networks` networks that differ in their random numbers. The ranking score of a
    film is the mean log chance that it is chosen, plus `liked_weight` times the log chance that it is then liked.
    """

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def __init__(self, config: MultVAEConfig = MultVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def build(self, n_items: int, seed: int = 0, n_batches: int = 1) -> Self:
        """Create the untrained networks; n_batches is the number of training steps in an epoch."""
        self.__dict__.pop("compiled", None)  # compiled for the networks before
        seeds = np.random.default_rng(seed).integers(2**31 - 1, size=self.config.n_networks)
        self.ensemble = [self.network(n_items, int(each), n_batches) for each in seeds]
        return self

    def network(self, n_items: int, seed: int, n_batches: int) -> MultVAENetwork:
        """One untrained network."""
        parts = build_encoder(n_items, self.scale, self.config, seed), build_decoder(n_items, self.scale, self.config)
        network = MultVAENetwork(
            *parts,
            beta=self.config.beta,
            anneal_steps=self.config.anneal_epochs * n_batches,
            stars_weight=self.config.stars_weight,
            seed=seed + 1,  # not the seed of what is forgotten
        )
        network(np.zeros((1, n_items), dtype=np.float32))  # Keras creates a subclass's variables at its first call
        return network

    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Train all networks on the same batches, epoch by epoch."""
        keras.utils.set_random_seed(seed)
        n_batches = max(1, -(-train.shape[0] // self.config.batch_size))
        self.build(train.shape[1], seed, n_batches).start_from_baseline(train)
        rate = keras.optimizers.schedules.CosineDecay(self.config.learning_rate, self.config.epochs * n_batches)
        states, step = prepare_training(self.ensemble, keras.optimizers.Adam(rate))
        rng = np.random.default_rng(seed)
        for epoch in range(self.config.epochs):
            losses = []
            for history in dense_batches(train, self.config.batch_size, rng):
                states, batch_losses = zip(*(step(state, history) for state in states), strict=True)
                losses.append(batch_losses)
            on_progress("epoch", epoch + 1, self.config.epochs, loss=float(np.mean(losses)))
        for network, (trainable, fixed, _) in zip(self.ensemble, states, strict=True):
            assign(network.trainable_variables, trainable)
            assign(network.non_trainable_variables, fixed)
        return self

    def start_from_baseline(self, train: sp.csr_array) -> None:
        """Give every network the films' offsets, and how far those of people spread."""
        baseline = Baseline(self.config.baseline, self.scale).fit(train)
        error = np.sqrt(np.mean(baseline.residuals(train) ** 2)) if train.nnz else 0.0
        spread = float(error / np.sqrt(self.config.baseline.l2_user)) or 1.0  # see HistoryFeatures
        for network in self.ensemble:
            network.features.know(baseline.mean, baseline.item_offset, spread)
            network.stars.know(baseline.mean + baseline.item_offset, spread)

    def score(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 nats: a film's chance to be chosen and, weighed, to be liked."""
        return self.evaluate("score", history)

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 expected stars, inside the scale."""
        return self.evaluate("stars", history)

    def rating_distribution(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I, N) float32 probability of each level, lowest first, if the film is rated."""
        return self.evaluate("distribution", history)

    def latent(self, history: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
        """(B, I) stars -> mean and variance of the first network's z, (B, L) float32 each; the prior is N(0, 1)."""
        mean, log_var = self.compiled["latent"](values_of(self.ensemble[0].encoder), dense(history))
        return np.asarray(mean), np.exp(np.asarray(log_var))

    def evaluate(self, what: str, history: sp.csr_array) -> np.ndarray:
        """One of `compiled`'s functions of all networks, on a history."""
        return np.asarray(self.compiled[what]([values_of(network) for network in self.ensemble], dense(history)))

    @cached_property
    def compiled(self) -> dict[str, Callable[[Any, np.ndarray], Any]]:
        """Functions of variables' values and a dense history, compiled for every size of batch that comes."""
        import jax

        network, levels = self.ensemble[0], self.scale.levels.astype(np.float32)
        likes = np.flatnonzero(self.scale.levels >= self.config.liked_from)

        def heads(values: Any, history: Any) -> Any:  # mean log chances (B, I), mean star probabilities (B, I, N)
            found = [network.stateless_call(*each, history)[0] for each in values]
            return tuple(sum(head) / len(found) for head in zip(*found, strict=True))

        def score(values: Any, history: Any) -> Any:
            log_chances, stars = heads(values, history)
            is_liked = ops.maximum(ops.sum(ops.take(stars, likes, axis=2), axis=2), SMALLEST_CHANCE)
            return log_chances + self.config.liked_weight * ops.log(is_liked)

        return {
            "score": jax.jit(score),
            "stars": jax.jit(lambda values, history: ops.sum(heads(values, history)[1] * levels, axis=2)),
            "distribution": jax.jit(lambda values, history: heads(values, history)[1]),
            "latent": jax.jit(lambda values, history: network.encoder.stateless_call(*values, history)[0]),
        }

    def networks(self) -> dict[str, keras.Model]:
        """The whole ensemble; each network holds its encoder and decoder."""
        return {f"mult-vae-{number}": network for number, network in enumerate(self.ensemble)}

    def arrays(self) -> dict[str, np.ndarray]:
        """Nothing beside the networks."""
        return {}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """Nothing beside the networks, whose weights Keras loads."""
        return self


def dense(history: sp.csr_array) -> np.ndarray:
    """(B, I) float32 stars."""
    return history.astype(np.float32).toarray()


Values = tuple[list[Any], list[Any]]  # of a network's trainable variables and of the others


def values_of(network: keras.Model) -> Values:
    """What the network's variables hold."""
    parts = network.trainable_variables, network.non_trainable_variables
    return tuple([variable.value for variable in part] for part in parts)  # type: ignore[return-value]


def assign(variables: list[Any], values: list[Any]) -> None:
    """Set variables to values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def dense_batches(train: sp.csr_array, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """All rows in a new order, (batch_size, I) float32 each; the last is filled up with empty rows."""
    order = rng.permutation(train.shape[0])
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        history = np.zeros((batch_size, train.shape[1]), dtype=np.float32)
        history[: len(rows)] = train[rows].toarray()
        yield history


def prepare_training(networks: list[MultVAENetwork], optimizer: keras.optimizers.Optimizer) -> tuple[Any, Any]:
    """Each network's state, and a step of training, (state, history) -> (state, loss), compiled once for all."""
    import jax

    first = networks[0]
    optimizer.build(first.trainable_variables)
    states = [(*values_of(network), [variable.value for variable in optimizer.variables]) for network in networks]

    def loss_of(trainable: Any, fixed: Any, history: Any) -> Any:
        _, fixed, losses = first.stateless_call(trainable, fixed, history, training=True, return_losses=True)
        return sum(losses), fixed

    def step(state: Any, history: Any) -> Any:
        trainable, fixed, optimizer_values = state
        (loss, fixed), gradient = jax.value_and_grad(loss_of, has_aux=True)(trainable, fixed, history)
        trainable, optimizer_values = optimizer.stateless_apply(optimizer_values, gradient, trainable)
        return (trainable, fixed, optimizer_values), loss

    return states, jax.jit(step)
