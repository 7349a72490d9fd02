"""How large anything may be that a config or a model's folder asks for.

A config can come with somebody else's model, and what it asks for is made before anybody sees it. So every setting has
a bound: far above what any search of this project tries, far below what a machine cannot bear. What a model takes of
memory beyond its bounds follows from its files, whose sizes are compared with what the settings imply.
"""

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass, fields
from typing import Any, ClassVar

MOST_ITEMS = 200_000  # films of a model; MovieLens 32M has 84,432
MOST_CELLS = 10_000_000  # films times star levels: an answer holds a few numbers for each
MOST_BYTES = 2**32  # of all files of a model
MOST_LAYERS = 8  # of the encoder of a paper's VAE; each is compiled
LARGEST_NUMBER, SMALLEST_NUMBER = 1e9, 1e-9  # in size, of a setting that is no whole number; or it is 0

MOST = {  # by the name of a setting, in whichever config: the largest whole number that it may be; others: see Bounded
    "batch_size": 1_000_000,
    "epochs": 100_000,
    "n_factors": 1_024,  # people are folded in by systems of so many equations
    "n_latent": 4_096,
}


@dataclass(frozen=True, kw_only=True)
class Bounded:
    """A config whose numbers are within bounds.

    Attributes:
        most: by the name of a setting, the largest whole number that it may be, where MOST does not say.
        before: settings that models which were saved earlier do not name, and what they were then in effect.
        dropped: settings that such models name, and that are no more.

    Raises:
        ValueError: a number is not; says which, and the bound.
    """

    most: ClassVar[Mapping[str, int]] = {}
    before: ClassVar[Mapping[str, Any]] = {}
    dropped: ClassVar[Set[str]] = frozenset()

    def __post_init__(self) -> None:
        for field in fields(self):
            place, most = f"{type(self).__name__}.{field.name}", {**MOST, **self.most}.get(field.name)
            require_bounded(place, getattr(self, field.name), most)


def require_bounded(place: str, value: Any, most: int | None) -> None:
    """Raise ValueError unless a setting is within bounds; of several numbers, unless each is.

    Args:
        place: what it is called.
        value: of any type.
        most: the largest whole number; None: as for fractions.
    """
    if isinstance(value, tuple):
        require_few(place, value)
        for each in value:
            require_bounded(place, each, most)
    elif isinstance(value, float) or (isinstance(value, int) and most is None):
        size = abs(value)
        if not (size == 0 or SMALLEST_NUMBER <= size <= LARGEST_NUMBER):
            raise ValueError(
                f"got {shown(value)} for {place}; expected 0, or a number of {SMALLEST_NUMBER:g} to "
                f"{LARGEST_NUMBER:g} in size: the arithmetic overflows beyond"
            )
    elif isinstance(value, int) and most is not None and value > most:
        raise ValueError(
            f"got {shown(value)} for {place}; expected at most {most:,}, so that a model fits into memory and "
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
