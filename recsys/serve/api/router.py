"""The routes of the REST API: what they take, what they give, and which function answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from recsys.serve.api.bodies import Film, ForGroup, GroupFilm, InGenres, NearTo, ToFind, ToPredict, ToRecommend
from recsys.serve.api.errors import REFUSALS
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.endpoints import Endpoints

AT_ONCE, MOST_WAITING = 2, 40  # answers of all programs that are worked out, and that wait


def answering_router(answers: Endpoints) -> APIRouter:
    """The routes under /v1; each hands what it was given to the function of its name, in turn.

    Args:
        answers: has the functions, which Gradio's endpoints call too.
    """
    router, turns = APIRouter(prefix="/v1", tags=["films"], responses=REFUSALS), ConcurrencyLimit(AT_ONCE, MOST_WAITING)

    @router.post("/recommend", response_model=list[Film])
    async def recommend(asked: ToRecommend) -> Any:
        """Ten films that fit some ratings, best first."""
        filters = None if asked.filters is None else asked.filters.model_dump()
        return await turns.take(answers.recommend, asked.ratings, asked.exclude, asked.adventure, filters)

    @router.post("/genres", response_model=list[Film])
    async def genres(asked: InGenres) -> Any:
        """Ten films of some genres, best first, for somebody who may have given ratings."""
        return await turns.take(answers.genres, asked.genres, asked.ratings, asked.period, asked.adventure)

    @router.post("/group", response_model=list[GroupFilm])
    async def group(asked: ForGroup) -> Any:
        """Ten films for several people together, best first, with the stars that each would give."""
        filters = None if asked.filters is None else asked.filters.model_dump()
        said = asked.people, asked.how, asked.exclude, asked.seen_too, asked.genres, asked.period, filters
        return await turns.take(answers.group, *said)

    @router.post("/predict", response_model=list[Film])
    async def predict(asked: ToPredict) -> Any:
        """Stars that somebody who gave some ratings would give to other films, and the chance of every star."""
        return await turns.take(answers.predict, asked.ratings, asked.titles)

    @router.get("/similar", response_model=list[Film])
    async def similar(asked: Annotated[NearTo, Query()]) -> Any:
        """Ten films that are near a film: those that the same people love."""
        return await turns.take(answers.similar, asked.title)

    @router.get("/films", response_model=list[Film])
    async def films(asked: Annotated[ToFind, Query()]) -> Any:
        """Films that a title, or a part of one, may mean, best first."""
        return await turns.take(answers.films, asked.search, asked.k)

    return router
