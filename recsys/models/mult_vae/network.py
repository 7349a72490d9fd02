"""The networks of a generative recommender: one taste explains which films a person likes and what stars they get.

    z ~ N(0, 1), L numbers; the first is how generous with stars the person is, the others are the taste
    film | z ~ multinomial(softmax(f(z)))                        who likes what (Liang et al. 2018, "Mult-VAE")
    stars(u, i) | z ~ ordered logit around b_i + g z_0 + t(z) . w_i         rated films only (McCullagh 1980)

Legend: B histories in a batch, I items, L latent dimensions, N star levels, K groups of them. A history is a dense
row of stars, 0 = unrated. Everything logarithmic is in nats.
"""

from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from recsys.data.scale import RatingScale
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.numeric.level_groups import group_size, n_groups, spreading
from recsys.models.vae.paper_vae import Sampling, kl_divergence

serializable = keras.saving.register_keras_serializable(package="recsys")

FAR = 1e4  # stars; what stands for an infinite threshold, so that no gradient is infinity minus infinity
TINY = 1e-6  # keeps an empty history from being divided by 0


@serializable
class Forgetting(keras.layers.Layer):
    """In training, sets each rating to "unrated" with a probability: (B, I) -> (B, I). The others stay as they are."""

    def __init__(self, rate: float, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.chance = keras.random.SeedGenerator(seed)

    def call(self, history: Any, training: bool | None = None) -> Any:
        """Forget, in training only."""
        if not training:
            return history
        return history * ops.cast(keras.random.uniform(ops.shape(history), seed=self.chance) >= self.rate, "float32")

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@serializable
class HistoryFeatures(keras.layers.Layer):
    """What an encoder wants to know of a history: (B, I) stars -> features (B, 2 I), z_0's mean and log variance.

    The features are the stars as grades from 0 to 1, divided by their Euclidean norm, and the stars beyond what
    `mean`, the film's offset and the person's offset explain, divided by sqrt(number of ratings + 1).

    With person offsets ~ N(0, spread^2) and rating errors ~ N(0, l2 spread^2) the offset has a known posterior: its
    mean is the sum of the residuals over (n + l2), its variance is l2 spread^2 / (n + l2). z_0 = offset / spread.
    """

    def __init__(self, lowest: float, highest: float, l2: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.lowest, self.highest, self.l2 = lowest, highest, l2

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Constants of the catalogue, which `know` sets and which are saved with the weights."""
        constant = partial(self.add_weight, trainable=False)
        self.item_offset = constant(shape=(input_shape[1],), initializer="zeros", name="item_offset")
        self.mean = constant(shape=(), initializer="zeros", name="mean")
        self.spread = constant(shape=(), initializer="ones", name="spread")

    def know(self, mean: float, item_offset: np.ndarray, spread: float) -> None:
        """Set mean and offsets, (I,), and the standard deviation of people's offsets, all in stars."""
        self.mean.assign(mean)
        self.item_offset.assign(item_offset)
        self.spread.assign(spread)

    def call(self, history: Any) -> Any:
        """Features, mean and log variance of z_0, (B, 1) each."""
        is_rated = ops.cast(history > 0, "float32")
        n_ratings = ops.sum(is_rated, axis=1, keepdims=True)  # (B, 1)
        grades = self.grades(history)
        norm = ops.sqrt(ops.maximum(ops.sum(ops.square(grades), axis=1, keepdims=True), TINY))
        residuals = is_rated * (history - self.mean - self.item_offset)
        offset = ops.sum(residuals, axis=1, keepdims=True) / (n_ratings + self.l2)  # (B, 1)
        surprise = (residuals - is_rated * offset) / ops.sqrt(n_ratings + 1)
        features = ops.concatenate([grades / norm, surprise], axis=1)  # (B, 2 I)
        return features, offset / self.spread, ops.log(self.l2 / (n_ratings + self.l2))

    def grades(self, history: Any) -> Any:
        """(B, I) stars -> (B, I) in [0, 1], from the lowest star to the highest; 0 for unrated."""
        return ops.where(history > 0, (history - self.lowest) / (self.highest - self.lowest), 0.0)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        return {**super().get_config(), "lowest": self.lowest, "highest": self.highest, "l2": self.l2}


@serializable
class OrderedStars(keras.layers.Layer):
    """Star levels by ordered logit: P(level <= n) = sigmoid((threshold_n - centre) / width); all in stars.

    Called on z, (B, L), it returns the centres, (B, I). Thresholds start half-way between the levels. Where there are
    many of these, thresholds are learned, and stars are told apart, between groups of them: see `level_groups`.
    """

    def __init__(
        self, n_items: int, *, n_units: int, l2: float, lowest: float, step: float, n_levels: int, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.n_items, self.n_units, self.l2 = n_items, n_units, l2
        self.lowest, self.step, self.n_levels = lowest, step, n_levels
        self.n_groups, self.group_width = n_groups(n_levels), group_size(n_levels) * step
        self.first_centre = lowest + (self.group_width - step) / 2
        self.taste = keras.layers.Dense(n_units, activation="tanh", name="taste")
        self.items = keras.layers.Dense(
            n_items,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.05),
            kernel_regularizer=keras.regularizers.L2(l2),
            name="items",
        )

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Thresholds as the first and the logarithms of the gaps that follow, so that they never cross."""
        self.taste.build(input_shape)
        self.items.build((None, self.n_units))
        constant = keras.initializers.Constant
        self.first = self.add_weight((), constant(self.first_centre + self.group_width / 2), name="first")
        self.log_gaps = self.add_weight((self.n_groups - 2,), constant(np.log(self.group_width)), name="log_gaps")
        self.log_width = self.add_weight((), constant(np.log(0.5)), name="log_width")  # errors of 0.9 stars
        self.generosity = self.add_weight((), "ones", name="generosity")

    def know(self, item_stars: np.ndarray, spread: float) -> None:
        """Start from each film's usual stars, (I,), and from how far people's offsets spread, in stars."""
        self.items.bias.assign(item_stars)
        self.generosity.assign(spread)

    def call(self, z: Any) -> Any:
        """(B, L) -> (B, I) centres: film, generosity, taste."""
        return self.items(self.taste(z)) + self.generosity * z[:, :1]

    def learned_thresholds(self) -> Any:
        """(K - 1,) thresholds between the groups."""
        rest = self.first + ops.cumsum(ops.exp(self.log_gaps))
        return ops.concatenate([ops.reshape(self.first, (1,)), rest])

    def bounds(self) -> Any:
        """(N + 1,) thresholds between the levels, with one far below and one far above."""
        return with_far_ends(ops.matmul(spreading(self.n_levels), self.learned_thresholds()))

    def log_likelihood(self, centre: Any, stars: Any) -> Any:
        """Nats of each star's group, (B, I), (B, I) -> (B, I); for an unrated item a number that means nothing.

        log(sigmoid(a) - sigmoid(b)) = log sigmoid(a) + log sigmoid(-b) + log(1 - exp(b - a)), free of cancellation.
        """
        group = ops.clip(ops.round((stars - self.first_centre) / self.group_width), 0, self.n_groups - 1)

        def at_group(values: Any) -> Any:  # (K,) -> (B, I); faster than indexing and its gradient
            return sum(ops.where(group == n, values[n], 0.0) for n in range(self.n_groups))

        width, bounds = ops.exp(self.log_width), with_far_ends(self.learned_thresholds())  # (K + 1,)
        lower, upper, centre = bounds[:-1] / width, bounds[1:] / width, centre / width
        tails = ops.log_sigmoid(at_group(upper) - centre) + ops.log_sigmoid(centre - at_group(lower))
        return tails + at_group(ops.log1p(-ops.exp(lower - upper)))

    def at_least(self, centre: Any, level: int) -> Any:
        """Probability of this level (0 = lowest) or a higher one, (B, I) -> (B, I)."""
        return ops.sigmoid((centre - self.bounds()[level]) / ops.exp(self.log_width))

    def distribution(self, centre: Any) -> Any:
        """Probability of each level, (B, I) -> (B, I, N)."""
        below = ops.sigmoid((self.bounds() - centre[..., None]) / ops.exp(self.log_width))  # (B, I, N + 1)
        return below[..., 1:] - below[..., :-1]

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        names = ("n_items", "n_units", "l2", "lowest", "step", "n_levels")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def with_far_ends(thresholds: Any) -> Any:
    """(n,) -> (n + 2,), with one far below and one far above."""
    return ops.concatenate([ops.array([-FAR]), thresholds, ops.array([FAR])])


def multinomial_log_likelihood(log_chances: Any, counts: Any) -> Any:
    """Nats of counts (fractions too) without the constant of their order, (B, I), (B, I) -> (B,) (Liang, eq. 2)."""
    return ops.sum(counts * log_chances, axis=-1)


def build_encoder(n_items: int, scale: RatingScale, config: MultVAEConfig, seed: int = 0) -> keras.Model:
    """(B, I) stars -> z_mean and z_log_var, (B, L) each. The first dimension is HistoryFeatures' z_0."""
    history = keras.Input((n_items,), name="history")
    remembered = Forgetting(config.forgets, seed, name="forgetting")(history)
    describe = HistoryFeatures(scale.lowest, scale.highest, config.baseline.l2_user, name="features")
    features, generosity, generosity_log_var = describe(remembered)
    hidden = keras.layers.Dense(config.n_hidden, activation="tanh", name="hidden")(features)
    known = keras.layers.Concatenate(name="known")([hidden, generosity])
    z_mean = keras.layers.Dense(config.n_latent - 1, name="taste_mean")(known)
    z_log_var = keras.layers.Dense(config.n_latent - 1, name="taste_log_var")(known)
    outputs = [
        keras.layers.Concatenate(name="z_mean")([generosity, z_mean]),
        keras.layers.Concatenate(name="z_log_var")([generosity_log_var, z_log_var]),
    ]
    return keras.Model(history, outputs, name="encoder")


def build_decoder(n_items: int, scale: RatingScale, config: MultVAEConfig) -> keras.Model:
    """(B, L) -> log probability of each film being chosen, (B, I) nats, and the centre of its stars, (B, I)."""
    z = keras.Input((config.n_latent,), name="z")
    hidden = keras.layers.Dense(config.n_hidden, activation="tanh", name="hidden")(z)
    choice = keras.layers.Dense(n_items, activation="log_softmax", name="choice")(hidden)
    stars = OrderedStars(
        n_items,
        n_units=config.n_star_units,
        l2=config.l2_stars,
        lowest=float(scale.levels[0]),
        step=scale.width,
        n_levels=len(scale.levels),
        name="stars",
    )
    return keras.Model(z, [choice, stars(z)], name="decoder")


@serializable
class MultVAENetwork(keras.Model):
    """Encoder, draw of z and decoder: (B, I) stars -> log chances (B, I) in nats and star probabilities (B, I, N).

    Outside training z is the posterior's mean. In training the negative evidence lower bound, averaged over people,
    is added as loss, with the stars weighed by `stars_weight` and the divergence by `kl_weight`, which rises from 0
    to `beta` by beta / anneal_steps at every step. Whoever has no ratings adds the divergence alone.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        *,
        beta: float,
        anneal_steps: int,
        stars_weight: float,
        seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.beta, self.anneal_steps, self.stars_weight, self.seed = beta, anneal_steps, stars_weight, seed
        self.features, self.stars = encoder.get_layer("features"), decoder.get_layer("stars")
        self.sampling = Sampling(seed)
        self.kl_weight = self.add_weight(shape=(), initializer="zeros", trainable=False, name="kl_weight")

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Nothing to create: encoder and decoder come with their variables."""

    def call(self, history: Any, training: bool | None = None) -> Any:
        """Encode, choose z, decode."""
        z_mean, z_log_var = self.encoder(history, training=training)
        log_chances, centre = self.decoder(self.sampling(z_mean, z_log_var) if training else z_mean)
        if training:
            self.kl_weight.assign(ops.minimum(self.beta, self.kl_weight + self.beta / self.anneal_steps))
            self.add_loss(self.kl_weight * ops.mean(kl_divergence(z_mean, z_log_var)))
            self.add_loss(-ops.mean(self.log_likelihood(history, log_chances, centre)))
        return log_chances, self.stars.distribution(centre)

    def log_likelihood(self, history: Any, log_chances: Any, centre: Any) -> Any:
        """Nats of a history's films and, times `stars_weight`, of its stars: (B, I) each -> (B,)."""
        grades = self.features.grades(history)
        of_stars = ops.where(history > 0, self.stars.log_likelihood(centre, history), 0.0)
        return multinomial_log_likelihood(log_chances, grades) + self.stars_weight * ops.sum(of_stars, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        parts = {"encoder": self.encoder, "decoder": self.decoder}
        serialized = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        names = ("beta", "anneal_steps", "stars_weight", "seed")
        return {**super().get_config(), **serialized, **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MultVAENetwork":
        """The inverse of `get_config`."""
        parts = {name: keras.saving.deserialize_keras_object(config.pop(name)) for name in ("encoder", "decoder")}
        return cls(**parts, **config)


@serializable
class MultVAEEnsemble(keras.Model):
    """Several networks, averaged: (B, I) stars -> log chances (B, I) in nats and star probabilities (B, I, N)."""

    def __init__(self, members: list[MultVAENetwork], **kwargs: Any):
        super().__init__(**kwargs)
        self.members = members

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Nothing to create: the networks come with their variables."""

    def call(self, history: Any, training: bool | None = None) -> Any:
        """The mean of what the networks answer; in training each adds its own loss."""
        answers = [member(history, training=training) for member in self.members]
        return tuple(sum(heads) / len(answers) for heads in zip(*answers, strict=True))

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        return {**super().get_config(), "members": [keras.saving.serialize_keras_object(m) for m in self.members]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MultVAEEnsemble":
        """The inverse of `get_config`."""
        return cls([keras.saving.deserialize_keras_object(member) for member in config.pop("members")], **config)
