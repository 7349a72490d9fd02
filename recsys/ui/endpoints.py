"""What programs may call: named endpoints with the types of Python functions."""

from dataclasses import asdict
from typing import Any

import gradio as gr

from recsys.ui import advice
from recsys.ui.engine import Engine
from recsys.ui.handlers import in_one_sentence


def add_endpoints(engine: Engine) -> None:
    """/recommend, /genres, /similar and /predict."""

    def recommend(ratings: dict[str, float]) -> list[dict[str, Any]]:
        """Ten films that fit some ratings, best first.

        Args:
            ratings: title -> stars, such as {"Fargo (1996)": 5}; a title may lack its year, article or accents.
        """
        with in_one_sentence():
            return [asdict(film) for film in advice.recommend(engine.ready(), ratings)]

    def genres(genres: list[str], ratings: dict[str, float] | None = None) -> list[dict[str, Any]]:
        """Ten films of some genres, such as ["Comedy", "War"], for somebody who may have given ratings."""
        with in_one_sentence():
            return [asdict(film) for film in advice.in_genres(engine.ready(), genres, ratings)]

    def similar(title: str) -> list[dict[str, Any]]:
        """Ten films that are near a film."""
        with in_one_sentence():
            return [asdict(film) for film in advice.near(engine.ready(), title)]

    def predict(ratings: dict[str, float], titles: list[str]) -> list[dict[str, Any]]:
        """Stars that somebody who gave some ratings would give to other films, and the chance of every star."""
        with in_one_sentence():
            return [asdict(film) for film in advice.predict(engine.ready(), ratings, titles)]

    for function in (recommend, genres, similar, predict):
        gr.api(function, api_name=function.__name__)
