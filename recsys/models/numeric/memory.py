"""Memory that work leaves behind."""

import ctypes
import gc
import sys


def give_back_memory() -> None:
    """Return what is no longer used to the operating system.

    Networks are cycles of objects, which Python finds at some later time; and the C library keeps what was freed in
    pieces for itself. After training together they are as large as the networks.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
        if trim is not None:
            trim(0)
