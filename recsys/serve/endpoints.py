"""What programs may ask: the functions behind the REST API, Gradio's named endpoints and the tools of an MCP server."""

import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from recsys.errors import DataError
from recsys.recommend import answers
from recsys.recommend.group.listing import MEAN, GroupWishes
from recsys.recommend.lists.filters import ANY_FILM, Filters, years_of
from recsys.recommend.recommender import Recommender

FILTER_NAMES = {"genres", "all_of_them", "decades", "least_ratings", "most_ratings"}


class Source(Protocol):
    """What has the model."""

    def ready(self) -> Recommender:
        """The model; DataError while there is none."""


@dataclass(frozen=True)
class Held:
    """A model that stays the same, whatever the engine has by now."""

    recommender: Recommender

    def ready(self) -> Recommender:
        """The model."""
        return self.recommender


class Endpoints:
    """What programs may ask, answered in plain values; whatever is refused is a DataError.

    Gradio's endpoints, the tools of language models and the REST API are these functions.
    """

    def __init__(self, engine: Source):
        """Take the model when somebody asks.

        Args:
            engine: has the model.
        """
        self._engine = engine

    def held(self) -> tuple["Endpoints", str]:
        """The same functions, all of which the model answers that is there now; and which version of it that is."""
        recommender = self._engine.ready()
        return Endpoints(Held(recommender)), recommender.version

    def recommend(
        self,
        ratings: dict[str, float],
        exclude: list[str] | None = None,
        adventure: float = 0.0,
        filters: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Ten films that fit some ratings, best first.

        Args:
            ratings: title -> stars, such as {"Fargo (1996)": 5}; a title may lack its year, article or accents.
            exclude: titles of films not to list.
            adventure: from 0, what fits best, to 1, what is liked further out in the neighbourhood of this taste.
            filters: what films must be, such as {"genres": ["Comedy", "War"], "all_of_them": true,
                "decades": ["1990s"], "least_ratings": 20, "most_ratings": 100}; or nothing.
        """
        model = self._engine.ready()
        check_number(model, ratings)
        found = answers.recommend(model, ratings, titles_of(exclude), adventure=adventure, filters=filters_of(filters))
        return [asdict(film) for film in found]

    def genres(
        self,
        genres: list[str],
        ratings: dict[str, float] | None = None,
        period: str | None = None,
        adventure: float = 0.0,
    ) -> list[dict[str, Any]]:
        """Ten films of some genres, best first, for somebody who may have given ratings.

        Args:
            genres: at least one, such as ["Comedy", "War"]; a film has one of them or more.
            ratings: title -> stars, or nothing.
            period: when the films were released, a decade such as "1980s", or nothing.
            adventure: from 0, what fits best, to 1, what is known to fewer.
        """
        model = self._engine.ready()
        if ratings:
            check_number(model, ratings)
        wanted = Filters(genres=genres, years=years_of(model, period))
        return [asdict(film) for film in answers.in_genres(model, wanted, ratings, adventure=adventure)]

    def group(
        self,
        people: list[dict[str, float]],
        how: str = MEAN,
        exclude: list[str] | None = None,
        seen_too: bool = False,
        genres: list[str] | None = None,
        period: str | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Ten films for several people together, best first, with the stars that each would give.

        Args:
            people: title -> stars of each of 2 to 8 people, such as [{"Fargo (1996)": 5}, {"Casino (1995)": 4}].
            how: "mean", what they like on average; "least misery", what nobody dislikes; "fair", a mix in which who got
                least so far counts most.
            exclude: titles of films not to list.
            seen_too: whether to list films that somebody has rated, but not everybody.
            genres: of which a film has one or more; nothing for any.
            period: when the films were released, a decade such as "1980s", or nothing.
            filters: what films must be besides, such as {"genres": ["Comedy", "War"], "all_of_them": true,
                "least_ratings": 20, "most_ratings": 100}; or nothing.
        """
        model = self._engine.ready()
        for ratings in people if isinstance(people, list) else ():
            check_number(model, ratings)
        wishes = GroupWishes(
            how=how,
            exclude=titles_of(exclude),
            seen_too=seen_too,
            genres=genres,
            years=years_of(model, period),
            filters=filters_of(filters),
        )
        return [asdict(film) for film in answers.for_group(model, people, wishes)]

    def similar(self, title: str) -> list[dict[str, Any]]:
        """Ten films that are near a film: those that the same people love.

        Args:
            title: such as "Fargo (1996)"; it may lack its year, article or accents.
        """
        return [asdict(film) for film in answers.near(self._engine.ready(), title)]

    def predict(self, ratings: dict[str, float], titles: list[str]) -> list[dict[str, Any]]:
        """Stars that somebody who gave some ratings would give to other films, and the chance of every star.

        Args:
            ratings: title -> stars, such as {"Fargo (1996)": 5}.
            titles: of the other films.
        """
        model = self._engine.ready()
        check_number(model, ratings)
        titles = titles_of(titles)
        check_number(model, titles)
        return [asdict(film) for film in answers.predict(model, ratings, titles)]

    def films(self, search: str = "", k: int = answers.LIST_LENGTH) -> list[dict[str, Any]]:
        """Films that somebody who types in a search box may mean, best first; the most rated ones for "".

        Args:
            search: a title, or a part of one, mistyped or not.
            k: at most so many, from 1 to 100.
        """
        return [asdict(film) for film in answers.found(self._engine.ready(), search, k)]


def check_number(model: Recommender, films: object) -> None:
    """Raise DataError if these are no films, or too many."""
    if isinstance(films, Mapping | list) and not 0 < len(films) <= answers.MOST_RATINGS:
        example = f'an object such as {{"{next(iter(model.titles.item_of))}": {model.scale.highest:g}}}'
        raise DataError(f"got {len(films)} films; expected 1 to {answers.MOST_RATINGS}, {example}.")


def titles_of(films: object) -> list[str]:
    """Titles as a caller sends them; DataError if they are no list, or too many."""
    if films is None:
        return []
    if not isinstance(films, list) or len(films) > answers.MOST_RATINGS:
        raise DataError(f"got {reprlib.repr(films)} for titles; expected a list of up to {answers.MOST_RATINGS}.")
    return films


def filters_of(said: object) -> Filters:
    """What films must be, as a caller sends it; DataError if it is nothing of the kind."""
    if said is None:
        return ANY_FILM
    if not isinstance(said, dict) or not set(said) <= FILTER_NAMES:
        example = '{"genres": ["Comedy"], "decades": ["1990s"], "least_ratings": 20, "most_ratings": 100}'
        raise DataError(f'got {reprlib.repr(said)} for filters; expected some of {example} and "all_of_them".')
    return Filters(**said)
