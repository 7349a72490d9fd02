"""What programs may call: named endpoints with the types of Python functions."""

import reprlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.ui import advice
from recsys.ui.engine import Engine
from recsys.ui.handlers import in_one_sentence


def add_endpoints(engine: Engine) -> None:
    """/recommend, /genres, /similar and /predict."""

    def recommend(
        ratings: dict[str, float], exclude: list[str] | None = None, adventure: float = 0.0
    ) -> list[dict[str, Any]]:
        """Ten films that fit some ratings, best first.

        Args:
            ratings: title -> stars, such as {"Fargo (1996)": 5}; a title may lack its year, article or accents.
            exclude: titles of films not to list.
            adventure: from 0, what fits best, to 1, what is liked further out in the neighbourhood of this taste.
        """
        with in_one_sentence():
            model = engine.ready()
            check_number(model, ratings)
            return [asdict(film) for film in advice.recommend(model, ratings, titles_of(exclude), adventure=adventure)]

    def genres(
        genres: list[str], ratings: dict[str, float] | None = None, period: str | None = None, adventure: float = 0.0
    ) -> list[dict[str, Any]]:
        """Ten films of some genres, best first, for somebody who may have given ratings.

        Args:
            genres: at least one, such as ["Comedy", "War"]; a film has one of them or more.
            ratings: title -> stars, or nothing.
            period: when the films were released, a decade such as "1980s", or nothing.
            adventure: from 0, what fits best, to 1, what is known to fewer.
        """
        with in_one_sentence():
            model = engine.ready()
            if ratings:
                check_number(model, ratings)
            return [
                asdict(film) for film in advice.in_genres(model, genres, ratings, period=period, adventure=adventure)
            ]

    def similar(title: str) -> list[dict[str, Any]]:
        """Ten films that are near a film: those that the same people love.

        Args:
            title: such as "Fargo (1996)"; it may lack its year, article or accents.
        """
        with in_one_sentence():
            return [asdict(film) for film in advice.near(engine.ready(), title)]

    def predict(ratings: dict[str, float], titles: list[str]) -> list[dict[str, Any]]:
        """Stars that somebody who gave some ratings would give to other films, and the chance of every star.

        Args:
            ratings: title -> stars, such as {"Fargo (1996)": 5}.
            titles: of the other films.
        """
        with in_one_sentence():
            model = engine.ready()
            check_number(model, ratings)
            titles = titles_of(titles)
            check_number(model, titles)
            return [asdict(film) for film in advice.predict(model, ratings, titles)]

    for function in (recommend, genres, similar, predict):
        gr.api(function, api_name=function.__name__)


def check_number(model: Recommender, films: object) -> None:
    """Raise DataError if these are no films, or too many."""
    if isinstance(films, Mapping | list) and not 0 < len(films) <= advice.MOST_RATINGS:
        example = f'an object such as {{"{next(iter(model.titles.item_of))}": {model.scale.highest:g}}}'
        raise DataError(f"got {len(films)} films; expected 1 to {advice.MOST_RATINGS}, {example}.")


def titles_of(films: object) -> list[str]:
    """Titles as a caller sends them; DataError if they are no list, or too many."""
    if films is None:
        return []
    if not isinstance(films, list) or len(films) > advice.MOST_RATINGS:
        raise DataError(f"got {reprlib.repr(films)} for titles; expected a list of up to {advice.MOST_RATINGS}.")
    return films
