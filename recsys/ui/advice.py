"""Which films to suggest, and why: pure functions of a library and of what a visitor said.

Shapes: I items, k suggestions, R rated films.
"""

import difflib
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.data.errors import DataError
from recsys.ranking import top_k
from recsys.ui.library import Library

LIST_LENGTH = 10


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One film of a list.

    Attributes:
        title: with the year.
        predicted_stars: what the visitor might give; None where that was not asked.
        mean_stars: over everybody's ratings, n_ratings in number.
        because: title of the rated film that spoke for it most, if any did.
    """

    title: str
    genres: list[str]
    predicted_stars: float | None = None
    mean_stars: float
    n_ratings: int
    because: str | None = None


def recommend(library: Library, ratings: Mapping[str, float]) -> list[Suggestion]:
    """Films that fit some ratings, best first: none of the rated ones.

    Where nothing was liked there is nothing to go by, so they are the films that most people like.

    Args:
        ratings: display title -> stars on the library's scale, at least one.

    Raises:
        DataError: a title is unknown, a value is not on the scale, or there are no ratings.
    """
    history = history_of(library, ratings)
    scores = library.ranker.score(history)[0]
    ranked = best(library, scores if scores.any() else library.n_likes, library.offered & (history.toarray()[0] == 0))
    stars = library.scale.clip(library.rater.predict(history)[0])
    reasons = strongest(library, history, ranked)
    return [
        describe(library, item, stars=float(stars[item]), reason=reason)
        for item, reason in zip(ranked, reasons, strict=True)
    ]


def in_genres(library: Library, genres: list[str]) -> list[Suggestion]:
    """Films of some genres by likes * (how many of the genres the film has)**2, highest first.

    The square lets a film of both of two genres pass one of a single genre that four times as many people like.

    Raises:
        DataError: a genre is unknown, or there are none.
    """
    check_genres(library, genres)
    chosen = np.isin(library.catalog.genre_names, genres)
    n_matched = library.catalog.genre_matrix[:, chosen].sum(axis=1)
    ranked = best(library, library.n_likes * n_matched**2, library.offered & (n_matched > 0))
    return [describe(library, item) for item in ranked]


def best(library: Library, scores: np.ndarray, allowed: np.ndarray) -> list[int]:
    """item_idx of the highest scores, (I,) floating, among the allowed, (I,) bool; LIST_LENGTH or fewer."""
    ranked = top_k(scores[None], sp.csr_array(~allowed[None]), LIST_LENGTH)[0]
    return [int(item) for item in ranked if item >= 0]


def strongest(library: Library, history: sp.csr_array, ranked: Sequence[int]) -> list[int | None]:
    """For each of k ranked items the rated item that added most to its score; None where none added anything."""
    feedback = library.ranker.feedback(history)
    contributions = feedback.data[:, None] * library.ranker.weights[np.ix_(feedback.indices, ranked)]  # (R, k)
    reasons = feedback.indices[contributions.argmax(axis=0)]
    return [int(item) if added > 0 else None for item, added in zip(reasons, contributions.max(axis=0), strict=True)]


def describe(library: Library, item: int, *, stars: float | None = None, reason: int | None = None) -> Suggestion:
    """What the page says about one item: predicted stars and the item that spoke for it, where there are such."""
    return Suggestion(
        title=library.catalog.display_title(item),
        genres=list(library.catalog.genres[item]),
        predicted_stars=None if stars is None else round(stars, 2),
        mean_stars=round(float(library.mean_stars[item]), 2),
        n_ratings=int(library.n_ratings[item]),
        because=None if reason is None else library.catalog.display_title(reason),
    )


def history_of(library: Library, ratings: Mapping[str, float]) -> sp.csr_array:
    """(1, I) float32 of stars; raises DataError for what is not a rating of a film of the library."""
    check_ratings(library, ratings)
    items = [library.item_of[title] for title in ratings]
    stars = np.array(list(ratings.values()), dtype=np.float32)
    return sp.csr_array((stars, ([0] * len(items), items)), shape=(1, library.catalog.n_items))


def check_ratings(library: Library, ratings: object) -> None:
    """Raise DataError unless it maps at least one title to stars."""
    example = f'an object such as {{"{next(iter(library.item_of))}": {library.scale.highest:g}}}'
    if not isinstance(ratings, Mapping):
        raise DataError(f"got {reprlib.repr(ratings)} for ratings; expected {example}.")
    if not 0 < len(ratings) <= len(library.item_of):
        raise DataError(f"got {len(ratings)} ratings; expected 1 to {len(library.item_of)}, {example}.")
    for title, stars in ratings.items():
        check_title(library, title)
        check_stars(library, title, stars)


def check_title(library: Library, title: object) -> None:
    """Raise DataError unless it is a display title."""
    if isinstance(title, str) and title in library.item_of:
        return
    alike = difflib.get_close_matches(str(title)[:100], library.item_of, n=1)
    hint = f"did you mean {alike[0]!r}?" if alike else f"expected one like {next(iter(library.item_of))!r}."
    raise DataError(f"no film of {library.name} has the title {reprlib.repr(title)}; {hint}")


def check_stars(library: Library, title: str, stars: object) -> None:
    """Raise DataError unless it is a number on the library's scale."""
    scale = library.scale
    is_number = isinstance(stars, int | float) and not isinstance(stars, bool)
    if not (is_number and scale.lowest <= stars <= scale.highest and scale.holds(np.float64(stars))):  # type: ignore
        raise DataError(
            f"{title}: got {reprlib.repr(stars)} stars; expected {scale.lowest:g} to {scale.highest:g} "
            f"in steps of {scale.step:g}."
        )


def check_genres(library: Library, genres: object) -> None:
    """Raise DataError unless it is a list of at least one of the catalogue's genres."""
    known = library.catalog.genre_names
    if not (isinstance(genres, list) and genres and all(isinstance(genre, str) for genre in genres)):
        raise DataError(f"got {reprlib.repr(genres)} for genres; expected a list of some of {', '.join(known)}.")
    unknown = next((genre for genre in genres if genre not in known), None)
    if unknown is not None:
        raise DataError(f"no film has the genre {reprlib.repr(unknown)}; the genres are {', '.join(known)}.")
