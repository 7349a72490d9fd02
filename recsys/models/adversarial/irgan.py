"""A generator that chooses films by chance, against a critic who knows which were liked.

Legend: B people, R people who are learned from, I items, K factors, n films that were drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.adversarial.config import IRGANConfig
from recsys.models.adversarial.contest import played
from recsys.models.adversarial.game import Game, Losses, Player, told_apart
from recsys.models.adversarial.policy import Films, drawn_films, policy_slope, softmax, worth_of, worth_of_draws
from recsys.models.adversarial.profiles import log_odds, profiles_of, without_some
from recsys.models.base import with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.dense_stack import DenseStack, sigmoid
from recsys.models.numeric.descent import Gradient
from recsys.models.numeric.threads import by_blocks
from recsys.training import Training

LINEAR = ("linear", "linear")
FAR = np.float32(1e4)  # below all logits: what somebody is told is not chosen again


class IRGAN(LearningModel):
    """IRGAN (Wang et al. 2017) for lists: both players are factorizations with a bias for each film.

    A person's factors are what their likes say, added up, over the root of how many there are, so that the players are
    functions of a history: g of people whom they have never seen is defined as well.
    """

    into_kernel: np.ndarray = learned("I K={n_factors}")
    into_bias: np.ndarray = learned("K={n_factors}")
    out_kernel: np.ndarray = learned("K={n_factors} I")
    out_bias: np.ndarray = learned("I")

    config: IRGANConfig

    def __init__(self, config: IRGANConfig = IRGANConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Let generator and critic play, and keep the generator."""
        profiles = profiles_of(data.stars, self.config.liked_from, self.scale)

        def begin(people: sp.csr_array, rng: np.random.Generator) -> Choosing:
            return Choosing.begun(people, self.config, rng)

        generator = played(begin, profiles, self.config.game, training).generator
        self.into_kernel, self.into_bias, self.out_kernel, self.out_bias = generator.parameters

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, the log chance of a choice but for a number that is the same for all films."""
        return by_blocks(self.logits, people)

    def logits(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        profiles = profiles_of(people.stars, self.config.liked_from, self.scale)
        kernels, biases = (self.into_kernel, self.out_kernel), (self.into_bias, self.out_bias)
        return DenseStack(kernels, biases, LINEAR)(shared_out(profiles))


def shared_out(profiles: sp.csr_array) -> sp.csr_array:
    """(B, I) likes, each 1 over the root of how many the person has."""
    counts = np.diff(profiles.indptr)
    return with_values(profiles, np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32))


class Batch(NamedTuple):
    """Some people.

    Attributes:
        told: (B, I) what players know of them, as they take it.
        unknown: (B, I) 1 for each like that they are to find.
        barred: (B, I) what is taken off the generator's logits.
    """

    told: sp.csr_array
    unknown: sp.csr_array
    barred: np.ndarray

    @property
    def n_unknown(self) -> np.ndarray:
        """(B,) how many there are to find."""
        return np.diff(self.unknown.indptr)


@dataclass(frozen=True, eq=False)
class Choosing:
    """A generator and a critic who play for the likes of some people.

    Attributes:
        profiles: (R, I) float32, 1 where somebody likes a film.
        generator: (B, I) of what is told -> (B, I) logits of the next choice.
        critic: likewise -> (B, I) log odds that a choice is a like.
        config: how they play.
        rng: of all that is drawn.
    """

    profiles: sp.csr_array
    generator: DenseStack
    critic: DenseStack
    config: IRGANConfig
    rng: np.random.Generator

    @classmethod
    def begun(cls, profiles: sp.csr_array, config: IRGANConfig, rng: np.random.Generator) -> Self:
        """Before the game: the generator has learned a little from likes alone."""
        n_items = profiles.shape[1]
        generator, critic = (DenseStack.drawn((n_items, config.n_factors, n_items), LINEAR, rng) for _ in range(2))
        for each in (generator, critic):
            each.kernels[1][:] *= np.float32(0.3)
        generator.biases[1][:] = log_odds(profiles, config.prior)
        made = cls(profiles, generator, critic, config, rng)
        if config.first_epochs:
            made.imitate()
        return made

    def imitate(self) -> None:
        """Let the generator learn from likes, without a critic."""
        rate, length = self.config.first_rate, replace(self.config.game, epochs=self.config.first_epochs)
        alone = Player(name="loss", parameters=self.generator.parameters, gradient=self.imitation, rate=rate)
        for _ in Game(alone).epochs(self.profiles.shape[0], length, self.rng):
            pass

    def epochs(self) -> Iterator[Losses]:
        """Play; losses after each epoch."""
        game = self.config.game
        critic = Player(
            name="critic",
            parameters=self.critic.parameters,
            gradient=self.criticism,
            rate=game.critic_rate,
            turns=game.critic_turns,
        )
        generator = Player(name="loss", parameters=self.generator.parameters, gradient=self.lesson, rate=game.rate)
        return Game(critic, generator).epochs(self.profiles.shape[0], game, self.rng)

    def scores(self, profiles: sp.csr_array) -> np.ndarray:
        """What the generator says of people."""
        return self.generator(shared_out(profiles))

    def imitation(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The gradient of minus the log chance of what is to be found."""
        batch = self.drawn(rows)
        outputs = self.generator.outputs(batch.told)
        chances, unknown = softmax(outputs[-1] - batch.barred), batch.unknown.toarray()
        slope = (chances * unknown.sum(axis=1, keepdims=True) - unknown) / np.float32(len(rows))
        loss = -float(np.sum(unknown * np.log(np.maximum(chances, 1e-30)))) / max(batch.unknown.nnz, 1)
        return self.generator.gradient(outputs, slope), loss

    def criticism(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The critic's gradient: how well likes are told from as many of the generator's choices (equation 3)."""
        batch = self.drawn(rows)
        chances = softmax((self.generator(batch.told) - batch.barred) / np.float32(self.config.temperature))
        likes = Films(*batch.unknown.nonzero())
        choices = drawn_films(chances, batch.n_unknown, self.rng)
        outputs = self.critic.outputs(batch.told)
        shown = Films(*(np.concatenate(pair) for pair in zip(likes, choices, strict=True)))
        is_like = (np.arange(len(shown.rows)) < len(likes.rows)).astype(np.float32)[:, None]
        slopes, loss = told_apart(outputs[-1][shown][:, None], is_like)
        slope = np.zeros_like(outputs[-1])
        np.add.at(slope, shown, slopes[:, 0])
        return self.critic.gradient(outputs, slope), loss

    def lesson(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The generator's gradient: of minus what its choices earn from the critic (equations 4 and 5)."""
        batch = self.drawn(rows)
        outputs = self.generator.outputs(batch.told)
        chances = softmax(outputs[-1] - batch.barred)
        rewards = 2 * sigmoid(self.critic(batch.told)) - 1
        earned = np.sum(chances * rewards, axis=1, keepdims=True)
        worth = self.worth(chances, rewards - earned, batch) * batch.n_unknown[:, None]
        slope = policy_slope(chances, worth).astype(np.float32) / np.float32(len(rows))
        return self.generator.gradient(outputs, slope), -float(np.mean(earned)) if len(rows) else 0.0

    def worth(self, chances: np.ndarray, rewards: np.ndarray, batch: Batch) -> np.ndarray:
        """(B, I) what each film adds to what a choice earns: of films that are drawn, or of all."""
        if not self.config.draws:
            return worth_of(chances, rewards)
        share = batch.unknown.toarray() / np.maximum(batch.n_unknown, 1)[:, None]
        mixed = (1 - self.config.likes_share) * chances + self.config.likes_share * share
        films = drawn_films(mixed, self.config.draws * batch.n_unknown, self.rng)
        return worth_of_draws(chances, rewards, mixed, films)

    def drawn(self, rows: np.ndarray) -> Batch:
        """Some likes are told, the rest is to be found; whom nothing is hidden from is told all and to find nothing."""
        whole = self.profiles[rows]
        told = without_some(whole, self.config.forgets, self.rng)
        unknown = sp.csr_array(whole - told)
        unknown.eliminate_zeros()
        return Batch(shared_out(told), unknown, FAR * told.toarray())
