"""A small data set, and a town that knows its films."""

import numpy as np
import pytest

from eval.rehearsing.town import TownConfig, town_of
from recsys.data.movielens import load_dataset
from recsys.testing.synthetic import low_rank
from tests.eval.retraining.conftest import written

CONFIG = TownConfig(known=20, kept_back=8)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory):
    return load_dataset(
        written(tmp_path_factory.mktemp("town") / "town", low_rank(150, 80, 3000, seed=1, min_ratings=12)),
        min_ratings=1,
    )


@pytest.fixture(scope="session")
def town(dataset):
    return town_of(dataset, CONFIG, np.random.default_rng(0))
