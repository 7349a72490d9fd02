"""The model of two variational autoencoders that learn together, behind the contract.

Legend: B histories, U training users, I items, M networks, L and W latent dimensions, N star levels, G genres.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.base import graded, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.networks.histories import Usual, described, standardised
from recsys.models.networks.ordered_stars import groups_of
from recsys.models.networks.posterior import Annealing
from recsys.models.numeric.descent import Gradient, descend
from recsys.models.numeric.threads import by_blocks
from recsys.models.simple.baseline import Baseline
from recsys.models.vae.config import TwinVAEConfig
from recsys.models.vae.genre_profiles import STATEMENTS, GenreProfiles
from recsys.models.vae.twin_network import Told, TwinNetwork, Wanted, Weights
from recsys.training import Training

SMALLEST_CHANCE = 1e-6  # of a film being liked; keeps its logarithm finite


class TwinWeights(LearningModel):
    """What the networks of a twin VAE learn, in the order of `TwinNetwork.parameters`."""

    history_kernel: np.ndarray = learned("M={n_networks} C=2 I H={n_hidden}")
    history_bias: np.ndarray = learned("M={n_networks} H={n_hidden}")
    taste_kernel: np.ndarray = learned("M={n_networks} J={n_known} K={n_code}")
    taste_bias: np.ndarray = learned("M={n_networks} K={n_code}")
    genre_kernel: np.ndarray = learned("M={n_networks} Y V={n_genre_units}")
    genre_bias: np.ndarray = learned("M={n_networks} V={n_genre_units}")
    genre_code_kernel: np.ndarray = learned("M={n_networks} V={n_genre_units} X={n_genre_code}")
    genre_code_bias: np.ndarray = learned("M={n_networks} X={n_genre_code}")
    said_kernel: np.ndarray = learned("M={n_networks} W={n_genre_latent} V={n_genre_units}")
    said_bias: np.ndarray = learned("M={n_networks} V={n_genre_units}")
    said_genre_kernel: np.ndarray = learned("M={n_networks} V={n_genre_units} Y")
    said_genre_bias: np.ndarray = learned("M={n_networks} Y")
    choice_kernel: np.ndarray = learned("M={n_networks} B={n_both} H={n_hidden}")
    choice_bias: np.ndarray = learned("M={n_networks} H={n_hidden}")
    film_kernel: np.ndarray = learned("M={n_networks} H={n_hidden} I")
    film_bias: np.ndarray = learned("M={n_networks} I")
    star_taste_kernel: np.ndarray = learned("M={n_networks} B={n_both} T={n_star_units}")
    star_taste_bias: np.ndarray = learned("M={n_networks} T={n_star_units}")
    star_film_kernel: np.ndarray = learned("M={n_networks} T={n_star_units} I")
    star_film_bias: np.ndarray = learned("M={n_networks} I")
    generosity: np.ndarray = learned("M={n_networks}")
    first_threshold: np.ndarray = learned("M={n_networks}")
    log_gaps: np.ndarray = learned("M={n_networks} P in -30..30")
    log_width: np.ndarray = learned("M={n_networks} in -30..30")

    config: TwinVAEConfig

    def sizes(self) -> dict[str, int]:
        """The settings, and what follows from them."""
        config = self.config
        return super().sizes() | {
            "n_known": config.n_hidden + 1,
            "n_code": 2 * (config.n_latent - 1),
            "n_genre_code": 2 * config.n_genre_latent,
            "n_both": config.n_latent + config.n_genre_latent,
        }

    def take(self, networks: list[TwinNetwork]) -> None:
        """Keep what networks learned."""
        for each, arrays in zip(
            TwinWeights.declared(), zip(*(one.parameters for one in networks), strict=True), strict=True
        ):
            setattr(self, each.name, np.stack(arrays))
        n_networks, n_inputs, n_hidden = self.history_kernel.shape
        self.history_kernel = self.history_kernel.reshape(n_networks, 2, n_inputs // 2, n_hidden)

    @property
    def networks(self) -> Iterator[TwinNetwork]:
        """As they were trained."""
        for first, *rest in zip(*(getattr(self, each.name) for each in TwinWeights.declared()), strict=True):
            yield TwinNetwork.of([first.reshape(-1, first.shape[-1]), *rest])


class TwinVAE(TwinWeights):
    """A VAE of ratings and one of genres, trained together (after Krishnathasan, of which no text was found).

    A person has two latent vectors, one by the history and one by a profile of genres, which is made of the same
    history, or of genres that somebody asks for. Both together say which films are chosen and what stars they get; the
    second alone also says the profile. In training some people are met as those who only name genres.
    """

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")
    spread: float = learned(" in 1e-6..1e6")
    genres: np.ndarray = learned("I G in 0..1")
    reference: np.ndarray = learned("G in 0..1e6")
    genre_spread: np.ndarray = learned("Y in 1e-9..1e6")

    predicts_means = True

    def __init__(self, config: TwinVAEConfig = TwinVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Offsets and genres' usual profile; then the networks one after the other."""
        train = data.stars[np.diff(data.stars.indptr) > 0]
        self.know(train, data)
        seeds = np.random.default_rng(training.seed).integers(2**31 - 1, size=self.config.n_networks)
        self.take([self.trained(train, int(seed), training) for seed in seeds])

    def know(self, train: sp.csr_array, data: Interactions) -> None:
        """Take from (U, I) stars, and from what is known of films, what the networks start from."""
        stars, five = standardised(train, self.scale)
        plain = Baseline(self.config.baseline, five).fit(Interactions(stars))
        error = np.sqrt(np.mean(plain.residuals(stars) ** 2)) if train.nnz else 0.0
        self.mean, self.item_offset = plain.mean, plain.item_offset
        self.spread = max(float(error / np.sqrt(self.config.baseline.l2_user)), 1e-6) if error else 1.0
        known = None if data.films is None else data.films.genres
        genres = np.zeros((train.shape[1], 0)) if known is None else known
        found = GenreProfiles.learn(genres, self.residuals(train), self.likes(train))
        self.genres, self.reference, self.genre_spread = found.genres, found.reference, found.spread

    def trained(self, train: sp.csr_array, seed: int, training: Training) -> TwinNetwork:
        """One pair of networks that has learned from (U, I) stars."""
        rng, (_, five) = np.random.default_rng(seed), standardised(train, self.scale)
        network = TwinNetwork.drawn(train.shape[1], len(self.genre_spread), self.config, five, rng)
        network.star_tastes.biases[1][:] = self.mean + self.item_offset
        network.generosity[...] = self.spread
        lessons = Lessons.of(self, network, train, rng)
        descend(network.parameters, train.shape[0], lessons.steps, self.config, rng, training.unkept)
        return network

    @property
    def profiles(self) -> GenreProfiles:
        """How genre profiles are made."""
        return GenreProfiles(self.genres, self.reference, self.genre_spread)

    @property
    def understands_genres(self) -> bool:
        """Whether films' genres were known when it was fitted."""
        return bool(self.genres.any())

    def likes(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) 1.0 where a film is liked."""
        return liked(history, least_stars(self.config.liked_from, self.scale, history)).astype(np.float64)

    def residuals(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> the same cells with what offsets of films and people leave over, on stars from 1 to 5."""
        stars, five = standardised(history, self.scale)
        offsets = {"mean": np.asarray(self.mean), "item_offset": self.item_offset}
        return with_values(stars, Baseline(self.config.baseline, five).restore(offsets).residuals(stars))

    def told(self, history: sp.csr_array, asked: np.ndarray | None = None) -> Told:
        """What networks know of people with (B, I) stars who ask for genres, (B, G) bool."""
        stars, five = standardised(history, self.scale)
        usual = Usual(*(np.asarray(each, dtype=np.float32) for each in (self.mean, self.item_offset, self.spread)))
        profile = self.profiles.of(self.residuals(history), self.likes(history))
        is_blind = np.zeros((len(profile), 1), dtype=bool)
        if asked is not None:
            profile = profile + self.profiles.asked(asked)
            is_blind = (asked.any(axis=1) & (np.diff(history.indptr) == 0))[:, None]
        return Told(described(stars, usual, self.config.baseline.l2_user, five), profile, is_blind)

    def block_told(self, people: Histories) -> Told:
        """The same of people.

        Raises:
            ValueError: genres are asked for, and what they say was not learned.
        """
        if people.genres is not None and not self.understands_genres:
            raise ValueError("got genres, but the model was fitted without films' genres; fit it with them")
        return self.told(people.stars, people.genres)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats: a film's chance to be chosen and, weighed, to be liked. Genres draw the taste."""

        def of(block: Histories) -> np.ndarray:
            least = least_stars(self.config.liked_from, self.scale, block.stars)
            level = np.searchsorted(self.scale.levels, least)[:, None]  # (B, 1) the lowest that is a like
            n_levels, told = len(self.scale.levels), self.block_told(block)
            chosen = self.averaged(lambda network, both: network.log_chances(both), told)
            is_liked = self.averaged(lambda one, both: one.stars.at_least(one.centres(both), level, n_levels), told)
            liking = np.log(np.maximum(is_liked, SMALLEST_CHANCE))
            return np.asarray(chosen + self.config.liked_weight * liking, dtype=np.float32)

        return by_blocks(of, people)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32 expected stars, inside the scale."""
        return self.scale.mean_of(self.rating_distribution(people))

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """(B, I, N) float32 probability of each level, lowest first; of some items only, where they are given."""
        chosen, n_levels = slice(None) if items is None else items, len(self.scale.levels)

        def of(network: TwinNetwork, both: np.ndarray) -> np.ndarray:
            return network.stars.distribution(network.centres(both)[:, chosen], n_levels)

        return by_blocks(lambda block: self.averaged(of, self.block_told(block)).astype(np.float32), people)

    def averaged(self, call: Callable[[TwinNetwork, np.ndarray], np.ndarray], told: Told) -> np.ndarray:
        """Mean over networks of call(network, z and w)."""
        answers = [call(network, network.means(told)) for network in self.networks]
        return np.asarray(sum(answers) / len(answers))


@dataclass(frozen=True, eq=False)
class Lessons:
    """What networks learn from a batch of people.

    Attributes:
        model: whose networks they are; knows how people are described.
        network: those that learn.
        train: (U, I) stars of all people.
        stated: (3, U, G) bool, what these would ask for who name one, two or three genres.
        annealing: of the divergences.
        rng: of what is forgotten, and of tastes.
    """

    model: TwinVAE
    network: TwinNetwork
    train: sp.csr_array
    stated: np.ndarray
    annealing: Annealing
    rng: np.random.Generator

    @classmethod
    def of(cls, model: TwinVAE, network: TwinNetwork, train: sp.csr_array, rng: np.random.Generator) -> "Lessons":
        """Before the first step."""
        config = model.config
        n_steps = config.anneal_epochs * max(1, -(-train.shape[0] // config.batch_size))
        stated = model.profiles.stated(model.likes(train))
        return cls(model, network, train, stated, Annealing(1.0, n_steps), rng)

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradient of a step on people, and the negative evidence lower bound of each in the mean, nats."""
        config, model, weight = self.model.config, self.model, self.annealing.next()
        batch = self.train[rows]
        told, n_both = self.met(rows, batch), config.n_latent + config.n_genre_latent
        stars, five = standardised(batch, model.scale)
        profile = model.profiles.of(model.residuals(batch), model.likes(batch))
        wanted = Wanted(graded(batch, model.scale).astype(np.float32), groups_of(stars.data, five), profile)
        noise = self.rng.standard_normal((len(rows), n_both), dtype=np.float32)
        weights = Weights(
            weight * config.beta, weight * config.genre_beta, config.stars_weight, config.genre_weight, config.l2_stars
        )
        yield self.network.lesson(told, wanted, noise, weights)

    def met(self, rows: np.ndarray, batch: sp.csr_array) -> Told:
        """What networks are told of a batch: some ratings are forgotten, and of some people all, who name genres."""
        config = self.model.config
        names = (self.rng.random(len(rows)) < config.blind) & self.stated[0, rows].any(axis=1)
        forgotten = (self.rng.random(batch.nnz) < config.forgets) | np.repeat(names, np.diff(batch.indptr))
        n_named = self.rng.integers(len(STATEMENTS), size=len(rows))
        asked = self.stated[n_named, rows] & names[:, None]
        return self.model.told(keep_entries(batch, ~forgotten), asked)
