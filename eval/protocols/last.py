"""Everybody's latest rating, by those before."""

from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import HIDDEN_RATINGS, Protocol, SplitMakers, by_mask

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset


def last_mask(dataset: "Dataset", seed: int) -> dict[str, np.ndarray]:
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


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """The split of `last_mask`: what somebody rates next, by all that they rated before."""
    return by_mask(dataset, last_mask(dataset, seed))


PROTOCOL = Protocol(
    summary="everybody's latest rating",
    rules="the latest rating of everybody is the test part, and their earlier ones are the training part",
    procedure=HIDDEN_RATINGS,
    splits=splits,
)
