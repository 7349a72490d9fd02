"""How a registry's folder is changed: by one program at a time, and so that kill -9 or a power cut leaves it whole.

What is new is written aside, brought to the disk and then renamed. A program that writes holds a lock of the system's,
which goes with the program: what lies aside and is held by nobody was left by one that was killed, and is deleted.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recsys.hub.errors import on_disk
from recsys.versions.errors import VersionError

LOCK = "lock"
DRAFT = ".draft-"  # how the names of drafts begin, and of what is being deleted
PATIENCE, SLICE = 30.0, 0.02  # seconds for which the lock is waited for, and between two tries


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Let no other program change a registry meanwhile; makes its folder, and clears away what was left aside.

    Raises:
        VersionError: somebody else is at it for too long, or the folder cannot be written.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with holding(folder / LOCK, patience):
            clear(folder)
            yield


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn a disk's refusal into a sentence."""
    try:
        yield
    except OSError as failure:
        raise VersionError(f"the versions in {folder} cannot be changed: {on_disk(failure)}") from failure


@contextmanager
def holding(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock of a file, which is made if it is not there; VersionError if others do not let go of it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + patience
        while not is_taken(handle):
            if time.monotonic() > deadline:
                raise VersionError(
                    f"{path}: another program has been changing these versions for {patience:.0f} s; let it end, and "
                    "try again"
                )
            time.sleep(SLICE)
        yield
    finally:
        os.close(handle)


def is_taken(handle: int) -> bool:
    """Take the lock of an open file, if nobody has it."""
    import fcntl  # which Windows has not

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def draft_in(folder: Path) -> Iterator[Path]:
    """An empty folder aside, whose lock is held by whoever has it; nothing is left of it, unless it was renamed."""
    with locked(folder):
        draft = folder / f"{DRAFT}{secrets.token_hex(8)}"
        draft.mkdir()
        handle = os.open(draft / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        is_taken(handle)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        os.close(handle)


def clear(folder: Path) -> None:
    """Delete the drafts that nobody holds, with the lock of the folder held."""
    for draft in folder.glob(f"{DRAFT}*"):
        with suppress(OSError):
            handle = os.open(draft / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                if is_taken(handle):
                    shutil.rmtree(draft)
            finally:
                os.close(handle)


def put_in_place(draft: Path, folder: Path) -> None:
    """Give a draft its name, with all that is in it on the disk."""
    (draft / LOCK).unlink()
    for path in (*draft.rglob("*"), draft):
        sync(path)
    os.rename(draft, folder)
    sync(folder.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in place of the one of its name, with the lock of its registry held: whoever reads has one whole."""
    draft = path.with_name(f".{path.name}.new")  # one at a time, so a later one takes the place of what was left
    draft.write_bytes(content)
    sync(draft)
    os.replace(draft, path)
    sync(path.parent)


def remove(folder: Path, aside: Path) -> None:
    """Delete a folder, with the lock of its registry held: whoever looks finds it whole or not at all.

    Args:
        folder: to be deleted.
        aside: the registry's.
    """
    draft = aside / f"{DRAFT}{secrets.token_hex(8)}"
    with suppress(FileNotFoundError):
        os.rename(folder, draft)
    shutil.rmtree(draft, ignore_errors=True)


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
