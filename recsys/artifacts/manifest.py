"""A folder of files that is written whole or not at all, with the SHA-256 of each in manifest.json."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recsys.data.sources.cache import sha256_of
from recsys.errors import DataError
from recsys.limits import MOST_BYTES

MANIFEST = "manifest.json"
AGAIN = "save or download the model again"
MOST_FILES = 100  # of a model; ours have five
LONGEST_NAME = 255  # bytes, of a file's or a folder's name
LONGEST_JSON = 2**20  # bytes; ours have a few thousand
LONGEST_WORDS = 300  # characters of a message that quotes a file


class ArtifactError(DataError):
    """A model folder that cannot be used: a sentence with the file, what came, what was expected and how to fix it."""


@contextmanager
def being_written(folder: Path) -> Iterator[Path]:
    """Give an empty draft folder; it becomes `folder`, in place of what lay there, when the block has ended well.

    After an exception, a KeyboardInterrupt included, what lay there is as before, and of the draft nothing is left.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield draft
        for path in (draft, *draft.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)  # temporary folders, and some libraries' files, are private
        replace_folder(folder, draft)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def replace_folder(folder: Path, new: Path) -> None:
    """Give `new` the name of `folder`; what was there is deleted only when it has another name."""
    old = new.with_name(f"{new.name}-old")
    if folder.exists():
        os.rename(folder, old)
    os.rename(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def write_manifest(folder: Path) -> None:
    """Write the digest of every file that is in a folder."""
    digests = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    write_json(folder / MANIFEST, digests)


def check_manifest(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file that a folder's manifest lists, unaltered; files beside them are not looked at.

    Raises:
        ArtifactError: the manifest, or a file that it lists, is missing, altered, no file or outside of the folder; or
            they are larger than a model may be.
    """
    digests = read_manifest(folder / MANIFEST)
    n_bytes = sum(size_of(folder / name) for name in digests)
    require_total(folder / MANIFEST, n_bytes)
    for name, expected in digests.items():
        with told_in_a_sentence(folder / name):
            found = sha256_of(folder / name)
        if found != expected:
            raise ArtifactError(
                f"{folder / name}: got sha256 {found}, the manifest has {cut(expected)}; the file was altered or cut "
                f"off, {AGAIN}"
            )
    return digests


def read_manifest(path: Path) -> dict[str, str]:
    """The digests by file name; ArtifactError if it is not a manifest, or names what is not a file of its folder."""
    digests = read_json(path)
    if len(digests) > MOST_FILES:
        raise ArtifactError(f"{path}: lists {len(digests):,} files; expected a handful, {AGAIN}")
    for name, digest in digests.items():
        if not is_plain(name) or name == MANIFEST:
            raise ArtifactError(f"{path}: lists {cut(name)!r}; expected plain names of files in its folder, {AGAIN}")
        if not isinstance(digest, str):
            raise ArtifactError(f"{path}: got {cut(digest)} for {name}; expected a SHA-256, {AGAIN}")
    return digests


def is_plain(name: str) -> bool:
    """Whether a file or a folder can be called so, and the name leads nowhere else."""
    leads = name in ("", ".", "..") or any(sign in name for sign in "/\\:\0")
    return not leads and len(name.encode("utf-8", "surrogatepass")) <= LONGEST_NAME and name.isprintable()


def size_of(path: Path) -> int:
    """Bytes of a file of a model's folder; ArtifactError for what is none.

    A link is followed inside the folder, and from the cache of the Hub's client into the place where it keeps files.
    """
    folder, real = os.path.realpath(path.parent), os.path.realpath(path)
    homes = {folder}
    if os.path.basename(os.path.dirname(folder)) == "snapshots":
        homes.add(os.path.join(os.path.dirname(os.path.dirname(folder)), "blobs"))
    try:
        found = os.stat(real)
    except OSError:
        raise ArtifactError(f"{path}: the file is missing; {AGAIN}") from None
    if not stat.S_ISREG(found.st_mode):
        raise ArtifactError(f"{path}: is no file but a folder, a pipe or a device; {AGAIN}")
    if os.path.dirname(real) not in homes:
        raise ArtifactError(f"{path}: is a link that leads out of the folder, to {real}; copy the file itself there")
    return found.st_size


def require_total(path: Path, n_bytes: int) -> None:
    """Raise ArtifactError if the files that a manifest lists are larger than a model may be."""
    if n_bytes > MOST_BYTES:
        raise ArtifactError(f"{path}: lists files of {n_bytes:,} bytes; expected at most {MOST_BYTES:,} for a model")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write an object; no NaN, which is not JSON."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; ArtifactError if it is missing or is not one."""
    if not os.path.lexists(path):
        raise ArtifactError(f"{path}: the file is missing; expected the folder of a saved model")
    try:
        if size_of(path) > LONGEST_JSON:
            raise ArtifactError(f"{path}: is larger than the {LONGEST_JSON:,} bytes that are expected of it; {AGAIN}")
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read ({error.strerror}); {AGAIN}") from None
    except ArtifactError:
        raise
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: not JSON ({cut(error)}); {AGAIN}") from None
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: got a {type(content).__name__}, expected a JSON object")
    return content


@contextmanager
def told_in_a_sentence(path: Path) -> Iterator[None]:
    """Turn whatever is wrong with a model's file, anywhere in the block, into one sentence that names the file.

    Raises:
        ArtifactError: for any exception but a DataError, which is a sentence already. What a file that somebody has
            made up does to the libraries that read it is not to be foreseen, so no kind of exception is left out.
    """
    try:
        yield
    except DataError:
        raise
    except MemoryError:
        raise ArtifactError(f"{path}: takes more memory than there is; use a smaller model") from None
    except Exception as error:
        said = cut(error) or type(error).__name__
        raise ArtifactError(f"{path}: {said}; {AGAIN}, or update this package") from error


def cut(words: object) -> str:
    """What somebody else's file says, or a library of it, in one line that is not too long."""
    line = " ".join(str(words).splitlines())
    return line if len(line) <= LONGEST_WORDS else f"{line[:LONGEST_WORDS]}..."
