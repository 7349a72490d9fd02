"""Parts of a model that are kept whole when they are fitted, so that a fit that is begun again has them at once."""

from collections.abc import Callable
from typing import Any

import numpy as np

from recsys.models.bayes.bmf import BMF
from recsys.models.bayes.chain import part_of
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.training.checkpoints import NOTHING_KEPT, Arrays, Checkpoints

OWN, NETWORK, FORETOLD = (
    "own/",
    "network/",
    "foretold/",
)  # how names of arrays begin


def fitted_once(part: Any, checkpoints: Checkpoints, fit: Callable[[], Any]) -> Any:
    """A part, as fit() gives it, or gave it before the fit of the whole was interrupted."""
    if checkpoints is NOTHING_KEPT:
        return fit()
    fitted: list[Any] = []

    def made() -> Arrays:
        fitted.append(fit())
        return arrays_of(fitted[0])

    found = checkpoints.kept("whole", made)
    return fitted[0] if fitted else restored(part, found)


def arrays_of(part: Any) -> Arrays:
    """All that a part has learned, and what it foretold."""
    arrays = {f"{OWN}{name}": array for name, array in part.arrays().items()}
    if isinstance(part, MultVAE):
        arrays |= {f"{NETWORK}{name}": array for name, array in part.network_arrays().items()}
    if isinstance(part, BMF) and part.foretold is not None:
        arrays |= {f"{FORETOLD}{name}": array for name, array in vars(part.foretold).items()}
    return arrays


def restored(part: Any, arrays: Arrays) -> Any:
    """The inverse of `arrays_of`, for an unfitted part of the same settings."""
    part.restore(part_of(arrays, OWN))
    if isinstance(part, MultVAE):
        networks = (part_of(arrays, f"{NETWORK}{number}/") for number in range(part.config.n_networks))
        part.take([NetworkWeights(**{name: np.array(each) for name, each in one.items()}) for one in networks])
    foretold = part_of(arrays, FORETOLD)
    if foretold:
        part.foretold = Foretold(**foretold)
    return part
