"""Parts of a rating matrix: training, validation and test."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.config import ValidationConfig
from recsys.data.ratings import Ratings


@dataclass(frozen=True, eq=False)
class Split:
    """Training and test ratings of the same users, (n_users, n_items) stars each; no cell is in both."""

    name: str
    train: sp.csr_array
    test: sp.csr_array


def split_ratings(name: str, ratings: Ratings, in_test: np.ndarray) -> Split:
    """Divide ratings by a mask, (n_ratings,) bool, True where a rating is held out for the test."""
    return Split(name, ratings.matrix(~in_test), ratings.matrix(in_test))


def carve_validation(
    train: sp.csr_array, *, seed: int, config: ValidationConfig = ValidationConfig()
) -> tuple[sp.csr_array, sp.csr_array]:
    """Divide training ratings again: what a model learns from, and what it stops early on.

    Args:
        train: (U, I) stars. seed: which ratings are taken.

    Returns:
        fitting and validation, (U, I) each: `fraction` of every user's ratings, rounded down, go to validation, so
        somebody with few ratings keeps them all.
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(train.nnz)
    owner = np.repeat(np.arange(train.shape[0]), np.diff(train.indptr))[shuffled]
    by_owner = np.argsort(owner, kind="stable")
    rank = np.arange(train.nnz) - train.indptr[:-1].repeat(np.diff(train.indptr))  # position among the owner's ratings
    n_kept_out = (np.diff(train.indptr) * config.fraction).astype(np.int64)[owner[by_owner]]
    in_validation = np.zeros(train.nnz, dtype=bool)
    in_validation[shuffled[by_owner[rank < n_kept_out]]] = True
    return keep_entries(train, ~in_validation), keep_entries(train, in_validation)


def keep_entries(matrix: sp.csr_array, keep: np.ndarray) -> sp.csr_array:
    """The same shape with only the stored entries where keep, (nnz,) bool in storage order, is True."""
    n_kept = np.concatenate([[0], np.cumsum(keep)])
    return sp.csr_array((matrix.data[keep], matrix.indices[keep], n_kept[matrix.indptr]), shape=matrix.shape)
