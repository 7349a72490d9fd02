"""Which users stay: the rules of the paper."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.data.ratings import Ratings
from recsys.errors import DataError


@dataclass(frozen=True, kw_only=True)
class CleaningReport:
    """What cleaning dropped. A user with too few ratings is not counted again for incomplete demographics."""

    min_ratings: int
    n_users_before: int
    n_users_after: int
    n_items_before: int
    n_items_after: int
    n_ratings_before: int
    n_ratings_after: int
    too_few: int  # users
    incomplete_demographics: int  # users

    def sentence(self) -> str:
        """Say in one sentence who was dropped and what is left."""
        rules = f"fewer than {self.min_ratings} ratings"
        if self.n_users_after == self.n_users_before:
            return (
                f"Cleaning kept all {self.n_users_before:,} users, {self.n_items_before:,} films and "
                f"{self.n_ratings_before:,} ratings: nobody has {rules} or incomplete demographics."
            )
        return (
            f"Cleaning dropped {self.too_few:,} users with {rules} and {self.incomplete_demographics:,} with "
            f"incomplete demographics; {self.n_users_after:,} of {self.n_users_before:,} users, "
            f"{self.n_items_after:,} of {self.n_items_before:,} films and "
            f"{self.n_ratings_after:,} of {self.n_ratings_before:,} ratings are left."
        )


def clean(ratings: Ratings, users: pd.DataFrame | None, *, min_ratings: int = 20) -> tuple[Ratings, CleaningReport]:
    """Drop users with fewer than min_ratings ratings or with incomplete demographics.

    Args:
        ratings: checked ratings.
        users: index user_id (every user of ratings), a missing value where a person left a field empty; None where
            the data has no demographics. "none" as an occupation is an answer.
        min_ratings: ratings that a user must have to stay.

    Returns:
        The ratings of those who stay, and what was dropped.

    Raises:
        DataError: nobody stays.
    """
    too_few = np.bincount(ratings.user_idx, minlength=ratings.n_users) < min_ratings  # (n_users,) bool
    incomplete = _incomplete(ratings.user_ids, users) & ~too_few
    stays = ~(too_few | incomplete)
    if not stays.any():
        raise DataError(
            f"cleaning would drop all {ratings.n_users:,} users: {too_few.sum():,} have fewer than {min_ratings} "
            f"ratings, {incomplete.sum():,} have incomplete demographics. Expected at least one to stay: lower the "
            "number of ratings asked for (--min-ratings), or use more data."
        )
    cleaned = ratings.of_users(ratings.user_ids[stays])
    return cleaned, CleaningReport(
        min_ratings=min_ratings,
        n_users_before=ratings.n_users,
        n_users_after=cleaned.n_users,
        n_items_before=ratings.n_items,
        n_items_after=cleaned.n_items,
        n_ratings_before=ratings.n_ratings,
        n_ratings_after=cleaned.n_ratings,
        too_few=int(too_few.sum()),
        incomplete_demographics=int(incomplete.sum()),
    )


def _incomplete(user_ids: np.ndarray, users: pd.DataFrame | None) -> np.ndarray:
    """(n_users,) bool: whether a field is missing."""
    if users is None:
        return np.zeros(len(user_ids), dtype=bool)
    return users.loc[user_ids].isna().any(axis=1).to_numpy()
