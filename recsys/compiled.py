"""What JAX has compiled, kept for the next program that needs the same: it starts to learn some seconds sooner."""

import hashlib
import os
import platform
import stat
import warnings
from pathlib import Path

from recsys.data.sources.cache import cache_folder

PLACE = "JAX_COMPILATION_CACHE_DIR"
LARGEST = 2**25  # bytes, of some 1,400 programs. JAX takes out what was not used for longest; to keep one more it looks
# at all of them, and with a limit it locks the folder
SETTINGS = {
    "JAX_COMPILATION_CACHE_MAX_SIZE": str(LARGEST),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",  # there are a hundred that take a twentieth each
}
ROOT = 0  # who can write anywhere
KEPT, USED = "-cache", "-atime"  # how names of a program's files end: itself, and when it was used last
BYTES_OF_TIME = 8
NOT_KEPT = "Error (reading|writing) persistent compilation cache entry"  # then JAX compiles, as without
CPUINFO = Path("/proc/cpuinfo")
ABOUT_A_CORE = ("model name", "flags", "Features", "CPU part")  # its lines there, that say what it can do


def keep_compiled() -> None:
    """Let JAX, which is not imported yet, keep what it compiles in the cache folder of this user.

    Nothing changes where JAX was told of a folder, or where there can be none in which nobody else writes: what lies
    there is run.
    """
    if os.environ.get(PLACE):
        return
    try:
        folder = made(cache_folder() / f"compiled-{this_machine()}")
        if not is_own(folder):
            return
        take_out_damaged(folder)
    except (OSError, RuntimeError):  # no room, no right to write, no home
        return
    os.environ[PLACE] = str(folder)
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", NOT_KEPT)


def made(folder: Path) -> Path:
    """The folder, where links lead; it is made if it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()


def is_own(folder: Path) -> bool:
    """Whether this user can write in a folder, and nobody else there or in one above it, but root."""
    if not os.access(folder, os.W_OK):
        return False
    return not hasattr(os, "getuid") or all(map(is_closed, (folder, *folder.parents)))


def is_closed(folder: Path) -> bool:
    """Whether nobody but this user and root can put something else in the place of what lies in a folder."""
    found, user = folder.stat(), os.getuid()
    is_sticky = bool(found.st_mode & stat.S_ISVTX)
    is_of_group_alone = found.st_gid == os.getgid() == user  # a group of one
    others = stat.S_IWOTH if is_of_group_alone else stat.S_IWOTH | stat.S_IWGRP
    return found.st_uid in (ROOT, user) and (is_sticky or not found.st_mode & others)


def take_out_damaged(folder: Path) -> None:
    """Remove programs that were not kept whole, as when a disk was full: JAX would stumble over them ever after."""
    times = {each.name.removesuffix(USED): each.stat().st_size for each in folder.glob(f"*{USED}")}
    for program in folder.glob(f"*{KEPT}"):
        if times.get(program.name.removesuffix(KEPT)) != BYTES_OF_TIME or not program.stat().st_size:
            program.unlink(missing_ok=True)


def this_machine() -> str:
    """12 hexadecimal digits that machines share on which the same compiled code runs."""
    try:
        lines = CPUINFO.read_text().splitlines()
    except OSError:
        lines = []
    core = {line for line in lines if line.split(":")[0].strip() in ABOUT_A_CORE}
    told = "\n".join([platform.system(), platform.machine(), platform.processor(), *sorted(core)])
    return hashlib.sha256(told.encode()).hexdigest()[:12]
