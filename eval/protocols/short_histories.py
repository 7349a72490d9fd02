"""New people who tell few ratings: what models make of 1, 2, 5, 10 and 20."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.new_users import found_ratings
from eval.protocols.protocol import Axis, Protocol, SplitMakers
from recsys.errors import DataError
from recsys.split import Newcomers, Split

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

N_TOLD = (1, 2, 5, 10, 20)
ONE_IN = 3  # people are new


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """Splits s1, s2, s5, s10 and s20: a random third of the people, the same in all, tells so many of their ratings.

    What is to be found is the same in all, a fifth of everybody's ratings, and so are the films that lists are made of:
    what people rated and neither tell nor are to find is in none. The fewer are among the more.

    Raises:
        DataError: there are fewer people than it takes for one to be new.
    """
    n_users = dataset.ratings.n_users
    if n_users < ONE_IN:
        raise DataError(f"{dataset.name} has {n_users} people; the protocol short-histories needs {ONE_IN} or more.")
    rng = np.random.default_rng(seed)
    people = np.sort(rng.permutation(n_users)[: n_users // ONE_IN])
    to_find = found_ratings(dataset.ratings.user_idx, rng)
    place = places(dataset.ratings.user_idx, to_find, rng)
    return {f"s{n}": partial(told_split, f"s{n}", dataset, people, to_find, place < n) for n in N_TOLD}


def places(user_idx: np.ndarray, to_find: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n_ratings,) int: the turn of each rating to be told by its person, from 0, drawn; those to find come last."""
    order = np.lexsort((rng.random(len(user_idx)), to_find, user_idx))
    counts = np.bincount(user_idx)
    place = np.empty(len(user_idx), dtype=np.int64)
    place[order] = np.arange(len(user_idx)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place


def told_split(name: str, dataset: "Dataset", people: np.ndarray, to_find: np.ndarray, is_told: np.ndarray) -> Split:
    """Hold out people, (A,) user_idx, rising, who tell some ratings; masks are (n_ratings,) bool."""
    ratings = dataset.ratings
    is_new = np.isin(ratings.user_idx, people)
    train = dataset.interactions(~is_new).of_people(np.setdiff1d(np.arange(ratings.n_users), people))
    told = dataset.interactions(is_new & is_told & ~to_find).histories[people]
    untold = ratings.matrix(is_new & ~is_told & ~to_find)[people]
    return Split(name, train, ratings.matrix(is_new & to_find), newcomers=Newcomers(people, told, untold))


PROTOCOL = Protocol(
    summary="five; new people who tell 1, 2, 5, 10 or 20 ratings",
    rules="no model learned from the people it is measured on, a third of all; each tells 1, 2, 5, 10 or 20 ratings, "
    "drawn at random, and a fifth of their ratings, the same for all numbers, is to be found",
    procedure="Some people were kept apart while the models learned from all others. Then each of them told a model "
    "a few of their ratings, from 1 to 20, and it had to guess the stars of other films and to list films.",
    splits=splits,
    whose="people who tell few ratings",
    listed="Whatever people tell, lists are made of the same films: those that they have not rated, and those to be "
    "found. A model that heeds no history has the same lists for all numbers. Who has fewer ratings than are to be "
    "told tells all but those to be found.",
    axis=Axis(label="ratings that each person tells", places={f"s{n}": n for n in N_TOLD}),
)
