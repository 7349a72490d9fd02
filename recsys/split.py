"""Parts of a data set: training, validation and test."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.settings import ValidationConfig
from recsys.training.processes import ALONE, Processes, own_place

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset


@dataclass(frozen=True, eq=False)
class Asks:
    """What people ask for of whom a model knows nothing else.

    Legend: A people who ask, I items, G genres.

    Attributes:
        people: (A,) integer user_idx, rising.
        genres: (A, G) bool, what each asks for.
        told: (A, I) stars that a person's genres were derived from; what they tell of cannot be found.
        genre_matrix: (I, G) bool.
    """

    people: np.ndarray
    genres: np.ndarray
    told: sp.csr_array
    genre_matrix: np.ndarray

    def of(self, rows: slice) -> "Asks":
        """Some of the people."""
        return Asks(self.people[rows], self.genres[rows], self.told[rows], self.genre_matrix)

    @property
    def candidates(self) -> np.ndarray:
        """(A, I) bool, the films to rank, dense: those of a genre that was asked for, less those told of."""
        fitting = self.genres.astype(np.float32) @ self.genre_matrix.T.astype(np.float32) > 0
        fitting[self.told.nonzero()] = False
        return fitting


@dataclass(frozen=True, eq=False)
class Newcomers:
    """People from whom a model learned nothing, and what they tell it.

    Attributes:
        people: (A,) integer user_idx, rising.
        told: of these people, in that order.
        untold: (A, I) stars that they keep to themselves, of films that no list may hold; None: there are none.
    """

    people: np.ndarray
    told: Histories
    untold: sp.csr_array | None = None


@dataclass(frozen=True, eq=False)
class Split:
    """Training and test ratings in stars; no cell is in both.

    Attributes:
        train: what a model learns from; a row is what it may know of that user. With `asks` or
            `newcomers`, only the rows of the others.
        test: (n_users, n_items) stars that are held out. With `asks`, only those who ask have any, of candidates; with
            `newcomers`, only those.
        asks: where models are measured on people of whom they know genres alone.
        newcomers: where models are measured on people from whom they did not learn.
        listed: (n_items,) bool, which films lists may hold; None: all that a person has not rated.
    """

    name: str
    train: Interactions
    test: sp.csr_array
    asks: Asks | None = None
    newcomers: Newcomers | None = None
    listed: np.ndarray | None = None

    @property
    def histories(self) -> Histories:
        """What is known of those people; of those who ask, not to models."""
        if self.newcomers is not None:
            return self.newcomers.told
        return self.train.histories if self.asks is None else Histories(self.asks.told)

    @property
    def people(self) -> np.ndarray:
        """User_idx of those on whom models are measured."""
        apart = self.newcomers or self.asks
        return np.arange(self.test.shape[0]) if apart is None else apart.people


def split_ratings(name: str, dataset: "Dataset", in_test: np.ndarray) -> Split:
    """Divide ratings by a mask, (n_ratings,) bool, True where a rating is held out for the test."""
    return Split(name, dataset.interactions(~in_test), dataset.ratings.matrix(in_test))


def carve_validation(
    data: Interactions, *, seed: int, config: ValidationConfig = ValidationConfig()
) -> tuple[Interactions, Interactions]:
    """Divide training ratings again: what a model learns from, and what it stops early on.

    Args:
        data: all of them.
        seed: which ratings are taken.

    Returns:
        fitting and validation: `fraction` of every user's ratings, rounded down, go to validation, so somebody with
        few ratings keeps them all.
    """
    train = data.stars
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(train.nnz)
    owner = np.repeat(np.arange(train.shape[0]), np.diff(train.indptr))[shuffled]
    by_owner = np.argsort(owner, kind="stable")
    rank = np.arange(train.nnz) - train.indptr[:-1].repeat(np.diff(train.indptr))  # position among the owner's ratings
    n_kept_out = (np.diff(train.indptr) * config.fraction).astype(np.int64)[owner[by_owner]]
    in_validation = np.zeros(train.nnz, dtype=bool)
    in_validation[shuffled[by_owner[rank < n_kept_out]]] = True
    return data.only(~in_validation), data.only(in_validation)


def carve_evenly(
    data: Interactions, fraction: float, seed: int, processes: Processes = ALONE
) -> tuple[Interactions, Interactions]:
    """Divide training ratings again, each by chance: for people of few ratings, of whom no part can be taken.

    Args:
        data: all of them, or those that one of several processes has.
        fraction: about so many are taken.
        seed: which.
        processes: those, which together take what one would.

    Returns:
        fitting and validation, with about that fraction in validation; nobody's last rating is taken.
    """
    train = data.stars
    own, n_ratings = own_place(train.nnz, processes)
    draws = np.random.default_rng(seed).random(n_ratings)[own]
    rows = np.repeat(np.arange(train.shape[0]), np.diff(train.indptr))
    taken = draws < fraction
    everything = np.bincount(rows[taken], minlength=train.shape[0]) == np.diff(train.indptr)
    taken &= ~everything[rows]
    return data.only(~taken), data.only(taken)


def merged(train: sp.csr_array, validation: sp.csr_array) -> sp.csr_array:
    """The inverse of `carve_validation`: the stored entries of both, which have none in common."""
    rows = [np.repeat(np.arange(part.shape[0]), np.diff(part.indptr)) for part in (train, validation)]
    columns, values = (
        np.concatenate([getattr(part, name) for part in (train, validation)]) for name in ("indices", "data")
    )
    return sp.csr_array((values, (np.concatenate(rows), columns)), shape=train.shape)


def holds_entries(part: sp.csr_array, whole: sp.csr_array) -> np.ndarray:
    """(nnz of the whole,) bool, in its storage order: which of its stored entries are stored in the part too."""
    of_part, of_whole = (
        np.repeat(np.arange(each.shape[0]), np.diff(each.indptr)) * each.shape[1] + each.indices
        for each in (part, whole)
    )
    return np.isin(of_whole, of_part)
