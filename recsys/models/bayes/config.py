"""Settings of Bayesian matrix factorization, by the RMSE on a tenth of u1's and u2's training ratings."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from recsys.limits import Bounded
from recsys.settings import require


@dataclass(frozen=True, kw_only=True)
class BMFConfig(Bounded):
    """Bayesian matrix factorization by Gibbs sampling."""

    most: ClassVar = {"rehearsal": 100_000, "burn_in": 100_000, "thin": 100_000, "n_link_features": 1_000_000}
    before: ClassVar = {"rehearsal": 60}

    likelihood: Literal["gaussian", "ordinal"] = "gaussian"
    n_factors: int = 16
    rehearsal: int = 60  # sweeps that learn from nine tenths of the ratings, and how large the noise is
    epochs: int = 140  # sweeps on all ratings after them; the chain goes on widening, and with more it overfits
    burn_in: int = 0  # sweeps before the first draw is kept
    thin: int = 5  # sweeps from one kept draw to the next
    n_link_features: int = 2000  # most rated films, and most active people, that serve as features of the other side
    uses_item_features: bool = True  # genres and periods, where they are known

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.likelihood in ("gaussian", "ordinal"), self, "likelihood 'gaussian' or 'ordinal'")
        sweeps = (self.rehearsal, self.epochs, self.thin)
        require(min(self.n_factors, *sweeps) >= 1, self, "n_factors, rehearsal, epochs and thin >= 1")
        require(min(self.burn_in, self.n_link_features) >= 0, self, "burn_in and n_link_features >= 0")
