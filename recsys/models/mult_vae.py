"""The generative recommender behind the contract: a few MultVAENetworks, trained side by side and averaged.

Legend: B histories in a batch, I items, U users, M networks, H hidden units, L latent dimensions, N star levels,
G genres.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import keras
import numpy as np
import scipy.sparse as sp

from recsys.config import MultVAEConfig
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows, with_values
from recsys.models.baseline import Baseline
from recsys.models.genre_taste import GenreTaste, statements
from recsys.models.mult_vae_compiled import assign, functions, make_network, training, values_of
from recsys.progress import OnProgress, silent


class MultVAE:
    """Which films a person chooses and what stars they get, from one latent taste (see `mult_vae_network`).

    Everything is the average over `n_networks` networks that differ in their random numbers. The ranking score of a
    film is the mean log chance that it is chosen, plus `liked_weight` times the log chance that it is then liked.
    """

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def __init__(
        self,
        config: MultVAEConfig = MultVAEConfig(),
        scale: RatingScale = WHOLE_STARS,
        item_genres: np.ndarray | None = None,
    ):
        """Settings, scale and, if it is to understand genres, which films are of which: (I, G) bool."""
        self.config, self.scale, self.item_genres = config, scale, item_genres
        self.genre_taste: GenreTaste | None = None

    def build(self, n_items: int, seed: int = 0, n_batches: int = 1) -> Self:
        """Create the untrained networks; n_batches is the number of training steps in an epoch."""
        seeds = np.random.default_rng(seed).integers(2**31 - 1, size=self.config.n_networks)
        self.ensemble = [
            make_network(self.config, self.scale, n_items, seed=int(each), n_batches=n_batches) for each in seeds
        ]
        self.functions = functions(self.config, self.scale, n_items)
        return self

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
        fresh, step = training(self.config, self.scale, train.shape[1], n_batches)
        states: Any = [
            (values_of(each.trainable_variables), values_of(each.non_trainable_variables), fresh)
            for each in self.ensemble
        ]
        rng = np.random.default_rng(seed)
        for epoch in range(self.config.epochs):
            losses = []
            order = rng.permutation(train.shape[0])
            for history in dense_batches(train, order, self.config.batch_size):
                states, batch_losses = zip(*(step(state, history) for state in states), strict=True)
                losses.append(batch_losses)
            on_progress("epoch", epoch + 1, self.config.epochs, loss=float(np.mean(losses)))
        for network, (trainable, fixed, _) in zip(self.ensemble, states, strict=True):
            assign(network.trainable_variables, trainable)
            assign(network.non_trainable_variables, fixed)
        if self.item_genres is not None and train.nnz:
            self.learn_genres(train, self.item_genres)
        return self

    def start_from_baseline(self, train: sp.csr_array) -> None:
        """Give every network the films' offsets, and how far those of people spread."""
        baseline = Baseline(self.config.baseline, self.scale).fit(train)
        error = np.sqrt(np.mean(baseline.residuals(train) ** 2)) if train.nnz else 0.0
        spread = float(error / np.sqrt(self.config.baseline.l2_user)) or 1.0  # see HistoryFeatures
        for network in self.ensemble:
            network.features.know(baseline.mean, baseline.item_offset, spread)
            network.stars.know(baseline.mean + baseline.item_offset, spread)

    def learn_genres(self, train: sp.csr_array, genres: np.ndarray) -> None:
        """Learn what stated genres say about the tastes of training people, (U, I) stars; genres (I, G) bool."""
        order, size = np.arange(train.shape[0]), self.config.batch_size
        found = [self.functions["tastes"](self.values(), batch) for batch in dense_batches(train, order, size)]
        asked = statements(train, genres, self.config.liked_from)
        repeats = (1, len(asked) // len(order), 1)
        mean, variance = (np.concatenate(part, axis=1)[:, : len(order)] for part in zip(*found, strict=True))
        self.genre_taste = GenreTaste.learn(
            asked, np.tile(mean, repeats).astype(np.float64), np.tile(variance, repeats), self.config.l2_genres
        )

    def score(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 nats: a film's chance to be chosen and, weighed, to be liked."""
        values = self.values()
        features, *generosity = self.functions["features"](values[0], dense(history))
        hidden = self.hidden_inputs(history, np.asarray(features))
        return np.asarray(self.functions["score_of_hidden"](values, (hidden, *generosity)))

    def hidden_inputs(self, history: sp.csr_array, features: np.ndarray) -> np.ndarray:
        """What the encoders' hidden units add up, without their bias, (B, I) stars, (B, 2 I) features -> (M, B, H).

        Features are 0 where nothing is rated, so sparse products do: less work than dense ones, and a core stays free.
        """
        rows, columns, n_items = entry_rows(history), history.indices, history.shape[1]
        grades, surprise = (with_values(history, features[rows, columns + at]) for at in (0, n_items))
        kernels = (np.asarray(network.encoder.get_layer("hidden").kernel.value) for network in self.ensemble)
        return np.stack([grades @ kernel[:n_items] + surprise @ kernel[n_items:] for kernel in kernels])

    def score_for_genres(self, history: sp.csr_array, genres: np.ndarray) -> np.ndarray:
        """The same for people who ask for genres, (B, G) bool, too: (B, I) stars -> (B, I) float32."""
        return self.evaluate("score_of_tastes", self.tastes(history, genres)[0])

    def predict(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 expected stars, inside the scale."""
        return self.evaluate("stars", dense(history))

    def rating_distribution(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I, N) float32 probability of each level, lowest first, if the film is rated."""
        return self.evaluate("distribution", dense(history))

    def latent(self, history: sp.csr_array, genres: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the first network's z; the prior is N(0, 1).

        Args:
            history: (B, I) stars. genres: (B, G) bool, what the people asked for, if anything.

        Returns:
            (B, L) float32 each.
        """
        mean, variance = self.tastes(history, genres)
        return mean[0], variance[0]

    def log_chances(self, taste: np.ndarray) -> np.ndarray:
        """What somebody with such a z of the first network chooses, (B, L) float32 -> (B, I) float32 nats."""
        return np.asarray(self.functions["log_chances"](self.values()[0], taste.astype(np.float32)))

    def tastes(self, history: sp.csr_array, genres: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of every network's z, (M, B, L) float32 each; arguments as for `latent`."""
        mean, variance = (np.asarray(part) for part in self.functions["tastes"](self.values(), dense(history)))
        if genres is None:
            return mean, variance
        if self.genre_taste is None:
            raise ValueError("got genres, but the model was fitted without item_genres; fit it with the films' genres")
        return self.genre_taste.combined(genres, mean, variance)

    def evaluate(self, what: str, given: np.ndarray) -> np.ndarray:
        """One of the compiled functions of all networks."""
        return np.asarray(self.functions[what](self.values(), given))

    def values(self) -> list[Any]:
        """What the networks' variables hold, (M) lists."""
        return [values_of(network.variables) for network in self.ensemble]

    def networks(self) -> dict[str, keras.Model]:
        """The whole ensemble; each network holds its encoder and decoder."""
        return {f"mult-vae-{number}": network for number, network in enumerate(self.ensemble)}

    def arrays(self) -> dict[str, np.ndarray]:
        """What stated genres say about a taste, if that was learned; the rest is in the networks."""
        taste = self.genre_taste
        return {} if taste is None else {"genre_weights": taste.weights, "genre_variance": taste.variance}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`; the networks' weights are loaded by Keras."""
        if arrays:
            self.genre_taste = GenreTaste(arrays["genre_weights"], arrays["genre_variance"])
        return self


def dense(history: sp.csr_array) -> np.ndarray:
    """(B, I) float32 stars."""
    return history.astype(np.float32).toarray()


def dense_batches(train: sp.csr_array, order: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Rows in this order, (batch_size, I) float32 each; the last batch is filled up with empty rows."""
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        history = np.zeros((batch_size, train.shape[1]), dtype=np.float32)
        history[: len(rows)] = train[rows].toarray()
        yield history
