"""Every model under its public name. Nothing heavy is imported until a model is made.

A family is a folder whose recipes.py names its models; to add one, add its folder to FAMILIES.
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from importlib import import_module
from typing import Any

from recsys.data.scale import RatingScale
from recsys.errors import DataError
from recsys.extras import missing_explained, require_jax
from recsys.models.base import Model
from recsys.models.finite import named
from recsys.models.recipe import Recipe
from recsys.settings import Config, Liking

FAMILIES = (
    "simple",
    "content",
    "neighbours",
    "factors",
    "bayes",
    "linear",
    "boltzmann",
    "autoencoders",
    "attention",
    "vae",
    "mult_vae",
    "adversarial",
    "hybrids",
)  # in the order of tables

MODELS: dict[str, Recipe] = {
    name: recipe
    for family in FAMILIES
    for name, recipe in import_module(f"recsys.models.{family}.recipes").RECIPES.items()
}

FLAGSHIP = "hybrid-vae"  # what is published and served


def create(
    name: str,
    scale: RatingScale,
    *,
    epochs: int | None = None,
    config: Config | None = None,
    liking: Liking | None = None,
) -> Model:
    """An unfitted model.

    Args:
        name: a key of MODELS.
        scale: of the ratings that it will see.
        epochs: replaces the number of epochs, where the model or a part of it has any; no rehearsal is longer.
        config: replaces the settings that the name stands for.
        liking: what a like is, to the model and its parts, where they ask.

    Raises:
        ValueError: the name is unknown, or a setting is out of range.
        DataError: Keras or JAX is needed, and not installed, or Keras does not run on JAX.
    """
    require_known([name])
    recipe = MODELS[name]
    settings = recipe.config if config is None else config
    if epochs is not None:
        settings = with_value(settings, "epochs", epochs)
        settings = with_value(settings, "rehearsal", epochs, at_most=True)
    if liking is not None:
        settings = with_value(settings, "liked_from", liking)
    module, class_name = recipe.class_path.split(":")
    if recipe.is_keras:
        require_jax()
    with missing_explained():
        made = getattr(import_module(module), class_name)
    return named(made(settings, scale), name)


def with_value(config: Config, name: str, new: Any, *, at_most: bool = False) -> Config:
    """The config with another value of a setting, in the configs of its parts too; as it was where there is none.

    at_most: only where the setting is larger.
    """
    old = getattr(config, name, None)
    changes: dict[str, Any] = {} if old is None or (at_most and old <= new) else {name: new}
    for field in fields(config):
        value = getattr(config, field.name)
        if isinstance(value, Config):
            changes[field.name] = with_value(value, name, new, at_most=at_most)
        elif isinstance(value, tuple) and value and isinstance(value[0], Config):
            changes[field.name] = tuple(with_value(each, name, new, at_most=at_most) for each in value)
    return replace(config, **changes)


def require_known(names: Iterable[str]) -> None:
    """Raise ValueError naming the unknown models and listing the known ones, if any is unknown."""
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise ValueError(f"unknown model {', '.join(map(repr, unknown))}; the models are {', '.join(MODELS)}")


def require_shared(name: str, n_processes: int, min_film_ratings: int = 0) -> None:
    """Raise DataError if so many processes cannot fit a model together; says which they can.

    Args:
        name: key of MODELS.
        n_processes: at least 1.
        min_film_ratings: of a film that the model is told of.
    """
    if n_processes > 1 and min_film_ratings:
        raise DataError(
            f"which films have {min_film_ratings:,} ratings is not told among {n_processes} processes; leave out "
            "--min-film-ratings, or let one process alone train the model."
        )
    if n_processes > 1 and not MODELS[name].shared:
        can = ", ".join(other for other, recipe in MODELS.items() if recipe.shared)
        raise DataError(
            f"{name} cannot be trained by {n_processes} processes together; these can: {can}. One process alone can "
            "train every model."
        )
