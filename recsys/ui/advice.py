"""Which films to suggest, and why: what the page and its endpoints show, as plain values.

Shapes: k suggestions.
"""

import reprlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.data.errors import DataError
from recsys.recommender import Recommender

LIST_LENGTH = 10
MOST_RATINGS = 1000  # that one call may bring


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One film of a list.

    Attributes:
        item_id: the data's id. title: with the year.
        predicted_stars: what the visitor might give; None where the model predicts no stars.
        chances: of every star level, lowest first; empty where the model gives none.
        mean_stars: over everybody's ratings, n_ratings in number; None where there are too few to say.
        reason: why it is listed, as the end of a sentence that begins with "Because".
    """

    item_id: int
    title: str
    genres: list[str]
    predicted_stars: float | None = None
    chances: tuple[float, ...] = ()
    mean_stars: float | None = None
    n_ratings: int = 0
    reason: str = ""


def recommend(
    model: Recommender, ratings: Mapping[str, float], exclude: Sequence[str] = (), k: int = LIST_LENGTH
) -> list[Suggestion]:
    """Films for somebody who gave some ratings, best first: none of the rated or excluded ones.

    Args:
        model: what knows.
        ratings: title -> stars, at least one.
        exclude: titles not to list.

    Raises:
        DataError: a title is unknown, a value is not on the scale, or there are no ratings.
    """
    check_number(model, ratings)
    return suggestions(model, model.recommend(ratings, k, exclude=exclude), model.history(ratings))


def in_genres(
    model: Recommender, genres: Sequence[str], ratings: Mapping[str, float] | None = None, k: int = LIST_LENGTH
) -> list[Suggestion]:
    """Films for somebody who asks for genres, and may have given ratings.

    Raises:
        DataError: a genre is unknown, or there are none; or as recommend.
    """
    given = ratings or {}
    return suggestions(model, model.for_genres(genres, k, given).drop(columns="reason"), model.history(given))


def near(model: Recommender, title: str, k: int = LIST_LENGTH) -> list[Suggestion]:
    """Films near a film; DataError if it is unknown."""
    nobody = sp.csr_array((1, model.catalog.n_items), dtype=np.float32)
    return suggestions(model, model.similar(title, k), nobody, says_stars=False)


def predict(model: Recommender, ratings: Mapping[str, float], titles: Sequence[str]) -> list[Suggestion]:
    """What somebody who gave some ratings would give to certain films, in their order.

    Raises:
        DataError: as recommend; or the model predicts no stars.
    """
    check_number(model, ratings)
    check_number(model, dict.fromkeys(titles, 0.0) if isinstance(titles, list) else titles)
    return suggestions(model, model.predict(ratings, titles), model.history(ratings))


def suggestions(
    model: Recommender, table: pd.DataFrame, history: sp.csr_array, says_stars: bool = True
) -> list[Suggestion]:
    """A table of a Recommender with what the page also shows of its films; history is (1, I) stars."""
    items = np.array(model.titles.find_all(table["item_id"]), dtype=np.int64)
    stars, chances = expectations(model if says_stars else None, history, items)
    reasons = table["reason"] if "reason" in table else [""] * len(items)
    return [
        Suggestion(
            item_id=int(model.catalog.item_ids[item]),
            title=model.display_titles[item],
            genres=list(model.catalog.genres[item]),
            predicted_stars=expected,
            chances=spread,
            mean_stars=model.mean_stars(int(item)),
            n_ratings=model.n_ratings(int(item)),
            reason=reason,
        )
        for item, expected, spread, reason in zip(items, stars, chances, reasons, strict=True)
    ]


def expectations(
    model: Recommender | None, history: sp.csr_array, items: np.ndarray
) -> tuple[list[float | None], list[tuple[float, ...]]]:
    """Stars of (k,) items, and the chance of every level, where there is a model and it says so."""
    expected = None if model is None else model.expected_stars(history, items)
    levels = None if model is None else model.chances(history, items)
    stars: list[float | None] = [None] * len(items)
    spread: list[tuple[float, ...]] = [()] * len(items)
    if expected is not None:
        stars = [round(float(value), 2) for value in expected]
    if levels is not None:
        spread = [tuple(round(float(chance), 3) for chance in row) for row in levels]
    return stars, spread


def check_number(model: Recommender, ratings: object) -> None:
    """Raise DataError unless there are some ratings, and not too many."""
    if isinstance(ratings, Mapping) and not 0 < len(ratings) <= MOST_RATINGS:
        example = f'an object such as {{"{next(iter(model.titles.item_of))}": {model.scale.highest:g}}}'
        raise DataError(f"got {len(ratings)} ratings; expected 1 to {MOST_RATINGS}, {example}.")


def checked_rating(model: Recommender, title: object, stars: object) -> tuple[str, float]:
    """A film's display title and stars; DataError if there is no such film, or the stars are not on the scale."""
    if not isinstance(title, str):
        raise DataError(
            f"got {reprlib.repr(title)} for a title; expected one such as {next(iter(model.titles.item_of))!r}."
        )
    return model.display_titles[model.titles.find(title)], model.checked_stars(title, stars)


def known_ratings(model: Recommender, ratings: object) -> dict[str, float]:
    """Those of some ratings, as a browser has kept them, that the model understands; the rest is left out."""
    known: dict[str, float] = {}
    for title, stars in list(ratings.items())[:MOST_RATINGS] if isinstance(ratings, dict) else ():
        with suppress(DataError):
            film, checked = checked_rating(model, title, stars)
            known[film] = checked
    return known


def films_to_rate(model: Recommender, rated: Mapping[str, float], passed: Sequence[str], k: int) -> list[str]:
    """Titles of k films that many people know, neither rated nor passed over, of genres that differ.

    Of the most rated films, one after the other is taken whose genres the films before it have least.
    """
    left = [item for title, item in model.titles.item_of.items() if title not in rated and title not in passed]
    candidates = np.array(left[: 10 * k], dtype=np.int64)
    genres = model.catalog.genre_matrix[candidates].astype(float)  # (n, G)
    genres /= np.maximum(genres.sum(axis=1, keepdims=True), 1)
    seen, chosen = np.zeros(genres.shape[1]), list[int]()
    for _ in range(min(k, len(candidates))):
        cost = genres @ seen + np.isin(np.arange(len(candidates)), chosen) * 1e9
        chosen.append(int(cost.argmin()))  # the most rated of equals
        seen += genres[chosen[-1]]
    return [model.display_titles[item] for item in candidates[chosen]]
