"""Every default of the project, written here once and checked when an object is made.

Settings of baseline, user-knn, svd and als were chosen by the RMSE on validation ratings, a tenth carved out of the
training part of fold u1 of MovieLens 100K; those of bmf likewise, on folds u1 and u2; those of mult-vae on a fifth of
u1's and u3's, by nDCG too. EASE's l2 are values known to do well on this data; the paper's VAE has the paper's own.
No number may be beyond the bounds of recsys.limits.
"""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeVar

from recsys.limits import Bounded

Liking = float | str  # what a like is: stars that a rating has at least, or a rule:
LEVEL = "level"  # from the lowest level in the upper quarter of the scale, see `RatingScale.liked_from`
MEAN = "mean"  # above the mean of the person's own ratings
RULES = (LEVEL, MEAN)
LIKING_WISH = f"liked_from above 0 stars, or {' or '.join(map(repr, RULES))}"


def require(holds: bool, config: object, wish: str) -> None:
    """Raise ValueError with the whole config and the wish it breaks, unless the wish holds."""
    if not holds:
        raise ValueError(f"got {config}; expected {wish}")


def is_liking(liking: object) -> bool:
    """Whether it is a rule, or a number above 0."""
    return liking in RULES if isinstance(liking, str) else isinstance(liking, int | float) and liking > 0


@dataclass(frozen=True, kw_only=True)
class MeanConfig(Bounded):
    """Global, item and user means have no settings."""


@dataclass(frozen=True, kw_only=True)
class PopularityConfig(Bounded):
    """How popularity is counted."""

    liked_from: Liking = LEVEL  # what is one vote: see recsys.liking

    def __post_init__(self) -> None:
        super().__post_init__()
        require(is_liking(self.liked_from), self, LIKING_WISH)


@dataclass(frozen=True, kw_only=True)
class BaselineConfig(Bounded):
    """Offsets of users and items around the global mean, each shrunk towards 0."""

    l2_user: float = 5.0  # in ratings: a user with this many is shrunk by half
    l2_item: float = 3.0  # in ratings, likewise for items
    sweeps: int = 10  # alternations between users and items; the offsets move < 1e-3 stars after 5

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.l2_user, self.l2_item) >= 0 and self.sweeps >= 1, self, "l2 >= 0 and sweeps >= 1")


@dataclass(frozen=True, kw_only=True)
class UserKNNConfig(Bounded):
    """Neighbourhoods of users."""

    n_neighbours: int = 80  # most similar raters of a film that vote on it
    shrinkage: float = 50.0  # in shared ratings: a similarity from this many is halved
    l2: float = 0.5  # in units of similarity; pulls an estimate from few votes to the baseline
    baseline: BaselineConfig = BaselineConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.n_neighbours >= 1, self, "n_neighbours >= 1")
        require(self.shrinkage >= 0 and self.l2 > 0, self, "shrinkage >= 0 and l2 > 0")


@dataclass(frozen=True, kw_only=True)
class SVDConfig(Bounded):
    """Biased matrix factorization by stochastic gradient descent."""

    n_factors: int = 100
    epochs: int = 40
    batch_size: int = 500  # ratings per step
    learning_rate: float = 0.02  # of a rating's update; in epoch e, counted from 0: rate * (1 - 0.9 * e / epochs)
    l2: float = 0.1  # per rating, on offsets and factors alike
    l2_offset: float = 3.0  # of a person's offset at fold-in, in ratings: that many shrink it by half
    init_scale: float = 0.1  # standard deviation of the first factors

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_factors, self.epochs, self.batch_size) >= 1, self, "n_factors, epochs and batch_size >= 1")
        positive = (self.learning_rate, self.l2, self.l2_offset, self.init_scale)
        require(min(positive) > 0, self, "learning_rate, l2, l2_offset and init_scale > 0")


@dataclass(frozen=True, kw_only=True)
class ALSConfig(Bounded):
    """Explicit alternating least squares with biases."""

    n_factors: int = 32
    epochs: int = 10  # sweeps over users and items
    l2: float = 0.14  # of factors, times the number of ratings of the user or item
    l2_offset: float = 2.0  # of offsets, in ratings: that many shrink one by half
    init_scale: float = 0.1  # standard deviation of the first item factors

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_factors, self.epochs) >= 1, self, "n_factors and epochs >= 1")
        require(min(self.l2, self.l2_offset, self.init_scale) > 0, self, "l2, l2_offset and init_scale > 0")


@dataclass(frozen=True, kw_only=True)
class EASEConfig(Bounded):
    """The linear autoencoder."""

    feedback: Literal["graded", "binary"] = "graded"  # (stars - lowest) / range, or 1 for a like
    seen_share: float = 0.0  # of graded feedback: how much of a 1 the lowest stars are; 1: all that was rated is alike
    liked_from: Liking = LEVEL  # used by binary feedback
    l2: float = 300.0  # added to the diagonal of the Gram matrix
    feature_weight: float = 0.0  # of genres and periods in the Gram matrix: each counts as this many people's likes
    warn_above_bytes: int = 2**31  # of memory that fit takes

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.feedback in ("graded", "binary"), self, "feedback 'graded' or 'binary'")
        require(self.l2 > 0 and self.feature_weight >= 0, self, "l2 > 0 and feature_weight >= 0")
        require(is_liking(self.liked_from), self, LIKING_WISH)
        require(0 <= self.seen_share <= 1, self, "seen_share in [0, 1]")


@dataclass(frozen=True, kw_only=True)
class VAEConfig(Bounded):
    """The paper's network (its Figure 5) and how it is trained."""

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
class BMFConfig(Bounded):
    """Bayesian matrix factorization by Gibbs sampling."""

    likelihood: Literal["gaussian", "ordinal"] = "gaussian"
    n_factors: int = 16
    rehearsal: int = 60  # sweeps that learn from nine tenths of the ratings, and how large the noise is
    epochs: int = 140  # sweeps on all ratings after them; the chain goes on widening, and with more it overfits
    burn_in: int = 0  # sweeps before the first draw is kept
    thin: int = 5  # sweeps from one kept draw to the next
    n_link_features: int = 2000  # most rated films, and most active people, that serve as features of the other side
    uses_item_features: bool = True  # genres and periods, where they are known

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.likelihood in ("gaussian", "ordinal"), self, "likelihood 'gaussian' or 'ordinal'")
        sweeps = (self.rehearsal, self.epochs, self.thin)
        require(min(self.n_factors, *sweeps) >= 1, self, "n_factors, rehearsal, epochs and thin >= 1")
        require(min(self.burn_in, self.n_link_features) >= 0, self, "burn_in and n_link_features >= 0")


@dataclass(frozen=True, kw_only=True)
class MultVAEConfig(Bounded):
    """The generative recommender's networks and how they are trained."""

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
    batch_size: int = 128  # people per step
    learning_rate: float = 4e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    liked_from: Liking = LEVEL
    liked_weight: float = 0.5  # of log P(a rating is a like) in the ranking score, beside the log chance of a choice
    l2_genres: float = 20.0  # of the ridge regression from stated genres to tastes, in people
    baseline: BaselineConfig = BaselineConfig()  # where the stars start from; its l2_user weighs a person's generosity

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (self.n_networks, self.n_hidden, self.n_star_units, self.anneal_epochs, self.epochs, self.batch_size)
        require(min(sizes) >= 1 and self.n_latent >= 2, self, "sizes and epochs >= 1, n_latent >= 2")
        require(0 <= self.forgets < 1, self, "forgets in [0, 1)")
        require(self.learning_rate > 0, self, "learning_rate > 0")
        require(is_liking(self.liked_from), self, LIKING_WISH)
        weights = (self.beta, self.stars_weight, self.l2_stars, self.liked_weight)
        require(min(weights) >= 0, self, "weights >= 0")
        require(min(self.ratings_per_unit, self.ratings_per_step) >= 0, self, "ratings per unit and step >= 0")
        require(min(self.l2_genres, self.baseline.l2_user) > 0, self, "l2_genres and baseline.l2_user > 0")


@dataclass(frozen=True, kw_only=True)
class HybridVAEConfig(Bounded):
    """The flagship: what is put together, and with which weights. A part of weight 0 is neither trained nor kept.

    Weights that fit on its own finds better for the data at hand replace the linear path's and the VAE's and these.
    """

    vae: MultVAEConfig = MultVAEConfig(n_hidden=800)
    linear: EASEConfig = EASEConfig(l2=250.0, feature_weight=3.0)
    normal: BMFConfig = BMFConfig()
    ordinal: BMFConfig = BMFConfig(likelihood="ordinal")
    linear_weight: float = 10.0  # of the linear path in the ranking score, in nats per unit of its grade
    normal_share: float = 0.4  # of this part in the distribution of stars
    ordinal_share: float = 0.45  # likewise; the VAE has the rest
    level_prior: float = 300.0  # ratings; who gave so many is believed half-way in what that makes of their mean stars
    shape_prior: float = 30.0  # ratings; likewise in what it makes of the rest; 0: level_prior is for that, too
    film_prior: float = 100.0  # ratings; likewise of a film; 0: only people's use of the levels counts
    kept_aside: float = 0.1  # share of the ratings that fit tries itself on before it learns from all; 0: none
    chooses_weights: bool = True  # of lists and stars, by what was kept aside

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.linear_weight >= 0 and self.level_prior > 0, self, "linear_weight >= 0 and level_prior > 0")
        require(min(self.shape_prior, self.film_prior) >= 0, self, "shape_prior and film_prior >= 0")
        require(0 <= self.kept_aside <= 0.5, self, "kept_aside from 0 to .5")
        shares = (self.normal_share, self.ordinal_share, 1 - self.normal_share - self.ordinal_share)
        require(min(shares) >= -1e-9, self, "shares >= 0 that sum to at most 1")
        likelihoods = (self.normal.likelihood, self.ordinal.likelihood)
        require(likelihoods == ("gaussian", "ordinal"), self, "likelihood 'gaussian' of normal, 'ordinal' of ordinal")


@dataclass(frozen=True, kw_only=True)
class ValidationConfig(Bounded):
    """How much of the training ratings is kept aside for early stopping."""

    fraction: float = 0.1  # of every user's training ratings

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 < self.fraction < 1, self, "a fraction between 0 and 1")


ADDED = {  # settings that models which were saved before do not name, and what they were then in effect
    ("EASEConfig", "seen_share"): 0.0,
    ("BMFConfig", "rehearsal"): 60,
    ("MultVAEConfig", "ratings_per_unit"): 0,
    ("MultVAEConfig", "ratings_per_step"): 0,
    ("HybridVAEConfig", "shape_prior"): 0.0,
    ("HybridVAEConfig", "film_prior"): 0.0,
    ("HybridVAEConfig", "kept_aside"): 0.0,
    ("HybridVAEConfig", "chooses_weights"): False,
}

Config = Any  # one of the dataclasses above: frozen, keyword-only, made of JSON values and dataclasses

T = TypeVar("T")


def from_json(default: T, values: Any) -> T:
    """A config of the default's type from JSON values; lists become tuples, objects the nested config.

    Raises:
        ValueError: a setting is missing, unknown, of another type or out of range; says which.
    """
    examples = {field.name: getattr(default, field.name) for field in fields(default)}  # type: ignore[arg-type]
    kind = type(default).__name__
    if isinstance(values, dict):
        values = {name: value for (of, name), value in ADDED.items() if of == kind and name in examples} | values
    if not isinstance(values, dict) or values.keys() != examples.keys():
        came = ", ".join(map(str, values)) if isinstance(values, dict) else repr(values)[:40]
        raise ValueError(f"got the settings {came} for {kind}; expected {', '.join(examples) or 'none'}")
    return type(default)(**{name: setting(f"{kind}.{name}", examples[name], values[name]) for name in examples})


def setting(name: str, example: Any, value: Any) -> Any:
    """One setting, of the example's type; a whole number will do for a fraction, and stars for a rule of liking."""
    if example in RULES and not isinstance(value, bool) and isinstance(value, int | float):
        return float(value)
    if is_dataclass(example):
        return from_json(example, value)
    if isinstance(example, tuple):
        items = value if isinstance(value, list) else [None]
        return tuple(setting(name, example[0], item) for item in items)
    wanted = (int, float) if isinstance(example, float) else type(example)
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(example, bool):
        raise ValueError(f"got {repr(value)[:40]} for {name}; expected something like {example!r}")
    return value
