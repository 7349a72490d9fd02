"""Why a film is in a list: which of the person's ratings spoke for it most.

Every model is a function of a history, so every model can be asked what it would have said without one of the ratings.

Legend: I items, n rated items, m of them tried as reasons, k ranked items.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.models.base import Model

MOST_TRIED = 200  # ratings that are tried as reasons: with more, a list would take too long


def scores_with_reasons(
    model: Model, history: sp.csr_array, tried: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Score a history, and the same history without each of its ratings in turn.

    Args:
        history: (1, I) stars, n of them.
        tried: (m,) places of the ratings to leave out; None: all.

    Returns:
        score: (I,) float32.
        support: (m, I) float32, by how much more a rating raises an item's score than it raises those of all items on
            average; ratings as in `tried`. What raises everything alike, a person's generosity say, is no reason.
    """
    among = with_and_without(history, np.arange(history.nnz) if tried is None else tried)
    scores = model.score(Histories(among))  # (1 + m, I)
    support = scores[0] - scores[1:]
    return scores[0], support - support.mean(axis=1, keepdims=True)


def with_and_without(history: sp.csr_array, tried: np.ndarray) -> sp.csr_array:
    """(1, I) with n ratings -> (1 + m, I): the history, and below it the same without each of the (m,) tried places."""
    kept = np.ones((len(tried) + 1, history.nnz), dtype=bool)
    kept[1 + np.arange(len(tried)), tried] = False
    rows, places = np.nonzero(kept)
    starts = np.searchsorted(rows, np.arange(len(kept) + 1))
    return sp.csr_array((history.data[places], history.indices[places], starts), shape=(len(kept), history.shape[1]))


def most_telling(history: sp.csr_array, most: int = MOST_TRIED) -> np.ndarray:
    """(m,) places of a history's ratings, the highest stars first where there are more than can be tried in no time."""
    return np.sort(np.argsort(-history.data, kind="stable")[:most])


def strongest(support: np.ndarray, ranked: np.ndarray, liked: np.ndarray) -> list[int | None]:
    """For each of the ranked items, (k,) int, the row of the rating that supports it most; None where none does.

    Ratings of films that were `liked`, (m,) bool, come first: what somebody disliked is a reason where nothing else is.
    """
    found: list[int | None] = [None] * len(ranked)
    for rows in (np.flatnonzero(liked), np.flatnonzero(~liked)):
        for at, item in enumerate(ranked):
            if found[at] is None and len(rows) and support[rows, item].max() > 0:
                found[at] = int(rows[support[rows, item].argmax()])
    return found


def rating_in_words(history: sp.csr_array, place: int, titles: Sequence[str], middle: float) -> str:
    """The end of a sentence about the rating at a place of a history, (1, I).

    Args:
        history: (1, I) stars.
        place: of the rating among those of the history.
        titles: of all items.
        middle: of the scale; from there downwards a rating is "only" so many stars.
    """
    stars = history.data[place]
    only = "only " * bool(stars <= middle)
    return f"you gave {titles[history.indices[place]]} {only}{stars:g} star{'s' * bool(stars != 1)}"


def without_rating(item: int, n_likes: np.ndarray) -> str:
    """The end of a sentence about a film that no rating speaks for; (I,) people who like each film."""
    liked_by_many = n_likes[item] >= n_likes.mean()  # more people than like a film on average
    return "many people like it" if liked_by_many else "nothing that is left fits better"
