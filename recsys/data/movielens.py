"""A data set by its name or from a folder: found, read, checked, cleaned and described."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from recsys.data.cleaning import CleaningReport, clean
from recsys.data.interactions import FilmFacts, Interactions
from recsys.data.ratings import OnDuplicate, Ratings
from recsys.data.reading.formats import Tables, format_of, read_films, read_folder
from recsys.data.scale import RatingScale
from recsys.data.sources.identity import is_published
from recsys.data.sources.kept_ratings import KeptRatings
from recsys.data.sources.names import NAMES
from recsys.data.sources.published import ML_100K_SHA256, Fetched, fetch, fetch_films
from recsys.data.sources.room import require_memory
from recsys.errors import DataError
from recsys.films.catalog import Catalog
from recsys.progress import OnProgress, silent


@dataclass(frozen=True, eq=False)
class Dataset:
    """Everything known about one data set, after cleaning.

    Attributes:
        name: the named set, or the folder's name.
        ratings: numbered ratings in the file's order.
        catalog: films, aligned with ratings.item_ids.
        users: index user_id, aligned with ratings.user_ids; columns age (int64, years), gender, occupation and
            zip_code (text). None where the data has no demographics.
        sha256: of the ratings file as read.
        cleaning: what was dropped.
        source: a sentence that says where the data came from.
        official_folds: whether the published folds u1..u5 apply: the ratings file is that of MovieLens 100K, and none
            of its rows was dropped.
        folder: of one's own that it was read from; None where a name was given.
        features: what files say of the films, by the names of these: (n_items, n_features) float64 each, aligned with
            the catalogue; NaN where it is not known.
    """

    name: str
    ratings: Ratings
    catalog: Catalog
    users: pd.DataFrame | None
    sha256: str
    cleaning: CleaningReport
    source: str
    official_folds: bool
    folder: Path | None
    features: dict[str, np.ndarray]

    def interactions(self, keep: np.ndarray | None = None) -> Interactions:
        """All that a model may learn from; only ratings where keep, (n_ratings,) bool, is true."""
        stars, times = self.ratings.matrix(keep), self.ratings.times(keep)
        return Interactions(stars, times, FilmFacts.of(self.catalog, self.features), self.users)

    @property
    def films_sha256(self) -> str:
        """Of the films that are left after cleaning."""
        return self.catalog.sha256

    @property
    def is_published(self) -> bool:
        """Whether the films are those that are published under the data set's name."""
        return is_published(self.name, self.sha256, self.catalog)


def load_dataset(
    name_or_folder: str | Path,
    *,
    cache: Path | None = None,
    min_ratings: int = 20,
    on_duplicate: OnDuplicate = "refuse",
    scale: RatingScale | None = None,
    on_progress: OnProgress = silent,
) -> Dataset:
    """Load a data set.

    Args:
        name_or_folder: one of NAMES, or else a folder with the files of one ("./ml-1m" is a folder of that name).
        cache: where downloads are kept, and large ratings files as read; None: see
            recsys.data.sources.cache.cache_folder.
        min_ratings: users with fewer ratings are dropped.
        on_duplicate: what to do with a (user, item) pair rated twice: refuse, or keep the latest.
        scale: that the stars are given on; None: that of the format, or what the ratings show.
        on_progress: called with ("download", bytes so far, bytes in all) and ("read", 0 or 1, 1).

    Raises:
        DataError: the name is unknown, no source can give the data, memory has no room for them, or they cannot be
            used.
    """
    found = _find(name_or_folder, fetch, cache, on_progress)
    on_progress("read", 0, 1)
    require_memory(found.folder / format_of(found.folder).ratings.file)
    tables = read_folder(found.folder, KeptRatings.within(cache).read)
    ratings = Ratings.from_frame(
        tables.take_ratings(),
        where=tables.ratings_file.name,
        scale=scale or tables.format.ratings.scale,
        on_duplicate=on_duplicate,
        place=tables.place,
    )
    _refuse_strangers(tables, ratings)
    kept, report = clean(ratings, tables.users, min_ratings=min_ratings)
    on_progress("read", 1, 1)
    return Dataset(
        name=_name(name_or_folder),
        ratings=kept,
        catalog=Catalog.from_films(kept.item_ids, tables.films),
        users=None if tables.users is None else tables.users.loc[kept.user_ids].astype({"age": "int64"}),
        sha256=tables.sha256,
        cleaning=report,
        source=found.source,
        official_folds=tables.sha256 == ML_100K_SHA256 and kept.n_ratings == ratings.n_ratings,
        folder=None if name_or_folder in NAMES else found.folder,
        features={name: table.aligned(kept.item_ids) for name, table in tables.features.items()},
    )


class FilmsFetched(NamedTuple):
    """The films of a model, and a sentence that says where their titles came from."""

    catalog: Catalog
    source: str


def load_catalog(
    name_or_folder: str | Path,
    item_ids: np.ndarray,
    *,
    cache: Path | None = None,
    on_progress: OnProgress = silent,
) -> FilmsFetched:
    """Name the films of a trained model from the data set that it was trained on, without any rating.

    Args:
        name_or_folder: one of NAMES, or else a folder with the films file of one.
        item_ids: (n_items,) int64, the data's id of each of the model's columns.
        cache: where downloads are kept; None: see recsys.data.sources.cache.cache_folder.
        on_progress: called with ("download", bytes so far, bytes in all) and ("read", 0 or 1, 1).

    Raises:
        DataError: the name is unknown, no source can give the films, their file cannot be read, or it lacks an id.
    """
    found = _find(name_or_folder, fetch_films, cache, on_progress)
    on_progress("read", 0, 1)
    path, films = read_films(found.folder)
    missing = sorted(set(item_ids.tolist()) - films.keys())
    if missing:
        raise DataError(
            f"{path} has no line for film {missing[0]}; so it is with {len(missing):,} of {len(item_ids):,} films of "
            "the model. Name the data set that the model was trained on."
        )
    on_progress("read", 1, 1)
    return FilmsFetched(Catalog.from_films(item_ids, films), found.source)


def _find(
    name_or_folder: str | Path, fetch_named: Callable[..., Fetched], cache: Path | None, on_progress: OnProgress
) -> Fetched:
    if name_or_folder in NAMES:
        return fetch_named(str(name_or_folder), cache=cache, on_progress=on_progress)
    folder = Path(name_or_folder).expanduser()
    if folder.is_dir():
        return Fetched(folder, f"{_name(folder)} was read from the folder {folder.resolve()}.")
    if folder.exists():
        raise DataError(f"{folder} is a file; expected a folder with the files of one data set, or one of {_names()}.")
    alike = difflib.get_close_matches(str(name_or_folder), NAMES, n=1)
    hint = f" Did you mean {alike[0]}?" if alike else ""
    raise DataError(
        f"no data set or folder is called {str(name_or_folder)!r}; expected one of {_names()}, or a folder.{hint}"
    )


def _name(name_or_folder: str | Path) -> str:
    return Path(name_or_folder).expanduser().resolve().name


def _names() -> str:
    return ", ".join(NAMES)


def _refuse_strangers(tables: Tables, ratings: Ratings) -> None:
    """Refuse a rating of a film or by a user that the other tables do not know."""
    known_films = np.fromiter(tables.films, dtype=np.int64)
    _refuse_unknown("film", ratings.item_ids, ratings.item_idx, known_films, tables, ratings.row)
    if tables.users is not None:
        _refuse_unknown("user", ratings.user_ids, ratings.user_idx, tables.users.index.to_numpy(), tables, ratings.row)


def _refuse_unknown(
    kind: str, ids: np.ndarray, idx: np.ndarray, known: np.ndarray, tables: Tables, row: np.ndarray
) -> None:
    strangers = np.setdiff1d(ids, known)
    if not len(strangers):
        return
    first = int(np.argmax(np.isin(ids[idx], strangers)))
    file = tables.format.films if kind == "film" else tables.format.users
    raise DataError(
        f"{tables.ratings_file.name} {tables.place(int(row[first]))}: {kind} {ids[idx[first]]} has no line in {file}; "
        f"so it is with {len(strangers):,} of {len(ids):,} {kind}s. Add them there, or delete their ratings."
    )
