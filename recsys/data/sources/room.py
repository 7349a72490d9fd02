"""Whether memory has room for a ratings file: an estimate, before it is read."""

from pathlib import Path

from recsys.data.sources.names import N_MILLIONS
from recsys.errors import DataError
from recsys.free_memory import free_memory

SAMPLE = 1 << 16  # bytes in the middle of a file, whose lines are counted
BYTES_PER_RATING = 56  # at the peak: as read, numbered and left after cleaning; see docs/how-to/add-a-data-set.md
SMALL = 20_000_000  # bytes of a file; less is read anyway


def require_memory(path: Path) -> None:
    """Refuse a ratings file that memory has no room for.

    Raises:
        DataError: about how much it takes, how much is free, and what would fit.
    """
    free, n_ratings = free_memory(), n_lines_about(path)
    needed = n_ratings * BYTES_PER_RATING
    if free is None or path.stat().st_size < SMALL or needed <= free:
        return
    raise DataError(
        f"{path.name} has about {n_ratings:,.0f} ratings, which take about {needed / 1e9:.1f} GB of memory to read and "
        f"check, and {free / 1e9:.1f} GB are free. End other programs, or take ratings of fewer people: about "
        f"{free // BYTES_PER_RATING:,} would fit{_such_as(free)}."
    )


def n_lines_about(path: Path) -> int:
    """Lines of a file, judged by those in its middle."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size // 2 - SAMPLE // 2))
        sample = stream.read(SAMPLE)
    return size * sample.count(b"\n") // max(1, len(sample))


def _such_as(free: int) -> str:
    fitting = [name for name, millions in N_MILLIONS.items() if millions * 10**6 * BYTES_PER_RATING <= free]
    return f", such as those of {fitting[-1]}" if fitting else ""
