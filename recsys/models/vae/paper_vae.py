"""The paper's variational autoencoder (its Figure 5), in Keras 3.

Legend: B histories in a batch, I items, L latent dimensions. Inputs and outputs are stars / highest star, in [0, 1],
with 0 for unrated items.
"""

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self

import keras
import numpy as np
import scipy.sparse as sp
from keras import ops

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.learned import LearningModel
from recsys.models.networks.keras_settings import standard_keras
from recsys.models.networks.keras_weights import read_weights
from recsys.models.vae.config import VAEConfig
from recsys.progress import OnProgress
from recsys.training import Training

serializable = keras.saving.register_keras_serializable(package="recsys")


@serializable
class Sampling(keras.layers.Layer):
    """Reparameterisation: (B, L) mean and log variance -> (B, L) mean + exp(log variance / 2) * N(0, 1) noise."""

    def __init__(self, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed = seed
        self.noise = keras.random.SeedGenerator(seed)

    def call(self, z_mean: Any, z_log_var: Any) -> Any:
        """Draw one z for every row."""
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.noise)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        return {**super().get_config(), "seed": self.seed}


@serializable
class VAE(keras.Model):
    """Encoder, reparameterisation and decoder; (B, I) in [0, 1] -> (B, I) in (0, 1).

    The Kullback-Leibler divergence from the standard normal prior, summed over latent dimensions and averaged over
    the batch (nats), is added to whatever reconstruction loss the model is compiled with. z is drawn at every call,
    in training and after it, so a call is one sample of what the model holds possible for a history.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        self.encoder, self.decoder, self.seed = encoder, decoder, seed
        self.sampling = Sampling(seed)

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Nothing to create: encoder and decoder come with their variables."""

    def call(self, history: Any) -> Any:
        """Encode, sample, decode."""
        z_mean, z_log_var = self.encoder(history)
        self.add_loss(ops.mean(kl_divergence(z_mean, z_log_var)))
        return self.decoder(self.sampling(z_mean, z_log_var))

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        parts = {"encoder": self.encoder, "decoder": self.decoder}
        serialized = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **serialized, "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "VAE":
        """The inverse of `get_config`."""
        parts = {name: keras.saving.deserialize_keras_object(config.pop(name)) for name in ("encoder", "decoder")}
        return cls(**parts, **config)


def kl_divergence(z_mean: Any, z_log_var: Any) -> Any:
    """Nats between N(mean, exp(log variance)) and N(0, 1): (B, L) each -> (B,) (Kingma and Welling 2014, eq. 10)."""
    return -0.5 * ops.sum(1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var), axis=-1)


@serializable
def masked_mean_squared_error(target: Any, reconstruction: Any) -> Any:
    """Mean squared error over the rated items (target > 0) alone, (B, I), (B, I) -> (B,); 0 for a row without any."""
    is_rated = ops.cast(target > 0, reconstruction.dtype)
    squared = ops.square(target - reconstruction) * is_rated
    return ops.sum(squared, axis=-1) / ops.maximum(ops.sum(is_rated, axis=-1), 1)


RECONSTRUCTION_LOSSES: dict[str, Any] = {
    "mse": keras.losses.mean_squared_error,  # Figure 5: over all items, so mostly over zeros
    "bce": keras.losses.binary_crossentropy,  # section III, likewise
    "masked-mse": masked_mean_squared_error,
}


def build_encoder(n_items: int, config: VAEConfig) -> keras.Model:
    """(B, I) -> z_mean and z_log_var, (B, L) each."""
    history = hidden = keras.Input((n_items,), name="history")
    for n_units in config.hidden:
        hidden = keras.layers.Dense(n_units, activation="relu")(hidden)
    z_mean = keras.layers.Dense(config.n_latent, name="z_mean")(hidden)
    z_log_var = keras.layers.Dense(config.n_latent, name="z_log_var")(hidden)
    return keras.Model(history, [z_mean, z_log_var], name="encoder")


def build_decoder(n_items: int, config: VAEConfig) -> keras.Model:
    """(B, L) -> (B, I) in (0, 1)."""
    z = hidden = keras.Input((config.n_latent,), name="z")
    for n_units in reversed(config.hidden):
        hidden = keras.layers.Dense(n_units, activation="relu")(hidden)
    reconstruction = keras.layers.Dense(n_items, activation="sigmoid", name="reconstruction")(hidden)
    return keras.Model(z, reconstruction, name="decoder")


class HistoryBatches(keras.utils.PyDataset):
    """Batches of (input, target), dense (B, I) float32, made from sparse rows one batch at a time."""

    def __init__(self, inputs: sp.csr_array, targets: sp.csr_array, batch_size: int, rng: np.random.Generator | None):
        super().__init__()
        self.inputs, self.targets, self.batch_size, self.rng = inputs, targets, batch_size, rng
        self.order = np.arange(inputs.shape[0])
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self.order) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.inputs[rows].toarray(), self.targets[rows].toarray()

    def on_epoch_end(self) -> None:
        """Shuffle the rows, if there is a generator to do it with."""
        if self.rng is not None:
            self.order = self.rng.permutation(len(self.order))


class EpochReport(keras.callbacks.Callback):
    """Hands every epoch's losses to `on_progress`."""

    def __init__(self, on_progress: OnProgress, n_epochs: int):
        super().__init__()
        self.on_progress, self.n_epochs = on_progress, n_epochs

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Report epoch + 1 of n_epochs."""
        losses = {name: float(value) for name, value in (logs or {}).items()}
        self.on_progress("epoch", epoch + 1, self.n_epochs, **losses)


class PaperVAE(LearningModel):
    """The paper's recipe behind the contract: Adam, ten epochs, early stopping on val_loss, ratings / highest star.

    With the losses "mse" and "bce" every unrated item is a target of 0, as the paper has it; "masked-mse" changes
    that one thing. Keras averages the reconstruction loss over items while the divergence is a sum, and the paper
    weighs neither, so the divergence wins: z_mean goes to 0, its variance to 1, and the history is ignored.

    A prediction is the mean reconstruction over `n_draws` fixed draws of z (a decoder of ReLUs that saw only draws is
    off at their mean), times the highest star; the ranking score is the same without that factor.
    """

    uses_validation: ClassVar[bool] = True

    config: VAEConfig

    def __init__(self, config: VAEConfig = VAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    @standard_keras()
    def build(self, n_items: int, seed: int = 0) -> Self:
        """Create the untrained networks."""
        self.__dict__.pop("expectation", None)  # compiled for the networks before
        self.vae = VAE(build_encoder(n_items, self.config), build_decoder(n_items, self.config), seed, name="vae")
        self.vae(np.zeros((1, n_items), dtype=np.float32))  # Keras creates a subclass's variables at its first call
        return self

    @standard_keras()
    def learn(self, data: Interactions, training: Training) -> None:
        """Train; the weights of the best val_loss are kept. Without validation all epochs run."""
        train = data.stars
        keras.utils.set_random_seed(training.seed)
        self.build(train.shape[1], training.seed)
        self.vae.compile(
            optimizer=keras.optimizers.Adam(self.config.learning_rate), loss=RECONSTRUCTION_LOSSES[self.config.loss]
        )
        self.vae.fit(
            self.batches(train, train, np.random.default_rng(training.seed)),
            validation_data=None
            if training.validation is None
            else self.validation_batches(train, training.validation.stars),
            epochs=self.config.epochs,
            callbacks=list(self.callbacks(training.on_progress, stops_early=training.validation is not None)),
            verbose=0,
        )

    def callbacks(self, on_progress: OnProgress, stops_early: bool) -> Iterator[keras.callbacks.Callback]:
        """What watches the training."""
        yield EpochReport(on_progress, self.config.epochs)
        if stops_early:
            patience = self.config.patience
            yield keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)

    def validation_batches(self, train: sp.csr_array, validation: sp.csr_array) -> HistoryBatches:
        """Training ratings in; out, the same plus the held-out ones, or those alone where the rest is masked."""
        targets = validation if self.config.loss == "masked-mse" else sp.csr_array(train + validation)
        return self.batches(train, targets, None)

    def batches(self, inputs: sp.csr_array, targets: sp.csr_array, rng: np.random.Generator | None) -> HistoryBatches:
        """Stars scaled to [0, 1], in batches."""
        return HistoryBatches(self.scaled(inputs), self.scaled(targets), self.config.batch_size, rng)

    def scaled(self, history: sp.csr_array) -> sp.csr_array:
        """Stars / highest star, float32."""
        return (history / self.scale.highest).astype(np.float32)

    @standard_keras()
    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 expected reconstruction in (0, 1)."""
        weights = self.vae.encoder.variables, self.vae.decoder.variables
        values = [[variable.value for variable in part] for part in weights]
        return np.asarray(self.expectation(values, self.scaled(people.stars).toarray()))

    @cached_property
    def expectation(self) -> Callable[[Any, np.ndarray], Any]:
        """Encoder and the mean of the decoder over the fixed draws, compiled for every size of batch that comes."""
        import jax

        noise = antithetic_noise(self.config.n_draws, self.config.n_latent)

        def expected_reconstruction(values: Any, inputs: Any) -> Any:
            (z_mean, z_log_var), _ = self.vae.encoder.stateless_call(values[0], [], inputs)
            spread = ops.exp(0.5 * z_log_var)  # (B, L)

            def with_one_more(total: Any, epsilon: Any) -> tuple[Any, None]:  # a loop: compiled once for all draws
                return total + self.vae.decoder.stateless_call(values[1], [], z_mean + spread * epsilon)[0], None

            total, _ = jax.lax.scan(with_one_more, ops.zeros_like(inputs), noise)
            return total / len(noise)

        return jax.jit(expected_reconstruction)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars; below the scale where the network says "unrated"."""
        return self.score(people) * np.float32(self.scale.highest)

    def network(self) -> keras.Model:
        """The whole model, which holds encoder and decoder."""
        return self.vae

    def network_arrays(self) -> dict[str, np.ndarray]:
        """What encoder and decoder learned."""
        return {variable.path: np.asarray(variable.value) for variable in self.vae.variables}

    @standard_keras()
    def restore_network(self, path: Path, n_items: int) -> Self:
        """Take the weights that Keras saved."""
        weights = read_weights(path, weight_shapes(self.config, n_items))  # before anything of that size is made
        self.build(n_items).vae.set_weights(list(weights.values()))
        return self


def weight_shapes(config: VAEConfig, n_items: int) -> dict[str, tuple[int, ...]]:
    """The shapes of encoder and decoder, by where Keras writes them, in the order of its `weights`."""
    hidden = tuple(config.hidden)
    encoder = [*pairwise((n_items, *hidden)), (hidden[-1], config.n_latent), (hidden[-1], config.n_latent)]
    decoder = list(pairwise((config.n_latent, *reversed(hidden), n_items)))
    shapes: dict[str, tuple[int, ...]] = {}
    for part, layers in (("encoder", encoder), ("decoder", decoder)):
        for number, (n_inputs, n_outputs) in enumerate(layers):
            place = f"{part}/layers/dense{f'_{number}' * (number > 0)}/vars"
            shapes |= {f"{place}/0": (n_inputs, n_outputs), f"{place}/1": (n_outputs,)}
    return shapes


def antithetic_noise(n_draws: int, n_latent: int) -> np.ndarray:
    """(n_draws, L) float32 standard normal draws in pairs +e, -e; always the same ones. n_draws is even."""
    half = np.random.default_rng(0).standard_normal((n_draws // 2, n_latent)).astype(np.float32)
    return np.concatenate([half, -half])
