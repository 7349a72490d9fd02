"""A fifth of all ratings, drawn at random."""

from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import HIDDEN_RATINGS, Protocol, SplitMakers, by_mask

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

TEST_SHARE = 0.2


def random_mask(dataset: "Dataset", seed: int) -> dict[str, np.ndarray]:
    """One split, `random`: a fifth of all ratings, drawn with the seed, is the test."""
    n_ratings = dataset.ratings.n_ratings
    n_test = round(TEST_SHARE * n_ratings)
    return {"random": np.random.default_rng(seed).permutation(n_ratings) < n_test}


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """The split of `random_mask`."""
    return by_mask(dataset, random_mask(dataset, seed))


PROTOCOL = Protocol(
    summary="80/20",
    rules="a fifth of all ratings, drawn at random, is the test part",
    procedure=HIDDEN_RATINGS,
    splits=splits,
)
