"""The route that answers with the poster of a film, by the title that the page knows it by."""

from hashlib import blake2b

from fastapi import APIRouter, Request
from starlette.responses import Response

from recsys.serve.engine import Engine
from recsys.serve.posters.cache import Found
from recsys.serve.posters.films import FilmSought
from recsys.serve.posters.pictures import kind_of
from recsys.serve.posters.posters import Posters
from recsys.serve.security.shares import NoRoomError, Room, Shares
from recsys.serve.security.visitors import Visitor

POSTERS = "/posters"
ROOM = Room(200, 60, 24)  # requests that wait for a poster
PICTURE_SECONDS, NONE_SECONDS = 7 * 24 * 3600, 24 * 3600  # that a browser keeps what it was told
LOGO = POSTERS + "/logo"
LOGO_HEADERS = {  # a drawing that is opened by itself does nothing
    "cache-control": f"public, max-age={NONE_SECONDS}",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}
UNKEPT = "no-store"


def poster_router(engine: Engine, posters: Posters) -> APIRouter:
    """The route, which no document of the API knows, and one to TMDB's logo where it is there.

    A title is the same film whatever data set is served, which a number is not, so browsers may keep what it answers.

    Args:
        engine: has the model, of whose films alone posters are fetched.
        posters: has them.
    """
    router, shares = APIRouter(include_in_schema=False), Shares(ROOM)

    @router.get(POSTERS)
    async def poster(request: Request, film: str = "") -> Response:
        recommender = engine.recommender
        if recommender is None:
            return nothing(204, UNKEPT)
        item = recommender.titles.item_of.get(film)
        if item is None:
            return nothing(404, UNKEPT)
        visitor = Visitor.of(request.scope)
        try:
            shares.take(visitor, 1)
        except NoRoomError:
            return nothing(204, UNKEPT)
        try:
            found = await posters.of(FilmSought.of(recommender.catalog, item))
        finally:
            shares.give_back(visitor, 1)
        return answered(found, request.headers.get("if-none-match", ""))

    if posters.logo is not None:
        logo = posters.logo

        @router.get(LOGO)
        async def logo_of_tmdb() -> Response:
            return Response(logo.content, headers=LOGO_HEADERS, media_type=logo.kind)

    return router


def nothing(status: int, caching: str) -> Response:
    """No picture."""
    return Response(status_code=status, headers={"cache-control": caching})


def answered(found: Found, held: str) -> Response:
    """What a browser is told.

    Args:
        found: what is known of the poster.
        held: its header If-None-Match; "" without one.
    """
    if found.picture is None:
        return nothing(204, f"private, max-age={NONE_SECONDS}" if found.is_known else UNKEPT)
    tag = f'"{blake2b(found.picture, digest_size=12).hexdigest()}"'
    headers = {"cache-control": f"public, max-age={PICTURE_SECONDS}", "etag": tag, "x-content-type-options": "nosniff"}
    if tag in held or held.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(found.picture, headers=headers, media_type=kind_of(found.picture))
