"""Where the cache is, and its folders: each appears whole or not at all, and carries the digests of its files."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recsys.errors import DataError

CACHE_VARIABLE = "MOVIE_VAE_CACHE"
SUMS = "SHA256SUMS"  # in the form that `sha256sum --check` reads
STALE_AFTER = 24 * 3600.0  # seconds; an older draft was left by a process that was killed


def cache_folder(cache: Path | None = None) -> Path:
    """Where downloaded data sets are kept: the argument, else MOVIE_VAE_CACHE, else the user's own cache folder."""
    chosen = cache or os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("movie-vae"))


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_digest(path: Path, expected: str) -> None:
    """Compare a file with its SHA-256.

    Raises:
        DataError: they differ.
    """
    came = sha256_of(path)
    if came != expected:
        raise DataError(f"{path.name} is not the published file: got sha256 {came}, expected {expected}")


def write_sums(folder: Path) -> None:
    """Write the digest of every file of a folder beside them."""
    sums = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def check_sums(folder: Path) -> None:
    """Compare the files of a folder with the digests written beside them; a folder put there by hand has none.

    Raises:
        DataError: a file is gone or has changed.
    """
    if not (folder / SUMS).is_file():
        return
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        if not (folder / name).is_file():
            raise DataError(f"{name} is gone from {folder}")
        check_digest(folder / name, expected)


def require_disk(folder: Path, n_bytes: int) -> None:
    """Raise OSError unless a folder's disk has room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise OSError(f"{n_bytes / 1e6:,.0f} MB are to be written, and {free / 1e6:,.0f} MB are free in {folder}")


@contextmanager
def being_filled(target: Path) -> Iterator[tuple[Path, Path]]:
    """Give room to make a folder; it takes its name only when the block has ended well.

    If another process has made the folder meanwhile, that one stays and ours is dropped. After an exception, a
    KeyboardInterrupt included, nothing is left.

    Args:
        target: the folder to be; what lies there must be good.

    Returns:
        (scratch, folder): room for archives, and the draft of the folder. Both lie beside the target.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        draft = scratch / target.name
        draft.mkdir()
        yield scratch, draft
        _publish(draft, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def set_aside(folder: Path) -> Path:
    """Rename a folder that is not to be used, in place of one set aside before; returns where it lies now."""
    aside = folder.with_name(f"{folder.name}.damaged")
    shutil.rmtree(aside, ignore_errors=True)
    with suppress(FileNotFoundError):  # another process has done it
        folder.rename(aside)
    return aside


def _publish(draft: Path, target: Path) -> None:
    try:
        os.rename(draft, target)
    except OSError:
        if not target.is_dir():
            raise  # otherwise another process was faster: its folder is as good as ours


def _sweep(target: Path) -> None:
    for draft in target.parent.glob(f".{target.name}.*"):
        with suppress(FileNotFoundError):  # another process has finished
            if time.time() - draft.stat().st_mtime > STALE_AFTER:
                shutil.rmtree(draft, ignore_errors=True)
