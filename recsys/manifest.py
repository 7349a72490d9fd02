"""A folder of files that is written whole or not at all, with the SHA-256 of each in manifest.json."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recsys.data.cache import sha256_of
from recsys.data.errors import DataError

MANIFEST = "manifest.json"
AGAIN = "save or download the model again"


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
        ArtifactError: the manifest, or a file that it lists, is missing, altered or outside of the folder.
    """
    digests = read_manifest(folder / MANIFEST)
    for name, expected in digests.items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(f"{path}: the file is missing; {AGAIN}")
        if (found := sha256_of(path)) != expected:
            raise ArtifactError(
                f"{path}: got sha256 {found}, the manifest has {expected}; the file was altered or cut off, {AGAIN}"
            )
    return digests


def read_manifest(path: Path) -> dict[str, str]:
    """The digests by file name; ArtifactError if it is not a manifest, or names what is not a file of its folder."""
    digests = read_json(path)
    for name, digest in digests.items():
        if name in ("", ".", "..", MANIFEST) or any(sign in name for sign in "/\\:\0"):
            raise ArtifactError(f"{path}: lists {name!r}; expected plain names of files in its folder, {AGAIN}")
        if not isinstance(digest, str):
            raise ArtifactError(f"{path}: got {digest!r} for {name}; expected a SHA-256, {AGAIN}")
    return digests


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write an object; no NaN, which is not JSON."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; ArtifactError if it is missing or is not one."""
    try:
        content = json.loads(path.read_bytes())
    except OSError:
        raise ArtifactError(f"{path}: the file is missing; expected the folder of a saved model") from None
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: not JSON ({error}); {AGAIN}") from None
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: got a {type(content).__name__}, expected a JSON object")
    return content
