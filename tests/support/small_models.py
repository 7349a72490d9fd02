"""Every model, small enough to be fitted in a test, and ratings to fit it on."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.artifacts.artifact import Artifact, Items
from recsys.data.interactions import Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.limits import Bounded
from recsys.models import MODELS, create
from recsys.models.adversarial.config import CFGANConfig, GameConfig, IRGANConfig, VAEGANConfig
from recsys.models.attention.config import TransformerConfig
from recsys.models.autoencoders.config import AutoRecConfig, CascadeConfig, DeepAutoencoderConfig, ItemAutoRecConfig
from recsys.models.base import Model
from recsys.models.bayes.config import BMFConfig
from recsys.models.boltzmann.config import (
    ChoiceRBMConfig,
    DBMConfig,
    DBNConfig,
    DeepMachineConfig,
    GaussianRBMConfig,
    SoftmaxRBMConfig,
)
from recsys.models.content.config import TridentConfig
from recsys.models.hybrids.config import (
    CascadeListsConfig,
    HybridVAEConfig,
    MixedConfig,
    SwitchingConfig,
    WeightedConfig,
)
from recsys.models.hybrids.members import Member
from recsys.models.linear.config import EASEConfig
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.neighbours.config import DBNClustersConfig
from recsys.models.vae.config import (
    AlignedVAEConfig,
    ConditionedVAEConfig,
    DPVAEConfig,
    EmbeddingVAEConfig,
    TwinVAEConfig,
    VAEConfig,
)
from recsys.settings import Config
from recsys.split import carve_validation
from recsys.training import Training


def kinds_of_settings(kind: type[Bounded]) -> Iterator[type[Bounded]]:
    """All configs that are this one, with more of their own."""
    for each in kind.__subclasses__():
        yield each
        yield from kinds_of_settings(each)


CONFIGS = {  # of all models, and of validation
    kind.__name__: kind for kind in kinds_of_settings(Bounded) if kind.__module__.startswith("recsys.")
}
N_USERS, N_ITEMS = 40, 23
CORE_MB = 12 * 15.5**2 / 2**20  # room for 15 films in the core of a linear autoencoder
RATING_MODELS = [name for name, recipe in MODELS.items() if recipe.predicts_stars]
RANDOM_START = (
    "dp-popularity",
    "svd",
    "als",
    "bmf",
    "bmf-ordinal",
    "rbm",
    "rbm-2007",
    "rbm-gaussian",
    "rbm-choice",
    "rbm-time",
    "dbn",
    "dbm",
    "autorec",
    "item-autorec",
    "deep-autoencoder",
    "transformer",
    "cascade-autoencoder",
    "aligned-vae",
    "vae",
    "vae-bce",
    "vae-masked",
    "conditioned-vae",
    "dp-vae",
    "embedding-vae",
    "twin-vae",
    "mult-vae",
    "cfgan",
    "irgan",
    "vaegan",
    "mixed",
    "cascade",
    "weighted",
    "switching",
    "hybrid-vae",
)  # models whose training starts from random numbers


def ratings(seed: int = 0, shape: tuple[int, int] = (N_USERS, N_ITEMS), density: float = 0.4) -> sp.csr_array:
    """Random whole stars, (n_users, n_items) float32; about `density` of the cells are rated."""
    rng = np.random.default_rng(seed)
    stars = rng.integers(1, 6, shape) * (rng.random(shape) < density)
    return sp.csr_array(stars.astype(np.float32))


def small_config(name: str) -> Config:
    """The settings of a name, made small."""
    return made_small(MODELS[name].config)


def made_small(config: Config) -> Config:
    """A little network, a short chain, a small core; the flagship with small parts."""
    if isinstance(config, EASEConfig) and config.feature_weight:
        return replace(config, memory_mb=CORE_MB)
    if isinstance(config, VAEConfig):
        return replace(config, hidden=(16, 8), n_latent=4, epochs=2)
    if isinstance(config, ConditionedVAEConfig):
        return replace(config, n_hidden=8, n_latent=4, epochs=3, batch_size=20)
    if isinstance(config, DPVAEConfig):
        return replace(config, n_latent=4, steps=3)
    if isinstance(config, EmbeddingVAEConfig):
        films = replace(config.films, n_hidden=8, n_codes=4, epochs=3)
        return replace(config, films=films, n_networks=2, n_hidden=8, n_latent=4, epochs=3, batch_size=16)
    if isinstance(config, TwinVAEConfig):
        sizes = {"n_hidden": 8, "n_star_units": 6, "n_latent": 4, "n_genre_units": 5, "n_genre_latent": 3}
        return replace(config, **sizes, n_networks=2, epochs=3, batch_size=16)
    if isinstance(config, MultVAEConfig):
        return replace(config, n_networks=2, n_hidden=16, n_star_units=6, n_latent=4, epochs=3, batch_size=16)
    if isinstance(config, AutoRecConfig):
        return replace(config, n_hidden=6, epochs=3, batch_size=16)
    if isinstance(config, DeepAutoencoderConfig):
        return replace(config, hidden=(8, 4), epochs=3, batch_size=16)
    if isinstance(config, TransformerConfig):
        return replace(config, width=8, widening=2, n_read=15, epochs=3, batch_size=20)
    if isinstance(config, CascadeConfig):
        lists, content = replace(config.lists, n_hidden=6, epochs=2), replace(config.content, steps=10)
        return replace(config, deep=made_small(config.deep), lists=lists, content=content)
    if isinstance(config, AlignedVAEConfig):
        return replace(config, n_hidden=6, n_latent=3, epochs=3, batch_size=20)
    if isinstance(config, ItemAutoRecConfig):
        return replace(config, network=made_small(config.network))
    if isinstance(config, DBNClustersConfig):
        return replace(config, hidden=(8, 4), learning=replace(config.learning, epochs=3, batch_size=20), n_clusters=3)
    if isinstance(config, TridentConfig):
        return replace(config, towers=replace(config.towers, width=4, n_code=3, epochs=3, batch_size=20))
    if isinstance(config, GameConfig):
        return replace(config, epochs=3, batch_size=16)
    if isinstance(config, IRGANConfig):
        return replace(config, n_factors=4, game=made_small(config.game))
    if isinstance(config, VAEGANConfig):
        small = {"n_hidden": 8, "n_noise": 4, "n_taste": 6, "n_latent": 3, "n_critic": 5, "draws": 3}
        return replace(config, **small, game=made_small(config.game))
    if isinstance(config, CFGANConfig):
        return replace(config, n_hidden=6, n_critic=5, game=made_small(config.game))
    if isinstance(config, Member):
        return replace(config, config=made_small(config.config))
    if isinstance(config, MixedConfig | CascadeListsConfig | WeightedConfig | SwitchingConfig):
        return replace(config, lists=tuple(map(made_small, config.lists)), stars=tuple(map(made_small, config.stars)))
    if isinstance(config, HybridVAEConfig):
        small = {name: made_small(getattr(config, name)) for name in ("vae", "normal", "ordinal")}
        return replace(config, **small)
    if isinstance(config, DBNConfig):
        machines = {
            name: replace(getattr(config, name), epochs=3, batch_size=20) for name in ("stars", "choices", "above")
        }
        tuning = {
            name: replace(getattr(config, name), epochs=3, batch_size=20) for name in ("tuning_stars", "tuning_choices")
        }
        return replace(config, star_units=(6, 4), list_units=(6, 5), **machines, **tuning)
    if isinstance(config, DBMConfig):
        return replace(config, stars=made_small(config.stars), choices=made_small(config.choices))
    if isinstance(config, DeepMachineConfig):
        paces = {name: replace(getattr(config, name), epochs=3, batch_size=20) for name in ("below", "above", "joint")}
        return replace(config, n_lower=6, n_upper=4, **paces)
    if isinstance(config, GaussianRBMConfig | ChoiceRBMConfig | SoftmaxRBMConfig):
        return replace(config, n_hidden=6, learning=replace(config.learning, epochs=3, batch_size=20))
    return (
        replace(config, n_factors=3, rehearsal=2, epochs=12, burn_in=6, thin=2)
        if isinstance(config, BMFConfig)
        else config
    )


def artifact_of(name: str, model: Model, train: sp.csr_array, **facts: object) -> Artifact:
    """A model that was fitted on train, with ids for its items."""
    return Artifact(name, model, Items.of(np.arange(train.shape[1]) + 1, train, scale=model.scale), facts)


def fitted(name: str, train: sp.csr_array, validation: sp.csr_array | None = None, seed: int = 0) -> Model:
    """A small model, fitted."""
    aside = None if validation is None else Interactions(validation)
    model = create(name, WHOLE_STARS, config=small_config(name))
    return model.fit(Interactions(train), Training(validation=aside, seed=seed))


def carved(stars: sp.csr_array, **options: Any) -> tuple[sp.csr_array, sp.csr_array]:
    """Stars to fit on and to validate with, as `carve_validation` divides them."""
    fitting, validation = carve_validation(Interactions(stars), **options)
    return fitting.stars, validation.stars
