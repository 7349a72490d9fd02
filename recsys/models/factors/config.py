"""Settings of matrix factorization, by the RMSE on a tenth of the training ratings of MovieLens 100K's fold u1."""

from dataclasses import dataclass

from recsys.limits import Bounded
from recsys.settings import require


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
