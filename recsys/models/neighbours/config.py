"""Settings of neighbourhoods, by the RMSE on a tenth of the training ratings of MovieLens 100K's fold u1."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.models.boltzmann.config import ContrastiveConfig
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


@dataclass(frozen=True, kw_only=True)
class DBNClustersConfig(Bounded):
    """Clusters of films by a deep belief network, and neighbours within them."""

    most: ClassVar = {"n_neighbours": 10_000, "n_clusters": 10_000, "restarts": 1_000, "hidden": 16_384}

    hidden: tuple[int, ...] = (64, 32)  # units of the network's layers
    learning: ContrastiveConfig = ContrastiveConfig(
        batch_size=50, learning_rate=5e-3, decay=1e-3, init_scale=0.1
    )  # of each layer; a batch of films
    n_clusters: int = 10
    restarts: int = 5  # of k-means
    n_neighbours: int = 150  # of a film, at most
    shrinkage: float = 100.0  # in shared raters: a similarity of so many is halfway between how films are rated and are
    content_weight: float = 0.05  # similarity of films of one code that nobody rated both
    l2: float = 0.5  # in units of similarity; pulls an estimate from few votes to the baseline
    baseline: BaselineConfig = BaselineConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.n_clusters, self.restarts, self.n_neighbours) >= 1, self, "numbers >= 1")
        require(bool(self.hidden) and min(self.hidden) >= 1, self, "at least one hidden layer, with units")
        require(0 <= self.content_weight <= 1 and self.shrinkage >= 0, self, "content_weight in [0, 1], shrinkage >= 0")
        require(self.l2 > 0, self, "l2 > 0")
