"""Every model under its public name. Nothing heavy is imported until a model is made."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib import import_module
from typing import Any, Literal

from recsys.config import (
    ALSConfig,
    BaselineConfig,
    BMFConfig,
    Config,
    EASEConfig,
    HybridVAEConfig,
    Liking,
    MeanConfig,
    MultVAEConfig,
    PopularityConfig,
    SVDConfig,
    UserKNNConfig,
    VAEConfig,
)
from recsys.data.scale import RatingScale
from recsys.extras import missing_explained, require_jax
from recsys.films.catalog import Catalog
from recsys.models.base import Model
from recsys.models.finite import named


@dataclass(frozen=True)
class Recipe:
    """Where a model's class is, the settings that its name stands for, and a line that says what it is."""

    class_path: str  # "module:Class"
    config: Config
    summary: str
    ranks_by: Literal["scores", "stars", "nothing"] = "scores"  # stars: score is predict; nothing: it is constant
    takes: tuple[Literal["item_features", "item_genres"], ...] = ()  # what the class is told of the films
    is_keras: bool = False  # True: its class is one of Keras's
    by_default: bool = True  # False: takes so long that an evaluation runs it only when it is asked to


MODELS: dict[str, Recipe] = {
    "global-mean": Recipe(
        "recsys.models.means:GlobalMean", MeanConfig(), "the mean of all ratings", ranks_by="nothing"
    ),
    "item-mean": Recipe("recsys.models.means:ItemMean", MeanConfig(), "each film's mean", ranks_by="stars"),
    "user-mean": Recipe("recsys.models.means:UserMean", MeanConfig(), "each person's mean", ranks_by="nothing"),
    "baseline": Recipe(
        "recsys.models.baseline:Baseline", BaselineConfig(), "mean + user and film offsets", ranks_by="stars"
    ),
    "popularity": Recipe("recsys.models.popularity:Popularity", PopularityConfig(), "most liked films"),
    "user-knn": Recipe("recsys.models.user_knn:UserKNN", UserKNNConfig(), "neighbours' votes (the paper's CF)"),
    "svd": Recipe("recsys.models.svd:SVD", SVDConfig(), "matrix factorization by SGD", ranks_by="stars"),
    "als": Recipe(
        "recsys.models.als:ALS", ALSConfig(), "matrix factorization by alternating least squares", ranks_by="stars"
    ),
    "bmf": Recipe(
        "recsys.models.bmf:BMF",
        BMFConfig(),
        "Bayesian matrix factorization with side information",
        ranks_by="stars",
        takes=("item_features",),
        by_default=False,
    ),
    "bmf-ordinal": Recipe(
        "recsys.models.bmf:BMF",
        BMFConfig(likelihood="ordinal"),
        "the same for star levels instead of numbers",
        ranks_by="stars",
        takes=("item_features",),
        by_default=False,
    ),
    "ease": Recipe("recsys.models.ease:EASE", EASEConfig(), "linear autoencoder, graded input"),
    "ease-binary": Recipe(
        "recsys.models.ease:EASE", EASEConfig(feedback="binary", l2=500.0), "linear autoencoder, liked or not"
    ),
    "ease-features": Recipe(
        "recsys.models.ease:EASE",
        HybridVAEConfig().linear,
        "linear autoencoder, graded input, genres and periods",
        takes=("item_features",),
    ),
    "vae": Recipe("recsys.models.vae:PaperVAE", VAEConfig(), "the paper's VAE, squared error", is_keras=True),
    "vae-bce": Recipe(
        "recsys.models.vae:PaperVAE", VAEConfig(loss="bce"), "the paper's VAE, cross-entropy", is_keras=True
    ),
    "vae-masked": Recipe(
        "recsys.models.vae:PaperVAE",
        VAEConfig(loss="masked-mse"),
        "the paper's VAE, error over rated films only",
        is_keras=True,
    ),
    "mult-vae": Recipe(
        "recsys.models.mult_vae:MultVAE",
        MultVAEConfig(),
        "generative: choices and stars from one latent taste",
        takes=("item_genres",),
        by_default=False,
    ),
    "hybrid-vae": Recipe(
        "recsys.models.hybrid_vae:HybridVAE",
        HybridVAEConfig(),
        "the flagship: mult-vae with a linear path, stars averaged with bmf and bmf-ordinal",
        takes=("item_features", "item_genres"),
        by_default=False,
    ),
}

FLAGSHIP = "hybrid-vae"  # what is published and served


def create(
    name: str,
    scale: RatingScale,
    *,
    epochs: int | None = None,
    config: Config | None = None,
    liking: Liking | None = None,
    catalog: Catalog | None = None,
) -> Model:
    """An unfitted model.

    Args:
        name: a key of MODELS.
        scale: of the ratings that it will see.
        epochs: replaces the number of epochs, where the model or a part of it has any; no rehearsal is longer.
        config: replaces the settings that the name stands for.
        liking: what a like is, to the model and its parts, where they ask.
        catalog: the films; models that can learn from genres and periods do.

    Raises:
        ValueError: the name is unknown, or a setting is out of range.
        DataError: Keras or JAX is needed, and not installed, or Keras does not run on JAX.
    """
    require_known([name])
    recipe = MODELS[name]
    settings = recipe.config if config is None else config
    if epochs is not None:
        settings = with_value(settings, "epochs", epochs)
        settings = with_value(settings, "rehearsal", min(epochs, BMFConfig().rehearsal))
    if liking is not None:
        settings = with_value(settings, "liked_from", liking)
    module, class_name = recipe.class_path.split(":")
    if recipe.is_keras:
        require_jax()
    with missing_explained():
        made = getattr(import_module(module), class_name)
    return named(made(settings, scale, **told(recipe, catalog)), name)


def with_value(config: Config, name: str, new: Any) -> Config:
    """The config with another value of a setting, in the configs of its parts too; as it was where there is none."""
    changes: dict[str, Any] = {name: new} if hasattr(config, name) else {}
    for field in fields(config):
        value = getattr(config, field.name)
        if is_dataclass(value):
            changes[field.name] = with_value(value, name, new)
    return replace(config, **changes)


def told(recipe: Recipe, catalog: Catalog | None) -> dict[str, Any]:
    """What a model's class is told of the films, by argument."""
    if catalog is None:
        return {}
    facts = {"item_features": catalog.features, "item_genres": lambda: catalog.genre_matrix}
    return {name: facts[name]() for name in recipe.takes}


def require_known(names: Iterable[str]) -> None:
    """Raise ValueError naming the unknown models and listing the known ones, if any is unknown."""
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise ValueError(f"unknown model {', '.join(map(repr, unknown))}; the models are {', '.join(MODELS)}")
