"""The three ways in which GroupLens has written its tables, told apart by the name of the ratings file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recsys.data.reading.film_features import FeatureTable, read_features
from recsys.data.reading.ratings_file import RatingsLayout, RatingsRead, place_in_file, read_ratings
from recsys.data.reading.side_tables import (
    films_of_movies_csv,
    films_of_movies_dat,
    films_of_u_item,
    people_of_u_user,
    people_of_users_dat,
)
from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.films.catalog import Film

ReadRatings = Callable[[Path, RatingsLayout], RatingsRead]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way of writing a data set: its files and what reads them. Ratings and films are required, users are not.

    own_numbers: whether films have other numbers than in the later sets of MovieLens.
    """

    ratings: RatingsLayout
    films: str
    read_films: Callable[[Path], dict[int, Film]]
    users: str | None = None
    read_users: Callable[[Path], pd.DataFrame] | None = None
    own_numbers: bool = False


FORMATS = (
    Format(
        ratings=RatingsLayout(file="u.data", separator="\t", scale=WHOLE_STARS),
        films="u.item",
        read_films=films_of_u_item,
        users="u.user",
        read_users=people_of_u_user,
        own_numbers=True,
    ),
    Format(
        ratings=RatingsLayout(file="ratings.dat", separator="::"),
        films="movies.dat",
        read_films=films_of_movies_dat,
        users="users.dat",
        read_users=people_of_users_dat,
    ),
    Format(
        ratings=RatingsLayout(file="ratings.csv", separator=",", header=("userId", "movieId", "rating", "timestamp")),
        films="movies.csv",
        read_films=films_of_movies_csv,
    ),
)


@dataclass(eq=False)
class Tables:
    """The tables of one folder as read: numbers are numbers, everything else is still to be checked.

    Attributes:
        format: how they were written.
        ratings_file: where the ratings stand.
        ratings: columns user_id, item_id, stars, timestamp, in the file's order.
        films: by the data's ids.
        users: index user_id, columns age, gender, occupation, zip_code; None where the data has none.
        features: of films, by the names of their files.
        sha256: of the ratings file as read.
    """

    format: Format
    ratings_file: Path
    ratings: pd.DataFrame
    films: dict[int, Film]
    users: pd.DataFrame | None
    features: dict[str, FeatureTable]
    sha256: str

    def take_ratings(self) -> pd.DataFrame:
        """The ratings, which are gone from here then: memory has better use for what tens of millions take."""
        taken, self.ratings = self.ratings, self.ratings.iloc[:0]
        return taken

    def place(self, row: int) -> str:
        """Name the line of the row-th rating, counted from 0."""
        return place_in_file(self.ratings_file, self.format.ratings, row)


def read_folder(folder: Path, read: ReadRatings = read_ratings) -> Tables:
    """Read the tables of a folder.

    Args:
        folder: that holds them.
        read: what reads the ratings file, or knows what `read_ratings` would give.

    Raises:
        DataError: a required file or column is missing, or a line cannot be read; says which line and value.
    """
    found = format_of(folder)
    ratings_file = folder / found.ratings.file
    films = found.read_films(folder / found.films)
    ratings, sha256 = read(ratings_file, found.ratings)
    users = None
    if found.users and found.read_users and (folder / found.users).is_file():
        users = found.read_users(folder / found.users)
    features = read_features(folder, films, own_numbers=found.own_numbers)
    return Tables(found, ratings_file, ratings, films, users, features, sha256)


def format_of(folder: Path) -> Format:
    """Tell the format by the ratings file that is there.

    Raises:
        DataError: no known ratings file is there.
    """
    for known in FORMATS:
        if (folder / known.ratings.file).is_file():
            return known
    names = ", ".join(known.ratings.file for known in FORMATS)
    raise DataError(f"{folder} holds no ratings file; expected one of {names}. Name the folder that holds it.")


def read_films(folder: Path) -> tuple[Path, dict[int, Film]]:
    """Read the films of a folder, which needs nothing else.

    Returns:
        The films file, whose name tells the format, and films by the data's ids.

    Raises:
        DataError: no known films file is there, or a line is not a film; says which line and value.
    """
    for known in FORMATS:
        path = folder / known.films
        if path.is_file():
            return path, known.read_films(path)
    names = ", ".join(known.films for known in FORMATS)
    raise DataError(f"{folder} holds no films file; expected one of {names}. Name the folder that holds it.")
