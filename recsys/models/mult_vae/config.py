"""Settings of the generative recommender, by nDCG and RMSE on a fifth of u1's and u3's training ratings."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.models.simple.config import BaselineConfig
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


@dataclass(frozen=True, kw_only=True)
class MultVAEConfig(Bounded):
    """The generative recommender's networks and how they are trained."""

    most: ClassVar = {
        "n_networks": 100,
        "n_hidden": 16_384,
        "n_star_units": 16_384,
        "anneal_epochs": 100_000,
        "ratings_per_unit": 1_000_000_000,
        "ratings_per_step": 1_000_000_000,
        "most_steps": 1_000_000_000,
        "largest_batch": 1_000_000,
        "exact_films": 1_000_000,
        "n_sampled": 1_000_000,
        "more_epochs": 100_000,
    }
    before: ClassVar = {
        "ratings_per_unit": 0,
        "ratings_per_step": 0,
        "most_steps": 0,
        "popular_start": False,
        "largest_batch": 0,
        "exact_films": 200_000,
        "n_sampled": 4096,
        "more_epochs": 0,
        "more_rate": 2e-3,
    }

    n_networks: int = 2  # averaged
    n_hidden: int = 400  # units of the encoder's hidden layer and of the decoder's for choices, at most
    ratings_per_unit: int = 90  # where ratings are few, a unit for so many, and 100 in any case; 0: n_hidden it is
    n_star_units: int = 50  # of the decoder's hidden layer for stars
    n_latent: int = 50  # the first is the person's generosity with stars
    forgets: float = 0.2  # probability that training hides a rating from the encoder
    beta: float = 0.5  # weight of the divergence once it is annealed
    anneal_epochs: int = 20  # weight at epoch e: beta * min(1, e / anneal_epochs)
    stars_weight: float = 1.0  # of the stars' log-likelihood beside that of the choices
    l2_stars: float = 0.1  # of the films' star weights, in nats per person: precision 2 * l2_stars * n_users
    epochs: int = 22  # at most
    ratings_per_step: int = 400  # where ratings are few, a step for so many, and 120 in any case; 0: all epochs
    most_steps: int = 240  # in all epochs together, where people are many; 0: all epochs
    popular_start: bool = False  # choices begin with how often each film was chosen; where most_steps bind they do
    batch_size: int = 128  # people per step
    largest_batch: int = 1024  # people per step, where they are many: an epoch of 64 steps, or of more of these
    exact_films: int = 10_000  # up to so many, the softmax that is learned has all of them
    n_sampled: int = 4096  # films that stand for all in the softmax of a step, where there are more
    learning_rate: float = 4e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    more_epochs: int = 8  # at most, of a network that has begun, where most_steps bind; 0: it begins anew, as elsewhere
    more_rate: float = 2e-3  # learning_rate of these
    liked_from: Liking = LEVEL
    liked_weight: float = 0.5  # of log P(a rating is a like) in the ranking score, beside the log chance of a choice
    l2_genres: float = 20.0  # of the ridge regression from stated genres to tastes, in people
    baseline: BaselineConfig = BaselineConfig()  # where the stars start from; its l2_user weighs a person's generosity

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = [self.n_networks, self.n_hidden, self.n_star_units, self.anneal_epochs, self.epochs, self.batch_size]
        sizes.append(self.n_sampled)
        require(min(sizes) >= 1 and self.n_latent >= 2, self, "sizes and epochs >= 1, n_latent >= 2")
        require(0 <= self.forgets < 1, self, "forgets in [0, 1)")
        require(min(self.learning_rate, self.more_rate) > 0, self, "learning_rate and more_rate > 0")
        require(self.more_epochs >= 0, self, "more_epochs >= 0")
        require(is_liking(self.liked_from), self, LIKING_WISH)
        weights = (self.beta, self.stars_weight, self.l2_stars, self.liked_weight)
        require(min(weights) >= 0, self, "weights >= 0")
        limits = (self.ratings_per_unit, self.ratings_per_step, self.most_steps, self.largest_batch, self.exact_films)
        require(min(limits) >= 0, self, "ratings per unit and step, most_steps, largest_batch and exact_films >= 0")
        require(min(self.l2_genres, self.baseline.l2_user) > 0, self, "l2_genres and baseline.l2_user > 0")
