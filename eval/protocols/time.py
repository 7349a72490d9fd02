"""What comes next: the last fifth of all ratings, by those before."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import Protocol, SplitMakers
from recsys.data.interactions import keep_entries
from recsys.errors import DataError
from recsys.models.base import entry_rows
from recsys.split import Split, split_ratings

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

TEST_SHARE = 0.2


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """One split, `time`: nothing is drawn. People who had rated nothing before are not in the test.

    Raises:
        DataError: nobody who rated in the last fifth had rated before.
    """
    in_test = late(dataset)
    before, after = (np.unique(dataset.ratings.user_idx[each]) for each in (~in_test, in_test))
    if not np.intersect1d(before, after).size:
        raise DataError(
            f"{dataset.name} has nobody who rated both in the last fifth of the time and before, and the protocol time "
            "measures these; choose another --protocol."
        )
    return {"time": partial(time_split, dataset, in_test)}


def late(dataset: "Dataset") -> np.ndarray:
    """(n_ratings,) bool: the last fifth by the clock. Of ratings at the same second that which stands last is later."""
    ratings = dataset.ratings
    order = np.lexsort((ratings.row, ratings.timestamp))
    is_late = np.zeros(ratings.n_ratings, dtype=bool)
    is_late[order[ratings.n_ratings - round(TEST_SHARE * ratings.n_ratings) :]] = True
    return is_late


def time_split(dataset: "Dataset", in_test: np.ndarray) -> Split:
    """Hold out ratings of a mask, (n_ratings,) bool, but for those of people who have no other."""
    whole = split_ratings("time", dataset, in_test)
    is_known = np.diff(whole.train.stars.indptr) > 0
    return Split("time", whole.train, keep_entries(whole.test, is_known[entry_rows(whole.test)]))


PROTOCOL = Protocol(
    summary="the last fifth of all time",
    rules="the latest fifth of all ratings is the test part, and those before are the training part; who has none "
    "before is left out",
    procedure="The ratings of the last part of the time were hidden. Each model learned from all that had been rated "
    "before, and then had to guess what stars people gave afterwards and to list films for them. Who came later is "
    "left out.",
    splits=splits,
    listed="Every film a person has not rated before is ranked. Ratings of people who had rated nothing before the "
    "last fifth began are left out.",
)
