"""The project's own files: the table and the JSON that people take away."""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

from recsys.errors import DataError
from recsys.films.title_names import split_alternates
from recsys.rating_files.contents import JSON_EXPECTED
from recsys.rating_files.dates import moment
from recsys.rating_files.entries import Entry, known_mark, shown
from recsys.store.exports import FORMAT
from recsys.store.people import HIGHEST_ID, MARKS, FilmRow
from recsys.store.ratings import MOST_AT_ONCE

THIS_PAGE = "a file of this page"
OWN_COLUMNS = ("title", "dataset", "item_id", "stars", "rated_at", "mark", "marked_at")
LETTERBOXD_COLUMNS = ("Title", "Year", "Rating", "imdbID", "tmdbID", "WatchedDate")  # which Letterboxd imports
LETTERBOXD_HIGHEST = 5.0
A_DAY = "T00:00:00+00:00"  # how a moment ends that is a mere day: what is done on the page has a time of day
FORMULA = re.compile(r"'*[=+\-@\t\r]")  # how a text begins that a spreadsheet runs, behind any apostrophes


def ratings_csv(rows: Iterable[FilmRow], title_of: Callable[[str, int], str]) -> str:
    """A table that a spreadsheet opens and read_rating_file reads.

    Args:
        rows: what a person said of each film.
        title_of: dataset, item_id -> the film's title; "" where it is not known, then it is the one that is kept.

    Returns:
        CSV with OWN_COLUMNS. A text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    text = StringIO(newline="")
    write = rating_writer(text, title_of)
    for row in rows:
        write(row)
    return text.getvalue()


def rating_writer(text: Any, title_of: Callable[[str, int], str]) -> Callable[[FilmRow], None]:
    """What writes rows of such a table to what has a method `write`; the head is written at once."""
    table = csv.writer(text)
    table.writerow(OWN_COLUMNS)

    def write(row: FilmRow) -> None:
        title = title_of(row.dataset, row.item_id) or (row.film.dated if row.film else "")
        table.writerow((guarded(title), guarded(row.dataset), *row[1 : len(OWN_COLUMNS) - 1]))

    return write


def letterboxd_writer(text: Any) -> Callable[[FilmRow], None]:
    """What writes ratings as Letterboxd imports them, stars out of 5 in halves; the head is written at once.

    Letterboxd takes every row for a film that was watched: one that is marked as seen has a row without stars and date,
    other films without stars have none, and neither have those of which it is not known what they are called.
    A day of watching is the day that a file gave; when stars were given on the page says nothing of it.
    read_rating_file reads the table too.
    """
    table = csv.writer(text)
    table.writerow(LETTERBOXD_COLUMNS)

    def write(row: FilmRow) -> None:
        if row.film is not None and (row.stars != "" or row.mark == "seen"):
            film = row.film
            stars = "" if row.stars == "" else f"{out_of_five(row.stars, film.highest):g}"
            title = guarded(split_alternates(film.title)[0])
            table.writerow((title, film.year, stars, film.imdb, film.tmdb, watched_on(row.rated_at)))

    return write


def watched_on(rated_at: str) -> str:
    """The day on which a film was watched, if a file gave one; "" where it is not known.

    >>> watched_on("2020-01-02T00:00:00+00:00"), watched_on("2026-11-01T12:00:00+00:00"), watched_on("")
    ('2020-01-02', '', '')
    """
    return rated_at.removesuffix(A_DAY) if rated_at.endswith(A_DAY) else ""


def out_of_five(stars: float, highest: float) -> float:
    """Stars as Letterboxd has them, the upper of two halves that are as near.

    >>> out_of_five(4, 5), out_of_five(7, 10), out_of_five(0.1, 5), out_of_five(3.25, 5)
    (4.0, 3.5, 0.5, 3.5)
    """
    halves = math.floor(2 * LETTERBOXD_HIGHEST * stars / highest + 0.5)
    return min(max(halves / 2, 0.5), LETTERBOXD_HIGHEST)


def guarded(text: str) -> str:
    """A text that no spreadsheet runs; unguarded turns it back.

    >>> guarded("=1+1"), guarded("'Til"), unguarded(guarded("=1+1"))
    ("'=1+1", "'Til", '=1+1')
    """
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text as it was."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def entries_of_export(said: dict[str, Any]) -> Iterator[Entry]:
    """Read the ratings and marks of an export, one after the other.

    Raises:
        DataError: it is not an export of this format, or one of its ratings and marks is malformed.
    """
    if type(said.get("format")) is not int or said["format"] != FORMAT:
        raise DataError(f"the file is JSON of the format {shown(said.get('format'))}, not {FORMAT}; {JSON_EXPECTED}.")
    return _entries(said)


def _entries(said: dict[str, Any]) -> Iterator[Entry]:
    for number, rating in enumerate(_listed(said, "ratings"), start=1):
        place = f"ratings, entry {number}"
        film = _film(rating, place)
        yield Entry(place=place, **film, stars=rating.get("stars"), at=moment(rating.get("at")))
    for number, marked in enumerate(_listed(said, "marks"), start=1):
        place = f"marks, entry {number}"
        film, mark = _film(marked, place), known_mark(marked.get("mark"))
        if mark is None:
            raise DataError(
                f"{place}: the mark is {shown(marked.get('mark'))}; expected {' or '.join(MARKS)}: correct or delete "
                "that entry."
            )
        yield Entry(place=place, **film, mark=mark, marked_at=moment(marked.get("at")))


def _listed(said: dict[str, Any], what: str) -> list[Any]:
    entries = said.get(what)
    if not isinstance(entries, list):
        raise DataError(f"{what}: got {shown(entries)}; expected a list as the export has it: download it again.")
    if len(entries) > MOST_AT_ONCE:
        raise DataError(
            f"{what}: got {len(entries):,}; expected at most {MOST_AT_ONCE:,}: split the list into several files."
        )
    return entries


def _film(entry: Any, place: str) -> dict[str, Any]:
    """Which film an entry is about."""
    if isinstance(entry, dict):
        dataset, item_id = entry.get("dataset"), entry.get("item_id")
        if isinstance(dataset, str) and dataset and type(item_id) is int and abs(item_id) <= HIGHEST_ID:
            return {"dataset": dataset, "item_id": item_id}
    raise DataError(
        f"{place} is {shown(entry)}; expected a film with its dataset, a text, and its item_id, a whole number: "
        "correct or delete that entry."
    )
