"""Ratings and marks in files that people bring, from elsewhere or from here, and the table that they take away."""

from recsys.rating_files.choices import ColumnChoice, Question, UnclearTableError
from recsys.rating_files.contents import MOST_BYTES
from recsys.rating_files.entries import LeftOut
from recsys.rating_files.our_formats import letterboxd_writer, rating_writer, ratings_csv
from recsys.rating_files.reading import Example, RatingFile, read_rating_file

__all__ = [
    "MOST_BYTES",
    "ColumnChoice",
    "Example",
    "LeftOut",
    "Question",
    "RatingFile",
    "UnclearTableError",
    "letterboxd_writer",
    "rating_writer",
    "ratings_csv",
    "read_rating_file",
]
