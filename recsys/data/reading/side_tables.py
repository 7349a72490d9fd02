"""The tables beside the ratings: films (required) and people (where a data set has them)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from recsys.data.reading.lines import is_whole, split_lines, text_of, whole_number, wrong_value
from recsys.errors import DataError
from recsys.films.catalog import Film

FILM_COLUMNS = ("movieId", "title", "genres")
LINK_COLUMNS = ("movieId", "imdbId", "tmdbId")
QUOTE, CORRECT = "Put quotation marks around a title with a comma.", "Correct or delete that line."
DEMOGRAPHICS = ("age", "gender", "occupation", "zip_code")
# fmt: off
GENRES_100K = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)
OCCUPATIONS_1M = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service",
    "doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer",
    "retired", "sales/marketing", "scientist", "self-employed", "technician/engineer", "tradesman/craftsman",
    "unemployed", "writer",
)
# fmt: on


def films_of_u_item(path: Path) -> dict[int, Film]:
    """Read u.item: id|title (year)|date|video date|URL|one 0/1 flag per genre of u.genre (or the 19 of MovieLens 100K).

    Returns:
        Films by the data's ids.

    Raises:
        DataError: the file is missing, or a line is not a film; says which line and value.
    """
    genres = _genre_names(path.with_name("u.genre"))

    def films() -> Iterable[tuple[int, str, Film]]:
        for line, (item_id, title, date, _, _, *flags) in split_lines(path, "|", 5 + len(genres)):
            if set(flags) - {"0", "1"}:
                raise wrong_value(path, line, "a genre flag", (set(flags) - {"0", "1"}).pop(), "0 or 1")
            flagged = tuple(genre for genre, flag in zip(genres, flags, strict=True) if flag == "1")
            yield line, item_id, Film(title.strip(), flagged, date.strip())

    return _by_id(path, films())


def films_of_movies_dat(path: Path) -> dict[int, Film]:
    """Read movies.dat: id::title (year)::genre|genre, colons in titles too. Returns and raises as films_of_u_item."""

    def films() -> Iterable[tuple[int, str, Film]]:
        for line, (text,) in split_lines(path, "\n", 1):
            item_id, *title, genres = text.split("::")
            if not title:
                raise wrong_value(path, line, "this line", text, "id::title::genre|genre")
            yield line, item_id, Film("::".join(title).strip(), tuple(genres.split("|")))

    return _by_id(path, films())


def films_of_movies_csv(path: Path) -> dict[int, Film]:
    """Read movies.csv: columns movieId, title and genres by name; and links.csv beside it, if it is there.

    Returns and raises as films_of_u_item.
    """
    links = links_of_links_csv(path.with_name("links.csv"))

    def films() -> Iterable[tuple[int, str, Film]]:
        for line, (text, title, genres) in _csv_rows(path, FILM_COLUMNS, QUOTE):
            imdb, tmdb = links.get(int(text) if is_whole(text) else 0, (None, None))
            yield line, text, Film(title.strip(), tuple(genres.split("|")), imdb=imdb, tmdb=tmdb)

    return _by_id(path, films())


def links_of_links_csv(path: Path) -> dict[int, tuple[str | None, int | None]]:
    """Read links.csv: columns movieId, imdbId and tmdbId by name; the latter two may be empty.

    Returns:
        Ids at IMDb ("tt0114709") and at TMDB by the data's ids; none where there is no such file.

    Raises:
        DataError: a line is malformed, or names a film that an earlier line names; says which line and value.
    """
    found: dict[int, tuple[str | None, int | None]] = {}
    for line, (film, imdb, tmdb) in _csv_rows(path, LINK_COLUMNS, CORRECT) if path.is_file() else ():
        item_id = whole_number(film, "the film's id", path, line)
        if item_id in found:
            raise wrong_value(path, line, "the film's id", film, "an id that no earlier line has")
        at_imdb, at_tmdb = (_id_or_none(text, site, path, line) for text, site in ((imdb, "IMDb"), (tmdb, "TMDB")))
        found[item_id] = None if at_imdb is None else f"tt{at_imdb:07d}", at_tmdb
    return found


def people_of_u_user(path: Path) -> pd.DataFrame:
    """Read u.user: id|age|gender|occupation|zip code; a field may be empty.

    Returns:
        Index user_id; columns age (Int64), gender, occupation and zip_code (text; missing where empty).

    Raises:
        DataError: an id or age is not a whole number, or an id occurs twice; says which line and value.
    """
    people = ((line, *fields) for line, fields in split_lines(path, "|", 5))
    return _people(path, people)


def people_of_users_dat(path: Path) -> pd.DataFrame:
    """Read users.dat: id::gender::age::occupation::zip code; a field may be empty.

    Age is the lower end of a bracket (1 means under 18); the number of an occupation becomes its name.
    Returns and raises as people_of_u_user, and also for a number that is no occupation.
    """
    rows = split_lines(path, "::", 5)
    people = (
        (line, user_id, age, gender, _occupation(job, path, line), zip_code)
        for line, (user_id, gender, age, job, zip_code) in rows
    )
    return _people(path, people)


def _csv_rows(path: Path, columns: Sequence[str], remedy: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields of these columns) of every line; the first line names them, in any order.

    Raises:
        DataError: a column is missing, or a line has another number of fields, for which there is a remedy.
    """
    lines = csv_lines(path)
    _, header = next(lines, (1, []))
    missing = [column for column in columns if column not in header]
    if missing:
        raise DataError(
            f"{path.name} line 1 names no column {missing[0]!r}; it is {','.join(header)!r}. "
            f"Expected {','.join(columns)!r} there."
        )
    places = [header.index(column) for column in columns]
    for line, fields in lines:
        if len(fields) != len(header):
            raise DataError(f"{path.name} line {line} has {len(fields)} fields; expected {len(header)}. {remedy}")
        yield line, [fields[place] for place in places]


def _id_or_none(text: str, site: str, path: Path, line: int) -> int | None:
    """A film's id at a site, such as 114709; None where it has none there."""
    return whole_number(text, f"the id at {site}", path, line) if text.strip() else None


def csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of every line that is not blank; a field in quotation marks may hold commas."""
    reader = csv.reader(io.StringIO(text_of(path), newline=""))
    try:
        yield from ((reader.line_num, fields) for fields in reader if fields)
    except csv.Error as error:
        raise DataError(f"{path.name} line {reader.line_num} is not CSV: {error}. Correct that line.") from None


def _genre_names(path: Path) -> Sequence[str]:
    """Names in the order of the flags."""
    if not path.is_file():
        return GENRES_100K
    named = {whole_number(at, "a genre's number", path, line): name for line, (name, at) in split_lines(path, "|", 2)}
    return [named[at] for at in sorted(named)]


def _by_id(path: Path, films: Iterable[tuple[int, str, Film]]) -> dict[int, Film]:
    found: dict[int, Film] = {}
    for line, text, film in films:
        item_id = whole_number(text, "the film's id", path, line)
        if not film.title:
            raise wrong_value(path, line, "the title", "", "a film's title")
        if item_id in found:
            raise wrong_value(path, line, "the film's id", text, "an id that no earlier line has")
        found[item_id] = film
    return found


def _occupation(text: str, path: Path, line: int) -> str:
    if not text.strip():
        return ""
    code = whole_number(text, "the occupation", path, line)
    if code >= len(OCCUPATIONS_1M):
        raise wrong_value(path, line, "the occupation", text, f"a number from 0 to {len(OCCUPATIONS_1M) - 1}")
    return OCCUPATIONS_1M[code]


def _people(path: Path, people: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """Table of (line, user_id, age, gender, occupation, zip code) texts."""
    found: dict[int, tuple[int | None, ...]] = {}
    for line, user_id, age, *texts in people:
        number = whole_number(user_id, "the user's id", path, line)
        if number in found:
            raise wrong_value(path, line, "the user's id", user_id, "an id that no earlier line has")
        years = whole_number(age, "the age", path, line) if age.strip() else None
        found[number] = (years, *(text.strip() or None for text in texts))
    table = pd.DataFrame.from_dict(found, orient="index", columns=list(DEMOGRAPHICS))
    return table.rename_axis("user_id").astype({"age": "Int64"})
