"""Five folds: every rating is tested once."""

from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import HIDDEN_RATINGS, Protocol, SplitMakers, by_mask

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

N_FOLDS = 5


def fold_masks(dataset: "Dataset", seed: int) -> dict[str, np.ndarray]:
    """Five folds, each rating in the test of exactly one: (n_ratings,) bool by name, True = test.

    MovieLens 100K has official ones, u1..u5, by position in its file: fold k tests on rows 20000 (k - 1) to
    20000 k - 1. Any other data gets five random folds of equal size (give or take one), f1..f5, drawn with the seed.
    """
    if dataset.official_folds:
        fold, letter = dataset.ratings.row // 20_000, "u"
    else:
        fold, letter = np.random.default_rng(seed).permutation(dataset.ratings.n_ratings) % N_FOLDS, "f"
    return {f"{letter}{k + 1}": fold == k for k in range(N_FOLDS)}


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """The splits of `fold_masks`."""
    return by_mask(dataset, fold_masks(dataset, seed))


PROTOCOL = Protocol(
    summary="five",
    rules="every rating is in the test part of one of five folds and in the training part of the other four",
    procedure=HIDDEN_RATINGS,
    splits=splits,
)
