"""Which films to suggest, and why: what the page and its endpoints show, as plain values.

Shapes: k suggestions.
"""

import reprlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

import numpy as np

from recsys.errors import DataError
from recsys.models.numeric.threads import one_thread
from recsys.recommend.foreseen_stars import ForeseenStars
from recsys.recommend.group.listing import FAIR, GroupList, GroupWishes, histories_of, list_for, reasons_for
from recsys.recommend.lists import elicitation
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.recommend.lists.histories import checked_stars
from recsys.recommend.orders import BEST, checked_order, length_of_head, places
from recsys.recommend.recommender import Recommender

LIST_LENGTH = 10
MOST_RATINGS = 1000  # that one call may bring
MOST_LOVED = 5  # films that are named beside genres
MOST_FOUND = 100  # films that one search gives


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One film of a list.

    Attributes:
        item_id: the data's id.
        title: with the year.
        predicted_stars: what the visitor might give; None where the model predicts no stars.
        chances: of every star level, lowest first; empty where the model gives none.
        mean_stars: over everybody's ratings, n_ratings in number; None where there are too few to say.
        reason: why it is listed, as the end of a sentence that begins with "Because"; "" where there is none to give.
    """

    item_id: int
    title: str
    genres: list[str]
    predicted_stars: float | None = None
    chances: tuple[float, ...] = ()
    mean_stars: float | None = None
    n_ratings: int = 0
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupSuggestion(Suggestion):
    """One film of a list for several people; its predicted stars are what they would give on average.

    Attributes:
        each_ones_stars: that each would give, in the order of the people; empty where the model predicts none.
        chosen_for: in a fair mix, the number of the person for whom the film is there, from 1; else None.
    """

    each_ones_stars: tuple[float, ...] = ()
    chosen_for: int | None = None


def recommend(
    model: Recommender,
    ratings: Mapping[str, float],
    exclude: Sequence[str] = (),
    k: int = LIST_LENGTH,
    adventure: float = 0.0,
    order: str = BEST,
    filters: Filters = ANY_FILM,
) -> list[Suggestion]:
    """Films for somebody who gave some ratings, best first: none of the rated or excluded ones.

    Args:
        model: what knows.
        ratings: title -> stars.
        exclude: titles not to list.
        adventure: from 0, familiar, to 1, adventurous.
        order: one of orders.ORDER_NAMES.
        filters: what the films must be.

    Raises:
        DataError: a title, the order or what filters ask for is unknown, or a value is not on the scale.
    """
    person, head = model.foreseen(model.history(ratings)), length_of_head(checked_order(order), k)
    with one_thread():
        items, reasons = model.ranked(person, head, exclude, adventure, filters=filters)
        return in_order(model, items, person, reasons, order, k)


def in_genres(
    model: Recommender,
    filters: Filters,
    ratings: Mapping[str, float] | None = None,
    exclude: Sequence[str] = (),
    k: int = LIST_LENGTH,
    adventure: float = 0.0,
    order: str = BEST,
) -> list[Suggestion]:
    """Films for somebody who asks for genres, and may have given ratings.

    Args:
        model: what knows.
        filters: the genres, and what else the films must be.
        ratings: title -> stars.
        exclude: titles not to list.
        adventure: from 0, familiar, to 1, adventurous.
        order: one of orders.ORDER_NAMES.

    Raises:
        DataError: what filters ask for is unknown, or there is no genre; or as recommend.
    """
    person, head = model.foreseen(model.history(ratings or {})), length_of_head(checked_order(order), k)
    items, matched = model.ranked_in_genres(person, head, exclude, adventure, filters=filters)
    differ = len(filters.genres) > 1 and not filters.all_of_them
    said = [f"you asked for {found}" if differ else "" for found in matched]
    return in_order(model, items, person, model.reasons(person.history, items) if ratings else said, order, k)


def for_group(
    model: Recommender, people: Sequence[Mapping[str, float]], wishes: GroupWishes, with_reasons: bool = True
) -> list[GroupSuggestion]:
    """Films for some people, by what each has rated.

    Args:
        model: what knows.
        people: title -> stars, of 2 to 8 people.
        wishes: what is wanted.
        with_reasons: whether to give reasons, which tell what somebody has rated.

    Raises:
        DataError: there are too few people or too many, one has rated nothing, or a film or its stars are unknown.
    """
    histories = histories_of(model, people)
    found = list_for(model, histories, wishes)
    reasons = reasons_for(model, histories, found) if with_reasons else ()
    return group_suggestions(model, found, wishes.how, reasons)


def group_suggestions(
    model: Recommender, found: GroupList, how: str, reasons: Sequence[str] = ()
) -> list[GroupSuggestion]:
    """Films of a list for several people, with what is shown of them.

    Args:
        model: knows the films.
        found: the list.
        how: it was made, one of HOWS.
        reasons: of each film; none: without.
    """
    films = suggestions(model, found.items, None, reasons)
    return [said_to_all(film, found, place, how) for place, film in enumerate(films)]


def said_to_all(film: Suggestion, found: GroupList, place: int, how: str) -> GroupSuggestion:
    """A film at a place of a list, with what is said of it to all of the people."""
    stars = () if found.stars is None else tuple(round(float(one), 2) for one in found.stars[:, place])
    mean = round(float(np.mean(found.stars[:, place])), 2) if found.stars is not None else None
    chosen_for = int(found.fondest[place]) + 1 if how == FAIR else None
    said = asdict(film) | {"predicted_stars": mean}
    return GroupSuggestion(**said, each_ones_stars=stars, chosen_for=chosen_for)


def about_adventure(model: Recommender, adventure: float) -> str:
    """What an adventurous list is; nothing for a familiar one."""
    if not adventure:
        return ""
    if model.checked.latent is not None:
        return "Further from your usual taste, and less famous."
    return "Less famous films: the model that answers now has no map of tastes to look around in."


def near(
    model: Recommender, title: str, exclude: Sequence[str] = (), k: int = LIST_LENGTH, filters: Filters = ANY_FILM
) -> list[Suggestion]:
    """Films near a film as filters have it, none of the excluded ones; DataError if it or a filter is unknown."""
    table = model.similar(title, k, exclude=exclude, filters=filters)
    return suggestions(model, np.array(model.titles.find_all(table["item_id"]), dtype=np.int64))


def found(model: Recommender, text: str, k: int = LIST_LENGTH) -> list[Suggestion]:
    """Films that a text may mean, best first, without stars.

    Args:
        model: what knows.
        text: a title or a part of one; "": the most rated films.
        k: films at most.

    Raises:
        DataError: k is not from 1 to MOST_FOUND, or the text is none.
    """
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MOST_FOUND:
        raise DataError(f"got {reprlib.repr(k)} for k; expected a whole number from 1 to {MOST_FOUND}.")
    if not isinstance(text, str):
        raise DataError(f"got {reprlib.repr(text)} to search for; expected a text, such as a part of a title.")
    return suggestions(model, np.array(model.titles.search(text, k), dtype=np.int64))


def predict(model: Recommender, ratings: Mapping[str, float], titles: Sequence[str]) -> list[Suggestion]:
    """What somebody who gave some ratings would give to certain films, in their order.

    Raises:
        DataError: as recommend; or the model predicts no stars.
    """
    model.checked.require_stars()
    person, items = model.foreseen(model.history(ratings)), np.array(model.titles.find_all(titles), dtype=np.int64)
    return suggestions(model, items, person)


def suggestions(
    model: Recommender,
    items: np.ndarray,
    person: ForeseenStars | None = None,
    reasons: Sequence[str] = (),
) -> list[Suggestion]:
    """Films, (k,) item_idx, with what the page shows of them.

    Args:
        person: to whom they are shown with what they might give; None: without stars.
        reasons: of each film; none: without.
    """
    stars, chances = expectations(model, person, items)
    return [
        Suggestion(
            item_id=int(model.catalog.item_ids[item]),
            title=model.display_titles[item],
            genres=list(model.catalog.genres[item]),
            predicted_stars=expected,
            chances=spread,
            mean_stars=model.crowd.mean_stars(int(item)),
            n_ratings=model.crowd.n_ratings(int(item)),
            reason=reason,
        )
        for item, expected, spread, reason in zip(items, stars, chances, reasons or [""] * len(items), strict=True)
    ]


def in_order(
    model: Recommender, items: np.ndarray, person: ForeseenStars, reasons: Sequence[str], order: str, k: int
) -> list[Suggestion]:
    """As `suggestions`, the first k in one of the orders of orders.ORDER_NAMES."""
    turns = places(model, person, items, order)[:k]
    said = ["" if items[at] in person.history.indices else reasons[at] for at in turns]  # its own stars are no reason
    return suggestions(model, items[turns], person, said)


def expectations(
    model: Recommender, person: ForeseenStars | None, items: np.ndarray
) -> tuple[Sequence[float | None], Sequence[tuple[float, ...]]]:
    """Stars of (k,) items, and the chance of every level, where the model says so, and of somebody."""
    levels, expected = (None, None) if person is None else (person.chances(items), person.expected(items))
    return (
        [None] * len(items) if expected is None else [round(float(value), 2) for value in expected],
        [()] * len(items) if levels is None else [tuple(round(float(at), 3) for at in row) for row in levels],
    )


def checked_rating(model: Recommender, title: object, stars: object) -> tuple[str, float]:
    """A film's display title and stars; DataError if there is no such film, or the stars are not on the scale."""
    if not isinstance(title, str):
        raise DataError(
            f"got {reprlib.repr(title)} for a title; expected one such as {next(iter(model.titles.item_of))!r}."
        )
    return model.display_titles[model.titles.find(title)], checked_stars(model.scale, title, stars)


def known_ratings(model: Recommender, ratings: object) -> dict[str, float]:
    """Those of some ratings, as a browser has kept them, that the model understands; the rest is left out."""
    known: dict[str, float] = {}
    for title, stars in list(ratings.items())[:MOST_RATINGS] if isinstance(ratings, dict) else ():
        with suppress(DataError):
            film, checked = checked_rating(model, title, stars)
            known[film] = checked
    return known


def with_loved(model: Recommender, ratings: Mapping[str, float], loved: object) -> dict[str, float]:
    """Some ratings, and the highest stars for films that somebody says they love.

    Raises:
        DataError: one of these is unknown, or there are more than MOST_LOVED.
    """
    if not isinstance(loved, list | None) or len(loved or ()) > MOST_LOVED:
        raise DataError(f"Choose up to {MOST_LOVED} films that you love.")
    return dict(ratings) | dict(checked_rating(model, title, model.scale.highest) for title in loved or ())


def films_to_rate(
    model: Recommender,
    rated: Mapping[str, float],
    passed: Sequence[str],
    k: int,
    vectors: np.ndarray | None = None,
    filters: Filters = ANY_FILM,
) -> list[str]:
    """Titles of k films whose stars would tell most about somebody, neither rated nor passed over.

    Args:
        vectors: (I, L) what films are compared by, such as their tastes; None: their genres.
        filters: of whose genres, years and decades the films are, as far as there are such films.

    Raises:
        DataError: what filters ask for is unknown.
    """
    asked = model.titles.find_all([*rated, *passed])
    wanted = model.titles.offered & replace(filters, least_ratings=0, most_ratings=None).mask(model)
    titles = telling_most(model, asked, k, vectors, wanted)
    if len(titles) == k:
        return titles
    asked = [*asked, *model.titles.find_all(titles)]
    return titles + telling_most(model, asked, k - len(titles), vectors, model.titles.offered)


def telling_most(
    model: Recommender, asked: Sequence[int], k: int, vectors: np.ndarray | None, offered: np.ndarray
) -> list[str]:
    """Titles of k films, or fewer, of those offered, (I,) bool, that are none of (n,) item_idx."""
    genres = model.catalog.genre_matrix
    compared = np.column_stack([genres, ~genres.any(axis=1)]).astype(float) if vectors is None else vectors
    with one_thread():
        chosen = elicitation.films_to_rate(compared, model.artifact.items.n_ratings, asked, k, offered)
    return [model.display_titles[item] for item in chosen]
