"""Films by what the public knows of them: genres, decades and years.

Legend: I items, K features, the last of which is a constant.
"""

import numpy as np

from recsys.data.interactions import FilmFacts


def described(films: FilmFacts | None, n_items: int) -> np.ndarray:
    """(I, K) float64: each film's features over the root of how many it has, so that all weigh alike; then a 1.

    Films of which nothing is known have the 1 alone.

    >>> described(FilmFacts(features=np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])), 3).round(3)
    array([[0.707, 0.707, 1.   ],
           [0.   , 1.   , 1.   ],
           [0.   , 0.   , 1.   ]])
    """
    known = np.zeros((n_items, 0)) if films is None or films.features is None else films.features
    lengths = np.sqrt(np.sum(known**2, axis=1, keepdims=True))
    return np.column_stack([np.divide(known, lengths, out=np.zeros_like(known), where=lengths > 0), np.ones(n_items)])
