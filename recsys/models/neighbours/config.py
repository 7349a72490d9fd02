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


@dataclass(frozen=True, kw_only=True)
class ItemKNNConfig(Bounded):
    """Neighbourhoods of films."""

    most: ClassVar = {"n_neighbours": 10_000, "n_list_neighbours": 10_000}

    n_neighbours: int = 150  # of a film: the most similar ones, which vote on its stars where a person rated them
    shrinkage: float = 100.0  # in shared raters: a similarity from this many is halved
    l2: float = 0.25  # in units of similarity; pulls an estimate from few votes to the baseline
    n_list_neighbours: int = 100  # of a film, that speak for it in lists
    list_shrinkage: float = 4.0  # likewise
    baseline: BaselineConfig = BaselineConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_neighbours, self.n_list_neighbours) >= 1, self, "n_neighbours, n_list_neighbours >= 1")
        require(min(self.shrinkage, self.list_shrinkage) >= 0 and self.l2 > 0, self, "shrinkages >= 0 and l2 > 0")
