"""Settings of VAEs: the paper's own of its network, and those of others by validation ratings."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from recsys.films.domains import SOURCE_GENRES, TARGET_GENRES
from recsys.limits import Bounded
from recsys.models.simple.config import BaselineConfig
from recsys.privacy.config import PrivacyConfig
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


@dataclass(frozen=True, kw_only=True)
class VAEConfig(Bounded):
    """The paper's network (its Figure 5) and how it is trained."""

    most: ClassVar = {"hidden": 16_384, "n_draws": 100, "patience": 100_000}

    hidden: tuple[int, ...] = (1024, 512, 256)  # encoder, outermost first; the decoder mirrors it
    n_latent: int = 50
    loss: Literal["mse", "bce", "masked-mse"] = "mse"  # masked: over rated items only
    epochs: int = 10
    batch_size: int = 64  # users per step
    learning_rate: float = 1e-3  # Adam
    patience: int = 3  # epochs without a better val_loss before training stops
    n_draws: int = 8  # of z, averaged in a prediction; even, since they come in pairs +e, -e

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.loss in ("mse", "bce", "masked-mse"), self, "loss 'mse', 'bce' or 'masked-mse'")
        sizes = (*self.hidden, self.n_latent, self.epochs, self.batch_size, self.patience)
        require(bool(self.hidden) and min(sizes) >= 1, self, "sizes, epochs and patience >= 1")
        require(self.learning_rate > 0, self, "learning_rate > 0")
        require(self.n_draws >= 2 and self.n_draws % 2 == 0, self, "an even n_draws >= 2")


@dataclass(frozen=True, kw_only=True)
class DPVAEConfig(Bounded):
    """A VAE of what the public knows of films, which learns little of everybody and nothing of anybody."""

    most: ClassVar = {"most_likes": 1_000_000, "steps": 100_000}

    privacy: PrivacyConfig = PrivacyConfig()
    liked_from: Liking = LEVEL  # what is a choice
    n_latent: int = 20
    count_share: float = 0.3  # of what may be given away, spent on how many like each film; gradients have the rest
    most_likes: int = 16  # of a person that are counted in full; of n more each counts sqrt(most_likes / n)
    shrinkage: float = 10.0  # in films: the mean of z of somebody who likes so many is half of what the films say
    start: float = 0.105  # how strongly films like those that somebody likes are preferred before anything is learned
    kl_weight: float = 0.003  # of the divergence of z from its prior, in nats for each
    steps: int = 40
    sampling: float = 1.0  # the chance of each person to be in a step; 1 needs the least noise
    clip: float = 0.14  # the length of a person's gradient over all parameters, at most
    learning_rate: float = 0.05  # Adam's, falling to 0: rate * (1 + cos(pi * step / steps)) / 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_latent, self.steps, self.most_likes) >= 1, self, "n_latent, steps and most_likes >= 1")
        require(0 < self.count_share < 1, self, "count_share between 0 and 1")
        require(0 < self.sampling <= 1 and self.clip > 0, self, "sampling in (0, 1] and clip > 0")
        require(min(self.shrinkage, self.start, self.kl_weight) >= 0, self, "shrinkage, start and kl_weight >= 0")
        require(self.learning_rate > 0, self, "learning_rate > 0")
        require(is_liking(self.liked_from), self, LIKING_WISH)


@dataclass(frozen=True, kw_only=True)
class FilmVAEConfig(Bounded):
    """The autoencoder of films that finds their codes in their features."""

    most: ClassVar = {"n_codes": 1_024, "n_hidden": 16_384}

    n_codes: int = 16  # numbers of a film's code
    n_hidden: int = 100  # units of the encoder's hidden layer and of the decoder's
    beta: float = 1.0  # weight of the divergence
    epochs: int = 60
    batch_size: int = 64  # films per step
    learning_rate: float = 3e-3  # Adam's, falling to 0 by a cosine

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (self.n_codes, self.n_hidden, self.epochs, self.batch_size)
        require(min(sizes) >= 1, self, "sizes and epochs >= 1")
        require(self.beta >= 0 and self.learning_rate > 0, self, "beta >= 0 and learning_rate > 0")


@dataclass(frozen=True, kw_only=True)
class EmbeddingVAEConfig(Bounded):
    """A VAE of choices that knows films by codes."""

    most: ClassVar = {"n_networks": 100, "n_hidden": 16_384, "anneal_epochs": 100_000}

    films: FilmVAEConfig = FilmVAEConfig()
    frozen: bool = True  # codes stay as their features have them
    l2_own: float = 0.001  # of the weights that are a film's own, in nats per person
    n_networks: int = 2  # averaged
    n_hidden: int = 300  # units of the encoder's hidden layer and of the decoder's
    n_latent: int = 28
    forgets: float = 0.04  # probability that training hides a rating from the encoder
    beta: float = 1.8  # weight of the divergence once it is annealed
    anneal_epochs: int = 20  # weight at epoch e: beta * min(1, e / anneal_epochs)
    epochs: int = 17
    batch_size: int = 128  # people per step
    learning_rate: float = 7.4e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (self.n_networks, self.n_hidden, self.n_latent, self.anneal_epochs, self.epochs, self.batch_size)
        require(min(sizes) >= 1, self, "sizes and epochs >= 1")
        require(0 <= self.forgets < 1 and self.learning_rate > 0, self, "forgets in [0, 1) and learning_rate > 0")
        require(min(self.beta, self.l2_own) >= 0, self, "weights >= 0")


@dataclass(frozen=True, kw_only=True)
class TwinVAEConfig(Bounded):
    """A VAE of ratings and one of genres, trained together."""

    most: ClassVar = {
        "n_networks": 100,
        "n_hidden": 16_384,
        "n_star_units": 16_384,
        "n_genre_units": 16_384,
        "n_genre_latent": 4_096,
        "anneal_epochs": 100_000,
    }

    n_networks: int = 2  # averaged
    n_hidden: int = 400  # units of the encoder's hidden layer and of the decoder's for choices
    n_star_units: int = 50  # of the decoder's hidden layer for stars
    n_latent: int = 50  # of the ratings' VAE; the first is the person's generosity with stars
    n_genre_units: int = 32  # of the hidden layers of the genres' VAE
    n_genre_latent: int = 16
    genre_weight: float = 0.1  # of the log-likelihood of genre profiles beside that of the choices
    blind: float = 0.2  # probability that training meets a person as one who only names one to three genres
    forgets: float = 0.2  # probability that training hides a rating from the encoders
    beta: float = 0.8  # weight of the ratings' divergence once it is annealed
    genre_beta: float = 0.2  # of the genres'
    anneal_epochs: int = 20  # weights at epoch e: min(1, e / anneal_epochs) of the full ones
    stars_weight: float = 1.0  # of the stars' log-likelihood beside that of the choices
    l2_stars: float = 0.1  # of the films' star weights, in nats per person
    epochs: int = 22
    batch_size: int = 128  # people per step
    learning_rate: float = 3e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    liked_from: Liking = LEVEL
    liked_weight: float = 0.25  # of log P(a rating is a like) in the ranking score, beside the log chance of a choice
    baseline: BaselineConfig = BaselineConfig()  # where the stars start from; its l2_user weighs a person's generosity

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (self.n_networks, self.n_hidden, self.n_star_units, self.n_genre_units, self.n_genre_latent)
        counts = (self.anneal_epochs, self.epochs, self.batch_size)
        require(min(*sizes, *counts) >= 1 and self.n_latent >= 2, self, "sizes and epochs >= 1, n_latent >= 2")
        require(min(self.forgets, self.blind) >= 0, self, "probabilities in [0, 1)")
        require(max(self.forgets, self.blind) < 1, self, "probabilities in [0, 1)")
        require(self.learning_rate > 0 and is_liking(self.liked_from), self, f"learning_rate > 0, and {LIKING_WISH}")
        weights = (self.beta, self.genre_beta, self.genre_weight, self.stars_weight, self.l2_stars, self.liked_weight)
        require(min(weights) >= 0 and self.baseline.l2_user > 0, self, "weights >= 0 and baseline.l2_user > 0")


@dataclass(frozen=True, kw_only=True)
class AlignedVAEConfig(Bounded):
    """A VAE of choices in each of two domains, and how far people's tastes in the one are those in the other."""

    most: ClassVar = {"n_hidden": 16_384, "anneal_epochs": 100_000}

    source_genres: str = "|".join(SOURCE_GENRES)
    target_genres: str = "|".join(TARGET_GENRES)
    alignment: Literal["soft", "rigid", "none"] = "soft"  # rigid: tastes are those of the source; none: unrelated
    n_hidden: int = 200  # units of every encoder's and decoder's hidden layer
    n_latent: int = 50
    forgets: float = 0.2  # probability that training hides a rating from an encoder
    beta: float = 0.5  # weight of the divergence from the prior once it is annealed
    beta_source: float = 2.0  # of the divergence of tastes in the target from those in the source
    anneal_epochs: int = 20  # weights at epoch e: min(1, e / anneal_epochs) of the full ones
    prior: float = 10.0  # ratings; after so many somebody's own share of each domain counts as much as everybody's
    epochs: int = 30
    batch_size: int = 128  # people per step
    learning_rate: float = 3e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.alignment in ("soft", "rigid", "none"), self, "alignment 'soft', 'rigid' or 'none'")
        require(all(self.source_genres.split("|") + self.target_genres.split("|")), self, "genres, divided by |")
        sizes = (self.n_hidden, self.n_latent, self.anneal_epochs, self.epochs, self.batch_size)
        require(min(sizes) >= 1, self, "sizes and epochs >= 1")
        require(0 <= self.forgets < 1 and self.learning_rate > 0, self, "forgets in [0, 1) and learning_rate > 0")
        require(min(self.beta, self.beta_source) >= 0 < self.prior, self, "weights >= 0 and prior > 0")


@dataclass(frozen=True, kw_only=True)
class ConditionedVAEConfig(Bounded):
    """A VAE of choices that is told which genres are wanted."""

    most: ClassVar = {"n_hidden": 16_384, "anneal_epochs": 100_000}

    n_hidden: int = 200  # units between history and z, and between z and films
    n_latent: int = 50
    forgets: float = 0.3  # probability that training hides a rating from the encoder
    strangers: float = 0.7  # probability that training hides all ratings of somebody who asks for genres
    beta: float = 1.0  # weight of the divergence once it is annealed
    anneal_epochs: int = 20  # weight at epoch e: beta * min(1, e / anneal_epochs)
    epochs: int = 20
    batch_size: int = 128  # people per step, each as they are and asking for genres
    learning_rate: float = 3e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    liked_from: Liking = LEVEL  # of which films the genres are taken that somebody would ask for

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (self.n_hidden, self.n_latent, self.anneal_epochs, self.epochs, self.batch_size)
        require(min(sizes) >= 1, self, "sizes and epochs >= 1")
        require(0 <= self.forgets < 1 and 0 <= self.strangers <= 1, self, "forgets in [0, 1), strangers in [0, 1]")
        require(self.beta >= 0 and self.learning_rate > 0, self, "beta >= 0 and learning_rate > 0")
        require(is_liking(self.liked_from), self, LIKING_WISH)
