"""New films: nobody whom a model learned from has rated them."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import Protocol, SplitMakers
from recsys.errors import DataError
from recsys.split import Split, split_ratings

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

N_GROUPS = 5


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """Five splits, c1..c5: each hides all ratings of a random fifth of the films, so that every film is new once.

    Raises:
        DataError: there are fewer films than splits.
    """
    n_items = dataset.ratings.n_items
    if n_items < N_GROUPS:
        raise DataError(f"{dataset.name} has {n_items} films; the protocol cold-items needs {N_GROUPS} or more.")
    group = np.random.default_rng(seed).permutation(n_items) % N_GROUPS
    return {f"c{k + 1}": partial(film_split, f"c{k + 1}", dataset, group == k) for k in range(N_GROUPS)}


def film_split(name: str, dataset: "Dataset", is_new: np.ndarray) -> Split:
    """Hide the ratings of new films, (n_items,) bool; these alone are listed."""
    hidden = split_ratings(name, dataset, is_new[dataset.ratings.item_idx])
    return Split(name, hidden.train, hidden.test, listed=is_new)


PROTOCOL = Protocol(
    summary="five; films that nobody has rated yet",
    rules="all ratings of a fifth of the films, drawn at random, are the test part, and those of the other films the "
    "training part; the hidden films alone are ranked",
    procedure="All ratings of some films were hidden, as if these had just come out. Each model learned from the "
    "ratings of the other films, and then had to guess the hidden stars and to list the new films for every person. "
    "All that it could know of them is what is written about them, such as genres and year.",
    splits=splits,
    listed="Lists hold the films alone that no model has seen a rating of. A model that knows nothing of films but "
    "ratings scores them all alike, and lists them in the order of their ids.",
)
