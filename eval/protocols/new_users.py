"""New people: a model learned nothing from them, and is told most of their ratings when they come."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import Protocol, SplitMakers
from recsys.errors import DataError
from recsys.split import Newcomers, Split

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

N_GROUPS = 5
FOUND_SHARE = 0.2  # of a person's ratings, rounded down, that are to be found


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """Five splits, n1..n5: each holds out a random fifth of the people, so that everybody is held out once.

    Raises:
        DataError: there are fewer people than splits.
    """
    n_users = dataset.ratings.n_users
    if n_users < N_GROUPS:
        raise DataError(f"{dataset.name} has {n_users} people; the protocol new-users needs {N_GROUPS} or more.")
    rng = np.random.default_rng(seed)
    group = rng.permutation(n_users) % N_GROUPS
    to_find = found_ratings(dataset.ratings.user_idx, rng)
    return {
        f"n{k + 1}": partial(people_split, f"n{k + 1}", dataset, np.flatnonzero(group == k), to_find)
        for k in range(N_GROUPS)
    }


def found_ratings(user_idx: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n_ratings,) bool: a fifth of each person's ratings, rounded down, drawn."""
    order = np.lexsort((rng.random(len(user_idx)), user_idx))  # by person, then by chance
    counts = np.bincount(user_idx)
    place = np.arange(len(user_idx)) - np.repeat(np.cumsum(counts) - counts, counts)  # among the person's
    found = np.zeros(len(user_idx), dtype=bool)
    found[order] = place < np.repeat((counts * FOUND_SHARE).astype(np.int64), counts)
    return found


def people_split(name: str, dataset: "Dataset", people: np.ndarray, to_find: np.ndarray) -> Split:
    """Hold out people, (A,) user_idx, rising; of their ratings those of a mask, (n_ratings,) bool, are to be found."""
    ratings = dataset.ratings
    is_new = np.isin(ratings.user_idx, people)
    everybody = np.arange(ratings.n_users)
    train = dataset.interactions(~is_new).of_people(np.setdiff1d(everybody, people))
    told = dataset.interactions(is_new & ~to_find).histories[people]
    return Split(name, train, ratings.matrix(is_new & to_find), newcomers=Newcomers(people, told))


PROTOCOL = Protocol(
    summary="five; new people who tell most of their ratings",
    rules="no model learned from the people it is measured on; each tells four fifths of their ratings, and the rest "
    "is to be found",
    procedure="Some people were kept apart while the models learned from all others. Then each of them told a model "
    "most of their ratings, and it had to guess the stars of the rest and to list films.",
    splits=splits,
)
