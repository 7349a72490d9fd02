"""One film for somebody who wants to be surprised: a good bet that is none of the usual suspects."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from recsys.recommend.answers import LIST_LENGTH, Suggestion, suggestions
from recsys.recommend.foreseen_stars import ForeseenStars
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.recommend.lists.usual_stars import usual_stars
from recsys.recommend.recommender import Recommender

FURTHER_OUT = 0.6  # of the way from familiar to adventurous
DRAWN_FROM = 40  # films
LIKED, UNUSUAL = "most who know it like it", "it is none of the usual suspects"
FAMOUS = 0.02  # of all films, those that most people like: everybody has heard of them


def surprise(
    model: Recommender,
    ratings: Mapping[str, float],
    draw: Callable[[int], int],
    exclude: Sequence[str] = (),
    filters: Filters = ANY_FILM,
) -> Suggestion | None:
    """A film further out in somebody's taste, predicted at least as many stars as they usually give.

    Neither in their list nor known to everybody, as far as there are such films.

    Args:
        model: what knows.
        ratings: title -> stars; may be empty.
        draw: a number below another, each as likely, such as secrets.randbelow.
        exclude: titles not to draw.
        filters: what the film must be.

    Returns:
        The film, always with a reason; None if none is left that fits.

    Raises:
        DataError: as answers.recommend.
    """
    person = model.foreseen(model.history(ratings))
    items, reasons = model.ranked(person, DRAWN_FROM, exclude, FURTHER_OUT, filters=filters)
    if not len(items):
        return None
    pool = good_bets(model, person, unusual(model, person, items))
    item = pool[draw(len(pool))]
    reason = reasons[int(np.flatnonzero(items == item)[0])] if person.history.nnz else ""
    return suggestions(model, np.array([item]), person, [reason or without_ratings(model, int(item))])[0]


def without_ratings(model: Recommender, item: int) -> str:
    """Why a film may surprise for which no rating speaks: the end of a sentence that begins with "Because"."""
    mean = model.crowd.mean_stars(item)
    return LIKED if mean is not None and mean >= model.crowd.mean_of_all else UNUSUAL


def unusual(model: Recommender, person: ForeseenStars, items: np.ndarray) -> np.ndarray:
    """Those of (b,) item_idx that are neither in somebody's list nor famous; all, where that leaves none."""
    listed, _ = model.ranked(person, LIST_LENGTH)
    famous = model.crowd.most_liked_first[: int(FAMOUS * model.catalog.n_items)]
    left = items[~np.isin(items, [*listed, *famous])]
    return left if len(left) else items


def good_bets(model: Recommender, person: ForeseenStars, items: np.ndarray) -> np.ndarray:
    """Those of (b,) item_idx that are given the usual stars, or more; all, where none is, or no stars are predicted."""
    stars = person.expected(items)
    if stars is None:
        return items
    good = items[stars >= usual_stars(person.history.data, model.crowd.mean_of_all)]
    return good if len(good) else items
