"""Which of a person's ratings speak for a film, and which against it: as people would say it, or not at all.

Legend: I items, n rated items, m of them tried.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.recommend.lists.reasons import ALIKE, most_tried, speakers, worth_naming
from recsys.recommend.recommender import Recommender


@dataclass(frozen=True)
class Rated:
    """A film that somebody has rated, by its display title."""

    title: str
    stars: float


@dataclass(frozen=True)
class Speaking:
    """Ratings that speak for a film and against it, the most telling first."""

    for_it: tuple[Rated, ...] = ()
    against_it: tuple[Rated, ...] = ()


def speaking(model: Recommender, history: sp.csr_array, item: int) -> Speaking:
    """What a person's ratings say of a film that is not among them.

    A high rating speaks for it if the model lists it higher for the rating, a low one against it if lower; of films
    that have little in common with it nothing is said.

    Args:
        model: what knows.
        history: (1, I) stars.
        item: item_idx.

    Raises:
        DataError: the model answers what is no number.
    """
    if not history.nnz:
        return Speaking()
    alike = model.likeness(history.indices, np.array([item]), ALIKE)[:, 0] > 0
    liked = alike & worth_naming(history.data, model.scale.middle)
    disliked = alike & worth_naming(-history.data, -model.scale.middle)
    tried = both_ends(history, np.flatnonzero(liked | disliked))
    of_film = model.checked.support(history, tried, np.array([item]))[:, 0]
    stars, rated = history.data[tried], history.indices[tried]

    def named(rows: list[int]) -> tuple[Rated, ...]:
        return tuple(Rated(model.display_titles[rated[row]], float(stars[row])) for row in rows)

    return Speaking(named(speakers(of_film, liked[tried])), named(speakers(-of_film, disliked[tried])))


def both_ends(history: sp.csr_array, possible: np.ndarray, most: int | None = None) -> np.ndarray:
    """(m,) places of ratings out of possible ones, (p,): half the highest, half the lowest where there are too many.

    Args:
        history: (1, I) stars.
        possible: rising.
        most: None: as `most_tried`.
    """
    most = most_tried(history.shape[1]) if most is None else most
    order = possible[np.argsort(-history.data[possible], kind="stable")]
    if len(order) > most:
        order = np.concatenate([order[: most - most // 2], order[len(order) - most // 2 :]])
    return np.sort(order)
