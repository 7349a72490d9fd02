"""Orders in which a list may be read: the model's own, or its head by something that everybody can see.

Legend: b films at the head of a list, best first.
"""

import reprlib
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from recsys.errors import DataError, UnknownError
from recsys.recommend.foreseen_stars import ForeseenStars
from recsys.recommend.recommender import Recommender

BEST = "best bet"
HEAD = 50  # films that another order is made of: what lies further down the list is no longer what the person likes

Keys = Callable[[Recommender, ForeseenStars, np.ndarray], np.ndarray]  # of (b,) item_idx; the lowest comes first


def by_stars(model: Recommender, person: ForeseenStars, items: np.ndarray) -> np.ndarray:
    """The most expected stars first.

    Raises:
        DataError: the model predicts none.
    """
    stars = person.expected(items)
    if stars is None:
        raise DataError(f"{model.artifact.name} predicts no stars, so it knows no order by them; choose another order.")
    return -stars


def by_year(model: Recommender, person: ForeseenStars, items: np.ndarray) -> np.ndarray:
    """The newest first, those of unknown year last."""
    return -np.array([model.catalog.year[item] or 0 for item in items])


def by_ratings(model: Recommender, person: ForeseenStars, items: np.ndarray) -> np.ndarray:
    """What the fewest people rated first."""
    return np.array([model.crowd.n_ratings(int(item)) for item in items])


ORDERS: dict[str, Keys] = {"most stars": by_stars, "newest": by_year, "least known": by_ratings}
ORDER_NAMES = (BEST, *ORDERS)


def checked_order(order: object) -> str:
    """One of ORDER_NAMES; UnknownError for anything else."""
    if not isinstance(order, str) or order not in ORDER_NAMES:
        raise UnknownError(f"got {reprlib.repr(order)} for an order; expected one of these: {', '.join(ORDER_NAMES)}.")
    return order


def length_of_head(order: str, k: int) -> int:
    """How many films of a list of k are to be ranked: more than are shown, where these are not simply the first."""
    return k if order == BEST else max(k, HEAD)


def places(model: Recommender, person: ForeseenStars, items: np.ndarray, order: str) -> np.ndarray:
    """(b,) places in (b,) item_idx, in another order; equals stay as they are.

    Args:
        model: knows the films.
        person: whom the list is for.
        items: best first.
        order: one of ORDER_NAMES.
    """
    if order == BEST or not len(items):
        return np.arange(len(items))
    return np.argsort(ORDERS[order](model, person, items), kind="stable")


def best_first(model: Recommender, history: sp.csr_array, items: np.ndarray) -> np.ndarray:
    """(b,) places in (b,) item_idx of any films, in the model's own order.

    Of equal ones that comes first which more people like.

    Raises:
        DataError: a score is no number.
    """
    scores = model.checked.finite("scores", model.checked.scores(history))[items]
    return np.lexsort((-model.crowd.n_likes[items], -scores))
