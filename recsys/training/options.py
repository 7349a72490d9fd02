"""What goes with the data when a model is fitted."""

from dataclasses import dataclass, replace
from typing import Self

from recsys.data.interactions import Interactions
from recsys.progress import OnProgress, renamed, silent
from recsys.training.checkpoints import NOTHING_KEPT, Checkpoints
from recsys.training.processes import ALONE, Processes


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a model is to be fitted. How much validation it gets is decided where it is fitted, see `artifacts.fitting`.

    Attributes:
        validation: ratings of the same people that are not trained on, for early stopping; None: all are trained on.
        seed: of everything random, 0 to 2**32 - 1. On one machine the same seed gives the same model, bit for bit.
        on_progress: told of every epoch, with its losses.
        processes: that fit the model together. Each sees its own people, data and validation; what is to be the same
            in all is summed or gathered. Only models whose recipe says `shared` are fitted by more than one.
        checkpoints: what is kept of the work, for a fit that is begun again.
    """

    validation: Interactions | None = None
    seed: int = 0
    on_progress: OnProgress = silent
    processes: Processes = ALONE
    checkpoints: Checkpoints = NOTHING_KEPT

    @property
    def unkept(self) -> Self:
        """The same without checkpoints, for steps that change more than parameters and their rng."""
        return replace(self, checkpoints=NOTHING_KEPT)

    def of_part(self, name: str) -> Self:
        """The same for a part of a model, whose progress says which; it has no validation."""
        return replace(
            self,
            validation=None,
            on_progress=renamed(self.on_progress, name),
            checkpoints=self.checkpoints.of_part(name),
        )
