"""What is known of one film for somebody who may have rated others, as plain values."""

import reprlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from recsys.errors import DataError, UnknownError
from recsys.films.catalog import articles_first
from recsys.films.title_names import SLASH, split_alternates
from recsys.recommend.answers import Suggestion, near, suggestions
from recsys.recommend.exploring import is_generative
from recsys.recommend.one_film.speaking import Speaking, speaking
from recsys.recommend.recommender import Recommender

N_NEAR = 6  # films beside it


@dataclass(frozen=True, kw_only=True)
class FilmDetails:
    """What there is to say of a film.

    Attributes:
        film: as a list has it; what it might be given follows from other ratings alone.
        name: title without the year and other titles.
        year: of release; None where unknown.
        other_titles: that the data give it.
        imdb: its id at IMDb; None where the data have none.
        tmdb: its id at TMDB; likewise.
        levels: of the scale, lowest first.
        level_counts: how many people gave each of them; empty where that is not told.
        given: stars that the person gave it; None where it is not rated.
        has_rated: whether the person has rated other films.
        speaking: of these what speaks for it, and against it.
        near: films near it that people know and like.
        has_space: whether the model has a latent space, so that there are paths and a map.
    """

    film: Suggestion
    name: str
    year: int | None
    other_titles: tuple[str, ...]
    imdb: str | None
    tmdb: int | None
    levels: tuple[float, ...]
    level_counts: tuple[int, ...]
    given: float | None
    has_rated: bool
    speaking: Speaking
    near: tuple[Suggestion, ...]
    has_space: bool

    @property
    def title(self) -> str:
        """By which the page knows it."""
        return self.film.title


def details(model: Recommender, film: object, ratings: Mapping[str, float], hidden: Sequence[str] = ()) -> FilmDetails:
    """What is known of a film for somebody.

    Args:
        model: what knows.
        film: what a browser says, a title as people write it.
        ratings: display title -> stars.
        hidden: titles that are not to be among the films near it.

    Raises:
        DataError: no film is called so, or several are; or the model answers what is no number.
    """
    item = film_called(model, film)
    catalog, title = model.catalog, model.display_titles[item]
    history = model.history({other: stars for other, stars in ratings.items() if other != title})
    name, others = split_alternates(articles_first(catalog.titles[item]))
    return FilmDetails(
        film=suggestions(model, np.array([item]), model.foreseen(history))[0],
        name=name,
        year=catalog.year[item],
        other_titles=tuple(other for other in others if not SLASH.search(other)),
        imdb=catalog.imdb[item],
        tmdb=catalog.tmdb[item],
        levels=tuple(model.scale.levels.tolist()),
        level_counts=model.crowd.histogram(item),
        given=ratings.get(title),
        has_rated=history.nnz > 0,
        speaking=speaking(model, history, item),
        near=near_and_known(model, title, hidden),
        has_space=is_generative(model),
    )


def film_called(model: Recommender, film: object) -> int:
    """The item_idx of a film that may be listed; DataError for anything else."""
    if not isinstance(film, str):
        raise DataError(f"got {reprlib.repr(film)} for a film; expected its title.")
    item = model.titles.find(film)
    if model.display_titles[item] not in model.titles.item_of:
        raise UnknownError(f"nothing is known of {reprlib.repr(film)}: it has neither year nor genre.")
    return item


def near_and_known(model: Recommender, title: str, hidden: Sequence[str]) -> tuple[Suggestion, ...]:
    """Films near a film that people know and like; none where the model knows no such."""
    with suppress(DataError):
        found = near(model, title, hidden, N_NEAR)
        return tuple(film for film in found if model.crowd.of_standing[model.titles.find(film.item_id)])
    return ()
