"""How ratings are divided into training and test."""

from collections.abc import Callable, Sequence

import numpy as np

from recsys.data.errors import DataError
from recsys.data.movielens import Dataset
from recsys.split import Split, split_ratings

N_FOLDS = 5
RANDOM_TEST_SHARE = 0.2


def fold_masks(dataset: Dataset, seed: int) -> dict[str, np.ndarray]:
    """Five folds, each rating in the test of exactly one: (n_ratings,) bool by name, True = test.

    MovieLens 100K has official ones, u1..u5, by position in its file: fold k tests on rows 20000 (k - 1) to
    20000 k - 1. Any other data gets five random folds of equal size (give or take one), f1..f5, drawn with the seed.
    """
    if dataset.official_folds:
        fold, letter = dataset.ratings.row // 20_000, "u"
    else:
        fold, letter = np.random.default_rng(seed).permutation(dataset.ratings.n_ratings) % N_FOLDS, "f"
    return {f"{letter}{k + 1}": fold == k for k in range(N_FOLDS)}


def random_mask(dataset: Dataset, seed: int) -> dict[str, np.ndarray]:
    """One split, `random`: a fifth of all ratings, drawn with the seed, is the test."""
    n_ratings = dataset.ratings.n_ratings
    n_test = round(RANDOM_TEST_SHARE * n_ratings)
    return {"random": np.random.default_rng(seed).permutation(n_ratings) < n_test}


PROTOCOLS: dict[str, Callable[[Dataset, int], dict[str, np.ndarray]]] = {"folds": fold_masks, "random": random_mask}


def make_splits(dataset: Dataset, protocol: str, names: Sequence[str] | None, seed: int) -> list[Split]:
    """The splits of a protocol.

    Args:
        dataset: what to divide. protocol: key of PROTOCOLS. seed: of what the protocol draws.
        names: which splits, in this order; None for the first; "all" among them for all.

    Raises:
        DataError: the protocol has no split of a given name; the message lists those it has.
    """
    masks = PROTOCOLS[protocol](dataset, seed)
    if names is None:
        chosen = list(masks)[:1]
    else:
        chosen = list(masks) if "all" in names else list(dict.fromkeys(names))
    unknown = [name for name in chosen if name not in masks]
    if unknown:
        raise DataError(
            f"unknown split {', '.join(map(repr, unknown))}; "
            f"{protocol} on {dataset.name} has {', '.join(masks)}, or all"
        )
    return [split_ratings(name, dataset.ratings, masks[name]) for name in chosen]
