"""Settings of autoencoders of ratings, by the RMSE on a fifth of the training ratings of MovieLens 100K's fold u1."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from recsys.limits import Bounded
from recsys.models.content.config import ContentConfig
from recsys.models.simple.config import BaselineConfig
from recsys.settings import require

Target = Literal["residuals", "stars"]  # what is said again: stars beyond plain offsets, or beyond the mean of all
TARGETS = ("residuals", "stars")


@dataclass(frozen=True, kw_only=True)
class AutoRecConfig(Bounded):
    """One hidden layer between stars and stars."""

    most: ClassVar = {"n_hidden": 16_384}

    target: Target = "residuals"
    n_hidden: int = 100
    l2: float = 40.0  # of all weights, in ratings: so many of a film, told to a unit that is 1, halve its weight
    epochs: int = 30
    batch_size: int = 128  # people, or films, per step
    learning_rate: float = 0.01  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    baseline: BaselineConfig = BaselineConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.target in TARGETS, self, "target 'residuals' or 'stars'")
        require(min(self.n_hidden, self.epochs, self.batch_size) >= 1, self, "sizes and epochs >= 1")
        require(self.l2 >= 0 and self.learning_rate > 0, self, "l2 >= 0 and learning_rate > 0")


@dataclass(frozen=True, kw_only=True)
class ItemAutoRecConfig(Bounded):
    """The same between what people said of a film and what they said, and how newcomers are placed in it."""

    network: AutoRecConfig = AutoRecConfig()
    noise: float = 0.5  # variance of a rating around what codes and taste say, in squared units of the scale

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.noise > 0, self, "noise > 0")


@dataclass(frozen=True, kw_only=True)
class DeepAutoencoderConfig(Bounded):
    """Several hidden layers between stars and stars."""

    most: ClassVar = {"hidden": 16_384, "refeeds": 10}

    target: Target = "residuals"
    hidden: tuple[int, ...] = (128, 64)  # units of the encoder, the code last; the decoder mirrors it
    forgets: float = 0.5  # probability that training hides a rating from the input
    dropout: float = 0.5  # probability that training drops a unit of the code
    refeeds: int = 1  # steps on the network's own answers after each on ratings
    l2: float = 130.0  # of all weights, in ratings
    epochs: int = 30
    batch_size: int = 128  # people per step
    learning_rate: float = 2e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2
    baseline: BaselineConfig = BaselineConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.target in TARGETS, self, "target 'residuals' or 'stars'")
        sizes = (*self.hidden, self.epochs, self.batch_size)
        require(bool(self.hidden) and min(sizes) >= 1, self, "sizes and epochs >= 1")
        require(
            0 <= min(self.forgets, self.dropout) <= max(self.forgets, self.dropout) < 1, self, "probabilities in [0, 1)"
        )
        require(
            min(self.refeeds, self.l2) >= 0 and self.learning_rate > 0, self, "refeeds, l2 >= 0 and learning_rate > 0"
        )


@dataclass(frozen=True, kw_only=True)
class ListConfig(Bounded):
    """A network of choices that adds to what content says of them."""

    most: ClassVar = {"n_hidden": 16_384}

    n_hidden: int = 200  # units between history and films
    forgets: float = 0.3  # probability that training hides a rating from the input
    l2: float = 0.01  # of all weights, in nats per person
    epochs: int = 20
    batch_size: int = 128  # people per step
    learning_rate: float = 3e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_hidden, self.epochs, self.batch_size) >= 1, self, "sizes and epochs >= 1")
        require(0 <= self.forgets < 1, self, "forgets in [0, 1)")
        require(self.l2 >= 0 and self.learning_rate > 0, self, "l2 >= 0 and learning_rate > 0")


@dataclass(frozen=True, kw_only=True)
class CascadeConfig(Bounded):
    """Content, then a deep autoencoder of stars and a network of choices, which add to it."""

    content: ContentConfig = ContentConfig()
    deep: DeepAutoencoderConfig = DeepAutoencoderConfig()
    lists: ListConfig = ListConfig()
    told_share: float = 0.5  # of what content says of films that are not rated, in the autoencoder's input
    kept_share: float = 1.0  # of what content says, in the stars

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.told_share, self.kept_share) >= 0, self, "shares >= 0")
