"""The door for ratings: every check on a table of ratings is made here, once.

Shapes: n_ratings rows in the table, n_users and n_items distinct ids among them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.data.numbering import latest, narrow, numbered, renumbered, repeats
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError

WIDER = (  # scales to look for where ratings are beyond 5 stars
    RatingScale(highest=10.0),
    RatingScale(lowest=0.5, highest=10.0, step=0.5),
    RatingScale(highest=100.0),
)
FEWEST_RATINGS, BEYOND = 100, 0.05  # of so many ratings so large a share lies beyond 5 stars, if the scale does
CHUNK = 1 << 20  # ratings whose stars are compared with the scale at a time
COLUMNS = ("user_id", "item_id", "stars", "timestamp")
OnDuplicate = Literal["refuse", "latest"]
Place = Callable[[int], str]  # position of a row, counted from 0 -> how a person finds it, such as "line 7"


def row_place(row: int) -> str:
    """Name a row of a table that was never a file, counted from 1."""
    return f"row {row + 1}"


@dataclass(frozen=True, eq=False)
class Ratings:
    """One row per (user, item) rating, in the file's order; no pair occurs twice.

    Attributes:
        user_idx: (n_ratings,) int32 in 0..n_users-1.
        item_idx: (n_ratings,) int32 in 0..n_items-1.
        stars: (n_ratings,) float32, on the scale.
        timestamp: (n_ratings,) int32, or int64 where these do not hold all, seconds since 1970.
        row: (n_ratings,) int32, or int64 likewise, position in the source file counted from 0 (official folds are
            positional).
        user_ids: (n_users,) int64, sorted; user_ids[user_idx] are the data's own ids.
        item_ids: (n_items,) int64, sorted.
        scale: the scale that the stars are given on.
    """

    user_idx: np.ndarray
    item_idx: np.ndarray
    stars: np.ndarray
    timestamp: np.ndarray
    row: np.ndarray
    user_ids: np.ndarray
    item_ids: np.ndarray
    scale: RatingScale

    @property
    def n_users(self) -> int:
        """Users with at least one rating."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """Items with at least one rating."""
        return len(self.item_ids)

    @property
    def n_ratings(self) -> int:
        """Ratings in all."""
        return len(self.stars)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        where: str,
        scale: RatingScale | None = None,
        on_duplicate: OnDuplicate = "refuse",
        place: Place = row_place,
    ) -> Self:
        """Check a table of ratings and number its users and items.

        Args:
            frame: columns user_id, item_id and timestamp (whole numbers) and stars; others are ignored.
            where: the table's name, for error messages ("u.data").
            scale: the scale in force; None: see `found_scale`.
            on_duplicate: what to do with a pair rated twice: refuse, or keep the latest (the later row on a tie).
            place: how error messages name a row.

        Raises:
            DataError: a missing column, no row, a value that is not a number, a rating off the scale, or (with
                on_duplicate="refuse") a repeated pair.
        """
        table = _Table(frame, where, place)
        user_id, item_id, timestamp = (table.whole_numbers(column) for column in ("user_id", "item_id", "timestamp"))
        stars, scale = table.stars(scale)
        user_idx, user_ids = numbered(user_id)
        item_idx, item_ids = numbered(item_id)
        row = np.arange(len(stars), dtype=np.int32 if len(stars) < 2**31 else np.int64)
        rows = cls(user_idx, item_idx, stars, timestamp.copy(), row, user_ids, item_ids, scale)
        if rows.are_ordered or not repeats(rows.pairs()):
            return rows
        if on_duplicate == "refuse":
            raise table.repeated(rows.pairs())
        return rows._only(latest(rows.pairs(), timestamp))

    @property
    def are_ordered(self) -> bool:
        """Whether ratings stand by user, those of a user by item, and so no pair twice."""
        user, item = self.user_idx, self.item_idx
        return bool(np.all((user[1:] > user[:-1]) | ((user[1:] == user[:-1]) & (item[1:] > item[:-1]))))

    def pairs(self) -> np.ndarray:
        """(n_ratings,) int64, one number per (user, item), in the order of these."""
        pair = self.user_idx.astype(np.int64)
        pair *= self.n_items
        pair += self.item_idx
        return pair

    def _only(self, row: np.ndarray) -> Self:
        """The ratings of some rows, (n,) int, with the same users and items."""
        idx, rest = (self.user_idx[row], self.item_idx[row]), (self.stars[row], self.timestamp[row], self.row[row])
        return type(self)(*idx, *rest, self.user_ids, self.item_ids, self.scale)

    def matrix(self, keep: np.ndarray | None = None) -> sp.csr_array:
        """(n_users, n_items) csr float32 of stars, 0 = unrated; only ratings where keep, (n_ratings,) bool, is true."""
        assert keep is None or (keep.dtype == bool and keep.shape == self.stars.shape)
        return self._matrix_of(self.stars, keep)

    def times(self, keep: np.ndarray | None = None) -> np.ndarray:
        """(nnz,) int64 seconds since 1970 of the entries that `matrix` stores, in their order; keep as there."""
        return self._matrix_of(self.timestamp, keep).data.astype(np.int64, copy=False)

    def _matrix_of(self, values: np.ndarray, keep: np.ndarray | None) -> sp.csr_array:
        """(n_users, n_items) csr of a value for each rating, (n_ratings,), whose indices are sorted; keep as above."""
        shape, chosen = (self.n_users, self.n_items), slice(None) if keep is None else keep
        user, item = self.user_idx[chosen], self.item_idx[chosen]
        if not self.are_ordered:
            return sp.csr_array((values[chosen], (user, item)), shape=shape)
        begins = np.zeros(self.n_users + 1, dtype=np.int32 if len(user) < 2**31 else np.int64)
        np.cumsum(np.bincount(user, minlength=self.n_users), out=begins[1:])
        return sp.csr_array((values[chosen].copy(), item.copy(), begins), shape=shape)

    def of_users(self, user_ids: np.ndarray) -> "Ratings":
        """Keep the ratings of these users, numbered afresh; items that none of them rated are gone. `row` is kept.

        Args:
            user_ids: the data's own ids; ids that nobody has are ignored.
        """
        stays = np.isin(self.user_ids, user_ids)[self.user_idx]  # (n_ratings,) bool
        if stays.all():
            return self
        user_idx, kept_users = renumbered(self.user_idx[stays], self.user_ids)
        item_idx, kept_items = renumbered(self.item_idx[stays], self.item_ids)
        rest = (self.stars[stays], self.timestamp[stays], self.row[stays])
        return Ratings(user_idx, item_idx, *rest, kept_users, kept_items, self.scale)


@dataclass(frozen=True, eq=False)
class _Table:
    """A table not yet trusted, and how to speak about it."""

    frame: pd.DataFrame
    where: str
    place: Place

    def __post_init__(self) -> None:
        missing = [column for column in COLUMNS if column not in self.frame.columns]
        if missing:
            came = ", ".join(map(str, self.frame.columns)) or "none"
            raise DataError(
                f"{self.where}: no column {missing[0]!r}; its columns are: {came}. Expected {', '.join(COLUMNS)}."
            )
        if self.frame.empty:
            raise DataError(f"{self.where} holds no ratings; expected one line per rating. Put the full file there.")

    def numbers(self, column: str, expected: str) -> np.ndarray:
        """(n_ratings,) whole numbers, float32 or float64, every value finite."""
        given = self.frame[column]
        if given.dtype.kind == "i":
            return given.to_numpy()
        if given.dtype == np.float32:
            numbers = given.to_numpy()
        else:
            numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        self._refuse(~np.isfinite(numbers), column, expected)
        return numbers

    def whole_numbers(self, column: str) -> np.ndarray:
        """(n_ratings,) int64, or int32 where these hold all."""
        numbers = self.numbers(column, "a whole number")
        if numbers.dtype.kind == "f":
            self._refuse((numbers != np.floor(numbers)) | (np.abs(numbers) >= 2**63), column, "a whole number")
        return numbers if numbers.dtype == np.int32 else narrow(numbers.astype(np.int64, copy=False))

    def stars(self, scale: RatingScale | None) -> tuple[np.ndarray, RatingScale]:
        """(n_ratings,) float32 and the scale they are on."""
        stars = self.numbers("stars", "a number of stars")
        scale = scale or found_scale(stars)
        distinct = (pd.unique(stars[start : start + CHUNK]) for start in range(0, len(stars), CHUNK))
        if not all(scale.holds(values).all() for values in distinct):
            self._refuse(~scale.holds(stars), "stars", scale.in_words(" stars"))
        return stars.astype(np.float32), scale

    def repeated(self, pair: np.ndarray) -> DataError:
        """The error for a table in which some of pair, (n_ratings,) int64, occur twice or more."""
        n_pairs = len(np.unique(pair))
        again = pd.Series(pair).duplicated().to_numpy()
        n_repeated = len(np.unique(pair[again]))
        first = int(np.argmax(again))
        user_id, item_id = (int(self.frame[column].iloc[first]) for column in ("user_id", "item_id"))
        verb = "repeat" if n_repeated > 1 else "repeats"
        return DataError(
            f"{self.where}: {n_repeated:,} of {n_pairs:,} (user, item) pairs {verb}; "
            f"the first is {self.place(first)}: ({user_id}, {item_id}). A rating matrix holds one rating per pair: "
            "delete all but one, or keep the latest by timestamp (--on-duplicate latest)."
        )

    def _refuse(self, bad: np.ndarray, column: str, expected: str) -> None:
        if not bad.any():
            return
        first, n_bad = int(np.argmax(bad)), int(bad.sum())
        raise DataError(
            f"{self.where} {self.place(first)}: {column} is {_shown(self.frame[column].iloc[first])}; expected "
            f"{expected}. {n_bad:,} of {len(bad):,} ratings {'are' if n_bad > 1 else 'is'} like this: correct or "
            "delete them."
        )


def found_scale(stars: np.ndarray) -> RatingScale:
    """The scale that ratings, (n_ratings,), seem to be given on.

    Whole stars from 1 to 5 if all are whole, else half stars from 0.5 to 5. Where many of them lie beyond 5, it is the
    first of WIDER that holds them all; a few do not make another scale, but are mistakes.
    """
    usual = WHOLE_STARS if (stars == np.floor(stars)).all() else HALF_STARS
    if len(stars) < FEWEST_RATINGS or np.mean(stars > usual.highest) < BEYOND:
        return usual
    return next((wider for wider in WIDER if wider.holds(stars).all()), usual)


def _shown(value: Any) -> str:
    if pd.isna(value) or str(value).strip() == "":
        return "empty"
    return f"{value:g}" if isinstance(value, int | float | np.number) else repr(value)
