"""The whole page with a small model, within this process, for tests of its REST API."""

import asyncio
from typing import NoReturn

from fastapi import FastAPI

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.members import Members, NotOpenError
from recsys.serve.engine import Engine
from recsys.testing.synthetic import checkerboard
from recsys.ui.mounting import build_app
from tests.support.pages.page_server import write_data

KNOWN = ["Fargo (1996)", "Star Wars (1977)", "Casino (1995)"]  # as the document has them in its examples
TITLES = KNOWN + [f"Film {number} (19{60 + number})" for number in range(len(KNOWN), 24)]
GENRES = ["Comedy|War" if number % 2 else "War" for number in range(len(TITLES))]


def write_films(folder):
    """Even users love even films, odd ones odd films, and a few are called as in the examples of the document."""
    return write_data(folder, checkerboard(40, len(TITLES)), TITLES, GENRES)


def engine_with(model: Recommender | None) -> Engine:
    """An engine that has a model already, or none."""

    def find(*_: object) -> NoReturn:
        raise DataError("there is no model in /home/ann/models/best; train one")

    engine = Engine(find)
    engine.recommender = model
    return engine


class Unasked(Members):
    """Accounts that are not open, and count how often somebody asks for them."""

    def __init__(self) -> None:
        super().__init__()
        self.n_asked = 0

    @property
    def store(self) -> NoReturn:
        self.n_asked += 1
        raise NotOpenError("the accounts were asked for")


def whole_page(engine: Engine, members: Members | None = None) -> FastAPI:
    """All that is served."""

    async def built() -> FastAPI:  # where no loop runs, Gradio makes some, and leaves them open
        return build_app(engine, members or Unasked())

    return asyncio.run(built())
