"""Two domains of films, by genre, and what is in neither.

Legend: I films, G genres.
"""

from collections.abc import Collection, Sequence

import numpy as np

SOURCE_GENRES = ("Drama", "Romance")
TARGET_GENRES = ("Action", "Adventure", "Sci-Fi", "Thriller")
NEITHER, SOURCE, TARGET = 0, 1, 2


def domains_of(
    genres: np.ndarray | None, names: Sequence[str], n_items: int, source: Collection[str], target: Collection[str]
) -> np.ndarray:
    """Which domain each film is in, (I,) int: NEITHER, SOURCE or TARGET. A film of genres of both is in neither.

    >>> has = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    >>> domains_of(has, ("Drama", "Thriller", "War"), 4, SOURCE_GENRES, TARGET_GENRES).tolist()
    [1, 0, 2, 0]

    Args:
        genres: (I, G) bool; None: nothing is known, and all films are in neither.
        names: G names of genres.
        n_items: I.
        source: genres of the one domain.
        target: those of the other.
    """
    if genres is None or len(names) != genres.shape[1]:
        return np.zeros(n_items, dtype=np.int64)
    is_source, is_target = (genres[:, np.isin(names, list(wanted))].any(axis=1) for wanted in (source, target))
    return np.where(is_source == is_target, NEITHER, np.where(is_source, SOURCE, TARGET))
