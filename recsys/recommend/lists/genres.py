"""Which films somebody asks for by genre and year.

Legend: I items, G genres.
"""

import reprlib
from collections.abc import Sequence

import numpy as np

from recsys.errors import DataError, UnknownError
from recsys.films.catalog import Catalog

Years = tuple[int, int] | None  # the first and the last; None: any


def films_in(catalog: Catalog, genres: Sequence[str], years: Years = None, all_of_them: bool = False) -> np.ndarray:
    """(I,) bool, which films have one of some genres, or all, and were released from the first to the last year."""
    has = catalog.genre_matrix[:, genre_mask(catalog, genres)]
    return (has.all(axis=1) if all_of_them else has.any(axis=1)) & released_in(catalog, years)


def genre_mask(catalog: Catalog, genres: Sequence[str]) -> np.ndarray:
    """(G,) bool of the catalogue's genres; upper case, blanks and hyphens do not matter.

    Raises:
        DataError: there are none.
        UnknownError: no film has one of them.
    """
    names = {plain(name): at for at, name in enumerate(catalog.genre_names)}
    known = ", ".join(catalog.genre_names) or "none, since the films' genres could not be had"
    if isinstance(genres, str) or not isinstance(genres, Sequence) or not genres:
        raise DataError(f"got {reprlib.repr(genres)} for genres; expected a list of some of these: {known}.")
    unknown = next((genre for genre in genres if not isinstance(genre, str) or plain(genre) not in names), None)
    if unknown is not None:
        raise UnknownError(f"no film has the genre {reprlib.repr(unknown)}; the genres are {known}.")
    mask = np.zeros(len(names), dtype=bool)
    mask[[names[plain(genre)] for genre in genres]] = True
    return mask


def released_in(catalog: Catalog, years: Years) -> np.ndarray:
    """(I,) bool, which films were released from the first to the last year; DataError for what is no such pair."""
    if years is None:
        return np.ones(catalog.n_items, dtype=bool)
    pair = isinstance(years, tuple | list) and len(years) == 2
    if not (pair and all(type(year) is int for year in years) and years[0] <= years[1]):
        raise DataError(f"got {reprlib.repr(years)} for years; expected the first and the last, such as (1970, 1979).")
    return np.asarray((years[0] <= catalog.years) & (catalog.years <= years[1]))


def plain(genre: str) -> str:
    """A genre's letters and digits in lower case."""
    return "".join(filter(str.isalnum, genre.casefold()))
