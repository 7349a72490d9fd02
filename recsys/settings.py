"""What all settings share: they are checked when an object is made, and read from JSON; what a like may be.

The settings of a model are in its family's config.py, each default written once. No number may be beyond the bounds of
recsys.limits.
"""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

from recsys.limits import Bounded

Liking = float | str  # what a like is: stars that a rating has at least, or a rule:
LEVEL = "level"  # from the lowest level in the upper quarter of the scale, see `RatingScale.liked_from`
MEAN = "mean"  # above the mean of the person's own ratings
RULES = (LEVEL, MEAN)
LIKING_WISH = f"liked_from above 0 stars, or {' or '.join(map(repr, RULES))}"


def require(holds: bool, config: object, wish: str) -> None:
    """Raise ValueError with the whole config and the wish it breaks, unless the wish holds."""
    if not holds:
        raise ValueError(f"got {config}; expected {wish}")


def is_liking(liking: object) -> bool:
    """Whether it is a rule, or a number above 0."""
    return liking in RULES if isinstance(liking, str) else isinstance(liking, int | float) and liking > 0


@dataclass(frozen=True, kw_only=True)
class ValidationConfig(Bounded):
    """How much of the training ratings is kept aside for early stopping."""

    fraction: float = 0.1  # of every user's training ratings

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 < self.fraction < 1, self, "a fraction between 0 and 1")


Config = Bounded  # frozen, keyword-only, made of JSON values and dataclasses

T = TypeVar("T")


def from_json(default: T, values: Any) -> T:
    """A config of the default's type from JSON values; lists become tuples, objects the nested config.

    Raises:
        ValueError: a setting is missing, unknown, of another type or out of range; says which.
    """
    examples = {field.name: getattr(default, field.name) for field in fields(default)}  # type: ignore[arg-type]
    kind = type(default).__name__
    if isinstance(values, dict):
        dropped = getattr(default, "dropped", ())
        kept = {name: value for name, value in values.items() if name not in dropped}
        values = dict(getattr(default, "before", {})) | kept
    if not isinstance(values, dict) or values.keys() != examples.keys():
        came = ", ".join(map(str, values)) if isinstance(values, dict) else repr(values)[:40]
        raise ValueError(f"got the settings {came} for {kind}; expected {', '.join(examples) or 'none'}")
    return type(default)(**{name: setting(f"{kind}.{name}", examples[name], values[name]) for name in examples})


def setting(name: str, example: Any, value: Any) -> Any:
    """One setting, of the example's type; a whole number will do for a fraction, and stars for a rule of liking."""
    if example in RULES and not isinstance(value, bool) and isinstance(value, int | float):
        return float(value)
    if is_dataclass(example):
        return from_json(example.like(value) if hasattr(example, "like") else example, value)
    if isinstance(example, tuple):
        items = value if isinstance(value, list) else [None]
        return tuple(setting(name, example[0], item) for item in items)
    wanted = (int, float) if isinstance(example, float) else type(example)
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(example, bool):
        raise ValueError(f"got {repr(value)[:40]} for {name}; expected something like {example!r}")
    return value
