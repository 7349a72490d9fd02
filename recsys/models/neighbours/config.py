"""Settings of neighbourhoods, by the RMSE on a tenth of the training ratings of MovieLens 100K's fold u1."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.models.simple.config import BaselineConfig
from recsys.settings import require


@dataclass(frozen=True, kw_only=True)
class UserKNNConfig(Bounded):
    """Neighbourhoods of users."""

    most: ClassVar = {"n_neighbours": 1_000_000}

    n_neighbours: int = 80  # most similar raters of a film that vote on it
    shrinkage: float = 50.0  # in shared ratings: a similarity from this many is halved
    l2: float = 0.5  # in units of similarity; pulls an estimate from few votes to the baseline
    baseline: BaselineConfig = BaselineConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.n_neighbours >= 1, self, "n_neighbours >= 1")
        require(self.shrinkage >= 0 and self.l2 > 0, self, "shrinkage >= 0 and l2 > 0")
