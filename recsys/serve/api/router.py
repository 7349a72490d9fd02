"""The routes of the REST API: what they take, what they give, and which function answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from recsys.serve.api.bodies import Film, ForGroup, GroupFilm, InGenres, Model, NearTo, ToFind, ToPredict, ToRecommend
from recsys.serve.api.errors import REFUSALS
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.endpoints import Endpoints
from recsys.serve.engine import Engine
from recsys.serve.sentences import without_folders

VERSION_HEADER = "Model-Version"  # of an answer: the version of the model that gave it
AT_ONCE, MOST_WAITING = 2, 40  # answers of all programs that are worked out, and that wait


def answering_router(answers: Endpoints, engine: Engine) -> APIRouter:
    """The routes under /v1; each hands what it was given to the function of its name, in turn.

    Args:
        answers: has the functions, which Gradio's endpoints call too.
        engine: has the model that answers.
    """
    router, turns = APIRouter(prefix="/v1", tags=["films"], responses=REFUSALS), ConcurrencyLimit(AT_ONCE, MOST_WAITING)

    def told(response: Response) -> Endpoints:
        held, response.headers[VERSION_HEADER] = answers.held()
        return held

    @router.post("/recommend", response_model=list[Film])
    async def recommend(asked: ToRecommend, response: Response) -> Any:
        """Ten films that fit some ratings, best first."""
        filters = None if asked.filters is None else asked.filters.model_dump()
        return await turns.take(told(response).recommend, asked.ratings, asked.exclude, asked.adventure, filters)

    @router.post("/genres", response_model=list[Film])
    async def genres(asked: InGenres, response: Response) -> Any:
        """Ten films of some genres, best first, for somebody who may have given ratings."""
        return await turns.take(told(response).genres, asked.genres, asked.ratings, asked.period, asked.adventure)

    @router.post("/group", response_model=list[GroupFilm])
    async def group(asked: ForGroup, response: Response) -> Any:
        """Ten films for several people together, best first, with the stars that each would give."""
        filters = None if asked.filters is None else asked.filters.model_dump()
        said = asked.people, asked.how, asked.exclude, asked.seen_too, asked.genres, asked.period, filters
        return await turns.take(told(response).group, *said)

    @router.post("/predict", response_model=list[Film])
    async def predict(asked: ToPredict, response: Response) -> Any:
        """Stars that somebody who gave some ratings would give to other films, and the chance of every star."""
        return await turns.take(told(response).predict, asked.ratings, asked.titles)

    @router.get("/similar", response_model=list[Film])
    async def similar(asked: Annotated[NearTo, Query()], response: Response) -> Any:
        """Ten films that are near a film: those that the same people love."""
        return await turns.take(told(response).similar, asked.title)

    @router.get("/films", response_model=list[Film])
    async def films(asked: Annotated[ToFind, Query()], response: Response) -> Any:
        """Films that a title, or a part of one, may mean, best first."""
        return await turns.take(told(response).films, asked.search, asked.k)

    @router.get("/model", response_model=Model)
    async def model() -> Any:
        """The model that answers, which version it is, and whether another one was to answer."""
        found, versions = engine.ready(), engine.versions
        problem = versions.problem if versions is not None else None
        return {
            "model": found.artifact.name,
            "version": found.version,
            "number": engine.number,
            "n_films": found.catalog.n_items,
            "problem": without_folders(problem) if problem else None,
        }

    return router
