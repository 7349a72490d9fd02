"""Why a film is in a list: which of the person's ratings spoke for it most.

Every model is a function of a history, so every model can be asked what it would have said without one of the ratings.

Legend: I items, n rated items, k ranked items.
"""

import numpy as np
import scipy.sparse as sp

from recsys.models.base import Model


def scores_with_reasons(model: Model, history: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Score a history, and the same history without each of its ratings in turn.

    Args:
        history: (1, I) stars.

    Returns:
        score: (I,) float32.
        support: (n, I) float32, by how much more a rating raises an item's score than it raises those of all items on
            average; ratings in storage order. What raises everything alike, a person's generosity say, is no reason.
    """
    scores = model.score(with_and_without(history))  # (1 + n, I)
    support = scores[0] - scores[1:]
    return scores[0], support - support.mean(axis=1, keepdims=True)


def with_and_without(history: sp.csr_array) -> sp.csr_array:
    """(1, I) with n ratings -> (1 + n, I): the history, and below it the same without each of its ratings."""
    n = history.nnz
    kept = np.vstack([np.ones((1, n), dtype=bool), ~np.eye(n, dtype=bool)])  # (1 + n, n)
    rows, places = np.nonzero(kept)
    starts = np.searchsorted(rows, np.arange(n + 2))
    return sp.csr_array((history.data[places], history.indices[places], starts), shape=(n + 1, history.shape[1]))


def strongest(support: np.ndarray, ranked: np.ndarray, liked: np.ndarray) -> list[int | None]:
    """For each of the ranked items, (k,) int, the place of the rating that supports it most; None where none does.

    Ratings of films that were `liked`, (n,) bool, come first: what somebody disliked is a reason where nothing else is.
    """
    found: list[int | None] = [None] * len(ranked)
    for rows in (np.flatnonzero(liked), np.flatnonzero(~liked)):
        for at, item in enumerate(ranked):
            if found[at] is None and len(rows) and support[rows, item].max() > 0:
                found[at] = int(rows[support[rows, item].argmax()])
    return found
