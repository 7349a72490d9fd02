"""How a model is fitted: what goes with the data."""

from dataclasses import dataclass, replace
from typing import Self

from recsys.data.interactions import Interactions
from recsys.progress import OnProgress, renamed, silent


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a model is to be fitted. How much validation it gets is decided where it is fitted, see `artifacts.fitting`.

    Attributes:
        validation: ratings of the same people that are not trained on, for early stopping; None: all are trained on.
        seed: of everything random, 0 to 2**32 - 1. On one machine the same seed gives the same model, bit for bit.
        on_progress: told of every epoch, with its losses.
    """

    validation: Interactions | None = None
    seed: int = 0
    on_progress: OnProgress = silent

    def of_part(self, name: str) -> Self:
        """The same for a part of a model, whose progress says which; it has no validation."""
        return replace(self, validation=None, on_progress=renamed(self.on_progress, name))
