"""Settings of linear autoencoders: values known to do well on MovieLens 100K."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from recsys.limits import Bounded
from recsys.settings import LEVEL, LIKING_WISH, Liking, is_liking, require


@dataclass(frozen=True, kw_only=True)
class EASEConfig(Bounded):
    """The linear autoencoder."""

    before: ClassVar = {"seen_share": 0.0, "memory_mb": 2048.0}
    dropped: ClassVar = frozenset({"warn_above_bytes"})

    feedback: Literal["graded", "binary"] = "graded"  # (stars - lowest) / range, or 1 for a like
    seen_share: float = 0.0  # of graded feedback: how much of a 1 the lowest stars are; 1: all that was rated is alike
    liked_from: Liking = LEVEL  # used by binary feedback
    l2: float = 300.0  # added to the diagonal of the Gram matrix
    feature_weight: float = 0.0  # of genres and periods in the Gram matrix: each counts as this many people's likes
    memory_mb: float = 2048.0  # 2**20 bytes each, for the inverse and what is kept; 13,377 films are exact in that

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.memory_mb > 0, self, "memory_mb > 0")
        require(self.feedback in ("graded", "binary"), self, "feedback 'graded' or 'binary'")
        require(self.l2 > 0 and self.feature_weight >= 0, self, "l2 > 0 and feature_weight >= 0")
        require(is_liking(self.liked_from), self, LIKING_WISH)
        require(0 <= self.seen_share <= 1, self, "seen_share in [0, 1]")


WITH_FEATURES = EASEConfig(l2=250.0, feature_weight=3.0)  # where genres and periods count


@dataclass(frozen=True, kw_only=True)
class SLIMConfig(Bounded):
    """The sparse linear method."""

    most: ClassVar = {"warn_above_bytes": 2**60}

    l1: float = 1.0  # of the weights, in the units of a film's Gram matrix: grades squared
    l2: float = 100.0  # likewise
    rho: float = 10.0  # how hard the two halves of a step pull at each other, in mean squares of a film's grades
    epochs: int = 100  # steps, at most
    tolerance: float = 1e-3  # of a weight, between steps and between the two halves of one
    warn_above_bytes: int = 2**31  # of memory that fit takes

    def __post_init__(self) -> None:
        super().__post_init__()
        require(min(self.l1, self.l2) >= 0, self, "l1 and l2 >= 0")
        require(min(self.rho, self.tolerance) > 0 and self.epochs >= 1, self, "rho, tolerance > 0 and epochs >= 1")
