"""What somebody usually gives, and lists that hold nothing below it.

The order of a list is that of what somebody will most likely choose and like. It may put a film first that the same
model gives fewer stars than this person usually gives: nobody understands such a list, so these films are left out.

Legend: n ratings of a person, b films in the order of a list.
"""

from collections.abc import Callable

import numpy as np

PRIOR = 5  # ratings of the average of all people, by which few ratings of one person are moderated
FIRST = 50  # films at the head of the order, among which there are always enough for a list
ENOUGH = 10  # films of them: a list


def usual_stars(given: np.ndarray, mean_of_all: float) -> float:
    """What somebody gives on average, as far as (n,) stars tell; `mean_of_all` stars are what all people give.

    >>> usual_stars(np.array([5.0, 5.0, 5.0, 5.0, 5.0]), mean_of_all=3.0)
    4.0
    """
    return float((given.sum(dtype=np.float64) + PRIOR * mean_of_all) / (len(given) + PRIOR))


def none_below(
    usual: float, in_order: np.ndarray, k: int, stars_of: Callable[[np.ndarray], np.ndarray | None]
) -> np.ndarray:
    """The first k films that are given at least the usual stars.

    Where fewer than ENOUGH of the FIRST are, as for somebody who rates favourites alone, what the ENOUGH best of them
    are given will do. A longer list goes on where a shorter one ends.

    Args:
        usual: stars.
        in_order: (b,) item_idx, best first.
        k: films at most.
        stars_of: expected stars of some films, (m,) item_idx -> (m,); None of a model that predicts none, whose order
            stays as it is.

    Returns:
        (k or fewer,) item_idx.
    """
    stars = stars_of(in_order[:FIRST])
    if stars is None or len(stars) == 0:
        return in_order[:k]
    bar = min(usual, float(np.sort(stars)[-ENOUGH:][0]))
    kept, end = in_order[:FIRST][stars >= bar], FIRST
    while len(kept) < k and end < len(in_order):
        block = in_order[end : 2 * end]
        more = stars_of(block)
        assert more is not None
        kept, end = np.concatenate([kept, block[more >= bar]]), 2 * end
    return kept[:k]
