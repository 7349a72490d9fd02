"""What a fit of the flagship learns before it begins: from parts that do without the ratings kept aside."""

from dataclasses import dataclass, replace
from itertools import count, takewhile
from typing import Self

import numpy as np

from recsys.models.bayes.chain import part_of
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.training.checkpoints import Arrays

BEGUN = "begun/"  # how names of networks' arrays begin


@dataclass(frozen=True, eq=False)
class Trial:
    """Of a VAE.

    Attributes:
        foretold: of what was kept aside.
        begun: its networks, where they have learned from everybody's other ratings.
    """

    foretold: Foretold
    begun: tuple[NetworkWeights, ...]

    def arrays(self) -> Arrays:
        """All of it, by name."""
        networks = enumerate(self.begun)
        begun = {f"{BEGUN}{number}/{name}": each for number, one in networks for name, each in one._asdict().items()}
        return vars(self.foretold) | begun

    def without_networks(self) -> Self:
        """The rest of it."""
        return replace(self, begun=())

    @classmethod
    def of(cls, arrays: Arrays) -> Self:
        """The inverse of `arrays`."""
        networks = takewhile(bool, (part_of(arrays, f"{BEGUN}{number}/") for number in count()))
        begun = (NetworkWeights(**{name: np.array(each) for name, each in one.items()}) for one in networks)
        return cls(
            Foretold(**{name: each for name, each in arrays.items() if not name.startswith(BEGUN)}), tuple(begun)
        )
