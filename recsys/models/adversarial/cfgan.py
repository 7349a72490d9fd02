"""A generator of profiles against a critic who knows true ones.

Legend: B people, R people who are learned from, I items, K hidden units.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.adversarial.config import CFGANConfig
from recsys.models.adversarial.contest import played
from recsys.models.adversarial.game import Game, Losses, Player, told_apart
from recsys.models.adversarial.profiles import log_odds, profiles_of, without_some
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.dense_stack import DenseStack, sigmoid
from recsys.models.numeric.descent import Gradient
from recsys.models.numeric.threads import by_blocks
from recsys.training import Training

SAYS = ("tanh", "sigmoid")  # activations of the generator
IN_LOG_ODDS = ("tanh", "linear")  # the same, before the last


class CFGAN(LearningModel):
    """CFGAN (Chae, Kang, Kim and Lee 2018): the generator says profiles whole, on the condition of the person's own.

    Without noise the best answer to a critic is the profile itself, so part of it is hidden from the condition.
    """

    into_kernel: np.ndarray = learned("I K={n_hidden}")
    into_bias: np.ndarray = learned("K={n_hidden}")
    out_kernel: np.ndarray = learned("K={n_hidden} I")
    out_bias: np.ndarray = learned("I")

    config: CFGANConfig

    def __init__(self, config: CFGANConfig = CFGANConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Let generator and critic play, and keep the generator."""
        profiles = profiles_of(data.stars, self.config.liked_from, self.scale)

        def begin(people: sp.csr_array, rng: np.random.Generator) -> Profiling:
            return Profiling.begun(people, self.config, rng)

        generator = played(begin, profiles, self.config.game, training).generator
        self.into_kernel, self.into_bias, self.out_kernel, self.out_bias = generator.parameters

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, log odds of a like."""
        return by_blocks(self.log_odds, people)

    def log_odds(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        kernels, biases = (self.into_kernel, self.out_kernel), (self.into_bias, self.out_bias)
        profiles = profiles_of(people.stars, self.config.liked_from, self.scale)
        return DenseStack(kernels, biases, IN_LOG_ODDS)(profiles)


@dataclass(frozen=True, eq=False)
class Profiling:
    """A generator and a critic who play for the profiles of some people.

    Attributes:
        profiles: (R, I) float32, 1 where somebody likes a film.
        generator: (B, I) conditions -> (B, I) chances of a like.
        critic: (B, 2 I) of a profile beside its condition -> (B, 1) log odds that it is true.
        config: how they play.
        rng: of all that is drawn.
    """

    profiles: sp.csr_array
    generator: DenseStack
    critic: DenseStack
    config: CFGANConfig
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    @classmethod
    def begun(cls, profiles: sp.csr_array, config: CFGANConfig, rng: np.random.Generator) -> Self:
        """Before the first step: everybody likes a film as often as all do."""
        n_items = profiles.shape[1]
        generator = DenseStack.drawn((n_items, config.n_hidden, n_items), SAYS, rng)
        generator.kernels[1][:] *= np.float32(0.1)
        generator.biases[1][:] = log_odds(profiles, config.prior)
        critic = DenseStack.drawn((2 * n_items, config.n_critic, 1), ("tanh", "linear"), rng)
        return cls(profiles, generator, critic, config, rng)

    def epochs(self) -> Iterator[Losses]:
        """Play; losses after each epoch."""
        game, players = self.config.game, []
        if self.config.adversary:
            parameters = self.critic.parameters
            players.append(
                Player(
                    name="critic",
                    parameters=parameters,
                    gradient=self.criticism,
                    rate=game.critic_rate,
                    turns=game.critic_turns,
                )
            )
        parameters = self.generator.parameters
        players.append(Player(name="loss", parameters=parameters, gradient=self.lesson, rate=game.rate))
        return Game(*players).epochs(self.profiles.shape[0], game, self.rng)

    def scores(self, profiles: sp.csr_array) -> np.ndarray:
        """What the generator says of people."""
        return DenseStack(self.generator.kernels, self.generator.biases, IN_LOG_ODDS)(profiles)

    def criticism(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The critic's gradient: how well true profiles are told from what the generator says (equation 3)."""
        true, condition = self.drawn(rows)
        said = self.generator(condition) * self.seen(true)
        pairs = np.vstack([np.hstack([true, condition]), np.hstack([said, condition])])
        outputs = self.critic.outputs(pairs)
        is_true = np.repeat(np.array([[1], [0]], dtype=np.float32), len(rows), axis=0)
        slope, loss = told_apart(outputs[-1], is_true)
        return self.critic.gradient(outputs, slope), loss

    def lesson(self, rows: np.ndarray) -> tuple[Gradient, float]:
        """The generator's gradient: squared errors, and log(1 - what the critic thinks of it) (equation 4)."""
        true, condition = self.drawn(rows)
        outputs = self.generator.outputs(condition)
        missed = self.missed(outputs[-1], true)
        slope, loss = 2 * self.config.alpha * missed, self.config.alpha * float(np.sum(missed**2))
        if self.config.adversary:
            seen = self.seen(true)
            judged = self.critic.outputs(np.hstack([outputs[-1] * seen, condition]))
            unmasked = self.critic.slope_of_input(self.critic.slopes(judged, -sigmoid(judged[-1])))[:, : true.shape[1]]
            slope = slope + self.config.adversary * unmasked * seen
            loss -= self.config.adversary * float(np.logaddexp(0, judged[-1]).sum())
        n = np.float32(len(rows))
        return self.generator.gradient(outputs, (slope / n).astype(outputs[-1].dtype)), loss / len(rows)

    def drawn(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Profiles, dense, and conditions: the same without some likes."""
        true = self.profiles[rows]
        return true.toarray(), without_some(true, self.config.forgets, self.rng).toarray()

    def seen(self, true: np.ndarray) -> np.ndarray:
        """(B, I) 1 for what the critic sees of what is said: films with a like, and some without (e + k)."""
        return np.maximum(true, self.rng.random(true.shape, dtype=np.float32) < self.config.shown)

    def missed(self, said: np.ndarray, true: np.ndarray) -> np.ndarray:
        """(B, I) by how much chances are wrong of some films without a like and, if settings say so, of the others."""
        held = (1 - true) * (self.rng.random(true.shape, dtype=np.float32) < self.config.held)
        return np.asarray(held * said - (true * (1 - said) if self.config.tells_likes else 0))
