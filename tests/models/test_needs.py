"""How much memory a fit is said to take at least: never more than it does, and of what grows with pairs little less."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.models import MODELS, create
from recsys.models.linear.config import EASEConfig, SLIMConfig
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.needs import Extent, bytes_kept, bytes_needed
from recsys.settings import Config
from tests.support.small_models import ratings, small_config

OF_32M = Extent(200_948, np.maximum(1, 3_000_000 // np.arange(1, 87_586)))
STARS = {
    "of many films": ratings(0, (300, 900), 0.1),
    "of many people": ratings(1, (900, 120), 0.1),
}
COUNTED = ("slim", "boltzmann", "ease", "ease-features", "item-knn", "user-knn", "dbn-clusters")  # by NumPy, not JAX


def quick(name: str) -> Config:
    config = small_config(name) if name == "dbn-clusters" else MODELS[name].config
    return replace(config, epochs=2) if hasattr(config, "epochs") else config


@pytest.mark.parametrize("kind", STARS)
@pytest.mark.parametrize("name", COUNTED)
def test_a_fit_takes_what_is_said_and_of_pairs_not_much_more(name, kind):
    extent = Extent.of(STARS[kind])
    said = bytes_needed(create(name, WHOLE_STARS, config=quick(name)), extent)
    tracemalloc.start()
    try:
        create(name, WHOLE_STARS, config=quick(name)).fit(Interactions(STARS[kind]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert said <= peak <= 10 * said


def test_extent_counts_people_and_films_with_ratings():
    extent = Extent.of(sp.csr_array([[5.0, 0, 0], [0, 0, 0], [4.0, 3.0, 0]]))
    assert (extent.n_people, extent.n_films, extent.n_ratings) == (2, 3, 3)
    assert [extent.n_rated(), extent.n_rated(2), extent.n_rated(3)] == [2, 1, 0]


def test_what_is_kept_follows_from_what_is_declared():
    assert bytes_kept(create("als", WHOLE_STARS), 1000) == 4 * (1 + 1000 + 32 * 1000)
    assert bytes_kept(create("ease", WHOLE_STARS), 1000) == 0  # in one way or another


def test_matrices_of_films_by_films_are_known_to_be_large():
    need = {
        name: bytes_needed(create(name, HALF_STARS), OF_32M) for name in ("slim", "boltzmann", "ease", "ease-binary")
    }
    assert min(need["slim"], need["boltzmann"]) > 4 * 87_585**2
    assert need["ease"] == need["ease-binary"] == 2 * 2**30  # its settings see to that


def test_settings_change_what_is_needed():
    few, many = Extent(1000, np.full(1000, 50)), Extent(50, np.full(10_000, 3))
    assert bytes_needed(create("ease", WHOLE_STARS), few) == 4 * 3 * 1000**2
    assert bytes_needed(create("ease", WHOLE_STARS), many) == 16 * 50 * 10_000
    assert bytes_needed(create("ease", WHOLE_STARS, config=EASEConfig(memory_mb=1.0)), few) == 2**20
    assert bytes_needed(create("slim", WHOLE_STARS, config=SLIMConfig()), many) == 4 * 10_000**2


def test_a_network_that_learns_takes_four_numbers_for_each_weight_beside_those_that_are_done():
    config = MultVAEConfig(n_hidden=800)
    few, many = Extent(1000, np.full(1000, 9)), Extent(1000, np.full(1000, 2000))
    for extent, units in ((few, 100), (many, 800)):
        encoder = 2 * 1000 * units + units + 2 * ((units + 1) * 49 + 49)
        decoder = 50 * units + units + 1000 * units + 1000 + 50 * 50 + 50 + 50 * 1000 + 1000
        n_weights = encoder + decoder + 1000 + 3 + 6  # offsets of films, gaps between levels, and six single numbers
        assert bytes_needed(create("mult-vae", WHOLE_STARS, config=config), extent) == 4 * (4 + 1) * n_weights
    assert bytes_needed(create("hybrid-vae", HALF_STARS), OF_32M) > 4 * 5 * 3 * 87_585 * 800


def test_a_model_of_others_needs_what_the_largest_of_them_does():
    parts = create("hybrid-vae", HALF_STARS).parts().values()
    assert bytes_needed(create("hybrid-vae", HALF_STARS), OF_32M) == max(bytes_needed(part, OF_32M) for part in parts)


@pytest.mark.parametrize("name", MODELS)
def test_all_but_two_models_fit_into_12_gb_at_the_size_of_movielens_32m(name):
    fits = bytes_needed(create(name, HALF_STARS), OF_32M) <= 12e9
    assert fits == (name not in ("slim", "boltzmann"))


@pytest.mark.parametrize("name", MODELS)
def test_small_data_fit_anywhere(name):
    assert bytes_needed(create(name, WHOLE_STARS), Extent.of(ratings())) < 5e6
