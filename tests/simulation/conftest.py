"""A small crowd, whose truth is known."""

from typing import Self

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.simulation.people import Crowd
from recsys.testing.synthetic import low_rank
from recsys.training import Training

N_USERS, N_ITEMS = 60, 50


class GivenTruth:
    """A truth that is told what to say: appeal falls with the place of a film, stars are all alike likely."""

    def fit(self, data: Interactions, training: Training) -> Self:
        return self

    def appeal(self, people: Histories) -> np.ndarray:
        falling = np.linspace(2.0, -2.0, people.shape[1], dtype=np.float32)
        return np.tile(falling, (len(people), 1))

    def star_chances(self, people: Histories) -> np.ndarray:
        return np.full((*people.shape, 5), 0.2, dtype=np.float32)


@pytest.fixture(scope="session")
def data() -> Interactions:
    """Ratings of films of three genres."""
    genres = np.random.default_rng(0).random((N_ITEMS, 3)) < 0.5
    stars = low_rank(N_USERS, N_ITEMS, 900, seed=1, min_ratings=8)
    return Interactions(sp.csr_array(stars), films=FilmFacts(genres=genres))


@pytest.fixture(scope="session")
def crowd(data) -> Crowd:
    return Crowd(GivenTruth(), data, WHOLE_STARS)
