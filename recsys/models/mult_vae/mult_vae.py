"""The generative recommender behind the contract: a few MultVAENetworks, trained side by side and averaged.

Legend: B histories in a batch, I items, U users, M networks, L latent dimensions, N star levels, G genres.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.extras import missing_explained, require_jax
from recsys.liking import least_stars
from recsys.models.base import entry_rows
from recsys.models.learned import LearningModel, learned
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.genre_taste import LEAST_VARIANCE, GenreTaste, statements
from recsys.models.mult_vae.inference import NetworkWeights, n_units
from recsys.models.networks.histories import Described
from recsys.models.numeric.shared_columns import Packed
from recsys.models.numeric.threads import by_blocks, side_by_side
from recsys.training import Training
from recsys.training.processes import all_people

if TYPE_CHECKING:
    import keras

ENCODED = 4096  # people at once
GENRE_PEOPLE = 20_000  # of whose genres is learned; a few hundred numbers are
STEPS_OF_AN_EPOCH = 64  # from which on batches grow
FEWEST_EPOCHS = 2  # of many people
FEWEST_STEPS = 120  # that few ratings get, if the settings have so many
SMALLEST_CHANCE = 1e-6  # of a film being liked; keeps its logarithm finite
LONG = 2**24  # numbers, which take milliseconds to read
USUAL_FILMS = 512  # that are enough to tell how much films are liked on average


class MultVAE(LearningModel):
    """Which films a person chooses and what stars they get, from one latent taste (see `mult_vae_network`).

    Everything is the average over `n_networks` networks that differ in their random numbers. The ranking score of a
    film is the mean log chance that it is chosen, plus `liked_weight` times the log chance that it is then liked.
    Keras trains the networks; what they answer is worked out in NumPy (see `mult_vae_inference`).
    """

    genre_weights: np.ndarray | None = learned("M={n_networks} F L={n_latent}", default=None)  # see GenreTaste
    genre_variance: np.ndarray | None = learned(f"M={{n_networks}} L={{n_latent}} in {LEAST_VARIANCE}..1", default=None)

    weights: list[NetworkWeights]
    usual_choices: list[tuple[np.ndarray, np.ndarray]]
    begun: tuple[NetworkWeights, ...] = ()  # know most of the ratings: as many networks, not the first, go on from them

    predicts_means = True

    config: MultVAEConfig

    def __init__(
        self,
        config: MultVAEConfig = MultVAEConfig(),
        scale: RatingScale = WHOLE_STARS,
    ):
        self.config, self.scale = config, scale
        self.liked_weight = config.liked_weight  # the flagship may have chosen another

    @property
    def n_levels(self) -> int:
        """N."""
        return len(self.scale.levels)

    def learn(self, data: Interactions, training: Training) -> None:
        """Train the networks, smaller ones and for a shorter time on few ratings; then learn what genres say.

        Several processes gather all ratings, and share out the people of every batch.
        """
        train = all_people(data.stars, training.processes)
        require_jax()
        with missing_explained():
            from recsys.models.mult_vae.training import train as trained
        config = sized(self.config, train)
        self.genre_weights, self.genre_variance = None, None
        begun, self.begun = [*self.begun], ()
        self.take(trained(train, config, self.scale, training, begun))
        if data.films is not None and data.films.genres is not None and train.nnz:
            self.learn_genres(train, data.films.genres)

    def learn_genres(self, train: sp.csr_array, genres: np.ndarray) -> None:
        """Learn what stated genres say about the tastes of training people, (U, I) stars; genres (I, G) bool.

        Of more people than GENRE_PEOPLE some learn it, spread evenly.
        """
        train = train[:: -(-train.shape[0] // GENRE_PEOPLE)]
        mean, variance = self.tastes(Histories(train))
        asked = statements(train, genres, least_stars(self.config.liked_from, self.scale, train))
        repeats = (1, len(asked) // train.shape[0], 1)
        taste = GenreTaste.learn(
            asked, np.tile(mean, repeats).astype(np.float64), np.tile(variance, repeats), self.config.l2_genres
        )
        self.genre_weights, self.genre_variance = taste.weights, taste.variance

    @property
    def genre_taste(self) -> GenreTaste | None:
        """What stated genres say about a taste, if that was learned."""
        if self.genre_weights is None or self.genre_variance is None:
            return None
        return GenreTaste(self.genre_weights, self.genre_variance)

    @property
    def understands_genres(self) -> bool:
        """Whether it has learned what genres say."""
        return self.genre_taste is not None

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats: a film's chance to be chosen and, weighed, to be liked. Genres draw the taste."""
        return by_blocks(lambda block: self.score_of_tastes(self.means(block), block), people)

    def above_mean(self, people: Histories, items: np.ndarray) -> np.ndarray:
        """(B, len(items)) float32 nats; see `ContrastModel.above_mean`.

        How much films are liked on average is that of every n-th film, where they are more than USUAL_FILMS.
        """

        def above(block: Histories) -> np.ndarray:
            means = self.means(block)
            usual = iter(self.usual_choices)
            chosen = self.averaged(lambda network, z: network.chances_above(z, next(usual), items), means)
            liked, by_others = (self.log_liking(means, block, which) for which in (items, self.spread_out(block)))
            return chosen + np.float32(self.liked_weight) * (liked - by_others.mean(axis=1, keepdims=True))

        return by_blocks(above, people)

    def choice_and_liking(self, people: Histories) -> np.ndarray:
        """The two terms of a score before they are weighed, (2, B, I) float32 nats."""

        def terms(block: Histories) -> np.ndarray:
            return np.stack(self.terms(self.means(block), block), axis=1)  # (B, 2, I)

        return by_blocks(terms, people).transpose(1, 0, 2)

    def score_of_tastes(self, means: np.ndarray, people: Histories) -> np.ndarray:
        """(M, B, L) tastes of these people -> (B, I) float32 nats."""
        score, liking = self.terms(means, people)
        score += np.float32(self.liked_weight) * liking
        return score

    def terms(self, means: np.ndarray, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Log chances of being chosen, and of being liked if chosen: as `score_of_tastes`, (B, I) float32 each."""
        return self.log_chances_of(means), self.log_liking(means, people)

    def log_chances_of(self, means: np.ndarray) -> np.ndarray:
        """The first of these: of one person by a thread for each network, where memory's speed is what counts."""
        asked = zip(self.weights, means, strict=True)
        calls = [partial(NetworkWeights.log_chances, network, mean) for network, mean in asked]
        is_long = means.shape[1] == 1 and self.weights[0].choice_kernel.size > LONG
        return mean_in_place(side_by_side(calls) if is_long else (call() for call in calls))

    def spread_out(self, people: Histories) -> slice:
        """Every n-th film, of USUAL_FILMS at most."""
        return slice(None, None, -(-people.stars.shape[1] // USUAL_FILMS))

    def log_liking(self, means: np.ndarray, people: Histories, items: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The latter of these; of some items only, (B, len(items)), where they are given."""
        least = least_stars(self.config.liked_from, self.scale, people.stars)
        liked = np.searchsorted(self.scale.levels, least)[:, None]  # (B, 1) the lowest level that is a like
        is_liked = self.averaged(lambda network, z: network.at_least(z, liked, self.n_levels, items), means)
        return np.log(np.maximum(is_liked, SMALLEST_CHANCE, out=is_liked), out=is_liked)

    def predict(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """(B, I), or (B, len(items)), float32 expected stars, inside the scale."""
        return self.scale.mean_of(self.rating_distribution(people, items))

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """(B, I, N) float32 probability of each level, lowest first, if the film is rated.

        Of some items only, (B, len(items), N), where they are given.
        """
        return by_blocks(lambda block: self.distribution_of_tastes(self.means(block), items), people)

    def distribution_of_entries(self, people: Histories, *entries: sp.csr_array) -> list[np.ndarray]:
        """Probability of each level of stored entries alone, (U, I) each, of the same people: (nnz, N) float32 each."""
        means = self.means(people)

        def at(each: sp.csr_array) -> np.ndarray:
            rows, columns = entry_rows(each), each.indices
            return self.averaged(lambda network, z: network.distribution_at(z, rows, columns, self.n_levels), means)

        return [at(each) for each in entries]

    def distribution_of_tastes(self, means: np.ndarray, items: np.ndarray | None = None) -> np.ndarray:
        """(M, B, L) -> (B, I, N), or (B, len(items), N), float32."""
        chosen = slice(None) if items is None else items
        return self.averaged(lambda network, z: network.distribution(z, self.n_levels, chosen), means)

    def averaged(self, call: Callable[[NetworkWeights, np.ndarray], np.ndarray], means: np.ndarray) -> np.ndarray:
        """Mean over networks of call(network, z), given each one's z: (M, B, L)."""
        asked = zip(self.weights, means, strict=True)
        return mean_in_place(call(network, mean) for network, mean in asked)

    def latent(self, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the first network's z, (B, L) float32 each; the prior is N(0, 1)."""
        mean, variance = self.tastes(people)
        return mean[0], variance[0]

    def log_chances(self, taste: np.ndarray) -> np.ndarray:
        """What somebody with such a z of the first network chooses, (B, L) -> (B, I) float32 nats."""
        return self.weights[0].log_chances(taste.astype(np.float32))

    def stars_of_taste(self, taste: np.ndarray) -> np.ndarray:
        """Expected stars that somebody with such a z of the first network gives, (B, L) -> (B, I) float32."""
        chances = self.weights[0].distribution(taste.astype(np.float32), self.n_levels)
        return chances @ self.scale.levels.astype(np.float32)

    def means(self, people: Histories) -> np.ndarray:
        """Mean of every network's z, (M, B, L) float32; as `tastes`, which works out more."""
        if people.genres is not None or len(people) > ENCODED:
            return self.tastes(people)[0]
        told = self.described(people.stars)
        features = Packed.of(told.features)
        return np.stack([network.mean_of(network.known(features, told.generosity)) for network in self.weights])

    def described(self, history: sp.csr_array) -> Described:
        """What encoders are told of (B, I) stars, which is the same for all networks."""
        return self.weights[0].features(history, self.config.baseline.l2_user, self.scale)

    def tastes(self, people: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of every network's z, (M, B, L) float32 each.

        Raises:
            ValueError: genres are asked for, and what they say was not learned.
        """
        blocks = [self.tastes_by_ratings(block.stars) for block in people.batches(ENCODED)] or [
            self.tastes_by_ratings(people.stars)
        ]
        mean, variance = (np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))
        if people.genres is None:
            return mean, variance
        if self.genre_taste is None:
            raise ValueError("got genres, but the model was fitted without films' genres; fit it with them")
        return self.genre_taste.combined(people.genres, mean, variance)

    def tastes_by_ratings(self, history: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
        """The same from (B, I) stars alone."""
        told = self.described(history)
        features = Packed.of(told.features)
        found = [network.encode(features, *told[1:]) for network in self.weights]
        mean, log_variance = (np.stack(part) for part in zip(*found, strict=True))
        return mean, np.exp(log_variance)

    def network(self) -> "keras.Model":
        """The ensemble as a Keras model; each of its networks holds its encoder and decoder."""
        require_jax()
        with missing_explained():
            from recsys.models.mult_vae.training import make_ensemble
        return make_ensemble(self.config, self.scale, self.weights)

    def network_arrays(self) -> dict[str, np.ndarray]:
        """What the networks learned, each under "number/name"."""
        networks = enumerate(self.weights)
        return {f"{number}/{name}": array for number, one in networks for name, array in one._asdict().items()}

    def restore_network(self, path: Path, n_items: int) -> Self:
        """Take the weights that `network().save_weights` wrote."""
        self.take(NetworkWeights.read(path, self.config, self.scale, n_items))
        return self

    def take(self, weights: list[NetworkWeights]) -> None:
        """Have learned these."""
        self.weights, self.usual_choices = weights, [network.usual_choice() for network in weights]


def mean_in_place(answers: Iterable[np.ndarray]) -> np.ndarray:
    """Mean of some arrays, of which the first is overwritten."""
    total, n_answers = np.empty(0), 0
    for n_answers, each in enumerate(answers, start=1):
        total = each if n_answers == 1 else np.add(total, each, out=total)
    total /= n_answers
    return total


def sized(config: MultVAEConfig, train: sp.csr_array) -> MultVAEConfig:
    """Settings with as many hidden units and epochs as (U, I) ratings can bear, and as many as they need.

    Many people are met in larger batches,
    and less often: what an epoch teaches grows with them. Then choices begin with how often each film was chosen, and
    a network that has begun goes on.
    """
    n_people = int(np.count_nonzero(np.diff(train.indptr)))
    units, epochs = n_units(config, train.nnz), config.epochs
    batch_size = max(config.batch_size, min(config.largest_batch, n_people // STEPS_OF_AN_EPOCH))
    n_batches = max(1, -(-n_people // batch_size))
    if config.ratings_per_step:
        n_steps = max(FEWEST_STEPS, train.nnz // config.ratings_per_step)
        epochs = min(epochs, max(1, n_steps // n_batches))
    is_cut = bool(config.most_steps) and epochs > max(FEWEST_EPOCHS, config.most_steps // n_batches)
    if is_cut:
        epochs = max(FEWEST_EPOCHS, config.most_steps // n_batches)
    anneal_epochs = max(1, round(config.anneal_epochs * epochs / config.epochs))
    more_epochs = min(config.more_epochs, max(1, round(config.more_epochs * epochs / config.epochs)))
    if config.most_steps and not is_cut:
        more_epochs = 0
    settled = replace(config, ratings_per_unit=0, ratings_per_step=0, most_steps=0, largest_batch=0)
    settled = replace(settled, popular_start=config.popular_start or is_cut, n_hidden=units, batch_size=batch_size)
    return replace(settled, epochs=epochs, anneal_epochs=anneal_epochs, more_epochs=more_epochs)
