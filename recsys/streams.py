"""What a command prints reaches whoever reads: a terminal that knows ASCII alone, or a pipe that is closed early."""

import codecs
import io
import os
import sys
from collections.abc import Callable

IN_ASCII = {"±": "+/-", "–": "-", "−": "-", "×": "x", "≤": "<=", "≥": ">=", "…": "...", "→": "->", "’": "'", "★": "*"}
HANDLER = "movie-vae.in-ascii"
EXIT_CLOSED = 1  # nobody reads on: as Python itself ends


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """What is printed in place of signs that a stream's encoding lacks, and where to go on; "?" for those not known.

    >>> "0.9 ± 0.1 é".encode("ascii", "movie-vae.in-ascii")
    b'0.9 +/- 0.1 ?'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(IN_ASCII.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error(HANDLER, in_ascii)


def run(command: Callable[[], int | None]) -> int:
    """Do the work of a command line, whatever stdout and stderr can say; returns its exit status.

    A reader that goes away early (`| head -1`) ends it without a word.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
    try:
        status = command() or 0
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python can flush it at the end
        return EXIT_CLOSED
    return status
