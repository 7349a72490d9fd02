"""How much memory this process can still take, where the system says so; and how it is given back."""

import ctypes
import gc
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LARGEST_APART, LARGE = -3, 2**20  # M_MMAP_THRESHOLD of Linux's mallopt, and bytes
PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")  # of Linux; nothing is known elsewhere


def free_memory(proc: Path = PROC, groups: Path = GROUPS) -> int | None:
    """Bytes that are free: of the machine, with what it can swap, and of each group that limits the process.

    Args:
        proc: where Linux tells of processes and of the machine.
        groups: where it tells of control groups (version 2), such as a container.

    Returns:
        The least of these; None where nothing is said.
    """
    return min([*_of_machine(proc), *_of_groups(proc, groups)], default=None)


def give_back() -> None:
    """Let the system have what is not in use any more; the C library of Linux would keep it for later."""
    gc.collect()  # what refers to itself in a circle goes now, and not some day
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def keep_large_apart() -> None:
    """Let whatever takes a megabyte or more have pages of its own, which the system has back once it is dropped.

    The C library of Linux would stop doing so after the first, and put the next of a model between what stays.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(LARGEST_APART, LARGE)


def settle() -> None:
    """Leave out what there is now whenever garbage is looked for: it stays as long as the process.

    All threads stand still meanwhile: 0.14 s with all that a page has imported and built, 5 ms without.
    """
    gc.freeze()


def _of_machine(proc: Path) -> Iterator[int]:
    with suppress(OSError, KeyError):
        told = dict(re.findall(r"^(\w+): +(\d+) kB$", (proc / "meminfo").read_text(), re.MULTILINE))
        yield 1024 * (int(told["MemAvailable"]) + int(told.get("SwapFree", 0)))


def _of_groups(proc: Path, groups: Path) -> Iterator[int]:
    """For each group with a limit, the process's own and those above it."""
    with suppress(OSError):
        named = re.findall(r"^0::/(.*)$", (proc / "self" / "cgroup").read_text(), re.MULTILINE)
        own = groups / (named[0] if named else "")
        for group in (own, *own.parents):
            if group.is_relative_to(groups):
                yield from _of_group(group)


def _of_group(group: Path) -> Iterator[int]:
    with suppress(OSError, ValueError, StopIteration):  # ValueError: the limit is "max"
        limit, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        files = re.findall(r"^inactive_file (\d+)$", (group / "memory.stat").read_text(), re.MULTILINE)
        yield max(0, limit - used + sum(map(int, files)))  # what is kept of files gives way
