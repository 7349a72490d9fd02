"""From scores to lists: the only place where seen items are masked and ties are broken.

Shapes: B users, I items, k list length.
"""

import numpy as np
import scipy.sparse as sp


def top_k(scores: np.ndarray, history: sp.csr_array | None, k: int) -> np.ndarray:
    """The k best unseen items of each user, best first; equal scores go to the lower item_idx.

    Args:
        scores: (B, I) floating, higher is better; infinities are allowed, NaN is not. Left as it is.
        history: (B, I), an item is seen where a non-zero entry is stored; None if nobody has seen anything.
        k: list length, at least 1; may exceed I.

    Returns:
        (B, k) int32 item_idx; -1 at the end of a row where fewer than k unseen items remain. An unseen item is
        listed even if its score is -inf.

    Raises:
        ValueError: scores are not a floating matrix or hold NaN, history has another shape, or k is below 1.

    >>> scores = np.array([[0.1, 0.9, 0.9, 0.5], [0.4, 0.3, 0.2, 0.1]])
    >>> history = sp.csr_array([[0, 0, 0, 5], [4, 0, 1, 0]])
    >>> top_k(scores, history, k=3)
    array([[ 1,  2,  0],
           [ 1,  3, -1]], dtype=int32)
    """
    _check(scores, history, k)
    unseen, masked = _unseen(scores.shape, history), scores.copy()  # (B, I) bool, (B, I)
    np.putmask(masked, ~unseen, -np.inf)
    chosen = _best(masked, unseen, k)  # (B, I) bool, at most k in a row
    # by row, then by item: a stable sort leaves ties to the lower item; many times faster than np.nonzero of a matrix
    rows, items = np.divmod(np.flatnonzero(chosen), scores.shape[1])
    order = np.lexsort((-scores[rows, items], rows))
    ranked = np.full((len(scores), k), -1, dtype=np.int32)
    ranked[np.arange(k) < chosen.sum(axis=1, keepdims=True)] = items[order]
    return ranked


def _unseen(shape: tuple[int, int], history: sp.csr_array | None) -> np.ndarray:
    """(B, I) bool: False where history stores a non-zero entry."""
    unseen = np.ones(shape, dtype=bool)
    if history is not None:
        unseen[history.nonzero()] = False
    return unseen


def _best(masked: np.ndarray, unseen: np.ndarray, k: int) -> np.ndarray:
    """(B, I) bool: which k items lead each row of `masked`, the scores with -inf for seen items; all unseen if fewer.

    Whatever beats the k-th value is in; of the items equal to it, the first ones fill the places left.
    """
    n_items = masked.shape[1]
    if k >= n_items:
        return unseen
    kth = np.partition(masked, n_items - k, axis=1)[:, n_items - k, np.newaxis]  # (B, 1)
    at_least = masked >= kth
    if (np.count_nonzero(at_least, axis=1) == k).all():  # no ties for the last place
        return at_least & unseen
    above = masked > kth
    tied = (masked == kth) & unseen  # -inf may be a seen item's mask or an unseen item's score
    places = k - above.sum(axis=1, keepdims=True)  # (B, 1)
    return above | (tied & (np.cumsum(tied, axis=1, dtype=np.int32) <= places))


def _check(scores: np.ndarray, history: sp.csr_array | None, k: int) -> None:
    if scores.ndim != 2 or not np.issubdtype(scores.dtype, np.floating):
        raise ValueError(
            f"scores have shape {scores.shape} and dtype {scores.dtype}; expected a floating matrix (B, I): "
            "one row per user, one column per item"
        )
    if history is not None and history.shape != scores.shape:
        raise ValueError(
            f"history has shape {history.shape} but scores have {scores.shape}; pass the histories that were scored"
        )
    if k < 1:
        raise ValueError(f"k is {k}; a list needs at least 1 place")
    _refuse_nan(scores)


def _refuse_nan(scores: np.ndarray) -> None:
    missing = np.isnan(scores)
    if missing.any():
        row, item = np.unravel_index(missing.argmax(), missing.shape)
        raise ValueError(
            f"scores hold {missing.sum()} NaN, the first in row {row}, column {item}; a ranking needs numbers: "
            "look for a model that diverged or divided by zero"
        )
