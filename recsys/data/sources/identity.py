"""Which data set it is: a folder may be called anything, so what counts are digests of what it holds.

The digest of a ratings file identifies ratings, that of a catalogue films.
"""

from pathlib import Path

from recsys.data.reading.formats import format_of
from recsys.data.sources.cache import sha256_of
from recsys.data.sources.names import NAMES
from recsys.data.sources.published import PUBLISHED, fetch
from recsys.errors import DataError
from recsys.films.catalog import Catalog
from recsys.progress import OnProgress, silent

# Every MovieLens but the oldest, whose ratings are pinned, numbers its films alike, and begins with these of 1995.
FIRST_FILMS = {
    1: "Toy Story",
    2: "Jumanji",
    3: "Grumpier Old Men",
    4: "Waiting to Exhale",
    5: "Father of the Bride Part II",
    6: "Heat",
    7: "Sabrina",
    8: "Tom and Huck",
    9: "Sudden Death",
    10: "GoldenEye",
}
ENOUGH = 5  # of them; some may have no rating


def pinned_sha256(name: str) -> str | None:
    """Of the ratings file that is published under a name; None where that changes, is not known, or nothing is."""
    return PUBLISHED[name].ratings_sha256 if name in NAMES else None


def ratings_sha256(name_or_folder: str | Path, *, cache: Path | None = None, on_progress: OnProgress = silent) -> str:
    """Of the ratings file of a data set, which is fetched if need be; DataError if it cannot be had."""
    if name_or_folder not in NAMES:
        folder = Path(name_or_folder).expanduser()
        try:
            return sha256_of(folder / format_of(folder).ratings.file)
        except OSError as error:
            raise DataError(f"{folder}: the ratings cannot be read ({error.strerror}).") from None
    name = str(name_or_folder)
    found = pinned_sha256(name)
    return found or ratings_sha256(fetch(name, cache=cache, on_progress=on_progress).folder)


def is_published(name: str, sha256: object, catalog: Catalog) -> bool:
    """Whether films of a data set are those that are published under its name, by the ids that they have there.

    Args:
        name: of the data set.
        sha256: of its ratings file.
    """
    if pinned_sha256(name):
        return sha256 == pinned_sha256(name)
    return name in NAMES and begins_as_movielens(catalog)


def begins_as_movielens(catalog: Catalog) -> bool:
    """Whether the films with the lowest ids, as far as they are there, are those of MovieLens."""
    films = zip(catalog.item_ids.tolist(), catalog.titles, catalog.year, strict=True)
    first = {item_id: (title, year) for item_id, title, year in films if item_id in FIRST_FILMS}
    return len(first) >= ENOUGH and all(found == (FIRST_FILMS[item_id], 1995) for item_id, found in first.items())
