"""How ratings are divided into training and test."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import scipy.sparse as sp

from recsys.data.movielens import Dataset
from recsys.errors import DataError
from recsys.liking import least_stars
from recsys.models.base import entry_rows
from recsys.settings import LEVEL
from recsys.split import Asks, Split, keep_entries, split_ratings
from recsys.stated_genres import genre_shares, stated_genres

N_FOLDS = 5
RANDOM_TEST_SHARE = 0.2
MOST_GENRES = 3  # that a person names

SplitMakers = dict[str, Callable[[], Split]]  # by the split's name


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


def folds(dataset: Dataset, seed: int) -> SplitMakers:
    """The splits of `fold_masks`."""
    return by_mask(dataset, fold_masks(dataset, seed))


def random_fifth(dataset: Dataset, seed: int) -> SplitMakers:
    """The split of `random_mask`."""
    return by_mask(dataset, random_mask(dataset, seed))


def last_mask(dataset: Dataset, seed: int) -> dict[str, np.ndarray]:
    """One split, `last`: of everybody who gave two or more ratings, the latest is the test; nothing is drawn.

    Of ratings at the same second, that which stands last in the file is the latest.
    """
    ratings = dataset.ratings
    order = np.lexsort((ratings.row, ratings.timestamp, ratings.user_idx))  # by person, then by time
    is_latest = np.ones(ratings.n_ratings, dtype=bool)
    is_latest[:-1] = np.diff(ratings.user_idx[order]) > 0
    mask = np.zeros(ratings.n_ratings, dtype=bool)
    mask[order[is_latest]] = True
    return {"last": mask & (np.bincount(ratings.user_idx)[ratings.user_idx] > 1)}


def last_rating(dataset: Dataset, seed: int) -> SplitMakers:
    """The split of `last_mask`: what somebody rates next, by all that they rated before."""
    return by_mask(dataset, last_mask(dataset, seed))


def by_mask(dataset: Dataset, masks: dict[str, np.ndarray]) -> SplitMakers:
    """Splits that hold out ratings of people who are known otherwise; masks are (n_ratings,) bool, True = test."""
    return {name: partial(split_ratings, name, dataset.ratings, mask) for name, mask in masks.items()}


def genres(dataset: Dataset, seed: int) -> SplitMakers:
    """Five splits, g1..g5, that measure what models show to people of whom they know but one to three genres.

    Split g_k has the ratings of fold k, see `fold_masks`, and holds out people besides: a random fifth, so that each
    is held out once. How many genres a person names is random too. Both are drawn with the seed, the same for every
    split.

    Raises:
        DataError: no film has a genre, or there are fewer people than splits.
    """
    n_users = dataset.ratings.n_users
    if not dataset.catalog.genre_names:
        raise DataError(
            f"{dataset.name} lists no genre of any film, and the protocol genres measures lists of films by genre; add "
            "genres to its table of films, or choose another --protocol."
        )
    if n_users < N_FOLDS:
        raise DataError(f"{dataset.name} has {n_users} people; the protocol genres needs {N_FOLDS} or more.")
    rng = np.random.default_rng(seed)
    group = rng.permutation(n_users) % N_FOLDS
    n_named = rng.integers(1, MOST_GENRES, size=n_users, endpoint=True)
    return {
        f"g{k + 1}": partial(genre_split, f"g{k + 1}", dataset, in_test, np.flatnonzero(group == k), n_named)
        for k, in_test in enumerate(fold_masks(dataset, seed).values())
    }


def genre_split(name: str, dataset: Dataset, in_test: np.ndarray, people: np.ndarray, n_named: np.ndarray) -> Split:
    """Hold out people: the ratings outside the mask say which genres they name, those in it are to be found.

    Args:
        in_test: (n_ratings,) bool. people: (A,) user_idx, rising. n_named: (n_users,) genres that a person names.
    """
    train, test = dataset.ratings.matrix(~in_test), dataset.ratings.matrix(in_test)
    genre_matrix = dataset.catalog.genre_matrix
    known = np.setdiff1d(np.arange(train.shape[0]), people)
    least = least_stars(LEVEL, dataset.ratings.scale, train)  # what a person likes says which genres they name
    reference = genre_shares(train[known], genre_matrix, least[known])
    named = stated_genres(train[people], genre_matrix, reference, n_named[people], least[people])
    asks = Asks(people, named, train[people], genre_matrix)
    return Split(name, train[known], of_asked_genres(test, asks), asks)


def of_asked_genres(test: sp.csr_array, asks: Asks) -> sp.csr_array:
    """The ratings, of (n_users, n_items), by people who ask, of films that have one of the genres they ask for."""
    asked = np.zeros((test.shape[0], asks.genres.shape[1]), dtype=bool)  # (n_users, n_genres)
    asked[asks.people] = asks.genres
    return keep_entries(test, (asked[entry_rows(test)] & asks.genre_matrix[test.indices]).any(axis=1))


PROTOCOLS: dict[str, Callable[[Dataset, int], SplitMakers]] = {
    "folds": folds,
    "random": random_fifth,
    "last": last_rating,
    "genres": genres,
}


def make_splits(dataset: Dataset, protocol: str, names: Sequence[str] | None, seed: int) -> list[Split]:
    """The splits of a protocol.

    Args:
        dataset: what to divide. protocol: key of PROTOCOLS. seed: of what the protocol draws.
        names: which splits, in this order; None for the first; "all" among them for all.

    Raises:
        DataError: the protocol has no split of a given name (the message lists those it has), or needs other data.
    """
    makers = PROTOCOLS[protocol](dataset, seed)
    if names is None:
        chosen = list(makers)[:1]
    else:
        chosen = list(makers) if "all" in names else list(dict.fromkeys(names))
    unknown = [name for name in chosen if name not in makers]
    if unknown:
        raise DataError(
            f"unknown split {', '.join(map(repr, unknown))}; "
            f"{protocol} on {dataset.name} has {', '.join(makers)}, or all"
        )
    return [makers[name]() for name in chosen]
