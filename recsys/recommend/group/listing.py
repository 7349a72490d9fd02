"""Which films a list for several people is made of, and in which order they come.

A list is made of films that are at the head of somebody's own: what nobody would choose is no film for all. Where
stars order it, which a model predicts as high of a film that few have rated as of one that many know, films of standing
(see recsys.recommend.lists.crowd) come before all others.

Legend: P people, I items, C films that may be listed, k listed films.
"""

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from recsys.errors import DataError
from recsys.recommend.foreseen_stars import ForeseenStars
from recsys.recommend.group.strategies import bearable, by_least, by_mean, fair_mix, graded, placed
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.recommend.lists.genres import Years, films_in, released_in
from recsys.recommend.lists.histories import Stars
from recsys.recommend.lists.usual_stars import usual_stars

if TYPE_CHECKING:
    from recsys.recommend.recommender import Recommender

MEAN, LEAST, FAIR = "mean", "least misery", "fair"
HOWS = (MEAN, LEAST, FAIR)
FEWEST_PEOPLE, MOST_PEOPLE = 2, 8
HEAD = 200  # films of each one's own list that may be listed for all


@dataclass(frozen=True, kw_only=True)
class GroupWishes:
    """What is wanted of a list for several people.

    Attributes:
        k: films at most.
        how: one of HOWS.
        exclude: films not to list.
        seen_too: whether films are fine that somebody has rated, though not everybody.
        genres: of which a film has at least one; None: any.
        years: first and last year of release; None: any.
        filters: what the films must be besides; of `seen_too` the field above counts.

    Raises:
        DataError: there is no such way to choose.
    """

    k: int = 10
    how: str = MEAN
    exclude: Iterable[str | int] = ()
    seen_too: bool = False
    genres: Sequence[str] | None = None
    years: Years = None
    filters: Filters = ANY_FILM

    def __post_init__(self) -> None:
        if not isinstance(self.how, str) or self.how not in HOWS:
            raise DataError(f"got {reprlib.repr(self.how)} for how; expected one of these: {', '.join(HOWS)}.")


@dataclass(frozen=True, eq=False)
class GroupList:
    """A list for several people.

    Attributes:
        items: (k,) item_idx, best first.
        stars: (P, k) that each would give, or has given; None of a model that predicts none.
        fondest: (k,) who gets most of each film, by their place among the people.
    """

    items: np.ndarray
    stars: np.ndarray | None
    fondest: np.ndarray

    def at(self, places: Sequence[int]) -> "GroupList":
        """The films at some places."""
        at = np.array(places, dtype=np.int64)
        return GroupList(self.items[at], None if self.stars is None else self.stars[:, at], self.fondest[at])

    @property
    def mean_stars(self) -> np.ndarray | None:
        """(k,) over the people."""
        return None if self.stars is None else self.stars.mean(axis=0)


def histories_of(model: "Recommender", people: object) -> list[sp.csr_array]:
    """What each of some people has rated, (1, I) stars.

    Raises:
        DataError: there are too few people, or too many; one of them has rated nothing, or what cannot be rated.
    """
    if not isinstance(people, list | tuple) or not FEWEST_PEOPLE <= len(people) <= MOST_PEOPLE:
        came = f"{len(people)}" if isinstance(people, list | tuple) else reprlib.repr(people)
        raise DataError(f"got {came} for people; expected a list of {FEWEST_PEOPLE} to {MOST_PEOPLE} people's ratings.")
    return [history_of_one(model, ratings, number) for number, ratings in enumerate(people, start=1)]


def history_of_one(model: "Recommender", ratings: Stars, number: int) -> sp.csr_array:
    """Likewise of one of them; a DataError says by the number who it is."""
    if isinstance(ratings, Mapping) and not ratings:
        raise DataError(f"person {number} has rated nothing; expected at least 1 rating of each.")
    try:
        return model.history(ratings)
    except DataError as reason:
        raise type(reason)(f"person {number}: {reason}") from None


def list_for(model: "Recommender", histories: Sequence[sp.csr_array], wishes: GroupWishes) -> GroupList:
    """The list for people with these histories, (1, I) stars each.

    By mean comes first what they would give the most stars on average; by least misery, what the one would give who
    would give the fewest, and nothing that somebody would give fewer than they usually give, as far as there is enough
    else; as a fair mix, films by which everybody is served alike (see recsys.recommend.group.strategies). Where the
    model predicts no stars, the place of a film in each one's own order stands for them. Where it
    does, films of no standing come after all that have some.
    """
    people = [model.foreseen(history) for history in histories]
    scores = np.stack([model.checked.scores(history) for history in histories])  # (P, I)
    candidates = head_of_each(model, people, scores, wishes)
    stars = stars_of(people, candidates)
    liking = placed(scores[:, candidates]) if stars is None else stars  # (P, C)
    grades, known = graded(liking), (stars is None) | model.crowd.of_standing[candidates]
    if wishes.how == FAIR:
        places, fondest = fair_mix(grades, wishes.k, known)
    else:
        in_turn = in_order(liking, wishes.how, stars, usual_of(model, histories))
        places = in_turn[np.argsort(~known[in_turn], kind="stable")][: wishes.k]
        fondest = grades[:, places].argmax(axis=0)
    return GroupList(candidates[places], None if stars is None else stars[:, places], fondest)


def head_of_each(
    model: "Recommender", people: Sequence[ForeseenStars], scores: np.ndarray, wishes: GroupWishes
) -> np.ndarray:
    """(C,) item_idx of all films that may be listed, those first that more people like."""
    fits = released_in(model.catalog, wishes.years) & wishes.filters.mask(model)
    if wishes.genres is not None:
        fits = fits & films_in(model.catalog, wishes.genres)
    rated = np.concatenate([person.history.indices for person in people])
    unwanted = [*np.flatnonzero(~fits), *model.titles.find_all(wishes.exclude)]
    is_listed = np.zeros(model.catalog.n_items, dtype=bool)
    for person, own in zip(people, scores, strict=True):
        seen = person.history.indices if wishes.seen_too else rated
        is_listed[model.worth_it(person, own, max(HEAD, wishes.k), [*unwanted, *seen])] = True
    most_liked_first = model.crowd.most_liked_first
    return most_liked_first[is_listed[most_liked_first]]


def stars_of(people: Sequence[ForeseenStars], items: np.ndarray) -> np.ndarray | None:
    """(P, n) stars that each would give to some items, (n,), or has given; None of a model that predicts none."""
    expected = [person.expected(items) for person in people]
    if any(stars is None for stars in expected):
        return None
    given = np.concatenate([person.history.toarray() for person in people])[:, items]
    return np.where(given > 0, given, np.stack(expected)).astype(np.float64)  # type: ignore[arg-type]


def usual_of(model: "Recommender", histories: Sequence[sp.csr_array]) -> np.ndarray:
    """(P,) stars that each usually gives."""
    return np.array([usual_stars(history.data, model.crowd.mean_of_all) for history in histories])


def in_order(liking: np.ndarray, how: str, stars: np.ndarray | None, usual: np.ndarray) -> np.ndarray:
    """Places of films by mean or by least misery, where `how` is MEAN or LEAST, best first.

    Args:
        liking: (P, C) how much each likes each film.
        how: MEAN or LEAST.
        stars: (P, C) that each would give; None: nobody knows.
        usual: (P,) that each usually gives.
    """
    if how == MEAN:
        return by_mean(liking)
    places = by_least(liking)
    return places if stars is None else places[bearable(stars, usual)[places]]


def reasons_for(model: "Recommender", histories: Sequence[sp.csr_array], found: GroupList) -> list[str]:
    """Why each film of a list is there: what speaks for it among the ratings of the one who gets most of it, or ""."""
    reasons = [""] * len(found.items)
    for person, history in enumerate(histories):
        places = np.flatnonzero(found.fondest == person)
        if len(places):
            said = model.reasons(history, found.items[places])
            for place, reason in zip(places, said, strict=True):
                reasons[place] = by_number(reason, person + 1)
    return reasons


def by_number(reason: str, number: int) -> str:
    """A reason that speaks to somebody, as one that speaks of them.

    >>> by_number("you gave Fargo (1996) 5 stars", 2), by_number("many people like it", 2)
    ('person 2 gave Fargo (1996) 5 stars', 'many people like it')
    """
    return f"person {number} {reason.removeprefix('you ')}" if reason.startswith("you ") else reason
