"""Made-up ratings whose right answers are known."""

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale

RANK = 8  # dimensions in which the tastes of low_rank's people differ
CHUNK = 256  # users drawn at a time: bounds memory at 256 * n_items numbers


def checkerboard(n_users: int, n_items: int) -> sp.csr_array:
    """Even users love even items and dislike odd ones; odd users the other way round.

    User u has rated everything but the two items 2p and 2p + 1, where p = (u // 2) % (n_items // 2). Of these two,
    item 2p + u % 2 is loved: it is what a recommender must put first. (The idea is from the library implicit.)

    Args:
        n_users: at least 4, so that somebody has rated every item.
        n_items: even, at least 4.

    Returns:
        (n_users, n_items) csr float32: 5 stars for a loved item, 1 for a disliked one, 0 for unrated.

    Raises:
        ValueError: too few users or items, or an odd number of items.
    """
    if n_users < 4 or n_items < 4 or n_items % 2:
        raise ValueError(f"got {n_users} users and {n_items} items; expected at least 4 of each, and items even")
    user, item = np.arange(n_users)[:, None], np.arange(n_items)
    stars = np.where(user % 2 == item % 2, 5.0, 1.0)  # (n_users, n_items)
    stars[item // 2 == (user // 2) % (n_items // 2)] = 0.0
    return sp.csr_array(stars.astype(np.float32))


def low_rank(
    n_users: int, n_items: int, n_ratings: int, *, seed: int, scale: RatingScale = WHOLE_STARS, min_ratings: int = 20
) -> sp.csr_array:
    """Ratings of people whose tastes have few dimensions, on films of very unequal popularity.

    stars = middle + 0.5 + user offset + item offset + user taste . item traits + noise, in steps of the scale; all
    terms normal, the noise with a standard deviation of half a star. How often a film is rated falls with its rank of
    popularity as 1 / (rank + 10); how active people are is log-normal, with min_ratings the least.

    Args:
        n_users: rows.
        n_items: columns.
        n_ratings: cells that are rated, between n_users * min_ratings and half of all cells.
        seed: the same seed gives the same matrix.
        scale: what the stars are rounded to.
        min_ratings: ratings that every user has at least; at most half of n_items.

    Returns:
        (n_users, n_items) csr float32 of stars, 0 = unrated, with exactly n_ratings stored cells.

    Raises:
        ValueError: n_ratings or min_ratings is out of its range.
    """
    if not (n_users * min_ratings <= n_ratings <= n_users * n_items // 2):
        raise ValueError(
            f"got {n_ratings} ratings for {n_users} users and {n_items} items; expected at least {min_ratings} per "
            f"user and at most half of the cells ({n_users * min_ratings} to {n_users * n_items // 2})"
        )
    rng = np.random.default_rng(seed)
    quota = _quota(n_users, n_items, n_ratings, min_ratings, rng)
    user_idx, item_idx = _cells(quota, n_items, rng)
    stars = _stars(user_idx, item_idx, n_users, n_items, scale, rng)
    return sp.csr_array((stars, (user_idx, item_idx)), shape=(n_users, n_items))


def _quota(n_users: int, n_items: int, n_ratings: int, min_ratings: int, rng: np.random.Generator) -> np.ndarray:
    """(n_users,) int64 ratings of each user: min_ratings or more, n_items or fewer, n_ratings in all."""
    activity = rng.lognormal(sigma=1.0, size=n_users)
    quota = np.full(n_users, min_ratings, dtype=np.int64)
    while (short := n_ratings - quota.sum()) > 0:
        share = np.where(quota < n_items, activity, 0.0)  # who has rated everything gets no more
        quota = np.minimum(quota + rng.multinomial(short, share / share.sum()), n_items)
    return quota


def _cells(quota: np.ndarray, n_items: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw quota[u] different items for each user u: (n_ratings,) user_idx and item_idx in row order.

    A race: item i arrives after an exponential time of rate popularity[i], and a user rates the first quota[u]
    arrivals, which is drawing by popularity without replacement.
    """
    popularity = (1.0 / (rng.permutation(n_items) + 10.0)).astype(np.float32)
    found = []
    for start in range(0, len(quota), CHUNK):
        last = quota[start : start + CHUNK, None] - 1  # (chunk, 1)
        arrival = rng.standard_exponential((len(last), n_items), dtype=np.float32) / popularity
        deadline = np.take_along_axis(np.sort(arrival, axis=1), last, axis=1)
        user_idx, item_idx = np.nonzero(arrival <= deadline)
        found.append((user_idx + start, item_idx))
    user_idx, item_idx = (np.concatenate(part) for part in zip(*found, strict=True))
    return user_idx, item_idx


def _stars(
    user_idx: np.ndarray,
    item_idx: np.ndarray,
    n_users: int,
    n_items: int,
    scale: RatingScale,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n_ratings,) float32 stars of these cells."""
    user_offset, item_offset = rng.normal(0.0, 0.4, n_users), rng.normal(0.0, 0.5, n_items)
    taste = rng.normal(0.0, 1.0, (n_users, RANK)).astype(np.float32)
    traits = rng.normal(0.0, 0.7 / np.sqrt(RANK), (n_items, RANK)).astype(np.float32)
    fit = sum(taste[user_idx, axis] * traits[item_idx, axis] for axis in range(RANK))  # no (n_ratings, RANK) array
    noise = rng.normal(0.0, 0.5, len(user_idx))
    wished = scale.middle + 0.5 + user_offset[user_idx] + item_offset[item_idx] + fit + noise
    if scale.is_continuous:
        return scale.clip(wished).astype(np.float32)
    steps = np.round((scale.clip(wished) - scale.lowest) / scale.step)
    return (scale.lowest + scale.step * steps).astype(np.float32)
