"""A hue for every film, so that films of one kind share a colour.

Legend: I items, G genres, n films.
"""

import numpy as np

from recsys.films.catalog import Catalog

CIRCLE = 360  # degrees


def hues_of_places(coordinates: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Hues of films by where they lie on a map: neighbours have like ones, and all hues are met equally often.

    Films are put in the order of their directions from the middle; each takes a part of the circle by its weight.

    Args:
        coordinates: (I, 2), around 0.
        weights: (I,) how often each film is met, above 0.

    Returns:
        (I,) int64 degrees from 0 to 359.
    """
    order = np.argsort(np.arctan2(coordinates[:, 1], coordinates[:, 0]), kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    hues = np.empty(len(order), dtype=np.int64)
    hues[order] = np.floor(CIRCLE * share).astype(np.int64) % CIRCLE
    return hues


def hues_of_genres(catalog: Catalog, items: np.ndarray) -> np.ndarray:
    """Hues of films by the rarest of their genres, which says most of a film; those without a genre share one too.

    Args:
        catalog: says the genres, whose hues lie evenly around the circle in the order of their names.
        items: (n,) item_idx.

    Returns:
        (n,) int64 degrees from 0 to 359.
    """
    n_genres = len(catalog.genre_names)
    n_films = np.append(catalog.n_films_of_genre, catalog.n_items + 1)  # (G + 1,), the last stands for no genre
    has = np.column_stack([catalog.genre_matrix[items], np.ones(len(items), dtype=bool)])
    rarest = np.where(has, n_films, catalog.n_items + 2).argmin(axis=1)  # (n,)
    return CIRCLE * rarest // (n_genres + 1)
