"""What somebody gave films, checked, as a row of stars that models take. Legend: I items."""

import reprlib
from collections.abc import Mapping
from functools import cache

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.errors import DataError
from recsys.films.titles import TitleIndex

Stars = Mapping[str, float] | Mapping[int, float] | Mapping[str | int, float]  # film, by title or by id -> stars


def history_of(ratings: Stars, titles: TitleIndex, scale: RatingScale, n_items: int) -> sp.csr_array:
    """(1, I) float32 stars.

    Args:
        ratings: film -> stars.
        titles: finds the films.
        scale: of the stars.
        n_items: of the catalogue.

    Raises:
        DataError: a film is unknown or rated twice, or stars are not on the scale.
    """
    if not isinstance(ratings, Mapping):
        raise DataError(f"got {reprlib.repr(ratings)} for ratings; expected a dict of film -> stars.")
    items = titles.find_all(ratings)
    stars = [checked_stars(scale, film, given) for film, given in ratings.items()]
    last = {item: film for film, item in zip(ratings, items, strict=True)}
    if len(last) < len(items):
        again = next(film for film, item in zip(ratings, items, strict=True) if last[item] != film)
        raise DataError(f"{reprlib.repr(again)} is rated twice, under two names; keep one of them.")
    cells = (
        np.array(stars, dtype=np.float32),
        np.array(items, dtype=np.int32),
        np.array([0, len(items)], dtype=np.int32),
    )
    history = sp.csr_array(cells, shape=(1, n_items))
    history.sort_indices()
    return history


@cache
def levels_of(scale: RatingScale) -> frozenset[float]:
    """The levels of a scale, to ask quickly whether stars are one; none of a continuous scale."""
    return frozenset() if scale.is_continuous else frozenset(scale.levels.tolist())


def checked_stars(scale: RatingScale, film: str | int, stars: object) -> float:
    """Stars on the scale; DataError for anything else, which names the film."""
    is_number = isinstance(stars, int | float | np.number) and not isinstance(stars, bool)
    if is_number and stars in levels_of(scale):  # as nearly always
        return float(stars)
    in_range = is_number and scale.lowest <= stars <= scale.highest  # type: ignore[operator]
    if not (in_range and bool(scale.holds(np.float64(stars)))):  # type: ignore[arg-type]
        raise DataError(f"{reprlib.repr(film)}: got {reprlib.repr(stars)} stars; expected {scale.in_words()}.")
    return float(stars)  # type: ignore[arg-type]
