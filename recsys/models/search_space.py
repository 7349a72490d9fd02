"""What can be tuned of a model, and within which limits.

A space maps fields of the model's config to what they may be; "baseline.l2_user" is a field of the config's own config
`baseline`. Every default must lie inside its limits, and every limit of a Float must have no more than three
significant digits, like all that a search tries.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any

from recsys.settings import Config

Value = str | int | float


def rounded(value: float) -> float:
    """Three significant digits, so that what is printed is what was tried."""
    return float(f"{value:.3g}")


@dataclass(frozen=True, kw_only=True)
class Float:
    """A number from `low` to `high`; log: in even ratios instead of even steps. n_grid points of it make a grid."""

    low: float
    high: float
    log: bool = False
    n_grid: int = 3

    def place(self, value: float) -> float:
        """Where a value lies, from 0 at `low` to 1 at `high`."""
        bend = math.log if self.log else float
        return (bend(value) - bend(self.low)) / (bend(self.high) - bend(self.low))

    def at(self, place: float) -> float:
        """The inverse of `place`."""
        return self.low * (self.high / self.low) ** place if self.log else self.low + place * (self.high - self.low)

    def grid(self, default: Any) -> list[Any]:
        """The points of a grid; with one point that is the default."""
        places = [number / max(self.n_grid - 1, 1) for number in range(self.n_grid)]
        return list(dict.fromkeys(self.decoded(self.at(place)) for place in places)) if places[1:] else [default]

    def encoded(self, value: Any) -> Value:
        """A setting as a study's database keeps it."""
        return value

    def decoded(self, stored: Value) -> Any:
        """The setting that a study's database means."""
        return rounded(float(stored))

    def ends(self) -> list[tuple[float, str]]:
        """What a drawn axis names: places from 0 to 1 with their labels."""
        return [(0.0, f"{self.low:g}"), (1.0, f"{self.high:g}")]


@dataclass(frozen=True, kw_only=True)
class Int(Float):
    """A whole number from `low` to `high`, otherwise like a Float."""

    low: int
    high: int

    def decoded(self, stored: Value) -> Any:
        """The setting that a study's database means."""
        return round(float(stored))


@dataclass(frozen=True)
class Choice:
    """One of some values, all of which are in a grid."""

    values: tuple[Any, ...]

    def place(self, value: Any) -> float:
        """Where a value lies, evenly spaced from 0 to 1."""
        return self.values.index(value) / max(len(self.values) - 1, 1)

    def grid(self, default: Any) -> list[Any]:
        """All values."""
        return list(self.values)

    def encoded(self, value: Any) -> Value:
        """A setting as a study's database keeps it: text, where it is no single value."""
        return value if isinstance(value, str | int | float) else code(value)

    def decoded(self, stored: Value) -> Any:
        """The setting that a study's database means."""
        return next(value for value in self.values if self.encoded(value) == stored)

    def ends(self) -> list[tuple[float, str]]:
        """What a drawn axis names: places from 0 to 1 with their labels."""
        return [(self.place(value), str(self.encoded(value))) for value in self.values]


Space = Mapping[str, Float | Int | Choice]


def field_of(config: Config, name: str) -> Any:
    """A field of a config, or of a config inside it: "baseline.l2_user".

    Raises:
        ValueError: there is no such field; says which there are.
    """
    value: Any = config
    for part in name.split("."):
        known = [each.name for each in fields(value)] if is_dataclass(value) else []
        if part not in known:
            settings = f"of {type(config).__name__}; expected one of its settings, like {' or '.join(known[:3])}"
            raise ValueError(f"got {name!r} for a setting {settings}")
        value = getattr(value, part)
    return value


def require_inside(config: Config, name: str, dimension: Float | Choice) -> None:
    """Raise ValueError unless a config has a setting of that name, and its default lies within the limits."""
    default = field_of(config, name)
    inside = (
        default in dimension.values
        if isinstance(dimension, Choice)
        else dimension.low <= default <= dimension.high and (dimension.low > 0 or not dimension.log)
    )
    if not inside:
        raise ValueError(
            f"got {name}={default!r} by default, and {dimension} to search; expected a default within the limits, "
            "and limits above 0 where log is set"
        )


def code(value: Any) -> str:
    """A setting as Python; of a config the fields that differ from its class's own, so that it can be pasted."""
    if isinstance(value, Config):
        own = [(each.name, getattr(value, each.name)) for each in fields(value) if changed(value, each)]
        return f"{type(value).__name__}({', '.join(f'{name}={code(inner)}' for name, inner in own)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(code, value))}{',' * (len(value) == 1)})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def changed(config: Config, field: Any) -> bool:
    """Whether a field of a config is not what its class says."""
    return field.default is MISSING or getattr(config, field.name) != field.default
