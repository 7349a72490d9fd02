"""Seconds to fit the flagship's parts: on few ratings of many people and films, and on as many as MovieLens 100K has.

Of a part whose cost goes with ratings the first takes a quarter of the second.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp
from pytest_benchmark.fixture import BenchmarkFixture

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models import FLAGSHIP, create
from recsys.testing.synthetic import low_rank
from tests.benchmarks.conftest import is_timed
from tests.benchmarks.workloads import time_it

PARTS = ("vae", "linear", "normal", "ordinal")
EPOCHS = 22  # the VAE's own number, and for chains a ninth of theirs


@dataclass(frozen=True)
class Shape:
    """Of a rating matrix."""

    n_users: int
    n_items: int
    n_ratings: int

    def made_up(self) -> sp.csr_array:
        return low_rank(self.n_users, self.n_items, self.n_ratings, seed=0, min_ratings=3)


TIMED = {"24,000 ratings": Shape(3000, 3000, 24_000), "100,000 ratings": Shape(943, 1682, 100_000)}
SMALL = {"24,000 ratings": Shape(120, 84, 900), "100,000 ratings": Shape(47, 84, 1500)}


@pytest.fixture(scope="module", params=TIMED)
def shaped(request: pytest.FixtureRequest) -> tuple[str, sp.csr_array]:
    shapes = TIMED if is_timed(request.config) else SMALL
    return request.param, shapes[request.param].made_up()


@pytest.mark.parametrize("part", PARTS)
def test_fit_of_a_part(
    benchmark: BenchmarkFixture, request: pytest.FixtureRequest, shaped: tuple[str, sp.csr_array], part: str
):
    name, train = shaped
    epochs = EPOCHS if is_timed(request.config) else 2
    scores = fit(part, train, epochs).score(Histories(train[:20]))
    assert np.isfinite(scores).all()
    assert (scores.std(axis=1) > 0).all()  # films are told apart
    time_it(benchmark, f"fit, {name}", part, lambda: fit(part, train, epochs), rounds=1)


def fit(part: str, train: sp.csr_array, epochs: int):
    model = create(FLAGSHIP, WHOLE_STARS, epochs=epochs).parts()[part]
    return model.fit(Interactions(train))
