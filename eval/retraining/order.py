"""What a round of retraining is to make, and by which rules."""

from collections.abc import Callable
from dataclasses import dataclass, field

from eval.retraining.gate import GateConfig
from eval.retraining.limits import LimitsConfig
from eval.retraining.trial import LENGTH
from eval.running.experiment import Settings
from recsys.models import FLAGSHIP


def do_nothing() -> None:
    """Nothing."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be made.

    Attributes:
        model: key of MODELS.
        seed: of everything random.
        epochs: replaces the model's own number.
        min_film_ratings: see `recsys.models.vocabulary`.
        epsilon: within which a private model hides people; None: its own.
        promotes: whether what passes the gate answers from then on.
        hub: a repository on the Hub where it is then promoted first; None: none.
        limits: what counts of people's ratings.
        gate: what is not worse.
        before_promoting: is called just before a version is promoted; what it raises leaves all as it is.
    """

    model: str = FLAGSHIP
    seed: int = 0
    epochs: int | None = None
    min_film_ratings: int = 0
    epsilon: float | None = None
    promotes: bool = True
    hub: str | None = None
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    gate: GateConfig = field(default_factory=GateConfig)
    before_promoting: Callable[[], object] = do_nothing

    @property
    def settings(self) -> Settings:
        """As the harness has them."""
        return Settings(ks=(LENGTH,), seed=self.seed, epochs=self.epochs, min_film_ratings=self.min_film_ratings)
