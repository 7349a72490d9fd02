"""What there is to discover in a model: films between films, a map of them, imaginary viewers. Plain values.

Legend: I items, L latent dimensions, k list length.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.errors import DataError
from recsys.models.finite import answering
from recsys.models.numeric.threads import one_thread
from recsys.recommend.answers import LIST_LENGTH, Suggestion, suggestions
from recsys.recommend.hues import hues_of_places
from recsys.recommend.latent import FilmMap, FilmTastes, path_between
from recsys.recommend.latent.film_tastes import directions
from recsys.recommend.recommender import Recommender
from recsys.stated_genres import stated_genres

N_BETWEEN = 5  # films between two films
N_WATCHED = 20  # films of an imaginary viewer
N_NEXT = 3  # films that are named beside one on the map
MOST_ON_MAP = 3000  # films, the most rated ones; more are neither legible nor quickly sent
MOST_MET = 1000  # films that a path may meet, the most rated ones; its time grows with the square
SEEDS = 10**6  # imaginary viewers that can be met


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """What is worked out once for a generative model.

    Attributes:
        tastes: of its films.
        film_map: of them, in two dimensions.
    """

    tastes: FilmTastes
    film_map: FilmMap

    @classmethod
    def of(cls, model: Recommender) -> Self:
        """Work it out: a few seconds; DataError if the model answers what is no number."""
        with one_thread():  # others are answered meanwhile, and two threads take three times as long
            with answering(model.artifact.name):
                tastes = FilmTastes.of(model.checked.require_latent(), model.catalog.n_items)
            model.checked.finite("coordinates of films", tastes.vectors)
            return cls(tastes, FilmMap.of(tastes))

    @cached_property
    def hues(self) -> np.ndarray:
        """(I,) int64 degrees by which films that are alike share a colour."""
        return hues_of_places(self.film_map.coordinates, self.tastes.chances)


def is_generative(model: Recommender) -> bool:
    """Whether the model has a latent space, so that there are a map, paths and imaginary viewers."""
    return model.checked.latent is not None


def two_unlike(model: Recommender) -> tuple[str, str]:
    """Titles of two films that most people know and that share no genre, if there are such: where a path may begin."""
    titles, genres = list(model.titles.item_of), model.catalog.genres
    first = set(genres[model.titles.item_of[titles[0]]])
    unlike = (title for title in titles[1:] if not first & set(genres[model.titles.item_of[title]]))
    return titles[0], next(unlike, titles[-1])


def listed(
    model: Recommender, ratings: Mapping[str, float], exclude: Sequence[str] = (), k: int = LIST_LENGTH
) -> list[Suggestion]:
    """What a model lists for somebody, best first: as answers.recommend, but without stars and reasons."""
    person = model.foreseen(model.history(ratings))
    unwanted = [*person.history.indices, *model.titles.find_all(exclude)]
    return suggestions(model, model.worth_it(person, model.checked.scores(person.history), k, unwanted))


def between(model: Recommender, space: LatentSpace, start: object, end: object) -> list[Suggestion]:
    """The films from one film to another, both included, in order.

    Raises:
        DataError: a film is unknown, or both are the same.
    """
    items = [model.titles.find(film) for film in (start, end)]  # type: ignore[arg-type]
    if items[0] == items[1]:
        raise DataError("There is no way from a film to itself: choose two films that differ.")
    way = path_between(space.tastes, items[0], items[1], N_BETWEEN, may_be_met(model), model.likeness)
    return suggestions(model, way)


def may_be_met(model: Recommender) -> np.ndarray:
    """(I,) bool, the films that may lie between two: those that people know and like."""
    met = np.zeros(model.catalog.n_items, dtype=bool)
    met[[item for item in model.titles.item_of.values() if model.crowd.of_standing[item]][:MOST_MET]] = True
    return met


def mapped_films(model: Recommender, space: LatentSpace) -> str:
    """The map as JSON, for the browser.

    Returns:
        {"genres": names, the most frequent first; "films": [title, x, y, [places in genres], [places of films]] of each
        film, the most rated first; "standing": places of the films that people know and like}; x and y are from -1000
        to 1000, y upwards. The films named are those nearest to it in the latent space, which two dimensions cannot all
        show. Titles that are written are those of films of standing, the first of them where several would overlap.
    """
    names, matrix = np.array(model.catalog.genre_names), model.catalog.genre_matrix
    by_frequency = np.argsort(-matrix.sum(axis=0), kind="stable")
    films, shown = [], list(model.titles.item_of.items())[:MOST_ON_MAP]
    near = nearest_of(space.tastes.vectors[[item for _, item in shown]])
    for (title, item), places in zip(shown, near.tolist(), strict=True):
        across, up = np.rint(1000 * space.film_map.coordinates[item]).astype(int).tolist()
        films.append([title, across, up, np.flatnonzero(matrix[item, by_frequency]).tolist(), places])
    standing = np.flatnonzero(model.crowd.of_standing[[item for _, item in shown]]).tolist()
    sent = {"genres": names[by_frequency].tolist(), "films": films, "standing": standing}
    return json.dumps(sent, separators=(",", ":"))


def nearest_of(tastes: np.ndarray) -> np.ndarray:
    """Places of the films whose tastes, (n, L), are most like each one's, most so first: (n, N_NEXT or fewer) int."""
    likeness = directions(tastes) @ directions(tastes).T
    np.fill_diagonal(likeness, -np.inf)
    return np.argsort(-likeness, axis=1, kind="stable")[:, : min(N_NEXT, max(len(tastes) - 1, 0))]


def taste_coordinates(model: Recommender, space: LatentSpace, ratings: Mapping[str, float]) -> list[int] | None:
    """Where the taste of somebody lies on the map, [x, y] as in mapped_films; None without ratings, title -> stars."""
    if not ratings:
        return None
    with answering(model.artifact.name):
        taste, _ = model.checked.require_latent().latent(Histories(model.history(ratings)))  # (1, L)
    model.checked.finite("coordinates of this taste", taste)
    return np.rint(1000 * space.film_map.place(taste[0])).astype(int).tolist()


def checked_seed(seed: object) -> int:
    """A whole number from 0 to SEEDS - 1; DataError for anything else."""
    whole = isinstance(seed, int | float) and not isinstance(seed, bool) and 0 <= seed < SEEDS and seed == int(seed)
    if not whole:
        raise DataError(f"No viewer has this number: choose a whole one from 0 to {SEEDS - 1:,}.")
    return int(seed)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Viewer:
    """An imaginary viewer.

    Attributes:
        seed: which one.
        genres: that they choose more often than others do, most so first.
        watched: titles and stars, the best first.
    """

    seed: int
    genres: list[str]
    watched: list[tuple[str, float]]


def imaginary_viewer(model: Recommender, seed: int) -> Viewer:
    """Draw a person from the prior; DataError if the model is not generative."""
    watched = model.sample(N_WATCHED, seed).sort_values("stars", ascending=False, kind="stable")
    titles_and_stars = zip(watched["title"], watched["stars"].tolist(), strict=True)
    return Viewer(seed, favourite_genres(model, watched), list(titles_and_stars))


def favourite_genres(model: Recommender, table: pd.DataFrame, n_genres: int = 2) -> list[str]:
    """Genres that stand out among the films of a table, against what all people rated."""
    names, matrix = np.array(model.catalog.genre_names), model.catalog.genre_matrix
    if not len(names):
        return []
    n_ratings = model.artifact.items.n_ratings
    reference = n_ratings @ matrix / max(n_ratings.sum(), 1)  # (G,)
    items = model.titles.find_all(table["item_id"])
    chosen = sp.csr_array((np.ones(len(items)), ([0] * len(items), items)), shape=(1, len(matrix)))
    return names[stated_genres(chosen, matrix, reference, n_genres, liked_from=1)[0]].tolist()
