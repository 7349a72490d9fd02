"""Metrics as pure functions: one value per user first, so that means, errors and comparisons rest on users.

Shapes: n_users (or B, a batch of them), I items, N held-out ratings, k = list length, always the width of `hits`.
Definitions: a list holds k places, place r = 0 is the best. An item is relevant if the caller says so (for example held
out with 4 stars or more). Ties were broken where the list was made; a metric sees no scores. A user with nothing
relevant held out has no defined recall, F1 or nDCG: such users are refused, the caller leaves them out and counts them.
For a shorter list, pass `hits[:, :5]`.
"""

import numpy as np
import scipy.sparse as sp


def hits_of(ranked: np.ndarray, relevant: sp.csr_array) -> np.ndarray:
    """Which places of each list hold a relevant item.

    Args:
        ranked: (B, k) integer item_idx, best first, no item twice; -1 marks an empty place.
        relevant: (B, I), an item is relevant where a non-zero entry is stored.

    Returns:
        (B, k) bool; an empty place is a miss.

    Raises:
        ValueError: the numbers of users differ, an item_idx lies outside -1..I-1, or a list repeats an item.

    >>> relevant = sp.csr_array([[0, 1, 0, 1], [1, 0, 0, 0]])
    >>> hits_of(np.array([[1, 0, 3], [2, 0, -1]]), relevant)
    array([[ True, False,  True],
           [False,  True, False]])
    """
    _check_ranked(ranked, relevant)
    n_items = relevant.shape[1]
    users, items = relevant.nonzero()
    places = np.arange(len(ranked))[:, np.newaxis] * n_items + ranked  # (B, k), one number per (user, item)
    return np.isin(places, users.astype(np.int64) * n_items + items) & (ranked >= 0)


def precision_at_k(hits: np.ndarray) -> np.ndarray:
    """Share of the k places that hold a relevant item.

    Args:
        hits: (n_users, k) bool, see `hits_of`.

    Returns:
        (n_users,) float64 in [0, 1]: hits / k. Divided by k even if the list has empty places or fewer than k items
        are relevant, so 1 may be out of reach. 0 if nothing hits.

    Raises:
        ValueError: hits is not a bool matrix with at least one place.

    >>> precision_at_k(np.array([[True, False, True, False], [False, False, False, False]]))  # two hits, none
    array([0.5, 0. ])
    """
    _check_hits(hits)
    return hits.mean(axis=1)


def recall_at_k(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Share of a user's relevant items that made it into the list.

    Args:
        hits: (n_users, k) bool, see `hits_of`.
        n_relevant: (n_users,) integer >= 1, relevant held-out items of each user.

    Returns:
        (n_users,) float64 in [0, 1]: hits / n_relevant. Divided by all relevant items, not by min(n_relevant, k), so a
        user with more than k of them cannot reach 1.

    Raises:
        ValueError: shapes or dtypes are wrong, a user has nothing relevant (0/0), or more hits than relevant items.

    >>> hits = np.array([[True, False], [True, True], [False, False]])
    >>> recall_at_k(hits, np.array([1, 8, 3]))  # all found; full list, more left; none
    array([1.  , 0.25, 0.  ])
    """
    _check_hits_of_relevant(hits, n_relevant)
    return hits.sum(axis=1) / n_relevant


def f1_at_k(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Harmonic mean of a user's own precision and recall, 2PR / (P + R) = 2 hits / (k + n_relevant).

    The mean of these values over users is not the harmonic mean of mean precision and mean recall.

    Args:
        hits: (n_users, k) bool, see `hits_of`.
        n_relevant: (n_users,) integer >= 1, relevant held-out items of each user.

    Returns:
        (n_users,) float64 in [0, 1]; 0 where precision and recall are both 0.

    Raises:
        ValueError: as `recall_at_k`.

    >>> hits = np.array([[True, True, False], [False, False, False]])
    >>> f1_at_k(hits, np.array([5, 1]))  # P = 2/3 and R = 2/5; both 0
    array([0.5, 0. ])
    """
    _check_hits_of_relevant(hits, n_relevant)
    return 2 * hits.sum(axis=1) / (hits.shape[1] + n_relevant)


def ndcg_at_k(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Normalised discounted cumulative gain, binary relevance.

    Järvelin and Kekäläinen 2002, with the discount of Burges et al. 2005, which also tells the first two places apart.

    Args:
        hits: (n_users, k) bool; hits[u, r] says whether the item ranked r (0 = best) is relevant.
        n_relevant: (n_users,) integer >= 1, relevant held-out items of each user.

    Returns:
        (n_users,) float64 in [0, 1]. Gain 1, discount 1/log2(r + 2), ideal list of min(n_relevant, k) hits.
        0 if nothing hits.

    Raises:
        ValueError: as `recall_at_k`.

    >>> hits = np.array([[True, False, False], [False, True, False], [True, True, True], [False, False, False]])
    >>> ndcg_at_k(hits, np.array([1, 1, 7, 2])).round(4)  # best place; second; a full list is ideal at k; none
    array([1.    , 0.6309, 1.    , 0.    ])
    """
    _check_hits_of_relevant(hits, n_relevant)
    k = hits.shape[1]
    discount = 1 / np.log2(np.arange(k) + 2)  # (k,)
    ideal = np.cumsum(discount)[np.minimum(n_relevant, k) - 1]  # (n_users,)
    # Summed place by place like the ideal: rounding can then neither pass 1 nor upset the order of two lists.
    return np.cumsum(hits * discount, axis=1)[:, -1] / ideal


def reciprocal_rank_at_k(hits: np.ndarray) -> np.ndarray:
    """One over the place, counted from 1, of the first relevant item.

    Args:
        hits: (n_users, k) bool, see `hits_of`.

    Returns:
        (n_users,) float64 in [0, 1]; 0 if nothing within k hits.

    Raises:
        ValueError: hits is not a bool matrix with at least one place.

    >>> reciprocal_rank_at_k(np.array([[False, True, True], [False, False, False]]))  # second place; none
    array([0.5, 0. ])
    """
    _check_hits(hits)
    return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)


def squared_error_sums(predicted: np.ndarray, stars: np.ndarray, user_idx: np.ndarray, n_users: int) -> np.ndarray:
    """Each user's sum of squared errors; all sums over all ratings is the global `mse`.

    Args:
        predicted: (N,) predicted stars.
        stars: (N,) held-out stars.
        user_idx: (N,) integer in [0, n_users), whose rating each is; any order.
        n_users: length of the result.

    Returns:
        (n_users,) float64 in stars squared; 0 for a user without held-out ratings.

    Raises:
        ValueError: shapes differ, a value is NaN or infinite, or a user_idx is not a whole number in range.

    >>> squared_error_sums(np.array([3.0, 5.0, 2.0]), np.array([5, 4, 2]), np.array([0, 0, 2]), n_users=3)
    array([5., 0., 0.])
    """
    _check_user_idx(user_idx, np.shape(predicted), n_users)
    return np.bincount(user_idx, weights=_errors(predicted, stars) ** 2, minlength=n_users)


def absolute_error_sums(predicted: np.ndarray, stars: np.ndarray, user_idx: np.ndarray, n_users: int) -> np.ndarray:
    """Each user's sum of absolute errors, in stars; otherwise as `squared_error_sums`.

    >>> absolute_error_sums(np.array([3.0, 5.0, 2.0]), np.array([5, 4, 2]), np.array([0, 0, 2]), n_users=3)
    array([3., 0., 0.])
    """
    _check_user_idx(user_idx, np.shape(predicted), n_users)
    return np.bincount(user_idx, weights=np.abs(_errors(predicted, stars)), minlength=n_users)


def log_loss_sums(probability: np.ndarray, user_idx: np.ndarray, n_users: int) -> np.ndarray:
    """Each user's sum of -log(probability of the star level that was given), in nats.

    Args:
        probability: (N,) what the model gave to the level of each held-out rating, in [0, 1].
        user_idx: (N,) integer in [0, n_users), whose rating each is; any order.
        n_users: length of the result.

    Returns:
        (n_users,) float64 nats; 0 for a user without held-out ratings. A probability below 1e-12 counts as 1e-12, so
        that one impossible rating costs 27.6 nats and not everything.

    Raises:
        ValueError: a value is NaN or outside [0, 1], or user_idx does not fit.

    >>> log_loss_sums(np.array([0.5, 0.25, 1.0]), np.array([0, 0, 2]), n_users=3).round(4)
    array([2.0794, 0.    , 0.    ])
    """
    _check_user_idx(user_idx, np.shape(probability), n_users)
    outside = ~((probability >= 0) & (probability <= 1 + 1e-6))
    if outside.any():
        raise ValueError(
            f"{outside.sum()} probabilities are NaN or outside 0..1, the first {probability[outside.argmax()]} at "
            f"index {outside.argmax()}; expected what the model gave to each held-out level"
        )
    return np.bincount(user_idx, weights=-np.log(np.clip(probability, 1e-12, 1.0)), minlength=n_users)


def mse(predicted: np.ndarray, stars: np.ndarray) -> float:
    """Mean squared error over all ratings at once (a user with many ratings counts for more), in stars squared.

    Args:
        predicted: predicted stars, any shape but empty; computed in float64 whatever the dtype.
        stars: held-out stars, the same shape.

    Raises:
        ValueError: there is no rating, shapes differ, or a value is NaN or infinite.

    >>> mse(np.array([3.0, 5.0]), np.array([5, 4]))
    2.5
    """
    return float(np.mean(_some_errors(predicted, stars) ** 2))


def rmse(predicted: np.ndarray, stars: np.ndarray) -> float:
    """Square root of `mse`, in stars.

    >>> rmse(np.array([3.0, 5.0]), np.array([5, 5]))
    1.4142135623730951
    """
    return float(np.sqrt(mse(predicted, stars)))


def mae(predicted: np.ndarray, stars: np.ndarray) -> float:
    """Mean absolute error over all ratings at once, in stars; otherwise as `mse`.

    >>> mae(np.array([3.0, 5.0]), np.array([5, 4]))
    1.5
    """
    return float(np.mean(np.abs(_some_errors(predicted, stars))))


def zero_filled_error_sums(predicted: np.ndarray, held_out: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Each user's error sums over every cell of the test matrix, an item without a held-out rating counting as 0 stars.

    The recipe of the paper that this project began with. Divide by I per user to get its MSE and MAE. Most cells are
    empty, so it mostly measures how well a model predicts zeros; reported for comparison only.

    Args:
        predicted: (B, I) dense predicted stars.
        held_out: (B, I) held-out stars, 0 = not held out. Made dense here: pass users in chunks.

    Returns:
        squared: (B,) float64 in stars squared, and absolute: (B,) float64 in stars.

    Raises:
        ValueError: shapes differ, or a value is NaN or infinite.

    >>> zero_filled_error_sums(np.array([[4.0, 0.5], [1.0, 0.0]]), sp.csr_array([[5, 0], [0, 0]]))
    (array([1.25, 1.  ]), array([1.5, 1. ]))
    """
    error = _errors(predicted, held_out.toarray())  # (B, I)
    return np.einsum("bi,bi->b", error, error), np.abs(error).sum(axis=1)


def _errors(predicted: np.ndarray, stars: np.ndarray) -> np.ndarray:
    """Float64 predicted - stars, of their common shape."""
    if np.shape(predicted) != np.shape(stars):
        raise ValueError(
            f"predicted has shape {np.shape(predicted)} but stars have {np.shape(stars)}; expected one prediction per "
            "rating, in the same order"
        )
    for name, values in (("predicted", predicted), ("stars", stars)):
        _refuse_non_finite(name, np.asarray(values))
    return np.subtract(predicted, stars, dtype=np.float64)


def _some_errors(predicted: np.ndarray, stars: np.ndarray) -> np.ndarray:
    error = _errors(predicted, stars)
    if error.size == 0:
        raise ValueError("got 0 ratings; a mean error needs at least 1: check that the test part is not empty")
    return error


def _refuse_non_finite(name: str, values: np.ndarray) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        first = tuple(int(i) for i in np.unravel_index(bad.argmax(), bad.shape))
        raise ValueError(
            f"{name} holds {bad.sum()} values that are NaN or infinite, the first at index {first}; an error needs "
            "numbers: look for a model that diverged, or an item it cannot predict"
        )


def _check_user_idx(user_idx: np.ndarray, shape: tuple[int, ...], n_users: int) -> None:
    if len(shape) != 1 or user_idx.shape != shape:
        raise ValueError(f"user_idx has shape {user_idx.shape} and predicted {shape}; expected two vectors (N,)")
    _check_integer("user_idx", user_idx)
    outside = (user_idx < 0) | (user_idx >= n_users)
    if outside.any():
        raise ValueError(
            f"user_idx holds {outside.sum()} values outside 0..{n_users - 1}, the first {user_idx[outside.argmax()]} "
            f"at index {outside.argmax()}; pass the row numbers of the test matrix and its number of rows"
        )


def _check_integer(name: str, values: np.ndarray) -> None:
    if not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"{name} has dtype {values.dtype}; expected integers: use {name}.astype(np.int64)")


def _check_ranked(ranked: np.ndarray, relevant: sp.csr_array) -> None:
    if ranked.ndim != 2 or len(ranked) != relevant.shape[0]:
        raise ValueError(
            f"ranked has shape {ranked.shape} but relevant {relevant.shape}; expected (B, k) and (B, I), the same users"
        )
    _check_integer("ranked", ranked)
    outside = (ranked < -1) | (ranked >= relevant.shape[1])
    if outside.any():
        row, place = np.unravel_index(outside.argmax(), outside.shape)
        raise ValueError(
            f"ranked holds {outside.sum()} values outside -1..{relevant.shape[1] - 1}, the first {ranked[row, place]} "
            f"in row {row}; pass item_idx, with -1 for an empty place"
        )
    ordered = np.sort(ranked, axis=1)
    repeats = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    if repeats.any():
        raise ValueError(
            f"{repeats.sum()} lists repeat an item, the first in row {repeats.argmax()}; a hit would count twice: rank "
            "with recsys.ranking.top_k"
        )


def _check_hits(hits: np.ndarray) -> None:
    if hits.ndim != 2 or hits.shape[1] < 1 or hits.dtype != np.bool_:
        raise ValueError(
            f"hits has shape {hits.shape} and dtype {hits.dtype}; expected a bool matrix (n_users, k) with k >= 1, as "
            "from hits_of"
        )


def _check_hits_of_relevant(hits: np.ndarray, n_relevant: np.ndarray) -> None:
    _check_hits(hits)
    if n_relevant.shape != (len(hits),):
        raise ValueError(
            f"n_relevant has shape {n_relevant.shape} but hits {hits.shape}; expected ({len(hits)},), a count per user"
        )
    _check_integer("n_relevant", n_relevant)
    if (n_relevant < 1).any():
        raise ValueError(
            f"{(n_relevant < 1).sum()} users have nothing relevant held out (n_relevant < 1), the first in row "
            f"{(n_relevant < 1).argmax()}; leave them out of hits and n_relevant, and report how many"
        )
    surplus = hits.sum(axis=1) > n_relevant
    if surplus.any():
        row = surplus.argmax()
        raise ValueError(
            f"{surplus.sum()} users have more hits than relevant items, the first in row {row} "
            f"({hits[row].sum()} hits, {n_relevant[row]} relevant); count both in the same matrix"
        )
