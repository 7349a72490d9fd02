"""No figure of fewer than ten people: which cells of a table may be shown, so that none of the others can be had by
subtraction.

A table has a line of cells for each version, and one for all versions together. A cell is who has a part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_PEOPLE = 10
NOBODY = np.empty(0, dtype=np.int64)
Cells = Sequence[np.ndarray]  # of a line: for each, (n,) numbers of people, each once


@dataclass(frozen=True)
class Shown:
    """Which cells of a table may be shown: for each version, and for all together, a bool for each cell."""

    versions: list[list[bool]]
    together: list[bool]


def shown_cells(lines: Sequence[Cells], never: int | None = None) -> Shown:
    """Decide for a table.

    Versions come first: the line of all together is shown only if what it says beyond the versions that are shown is
    of nobody, or of ten people or more, in each of its cells. Where a version is shown in part, it is not shown: nobody
    could say what follows from both.

    Args:
        lines: the cells of each version, as many in each.
        never: the number of a line that is shown in no case, but counts together with the others.
    """
    shown = [[False] * len(cells) if number == never else shown_of_line(cells) for number, cells in enumerate(lines)]
    together = [union(column) for column in zip(*lines, strict=True)]
    if len(lines) == 1 and never is None:
        return Shown(shown, shown[0])
    if not any(map(any, shown)):
        return Shown(shown, shown_of_line(together))
    hidden = [cells for cells, show in zip(lines, shown, strict=True) if not any(show)]
    beyond = [union(column) for column in zip(*hidden, strict=True)] if hidden else [NOBODY] * len(together)
    in_part = any(
        any(show) and any(len(cell) and not shows for cell, shows in zip(cells, show, strict=True))
        for cells, show in zip(lines, shown, strict=True)
    )
    if in_part or any(0 < len(cell) < LEAST_PEOPLE for cell in beyond):
        return Shown(shown, [False] * len(together))
    return Shown(shown, [len(cell) >= LEAST_PEOPLE for cell in together])


def shown_of_line(cells: Cells) -> list[bool]:
    """Decide for cells whose sum is known: those that are hidden have ten people or more together, or nobody."""
    shown = [len(cell) >= LEAST_PEOPLE for cell in cells]
    while any(shown):
        hidden = union([cell for cell, shows in zip(cells, shown, strict=True) if not shows])
        if not 0 < len(hidden) < LEAST_PEOPLE:
            break
        smallest = min((len(cell), number) for number, cell in enumerate(cells) if shown[number])[1]
        shown[smallest] = False
    return shown


def union(cells: Cells) -> np.ndarray:
    """(n,) who has a part in any of some cells."""
    return np.unique(np.concatenate([NOBODY, *cells]))


def rounded(number: float) -> int:
    """A count as it is shown: to tens, from a thousand on to two digits.

    >>> rounded(14), rounded(996), rounded(12_345)
    (10, 1000, 12000)
    """
    step = 10 if number < 1000 else 10 ** (len(str(int(number))) - 2)
    return int(number / step + 0.5) * step


def people_rounded(number: int) -> int:
    """A number of people as it is shown, never more than there are: tens, from a thousand on two digits.

    >>> people_rounded(19), people_rounded(996), people_rounded(1960)
    (10, 990, 1900)
    """
    step = 10 if number < 1000 else 10 ** (len(str(number)) - 2)
    return number // step * step
