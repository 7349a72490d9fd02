"""What JAX has compiled, kept for the next program that needs the same: it starts to learn some seconds sooner."""

import hashlib
import os
import platform
from pathlib import Path

from recsys.data.sources.cache import cache_folder

PLACE = "JAX_COMPILATION_CACHE_DIR"
LARGEST = 2**28  # bytes; JAX takes out what was not used for longest, and with a limit locks the folder
SETTINGS = {
    "JAX_COMPILATION_CACHE_MAX_SIZE": str(LARGEST),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",  # there are a hundred that take a twentieth each
}
WRITABLE_BY_OTHERS = 0o022
CPUINFO = Path("/proc/cpuinfo")
ABOUT_A_CORE = ("model name", "flags", "Features", "CPU part")  # its lines there, that say what it can do


def keep_compiled() -> None:
    """Let JAX, which is not imported yet, keep what it compiles in the cache folder of this user.

    Nothing changes where JAX was told of a folder, or where there can be none in which nobody else writes: what lies
    there is run.
    """
    if os.environ.get(PLACE):
        return
    folder = cache_folder() / f"compiled-{this_machine()}"
    if is_own(folder):
        os.environ[PLACE] = str(folder)
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)


def is_own(folder: Path) -> bool:
    """Whether only this user can write in a folder, which is made where it is not there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return False
    has_owners = hasattr(os, "getuid")
    is_open = has_owners and (found.st_uid != os.getuid() or bool(found.st_mode & WRITABLE_BY_OTHERS))
    return not is_open and os.access(folder, os.W_OK)


def this_machine() -> str:
    """12 hexadecimal digits that machines share on which the same compiled code runs."""
    try:
        lines = CPUINFO.read_text().splitlines()
    except OSError:
        lines = []
    core = {line for line in lines if line.split(":")[0].strip() in ABOUT_A_CORE}
    told = "\n".join([platform.system(), platform.machine(), platform.processor(), *sorted(core)])
    return hashlib.sha256(told.encode()).hexdigest()[:12]
