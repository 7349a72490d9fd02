"""New people who name one to three genres, and of whom nothing else is known."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from eval.protocols.folds import N_FOLDS, fold_masks
from eval.protocols.protocol import Protocol, SplitMakers
from recsys.data.interactions import keep_entries
from recsys.errors import DataError
from recsys.liking import least_stars
from recsys.models.base import entry_rows
from recsys.settings import LEVEL
from recsys.split import Asks, Split
from recsys.stated_genres import genre_shares, stated_genres

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

MOST_GENRES = 3  # that a person names


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """Five splits, g1..g5, that measure what models show to people of whom they know but one to three genres.

    Split g_k has the ratings of fold k, see `folds.fold_masks`, and holds out people besides: a random fifth, so that
    each is held out once. How many genres a person names is random too. Both are drawn with the seed, the same for
    every split.

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


def genre_split(name: str, dataset: "Dataset", in_test: np.ndarray, people: np.ndarray, n_named: np.ndarray) -> Split:
    """Hold out people: the ratings outside the mask say which genres they name, those in it are to be found.

    Args:
        in_test: (n_ratings,) bool.
        people: (A,) user_idx, rising.
        n_named: (n_users,) genres that a person names.
    """
    data, test = dataset.interactions(~in_test), dataset.ratings.matrix(in_test)
    train = data.stars
    genre_matrix = dataset.catalog.genre_matrix
    known = np.setdiff1d(np.arange(train.shape[0]), people)
    least = least_stars(LEVEL, dataset.ratings.scale, train)  # what a person likes says which genres they name
    reference = genre_shares(train[known], genre_matrix, least[known])
    named = stated_genres(train[people], genre_matrix, reference, n_named[people], least[people])
    asks = Asks(people, named, train[people], genre_matrix)
    return Split(name, data.of_people(known), of_asked_genres(test, asks), asks)


def of_asked_genres(test: sp.csr_array, asks: Asks) -> sp.csr_array:
    """The ratings, of (n_users, n_items), by people who ask, of films that have one of the genres they ask for."""
    asked = np.zeros((test.shape[0], asks.genres.shape[1]), dtype=bool)  # (n_users, n_genres)
    asked[asks.people] = asks.genres
    return keep_entries(test, (asked[entry_rows(test)] & asks.genre_matrix[test.indices]).any(axis=1))


PROTOCOL = Protocol(
    summary="five; new people who name one to three genres",
    rules="no model has seen a rating of the people it is measured on; they name one to three genres, those that stand "
    "out among films they liked, and the films of these genres are ranked",
    procedure="Some people were kept apart, and no model saw any of their ratings. All that it was told is which "
    "genres they like. It listed films for them, and their ratings tell which of these they liked.",
    splits=splits,
    whose="people who only name genres",
    listed="Of the people measured here no model has seen a rating. They name one to three genres, those that stand "
    "out among the films they liked in the training ratings. Every model ranks the same films: those of the named "
    "genres, less the films of these ratings. A model that understands no genres knows nothing else, and if it then "
    "scores all films alike, it lists them in the order of their ids.",
)
