"""Settings of means, popularity and offsets; those of the offsets by the RMSE on a tenth of u1's training ratings."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.privacy.config import PrivacyConfig
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


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
class DPPopularityConfig(Bounded):
    """How popularity is counted so that nobody shows."""

    most: ClassVar = {"most_likes": 1_000_000}

    privacy: PrivacyConfig = PrivacyConfig()
    liked_from: Liking = LEVEL  # what is one vote
    most_likes: int = 16  # of a person that count in full; of n more each counts sqrt(most_likes / n)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.most_likes >= 1, self, "most_likes >= 1")
        require(is_liking(self.liked_from), self, LIKING_WISH)


@dataclass(frozen=True, kw_only=True)
class BaselineConfig(Bounded):
    """Offsets of users and items around the global mean, each shrunk towards 0."""

    most: ClassVar = {"sweeps": 1_000}

    l2_user: float = 5.0  # in ratings: a user with this many is shrunk by half
    l2_item: float = 3.0  # in ratings, likewise for items
    sweeps: int = 10  # alternations between users and items; the offsets move < 1e-3 stars after 5

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.l2_user, self.l2_item) >= 0 and self.sweeps >= 1, self, "l2 >= 0 and sweeps >= 1")
