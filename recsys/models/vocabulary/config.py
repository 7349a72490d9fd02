"""Settings of what answers for films with few ratings."""

from dataclasses import dataclass

from recsys.limits import Bounded
from recsys.models.simple.config import BaselineConfig
from recsys.settings import require


@dataclass(frozen=True, kw_only=True)
class RareFilmsConfig(Bounded):
    """How far a film's own ratings count beside those of its genres."""

    own: float = 5.0  # ratings; a film with so many is half what they say, half what its genres say
    of_genre: float = 20.0  # ratings; a genre with so many is half what they say, half the mean of all
    baseline: BaselineConfig = BaselineConfig()  # how generous people are

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.own, self.of_genre) > 0, self, "own and of_genre > 0")
