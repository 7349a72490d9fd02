"""What can be tuned of every model, and within which limits: one dictionary, from a model's name to its search space.

A space maps fields of the model's config to what they may be; "baseline.l2_user" is a field of the config's own config
`baseline`. To make a model tunable, add a line to SPACES. Every default must lie inside its limits, and every limit of
a Float must have no more than three significant digits, like all that a search tries.
"""

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from typing import Any

from recsys.config import Config

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

BASELINE: Space = {
    "l2_user": Float(low=0.5, high=50, log=True, n_grid=5),
    "l2_item": Float(low=0.5, high=50, log=True, n_grid=5),
}
BMF: Space = {
    "n_factors": Int(low=4, high=64, log=True, n_grid=5),
    "burn_in": Int(low=0, high=100, n_grid=1),
    "n_link_features": Int(low=100, high=4000, log=True),
}
PAPER_VAE: Space = {
    "hidden": Choice(((1024, 512, 256), (512, 256), (600,), (200,))),
    "n_latent": Int(low=10, high=200, log=True),
    "epochs": Int(low=5, high=40, log=True, n_grid=1),
    "batch_size": Int(low=16, high=256, log=True, n_grid=1),
    "learning_rate": Float(low=1e-4, high=1e-2, log=True),
}

SPACES: dict[str, Space] = {
    "baseline": BASELINE,
    "popularity": {"liked_from": Choice(("level", "mean", 1.0, 3.0, 5.0))},
    "user-knn": {  # lists depend on n_neighbours alone, stars on everything
        "n_neighbours": Int(low=10, high=300, log=True, n_grid=4),
        "shrinkage": Float(low=1, high=500, log=True),
        "l2": Float(low=0.01, high=10, log=True),
        "baseline.l2_user": Float(low=0.5, high=50, log=True, n_grid=1),
        "baseline.l2_item": Float(low=0.5, high=50, log=True, n_grid=1),
    },
    "svd": {
        "n_factors": Int(low=8, high=200, log=True),
        "epochs": Int(low=10, high=80, log=True, n_grid=1),
        "learning_rate": Float(low=0.002, high=0.1, log=True),
        "l2": Float(low=0.01, high=0.5, log=True, n_grid=4),
        "l2_offset": Float(low=0.3, high=30, log=True, n_grid=1),
    },
    "als": {
        "n_factors": Int(low=4, high=128, log=True),
        "epochs": Int(low=3, high=30, log=True, n_grid=1),
        "l2": Float(low=0.02, high=1, log=True, n_grid=5),
        "l2_offset": Float(low=0.3, high=30, log=True),
    },
    "bmf": BMF,
    "bmf-ordinal": BMF,
    "ease": {
        "feedback": Choice(("graded", "binary")),
        "l2": Float(low=10, high=3000, log=True, n_grid=7),
    },
    "ease-binary": {
        "liked_from": Choice(("level", "mean", 3.0, 5.0)),
        "l2": Float(low=10, high=3000, log=True, n_grid=7),
    },
    "ease-features": {
        "l2": Float(low=10, high=3000, log=True, n_grid=7),
        "feature_weight": Float(low=0.1, high=100, log=True, n_grid=4),
    },
    "vae": PAPER_VAE,
    "vae-bce": PAPER_VAE,
    "vae-masked": PAPER_VAE,
    "mult-vae": {
        "n_hidden": Int(low=100, high=1000, log=True, n_grid=1),
        "n_star_units": Int(low=10, high=200, log=True, n_grid=1),
        "n_latent": Int(low=10, high=200, log=True),
        "forgets": Float(low=0, high=0.7),
        "beta": Float(low=0.05, high=2, log=True),
        "stars_weight": Float(low=0.1, high=10, log=True, n_grid=1),
        "l2_stars": Float(low=0.01, high=1, log=True, n_grid=1),
        "epochs": Int(low=8, high=60, log=True, n_grid=1),
        "learning_rate": Float(low=5e-4, high=2e-2, log=True),
        "liked_weight": Float(low=0, high=2, n_grid=1),
        "baseline.l2_user": Float(low=0.5, high=50, log=True, n_grid=1),
    },
    "hybrid-vae": {  # weights alone, so that every part is fitted once; lists depend on the first, stars on the others
        "linear_weight": Float(low=1, high=100, log=True, n_grid=5),
        "normal_share": Float(low=0, high=0.4),
        "ordinal_share": Float(low=0, high=0.6),
        "level_prior": Float(low=10, high=3000, log=True),
        "shape_prior": Float(low=5, high=300, log=True, n_grid=1),
        "film_prior": Float(low=10, high=1000, log=True, n_grid=1),
    },
}
WITHOUT_SPACE = ("global-mean", "item-mean", "user-mean")  # they have no settings


def grid_of(space: Space, config: Config) -> list[dict[str, Any]]:
    """Every combination of the grid's points; what has a single point stays as it is in the config."""
    points = [dimension.grid(field_of(config, name)) for name, dimension in space.items()]
    return [dict(zip(space, combination, strict=True)) for combination in itertools.product(*points)]


def field_of(config: Config, name: str) -> Any:
    """A field of a config, or of a config inside it: "baseline.l2_user"."""
    for part in name.split("."):
        config = getattr(config, part)
    return config


def settings_of(config: Config, space: Space) -> dict[str, Any]:
    """What a config says about every field of a space."""
    return {name: field_of(config, name) for name in space}


def with_settings(config: Config, settings: Mapping[str, Any]) -> Config:
    """A config with other values in some fields, replaced together, so that checks meet no mixture of old and new.

    Raises:
        ValueError: the config's own checks refuse the values.
    """
    own = {name: value for name, value in settings.items() if "." not in name}
    inner: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        head, _, rest = name.partition(".")
        if rest:
            inner.setdefault(head, {})[rest] = value
    return replace(config, **own, **{name: with_settings(getattr(config, name), each) for name, each in inner.items()})


def without_choice(config: Config) -> Config:
    """A config whose settings stand, whatever fit finds better."""
    return replace(config, chooses_weights=False) if hasattr(config, "chooses_weights") else config


def code(value: Any) -> str:
    """A setting as Python; of a config the fields that differ from its class's own, so that it can be pasted."""
    if is_dataclass(value) and not isinstance(value, type):
        own = [(each.name, getattr(value, each.name)) for each in fields(value) if changed(value, each)]
        return f"{type(value).__name__}({', '.join(f'{name}={code(inner)}' for name, inner in own)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(code, value))}{',' * (len(value) == 1)})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def changed(config: Config, field: Any) -> bool:
    """Whether a field of a config is not what its class says."""
    return field.default is MISSING or getattr(config, field.name) != field.default
