"""Settings of adversarial models, by the nDCG@10 on a fifth of u1's training ratings."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


@dataclass(frozen=True, kw_only=True)
class GameConfig(Bounded):
    """How long two players learn against each other, and how fast."""

    most: ClassVar = {"patience": 100_000, "critic_turns": 1_000}

    epochs: int = 40  # at most
    batch_size: int = 64  # people per step
    rate: float = 1e-3  # of the player who answers, Adam's at first: rate * (1 + cos(pi * step / n_steps)) / 2
    critic_rate: float = 1e-4  # of the other, likewise
    critic_turns: int = 1  # steps of the other on each batch
    aside: float = 0.1  # of the people, who say when to stop; 0: after all epochs
    patience: int = 8  # epochs without a better one before the game ends

    def __post_init__(self) -> None:
        super().__post_init__()
        counts = (self.epochs, self.batch_size, self.critic_turns, self.patience)
        require(min(counts) >= 1, self, "epochs, batch_size, critic_turns and patience >= 1")
        require(min(self.rate, self.critic_rate) > 0 and 0 <= self.aside < 1, self, "rates > 0 and aside in [0, 1)")


@dataclass(frozen=True, kw_only=True)
class CFGANConfig(Bounded):
    """A network that says which films somebody likes, and one that tells what it says from what is true."""

    most: ClassVar = {"n_hidden": 16_384, "n_critic": 16_384}

    n_hidden: int = 160  # units of the generator
    n_critic: int = 64  # units of the critic
    forgets: float = 0.33  # probability that the condition lacks a like; the paper's 0 teaches to say what was told
    shown: float = 0.34  # share of the films without a like, drawn anew, that the critic sees
    held: float = 0.8  # share of them, drawn anew, that are pulled to 0
    alpha: float = 0.25  # weight of squared errors beside what the critic says
    tells_likes: bool = True  # squared errors of likes count; the paper has those of films without one alone
    adversary: float = 1.0  # weight of what the critic says; 0: an autoencoder
    prior: float = 0.5  # likes of every film beside its own, before the first step
    liked_from: Liking = LEVEL
    game: GameConfig = GameConfig(rate=7e-4, critic_rate=3e-5)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(is_liking(self.liked_from), self, LIKING_WISH)
        require(min(self.n_hidden, self.n_critic) >= 1 and self.prior > 0, self, "units >= 1 and prior > 0")
        require(0 <= self.forgets < 1, self, "forgets in [0, 1)")
        shares = (self.shown, self.held)
        require(0 <= min(shares) <= max(shares) <= 1, self, "shares in [0, 1]")
        require(min(self.alpha, self.adversary) >= 0, self, "weights >= 0")


@dataclass(frozen=True, kw_only=True)
class IRGANConfig(Bounded):
    """A generator that chooses films, and a critic that rewards choices which look like likes."""

    most: ClassVar = {"draws": 1_000, "first_epochs": 100_000}

    n_factors: int = 24  # of both players
    forgets: float = 0.3  # probability that a like is not told but to be found
    draws: int = 2  # choices of the generator for each like to be found; 0: all films, by their chances
    likes_share: float = 0.3  # of the choices, drawn from what is to be found
    temperature: float = 1.2  # of the choices that the critic sees; below 1 they are the likeliest
    prior: float = 1.0  # likes of every film beside its own, before the first step
    first_epochs: int = 20  # of learning from likes alone, before the game
    first_rate: float = 1e-2  # Adam's then
    liked_from: Liking = LEVEL
    game: GameConfig = GameConfig(epochs=17, rate=1.3e-4, critic_rate=1.5e-3)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(is_liking(self.liked_from), self, LIKING_WISH)
        require(self.n_factors >= 1 and min(self.draws, self.first_epochs) >= 0, self, "n_factors >= 1, counts >= 0")
        require(0 < self.forgets < 1 and 0 <= self.likes_share < 1, self, "forgets in (0, 1), likes_share in [0, 1)")
        require(min(self.temperature, self.prior, self.first_rate) > 0, self, "temperature, prior and first_rate > 0")


@dataclass(frozen=True, kw_only=True)
class VAEGANConfig(Bounded):
    """A variational autoencoder whose posterior is whatever a network makes of noise, and its two critics."""

    most: ClassVar = {
        "n_hidden": 16_384,
        "n_noise": 1_024,
        "n_taste": 16_384,
        "n_critic": 16_384,
        "draws": 1_000,
    }

    n_hidden: int = 120  # units of the encoder's first layer and of the decoder's
    n_noise: int = 32  # numbers that the encoder is given beside what somebody likes
    n_taste: int = 100  # units that put both together
    n_latent: int = 36
    n_critic: int = 100  # units of the critics
    draws: int = 8  # of a taste, in training, for its mean and variance; one of them is decoded
    forgets: float = 0.11  # probability that training hides a rating from the encoder
    beta: float = 1.3  # weight of the divergence from the prior
    contraction: float = 0.02  # weight of the squared slopes of the encoder's first layer
    auxiliary: float = 0.006  # weight of what the critic of reconstructions says
    prior: float = 1.0  # choices of every film beside those that were made, before the first step
    game: GameConfig = GameConfig(epochs=24, rate=9.4e-3, critic_rate=9e-4)

    def __post_init__(self) -> None:
        super().__post_init__()
        units = (self.n_hidden, self.n_noise, self.n_taste, self.n_latent, self.n_critic)
        require(min(units) >= 1 and self.draws >= 2, self, "units >= 1 and draws >= 2")
        require(0 <= self.forgets < 1 and self.prior > 0, self, "forgets in [0, 1) and prior > 0")
        require(min(self.beta, self.contraction, self.auxiliary) >= 0, self, "weights >= 0")
