"""The search space of every model that has one, and how its settings get into a config."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from recsys.models import MODELS
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.search_space import Space, field_of
from recsys.settings import Config

C = TypeVar("C", bound=Config)

SPACES: dict[str, Space] = {name: recipe.space for name, recipe in MODELS.items() if recipe.space}


def grid_of(space: Space, config: Config) -> list[dict[str, Any]]:
    """Every combination of the grid's points; what has a single point stays as it is in the config."""
    points = [dimension.grid(field_of(config, name)) for name, dimension in space.items()]
    return [dict(zip(space, combination, strict=True)) for combination in itertools.product(*points)]


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


def without_choice(config: C) -> C:
    """A config whose settings stand, whatever fit finds better."""
    return replace(config, chooses_weights=False) if isinstance(config, HybridVAEConfig) else config
