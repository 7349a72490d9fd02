"""The route by which the page's fields look films up while somebody types: titles alone, few and at once."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from recsys.errors import DataError
from recsys.films.titles import TitleIndex
from recsys.serve.concurrency import ConcurrencyLimit, TooManyError
from recsys.serve.engine import Engine, NotReadyError
from recsys.serve.error_answers import ErrorAnswers
from recsys.serve.security.bodies import TITLES

MOST_LISTED = 10  # films of an answer
AT_ONCE, MOST_WAITING = 2, 40  # answers that are worked out, and that wait
OWN_FAULT = "Something went wrong on the server: see its log."

refuse = ErrorAnswers(
    statuses=lambda: {NotReadyError: 503, TooManyError: 503},
    otherwise=400,
    of_framework=lambda request, reason: None,
    body=lambda sentence: {"problem": sentence},
    own_fault=OWN_FAULT,
)


def film_search_router(engine: Engine) -> APIRouter:
    """The route, which no document of the API knows.

    Args:
        engine: has the model, whose films are looked up.
    """
    router, turns = APIRouter(include_in_schema=False), ConcurrencyLimit(AT_ONCE, MOST_WAITING)

    @router.get(TITLES)
    async def titles(request: Request, search: str = "") -> Response:
        try:
            found = await turns.take(lambda: looked_up(engine.ready().titles, search))
        except DataError as reason:
            return await refuse(request, reason)
        return JSONResponse(found, headers={"cache-control": "no-store"})

    return router


def looked_up(titles: TitleIndex, text: str) -> dict[str, Any]:
    """What a text finds: films, best first; whether they fit it or are only the nearest; when the newest came out."""
    found = titles.look_up(text, MOST_LISTED)
    films = [(titles.catalog.display_title(item), titles.catalog.year[item]) for item in found.items]
    return {
        "films": [{"title": title, "year": year} for title, year in films],
        "fits": found.fits,
        "until": titles.last_year,
    }
