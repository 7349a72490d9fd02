"""Settings of transformers, by nDCG@10 on a fifth of u1's training ratings."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.settings import require


@dataclass(frozen=True, kw_only=True)
class TransformerConfig(Bounded):
    """A network that reads histories, and how it learns to."""

    most: ClassVar = {"width": 4_096, "n_heads": 64, "n_blocks": 16, "widening": 64, "n_read": 1_000, "n_told": 1_000}

    width: int = 48  # numbers of a token
    n_heads: int = 2  # among which they are divided
    n_blocks: int = 1  # of attention and two dense layers; in the last one only the reader asks
    widening: int = 4  # units of the wide dense layer, in widths
    n_read: int = 400  # ratings of a person at most, those with the highest stars
    n_told: int = 50  # of them in training at most, drawn anew for every step
    hides_from: float = 0.1  # least share of a history that training hides, and asks for
    hides_to: float = 0.9  # largest
    dropout: float = 0.5  # probability that training drops a number of what the reader has learned
    prior: float = 1.0  # choices of every film beside those that were made, before the first step
    epochs: int = 100
    batch_size: int = 64  # people per step
    learning_rate: float = 3e-3  # Adam's, falling to 0: rate * (1 + cos(pi * step / n_steps)) / 2

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (self.width, self.n_heads, self.n_blocks, self.widening, self.n_read, self.n_told)
        require(min(*sizes, self.epochs, self.batch_size) >= 1, self, "sizes and epochs >= 1")
        require(self.width % self.n_heads == 0, self, "a width that the heads divide evenly")
        require(0 <= self.hides_from <= self.hides_to <= 1, self, "0 <= hides_from <= hides_to <= 1")
        require(0 <= self.dropout < 1, self, "dropout in [0, 1)")
        require(self.prior > 0 and self.learning_rate > 0, self, "prior > 0 and learning_rate > 0")
