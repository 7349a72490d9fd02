"""A flagship of any size whose weights are made up: it answers in the time that a fitted one takes, and knows nothing.

Legend: I films, C films of the linear path's core, D numbers of a film's vector, S draws.
"""

import math
from dataclasses import replace

import numpy as np

from recsys.artifacts.artifact import Artifact, Items
from recsys.data.scale import WHOLE_STARS
from recsys.films.catalog import Catalog, Film
from recsys.models import FLAGSHIP, create
from recsys.models.bayes.bmf import BMF
from recsys.models.bayes.config import BMFConfig
from recsys.models.hybrids.hybrid_vae import LINEAR, NORMAL, ORDINAL, VAE, HybridVAE
from recsys.models.linear.core import BYTES_OF_PAIR, NEIGHBOURS, room_for
from recsys.models.linear.ease import EASE
from recsys.models.mult_vae.inference import NetworkWeights, weight_shapes
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.recommend.recommender import Recommender

N_FEATURES = 30  # genres and periods
GIVEN = 40  # ratings of whoever asks
DRAWN = 1_000_003  # numbers
WORDS = ("Red", "Blue", "Night", "Day", "Last", "First", "Lost", "Dark", "Silent", "Golden", "Iron", "Stone", "Winter")
WORDS += ("River", "Summer", "Moon", "Fall", "Heart")
SMALL = np.float32(0.05)


def made_flagship(n_items: int) -> HybridVAE:
    """The flagship of the usual settings."""
    model, rng = create(FLAGSHIP, WHOLE_STARS), np.random.default_rng(0)
    assert isinstance(model, HybridVAE)
    parts = model.parts()
    learn_networks(parts[VAE], n_items, rng)
    learn_linear(parts[LINEAR], n_items, rng)
    for name in (NORMAL, ORDINAL):
        learn_factors(parts[name], n_items, rng)
    return model.assemble(parts)


def learn_networks(part: MultVAE, n_items: int, rng: np.random.Generator) -> None:
    """Small normal numbers for every weight."""
    config = replace(part.config, ratings_per_unit=0)
    shapes = weight_shapes(config, part.scale, n_items)
    networks = [{name: small(shape, rng) for name, shape in shapes.items()} for _ in range(config.n_networks)]
    known = {"mean": np.float32(3.5), "spread": np.float32(0.5), "first": np.float32(1.5)}
    part.take([NetworkWeights(**network | known) for network in networks])


def learn_linear(part: EASE, n_items: int, rng: np.random.Generator) -> None:
    """Weights between all films, or a core of as many as the settings allow and films around it."""
    room = part.config.memory_mb * 2**20
    if BYTES_OF_PAIR * n_items**2 <= room:
        part.take({"weights": small((n_items, n_items), rng)})
        return
    n_core = room_for(room)
    near = rng.integers(0, n_core, (n_items - n_core, NEIGHBOURS))
    learned = {"core_films": np.arange(n_core), "core_weights": small((n_core, n_core), rng), "near": near}
    learned |= {"pulls": small(near.shape, rng), "spread": small((n_items, N_FEATURES), rng)}
    part.take({**learned, "diagonal": np.ones(n_items, dtype=np.float32)})


def learn_factors(part: BMF, n_items: int, rng: np.random.Generator) -> None:
    """As many draws as are kept of so many films."""
    config: BMFConfig = part.config
    n_draws, n_dimensions = sum(part.keeps(epoch, n_items) for epoch in range(config.epochs)), config.n_factors + 1
    n_links, n_cutpoints = min(config.n_link_features, n_items), part.sizes()["n_cutpoints"]
    steps = np.arange(n_cutpoints) - (n_cutpoints - 1) / 2
    part.restore(
        {
            "mean": np.asarray(3.5),
            "link_items": np.arange(n_links),
            "items": small((n_draws, n_items, n_dimensions), rng),
            "user_mean": small((n_draws, n_dimensions), rng).astype(np.float64),
            "user_link": small((n_draws, n_links, n_dimensions), rng),
            "user_precision": np.tile(np.eye(n_dimensions), (n_draws, 1, 1)),
            "noise_precision": np.ones(n_draws),
            "cutpoints": np.tile(steps, (n_draws, 1)),
        }
    )


def small(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Small normal numbers, float32; of many, the same again and again, which takes as long to work with."""
    return np.resize(SMALL * rng.standard_normal(min(DRAWN, math.prod(shape)), dtype=np.float32), shape)


def films(n_items: int) -> list[Film]:
    """Films of three words each, a number and a year."""
    rng = np.random.default_rng(2)
    chosen, years = rng.integers(len(WORDS), size=(n_items, 3)), rng.integers(1920, 2024, n_items)
    words = [" ".join(WORDS[word] for word in of_film) for of_film in chosen.tolist()]
    return [Film(f"{title} {at} ({years[at]})", ("Drama", "Comedy")[at % 2 :]) for at, title in enumerate(words)]


def made_recommender(n_items: int, n_ratings: int) -> Recommender:
    """A flagship that knows nothing, with titles."""
    return Recommender(made_artifact(n_items, n_ratings), catalog_of(n_items))


def catalog_of(n_items: int) -> Catalog:
    """The films, by number."""
    return Catalog.from_films(np.arange(n_items), dict(enumerate(films(n_items))))


def made_artifact(n_items: int, n_ratings: int) -> Artifact:
    """A flagship that knows nothing, of films that are very unequally famous."""
    fame = 1 / (np.arange(n_items) + n_items / 100)
    counts = np.maximum(1, fame / fame.sum() * n_ratings).astype(np.int64)
    return Artifact(
        FLAGSHIP, made_flagship(n_items), Items(np.arange(n_items), counts, np.full(n_items, 3, np.float32)), {}
    )


def somebody(n_items: int, n_given: int = GIVEN) -> dict[int, float]:
    """Ratings of films that many know, by id."""
    rng = np.random.default_rng(n_given)
    chosen = rng.choice(n_items // 5, n_given, replace=False)
    return dict(zip(chosen.tolist(), rng.integers(1, 6, n_given).astype(float).tolist(), strict=True))
