"""Features of films from files: what others measured of trailers, posters and plots.

They lie in the folder "features" of a data set, at any depth, in the forms in which they are given away:

- NAME.csv, as in MMTF-14K (Deldjoo et al. 2018): a column movieId, and numbers in all others;
- NAME.json, as in M3L-10M and M3L-20M: a list of numbers for each film, by its number;
- a folder NAME with a file 123.json for each film, such an object with one film in it.

Legend: n films of a table, I films of a data set, M features.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from recsys.data.reading.lines import is_whole, text_of, whole_number, wrong_value
from recsys.data.reading.side_tables import csv_lines, films_of_movies_csv
from recsys.errors import DataError
from recsys.films.catalog import Film, split_year

FOLDER, TITLES = "features", "movies.csv"
KEY = "movieId"
WITHOUT_NUMBERS = (".npy", ".npz", ".h5", ".parquet", ".mat")  # forms that are not read
FORMS = "NAME.csv with a column movieId, NAME.json with a list of numbers for each film, or a folder of 123.json"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """What one file, or one folder of them, says of films.

    Attributes:
        place: where it lies, for sentences.
        rows: (n,) numbers of films.
        values: (n, M) float64; NaN where a film's feature is not known.
    """

    place: str
    rows: tuple[int, ...]
    values: np.ndarray

    @classmethod
    def of(cls, place: str, found: Iterable[tuple[int, list[float], str]]) -> Self:
        """From films with their features, and where each was found.

        Raises:
            DataError: a film comes twice, films have different numbers of features, or there is nothing.
        """
        films: dict[int, list[float]] = {}
        length: int | None = None
        for film, features, where in found:
            length = len(features) if length is None else length
            if film in films:
                raise DataError(f"{where}: film {film} comes again; expected each film once. Delete one of the two.")
            if len(features) != length or not features:
                raise DataError(
                    f"{where}: film {film} has {len(features)} features; expected {length or 'some'}, as the films "
                    "before it have. Correct or delete it."
                )
            films[film] = features
        if not films:
            raise DataError(f"{place} holds no film; expected {FORMS}. Fill it, or delete it.")
        values = np.array(list(films.values()))
        return cls(place, tuple(films), np.where(np.isfinite(values), values, np.nan))

    def aligned(self, item_ids: np.ndarray) -> np.ndarray:
        """(I, M) of the films of a data set; NaN for those that are not in the table.

        Raises:
            DataError: none of them is.
        """
        row = {film: at for at, film in enumerate(self.rows)}
        at = np.array([row.get(int(item_id), -1) for item_id in item_ids])
        if (at < 0).all():
            raise DataError(
                f"{self.place} has features of {len(self.rows):,} films, none of which is in the data set; its first "
                f"is film {self.rows[0]}. Put the movies.csv of the set that these numbers are from beside it, so that "
                "films are found by their titles, or delete it."
            )
        return np.where((at >= 0)[:, None], self.values[at], np.nan)


def read_features(folder: Path, films: Mapping[int, Film], *, own_numbers: bool) -> dict[str, FeatureTable]:
    """All tables of a data set's folder, by their names; none where it has no features.

    Where a movies.csv lies beside them, it says which films their numbers mean, and films are found by title and year.

    Args:
        folder: of the data set.
        films: of the data set, by its ids.
        own_numbers: whether that format numbers films in a way of its own, so that a movies.csv is needed.

    Raises:
        DataError: something is no such table; says which line and value.
    """
    root = folder / FOLDER
    if not root.is_dir():
        return {}
    tables = {path.relative_to(root).with_suffix("").as_posix(): table for path, table in tables_in(root)}
    titles = root / TITLES
    if not titles.is_file() and own_numbers and tables:
        raise DataError(
            f"{root} has no {TITLES}, and this format numbers films otherwise than the later MovieLens sets, whose "
            f"numbers features go by. Put the {TITLES} of the set that the features are from into {root}."
        )
    if not titles.is_file():
        return tables
    ours = numbers_by_title(films)
    same = {film: ours[key] for key, film in numbers_by_title(films_of_movies_csv(titles)).items() if key in ours}
    return {name: renumbered(table, same) for name, table in tables.items()}


def tables_in(folder: Path) -> Iterator[tuple[Path, FeatureTable]]:
    """Every table below a folder, in the order of their names."""
    entries = sorted(folder.iterdir())
    if single := [path for path in entries if path.suffix == ".json" and is_whole(path.stem)]:
        yield folder, FeatureTable.of(folder.name, (film for path in single for film in films_of_json(path)))
    for path in entries:
        if path.is_dir():
            yield from tables_in(path)
        elif path.suffix in WITHOUT_NUMBERS:
            raise DataError(f"{path} does not say which films it is of; expected {FORMS}. Replace or delete it.")
        elif path.suffix == ".csv" and path.name != TITLES:
            yield path, FeatureTable.of(path.name, films_of_csv(path))
        elif path.suffix == ".json" and path not in single:
            yield path, FeatureTable.of(path.name, films_of_json(path))


def films_of_csv(path: Path) -> Iterator[tuple[int, list[float], str]]:
    """Each film of a file with a header, with its features and where it stands; empty and infinite ones are unknown.

    Raises:
        DataError: there is no column movieId, or a line is no film; says which line and value.
    """
    lines = csv_lines(path)
    _, header = next(lines, (1, []))
    if KEY not in header or len(header) < 2:
        shown = ",".join(header)[:60] or "empty"
        raise DataError(f"{path.name} line 1 is {shown!r}; expected {KEY} and names of features. Correct that line.")
    key = header.index(KEY)
    for line, fields in lines:
        if len(fields) != len(header):
            raise DataError(
                f"{path.name} line {line} has {len(fields)} fields; expected {len(header)}. Correct or delete it."
            )
        film = whole_number(fields.pop(key), "the film's number", path, line)
        yield film, [number(field, path, line) for field in fields], f"{path.name} line {line}"


def number(text: str, path: Path, line: int) -> float:
    """A feature; NaN where there is none.

    Raises:
        DataError: it is something else than a number.
    """
    try:
        return float(text) if text.strip() else np.nan
    except ValueError:
        raise wrong_value(path, line, "a feature", text, "a number, or nothing where it is not known") from None


def films_of_json(path: Path) -> Iterator[tuple[int, list[float], str]]:
    """The same of a file with an object.

    Raises:
        DataError: it is something else; says what.
    """
    try:
        found = json.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name} is not JSON: {error}. Replace or delete it.") from None
    if not isinstance(found, dict):
        raise DataError(f"{path.name} holds no object; expected a list of numbers by each film's number. Replace it.")
    for film, features in found.items():
        if not is_whole(film):
            raise DataError(f"{path.name} names the film {film[:40]!r}; expected its number. Correct or delete it.")
        if not isinstance(features, list) or not all(map(is_number, features)):
            raise DataError(f"{path.name}: film {film} has no list of numbers; expected one. Correct or delete it.")
        yield int(film), [np.nan if value is None else float(value) for value in features], path.name


def is_number(value: Any) -> bool:
    """Whether JSON has a number there, or says that there is none."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300)


def numbers_by_title(films: Mapping[int, Film]) -> dict[tuple[str, int | None], int]:
    """Films by title and year; of several with the same, the lowest number."""
    found: dict[tuple[str, int | None], int] = {}
    for film in sorted(films):
        title, year = split_year(films[film])
        found.setdefault((title.casefold(), year), film)
    return found


def renumbered(table: FeatureTable, ours: Mapping[int, int]) -> FeatureTable:
    """The films that are in a data set, by its numbers.

    Raises:
        DataError: there is none.
    """
    known = [at for at, film in enumerate(table.rows) if film in ours]
    if not known:
        raise DataError(
            f"{table.place} has features of {len(table.rows):,} films, none of which has a title of the data set in "
            f"{TITLES}. Put the {TITLES} of the set that the features are from there, or delete the features."
        )
    return FeatureTable(table.place, tuple(ours[table.rows[at]] for at in known), table.values[known])
