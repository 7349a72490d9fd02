"""How large anything may be that a config or a model's folder asks for.

A config can come with somebody else's model, and what it asks for is made before anybody sees it. So every setting has
a bound: far above what any search of this project tries, far below what a machine cannot bear. What a model takes of
memory beyond its bounds follows from its files, whose sizes are compared with what the settings imply.
"""

import math
from dataclasses import dataclass, fields
from typing import Any

MOST_ITEMS = 200_000  # films of a model; MovieLens 32M has 84,432
MOST_CELLS = 10_000_000  # films times star levels: an answer holds a few numbers for each
MOST_BYTES = 2**32  # of all files of a model
MOST_LAYERS = 8  # of the encoder of a paper's VAE; each is compiled
LARGEST_NUMBER, SMALLEST_NUMBER = 1e9, 1e-9  # in size, of a setting that is no whole number; or it is 0

MOST = {  # by the name of a setting, in whichever config: the largest whole number that it may be
    "anneal_epochs": 100_000,
    "batch_size": 1_000_000,
    "burn_in": 100_000,
    "epochs": 100_000,
    "rehearsal": 100_000,
    "hidden": 16_384,
    "n_draws": 100,
    "n_factors": 1_024,  # people are folded in by systems of so many equations
    "n_hidden": 16_384,
    "n_latent": 4_096,
    "n_link_features": 1_000_000,
    "n_neighbours": 1_000_000,
    "n_networks": 100,
    "n_star_units": 16_384,
    "patience": 100_000,
    "ratings_per_step": 1_000_000_000,
    "ratings_per_unit": 1_000_000_000,
    "sweeps": 1_000,
    "thin": 100_000,
    "warn_above_bytes": 2**60,
}


@dataclass(frozen=True, kw_only=True)
class Bounded:
    """A config whose numbers are within bounds.

    Raises:
        ValueError: one is not; says which, and the bound.
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            require_bounded(f"{type(self).__name__}.{field.name}", field.name, getattr(self, field.name))


def require_bounded(place: str, name: str, value: Any) -> None:
    """Raise ValueError unless a setting of this name is within bounds; of several numbers, unless each is."""
    if isinstance(value, tuple):
        require_few(place, value)
        for each in value:
            require_bounded(place, name, each)
    elif isinstance(value, float) or (isinstance(value, int) and name not in MOST):
        size = abs(value)
        if not (size == 0 or SMALLEST_NUMBER <= size <= LARGEST_NUMBER):
            raise ValueError(
                f"got {shown(value)} for {place}; expected 0, or a number of {SMALLEST_NUMBER:g} to "
                f"{LARGEST_NUMBER:g} in size: the arithmetic overflows beyond"
            )
    elif isinstance(value, int) and value > MOST[name]:
        raise ValueError(
            f"got {shown(value)} for {place}; expected at most {MOST[name]:,}, so that a model fits into memory and "
            "answers in seconds"
        )


def require_few(place: str, values: tuple[Any, ...]) -> None:
    """Raise ValueError if there are more values than a network may have layers."""
    if len(values) > MOST_LAYERS:
        raise ValueError(f"got {len(values):,} layers for {place}; expected at most {MOST_LAYERS}: each is compiled")


def shown(value: float) -> str:
    """A number in few characters."""
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**15 else f"{float_of(value):g}"


def float_of(value: float) -> float:
    """The nearest float; infinite for a whole number beyond all."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
