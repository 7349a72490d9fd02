"""Why a film is in a list: which of the person's ratings spoke for it most.

Every model is a function of a history, so every model can be asked what it would have said without one of the ratings.

Legend: I items, m ratings that are tried as reasons, n items, k ranked ones.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.models.base import ContrastModel, Model

MOST_TRIED, FEWEST_TRIED = 200, 10  # ratings that are tried as reasons: with more, a list would take too long
MOST_CELLS = 2**21  # of tried ratings and films; so of 10,485 films all of these are tried, of 87,585 films 23
SPEAKERS = 3  # ratings of which one is named
AGAIN = 0.2  # of a likeness, for each time that a rating was named before
TIME, YEARS = 0.3, 10.0  # share of the time in a likeness, and the years that leave 1/e of it
UNKNOWN = 0.1  # what films share of which one has no genre
ALIKE = 0.2  # of what their genres tell: films that share less are no reason for one another
NO_GENRES = ("IMAX", "(no genres listed)")  # what data sets list among genres


def support_of(
    model: Model, contrast: ContrastModel | None, history: sp.csr_array, tried: np.ndarray, items: np.ndarray
) -> np.ndarray:
    """By how much ratings speak for items: what a model's scores would be without each of them in turn says so.

    Args:
        model: answers.
        contrast: the same if it need not score all items to say what sets few apart; else None.
        history: (1, I) stars.
        tried: (m,) places of the ratings to leave out.
        items: (n,) item_idx.

    Returns:
        (m, n) float32: by how much more a rating raises an item's score than it raises those of items on average;
        ratings as in `tried`. What raises everything alike, a person's generosity say, is no reason.
    """
    if not len(tried) or not len(items):
        return np.zeros((len(tried), len(items)), dtype=np.float32)
    people = Histories(with_and_without(history, tried))
    if contrast is not None:
        above = contrast.above_mean(people, items)  # (1 + m, n)
    else:
        scores = model.score(people)  # (1 + m, I)
        above = scores[:, items] - scores.mean(axis=1, keepdims=True)
    return above[0] - above[1:]


def with_and_without(history: sp.csr_array, tried: np.ndarray) -> sp.csr_array:
    """(1, I) with n ratings -> (1 + m, I): the history, and below it the same without each of the (m,) tried places."""
    kept = np.ones((len(tried) + 1, history.nnz), dtype=bool)
    kept[1 + np.arange(len(tried)), tried] = False
    rows, places = np.nonzero(kept)
    starts = np.searchsorted(rows, np.arange(len(kept) + 1))
    return sp.csr_array((history.data[places], history.indices[places], starts), shape=(len(kept), history.shape[1]))


def most_tried(n_items: int) -> int:
    """Ratings that can be tried in no time in a catalogue of so many films.

    >>> most_tried(1682), most_tried(87_585), most_tried(10**6)
    (200, 23, 10)
    """
    return max(FEWEST_TRIED, min(MOST_TRIED, MOST_CELLS // n_items))


def most_telling(history: sp.csr_array, possible: np.ndarray, most: int | None = None) -> np.ndarray:
    """(m,) places of ratings out of possible ones, (p,): the highest stars where there are more than `most`.

    Args:
        history: (1, I) stars.
        possible: rising.
        most: None: as `most_tried`.
    """
    most = most_tried(history.shape[1]) if most is None else most
    return np.sort(possible[np.argsort(-history.data[possible], kind="stable")[:most]])


def worth_naming(stars: np.ndarray, middle: float) -> np.ndarray:
    """(m,) bool, ratings that can be a reason: above the middle of the scale, and not below the person's mean."""
    return (stars > middle) & (stars >= stars.mean()) if len(stars) else np.zeros(0, dtype=bool)


def named(support: np.ndarray, likeness: np.ndarray) -> list[int | None]:
    """For each film of a list the row of the rating that people would name as its reason; None where none would do.

    The SPEAKERS ratings that speak for the film most are looked at, if they speak at least half as much as the first.
    The one whose film is most like the film is named, and each time a rating was named before in this list counts
    against it. A rating whose film has nothing in common with the film is never named.

    Args:
        support: (m, k) by how much each rating that is worth naming speaks for each film of the list, the best one
            first.
        likeness: (m, k) in [0, 1], how much the films have in common; 0: nothing.
    """
    n_named = np.zeros(len(support))
    found: list[int | None] = []
    allowed, columns = (likeness > 0).T, np.ascontiguousarray(support.T)
    for at in range(support.shape[1]):
        rows = speakers(columns[at], allowed[at])
        row = max(rows, key=lambda row: likeness[row, at] - AGAIN * n_named[row], default=None)
        if row is not None:
            n_named[row] += 1
        found.append(row)
    return found


def speakers(support: np.ndarray, allowed: np.ndarray) -> list[int]:
    """Rows of the allowed ratings, (m,) bool, that speak for a film most, by (m,) support, the first one first."""
    possible = np.flatnonzero(allowed & (support > 0))
    by_support = possible[np.argsort(-support[possible], kind="stable")].tolist()
    return [row for row in by_support[:SPEAKERS] if 2 * support[row] >= support[by_support[0]]]


def rarity(genres: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """(G,) nats, how much it says that two of (I, G) films share a genre; nothing of what is no genre."""
    told = np.log(len(genres) / np.maximum(genres.sum(axis=0), 1))
    return np.where(np.isin(names, NO_GENRES), 0.0, told)


def likeness_of(
    genres: np.ndarray, years: np.ndarray, others: np.ndarray, other_years: np.ndarray, least: float = 0.0
) -> np.ndarray:
    """(m, k) in [0, 1], what films have in common: genres that both have among those that either has, and the time.

    Films of no common genre have nothing in common, unless one of them has no genre at all.

    Args:
        genres: (m, G) float64, how much each genre of a film tells; 0 where it has not the genre.
        years: (m,) float64; NaN where unknown.
        others: (k, G) float64.
        other_years: (k,) float64.
        least: share of the genres, from which on films have something in common.
    """
    both = np.minimum(genres[:, None], others).sum(axis=2)
    either = genres.sum(axis=1)[:, None] + others.sum(axis=1) - both
    unknown = np.logical_or.outer(~genres.any(axis=1), ~others.any(axis=1))
    shared = np.where(unknown, max(UNKNOWN, least), both / np.where(either > 0, either, 1.0))
    apart = np.nan_to_num(np.abs(np.subtract.outer(years, other_years)), nan=np.inf)
    alike = (shared > 0) & (shared >= least)
    return np.where(alike, (1 - TIME) * shared + TIME * np.exp(-apart / YEARS), 0.0)


def rating_in_words(history: sp.csr_array, place: int, titles: Sequence[str]) -> str:
    """The end of a sentence about the rating at a place of a history, (1, I), of items with titles."""
    stars = history.data[place]
    return f"you gave {titles[history.indices[place]]} {stars:g} star{'s' * bool(stars != 1)}"


def without_rating(item: int, n_likes: np.ndarray) -> str:
    """The end of a sentence about a film that no rating speaks for, "" if there is nothing to say of it.

    Args:
        item: item_idx.
        n_likes: (I,) people who like each film.
    """
    liked_by_many = n_likes[item] >= n_likes.mean()  # more people than like a film on average
    return "many people like it" if liked_by_many else ""
