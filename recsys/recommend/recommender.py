"""A trained model as people use it: films by their titles in, tables out.

    from recsys import Recommender
    model = Recommender.from_pretrained("someone/movie-vae")
    model.recommend({"Star Wars (1977)": 5, "Fargo (1996)": 4}, k=10)

Legend: I items, k list length.
"""

import reprlib
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.artifacts.artifact import Artifact, load_artifact
from recsys.errors import DataError
from recsys.films.catalog import Catalog
from recsys.films.titles import TitleIndex
from recsys.hub import AS_SET_UP, Hub
from recsys.models.base import Model
from recsys.models.numeric.threads import one_thread
from recsys.progress import OnProgress, silent
from recsys.ranking import top_k
from recsys.recommend.backed_model import BackedModel
from recsys.recommend.checked_model import CheckedModel
from recsys.recommend.foreseen_stars import ForeseenStars
from recsys.recommend.group.listing import MEAN, GroupWishes, histories_of, list_for, reasons_for
from recsys.recommend.lists.crowd import Crowd
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.recommend.lists.histories import Stars, history_of
from recsys.recommend.lists.reasons import (
    ALIKE,
    likeness_of,
    most_telling,
    named,
    rarity,
    rating_in_words,
    without_rating,
    worth_naming,
)
from recsys.recommend.lists.usual_stars import none_below, usual_stars
from recsys.recommend.pretrained import films_of, find_folder, training_ratings

ORDERED = (100, 2000)  # films at the head of an order, among which a list mostly and nearly always ends
UNNAMED = ""  # a catalogue that somebody has made


class Recommender:
    """A fitted model, the films it knows, and where it came from.

    Films are named as people name them ("The Matrix", "matrix 1999", "Matrix, The (1999)") or by the data's own ids, as
    int; a name that fits no film, or several, is a DataError that lists the nearest ones. Every table has a row for
    each film, best first, with columns item_id, title, year (of release; missing where unknown), genres ("Comedy,
    Drama") and stars (expected, on the data's scale; NaN if the model predicts none).

    Attributes:
        artifact: the model, its name, and facts about how it was fitted.
        catalog: titles, years and genres of its films.
        titles: finds films by their names.
        source: sentences that say where model and titles came from.
        films_from: the data set that knows the films; None where ids stand for their titles.
        model: the fitted model itself.
        checked: the same, with its answers checked.
        crowd: how many people rated and like each film.
        rarity: (G,) how much it tells that two films share a genre.
        scale: of the stars.
        display_titles: what every film is called, by item_idx.
    """

    def __init__(self, artifact: Artifact, catalog: Catalog, source: str = "", films_from: str | Path | None = UNNAMED):
        self.artifact, self.catalog, self.source, self.films_from = artifact, catalog, source, films_from
        self.model: Model = artifact.model
        self.scale = artifact.model.scale
        self.titles = TitleIndex(catalog, artifact.items.n_ratings)
        knows_genres = artifact.items.genre_names == catalog.genre_names
        self.checked = CheckedModel(artifact.name, artifact.model, knows_genres)
        self.rarity = rarity(catalog.genre_matrix, catalog.genre_names)
        self.crowd = Crowd(artifact.items, catalog, self.scale)
        self.display_titles = [catalog.display_title(item) for item in range(catalog.n_items)]

    @cached_property
    def version(self) -> str:
        """Which model of its name it is: a digest of what it has learned, as lists are kept with.

        Of a version of a registry, as it was when it was added.
        """
        return self.artifact.fingerprint()

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path,
        *,
        revision: str | None = None,
        titles: str | Path | None = None,
        hub: Hub = AS_SET_UP,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Load a model folder, or fetch one from the Hugging Face Hub.

        Neither ratings nor Keras are needed. Titles and genres come from the data set's own source and are cached; if
        they cannot be had, or what is there are other films by their digest, films are called by their ids, and a
        warning says why.

        Args:
            model: a folder, "USER/REPO" or "USER/REPO@REVISION".
            revision: of the repository: branch, tag or commit.
            titles: data set, or its folder, that knows the films; None: the one that the model was fitted on.
            hub: where the Hub is and how to sign in, if it is not as huggingface_hub has it.
            on_progress: told of downloads.

        Raises:
            DataError: there is no such folder or repository, or what lies there cannot be used.
        """
        folder, source = find_folder(model, revision, hub, on_progress)
        artifact = load_artifact(folder, train=training_ratings(folder, titles, on_progress))
        films = films_of(folder, artifact, titles, on_progress)
        return cls(artifact, films.catalog, f"{source} {films.sentence}", films_from=films.origin)

    def backed_by(self, other: "Recommender", on_failure: Callable[[Exception], object]) -> Self:
        """The same, which another one stands in for where this one has no answer; see BackedModel.

        Args:
            other: of the same films, in the same order, and the same stars.
            on_failure: is given why this one had no answer.
        """
        backed = copy(self)
        backed.checked = BackedModel(self.checked, other.checked, on_failure)
        return backed

    def recommend(
        self,
        ratings: Stars,
        k: int = 10,
        *,
        exclude: Iterable[str | int] = (),
        adventure: float = 0.0,
        below_usual: bool = False,
        filters: Filters = ANY_FILM,
    ) -> pd.DataFrame:
        """Films for somebody who gave some ratings.

        Args:
            ratings: film -> stars; may be empty, then everybody gets the same films. Between films that the model puts
                level, as some put all where there are no ratings, that comes first which more people like.
            k: at most so many films, none of them rated or excluded.
            exclude: films not to list.
            adventure: from 0, what fits best, to 1, what is liked further out in the neighbourhood of the taste and is
                known to fewer (see recsys.recommend.latent.adventure).
            below_usual: whether to list films too for which fewer stars are expected than the person usually gives
                (see recsys.recommend.lists.usual_stars).
            filters: what the films must be, such as Filters(genres=["Comedy"], decades=["1990s"], least_ratings=100)
                (see recsys.recommend.lists.filters).

        Returns:
            The table described above, with a column reason, "" where there is none to give.

        Raises:
            DataError: a film or what filters ask for is unknown, stars are not on the scale, k is below 1, or adventure
                not from 0 to 1; or the model answers what is no number.
        """
        person = self.foreseen(self.history(ratings))
        with one_thread():
            ranked, reasons = self.ranked(person, k, exclude, adventure, below_usual, filters)
            stars = person.expected(ranked)
        return self.table(ranked, stars, reason=reasons)

    def predict(self, ratings: Stars, films: Sequence[str | int]) -> pd.DataFrame:
        """What somebody who gave some ratings would give to other films, in the order of `films`.

        Returns:
            The table; if the model is sure to some degree only, also a column "P(1)" and so on for every star level.

        Raises:
            DataError: as recommend; or the model predicts no stars.
        """
        self.checked.require_stars()
        history, items = self.history(ratings), np.array(self.titles.find_all(films), dtype=np.int64)
        person = self.foreseen(history)
        levels = person.chances(items)  # (n, n_levels)
        columns = {} if levels is None else {f"P({at:g})": p for at, p in zip(self.scale.levels, levels.T, strict=True)}
        return self.table(items, person.expected(items), **columns)

    def similar(
        self, film: str | int, k: int = 10, *, exclude: Iterable[str | int] = (), filters: Filters = ANY_FILM
    ) -> pd.DataFrame:
        """Films that are near a film: those that the model puts higher the most once it hears that somebody loved it.

        Films that few know or like (see recsys.recommend.lists.crowd) come after the others only.

        Args:
            film: which.
            k: at most so many.
            exclude: films not to list.
            filters: what the films must be; `seen_too` does not count, as nobody's ratings are known.

        Returns:
            The table without stars, with a column nearness: by how much the score rises, 1 for the nearest film.

        Raises:
            DataError: the film or what filters ask for is unknown, the model answers everybody alike, or it learns
                nothing from who loves the film.
        """
        item = self.titles.find(film)
        lift = self.checked.lift(item, self.catalog.n_items)
        unwanted = [item, *self.titles.find_all(exclude), *np.flatnonzero(~filters.mask(self)).tolist()]
        little = np.flatnonzero(~self.crowd.of_standing | (lift <= 0))
        ranked = self.best(lift, k, [*unwanted, *little])
        if len(ranked) < k:
            ranked = np.concatenate([ranked, self.best(lift, k, [*unwanted, *ranked])])[:k]
        most = lift[ranked].max(initial=0)
        if len(ranked) and not most > 0:
            if not lift[self.titles.offered].max() > 0:
                raise DataError(self._why_nothing_is_near(item))
            ranked = ranked[:0]  # what is near is not wanted
        return self.table(ranked, None, nearness=lift[ranked] / most).drop(columns="stars")

    def _why_nothing_is_near(self, item: int) -> str:
        """A sentence about an item that lifts no other, or a model that nothing does."""
        if not self.checked.lift(int(self.crowd.most_liked_first[0]), self.catalog.n_items).any():
            return f"{self.artifact.name} tells everybody the same, so no film is near another; load another model."
        return (
            f"{self.artifact.name} puts no film higher for who loves {self.display_titles[item]}, so none is near it; "
            "name a film that more people rated, or load another model."
        )

    def for_genres(
        self,
        genres: Sequence[str],
        k: int = 10,
        ratings: Stars | None = None,
        *,
        years: tuple[int, int] | None = None,
        adventure: float = 0.0,
        exclude: Iterable[str | int] = (),
        below_usual: bool = False,
        all_of_them: bool = False,
        filters: Filters = ANY_FILM,
    ) -> pd.DataFrame:
        """Films of some genres, for somebody who asks for them and may have given ratings too.

        Args:
            genres: a film has at least one of them.
            all_of_them: whether it has to have all.
            k: at most so many films.
            ratings: film -> stars; None: none.
            years: first and last year of release; None: any. Films of unknown year have none.
            adventure: from 0 to 1, as in recommend.
            exclude: films not to list.
            below_usual: as in recommend.
            filters: what else the films must be; its own genres and years do not count.

        Returns:
            The table, with a column reason: which of the genres a film has.

        Raises:
            DataError: as recommend; a genre is unknown, or there is none; years are not two years in order.
        """
        person = self.foreseen(self.history(ratings or {}))
        wanted = replace(filters, genres=genres, years=years, all_of_them=all_of_them)
        ranked, reasons = self.ranked_in_genres(person, k, exclude, adventure, below_usual, wanted)
        return self.table(ranked, person.expected(ranked), reason=reasons)

    def for_group(
        self,
        people: Sequence[Stars],
        k: int = 10,
        *,
        how: str = MEAN,
        exclude: Iterable[str | int] = (),
        seen_too: bool = False,
        genres: Sequence[str] | None = None,
        years: tuple[int, int] | None = None,
    ) -> pd.DataFrame:
        """Films for several people together, made of what is at the head of each one's own list, the known ones first.

        Args:
            people: film -> stars of each, for 2 to 8 people, each with at least 1 rating.
            k: at most so many films, none of them excluded.
            how: "mean", by the stars that they would give on average; "least misery", by those of whoever would give
                the fewest, without what somebody would give fewer than they usually give, as far as there is enough
                else; "fair", a mix in which who was served least so far counts most (see
                recsys.recommend.group.strategies). Of a model that predicts no stars, the place of a film in each
                one's own order stands for them.
            exclude: films not to list.
            seen_too: whether to list films that somebody has rated, but not everybody; the stars of who has are those
                that were given.
            genres: of which a film has at least one; None: any.
            years: first and last year of release; None: any.

        Returns:
            The table, where stars are those of all on average, with columns stars_1, stars_2 and so on of each, and
            reason, a rating of whoever gets most of the film.

        Raises:
            DataError: as for_genres; there are too few people or too many, or somebody has rated nothing.
        """
        checked_length(k)
        wishes = GroupWishes(k=k, how=how, exclude=exclude, seen_too=seen_too, genres=genres, years=years)
        histories = histories_of(self, people)
        with one_thread():
            found = list_for(self, histories, wishes)
            reasons = reasons_for(self, histories, found)
        each = np.full((len(histories), len(found.items)), np.nan) if found.stars is None else np.round(found.stars, 2)
        columns = {f"stars_{number}": stars for number, stars in enumerate(each, start=1)}
        return self.table(found.items, found.mean_stars, **columns, reason=reasons)

    def sample(self, k: int = 10, seed: int | None = None) -> pd.DataFrame:
        """An imaginary viewer: a taste drawn from the model's prior, k films that it chooses, and the stars it gives.

        Raises:
            DataError: the model is not generative, or k is below 1.
        """
        choice, stars = self.checked.imaginary_taste(self.catalog.n_items, np.random.default_rng(seed))
        ranked = self.best(choice, k)
        return self.table(ranked, self.scale.clip(self.checked.finite("stars", stars[ranked])))

    def ranked(
        self,
        person: ForeseenStars,
        k: int,
        exclude: Iterable[str | int] = (),
        adventure: float = 0.0,
        below_usual: bool = False,
        filters: Filters = ANY_FILM,
    ) -> tuple[np.ndarray, list[str]]:
        """What `recommend` lists for somebody: (k or fewer,) item_idx, best first, and the reason of each."""
        history = person.history
        unwanted = [*filters.unwanted(self, history.indices), *self.titles.find_all(exclude)]
        scores = self.checked.scores(history) if adventure == 0 else self._adventurous_scores(history, adventure)
        ranked = self.worth_it(person, scores, k, unwanted, below_usual)
        return ranked, self.reasons(history, ranked)

    def ranked_in_genres(
        self,
        person: ForeseenStars,
        k: int,
        exclude: Iterable[str | int] = (),
        adventure: float = 0.0,
        below_usual: bool = False,
        filters: Filters = ANY_FILM,
    ) -> tuple[np.ndarray, list[str]]:
        """What `for_genres` lists for somebody: (k or fewer,) item_idx, best first, and the genres of each."""
        history = person.history
        mask, unwanted = filters.matched(self), filters.unwanted(self, history.indices)
        plain = adventure == 0
        scores = self.checked.scores(history, mask) if plain else self._adventurous_scores(history, adventure, mask)
        ranked = self.worth_it(person, scores, k, [*unwanted, *self.titles.find_all(exclude)], below_usual)
        names = np.array(self.catalog.genre_names)
        return ranked, [", ".join(names[self.catalog.genre_matrix[item] & mask]) for item in ranked]

    def history(self, ratings: Stars) -> sp.csr_array:
        """(1, I) float32 stars; DataError for what is not a rating of a film."""
        return history_of(ratings, self.titles, self.scale, self.catalog.n_items)

    def foreseen(self, history: sp.csr_array) -> ForeseenStars:
        """What somebody would give who gave (1, I) stars."""
        return ForeseenStars(self.checked, history)

    def best(self, scores: np.ndarray, k: int, unwanted: Sequence[int] = ()) -> np.ndarray:
        """(k or fewer,) item_idx of the highest scores, (I,), each film once; of equal scores, those more people like.

        Raises:
            DataError: k is no length, or a score is NaN or infinite.
        """
        masked = np.where(self.titles.offered, self.checked.finite("scores", scores), -np.inf)
        masked[list(unwanted)] = -np.inf
        most_liked_first = self.crowd.most_liked_first
        ranked = most_liked_first[top_k(masked[None, most_liked_first], None, min(checked_length(k), len(masked)))[0]]
        return ranked[masked[ranked] > -np.inf]

    def worth_it(
        self, person: ForeseenStars, scores: np.ndarray, k: int, unwanted: Sequence[int], below_usual: bool = False
    ) -> np.ndarray:
        """`best`, without what somebody of some ratings would give fewer stars than usual, unless that is wanted."""
        if below_usual or not person.history.nnz:
            return self.best(scores, k, unwanted)
        usual, n_items = usual_stars(person.history.data, self.crowd.mean_of_all), self.catalog.n_items
        for ordered in (*ORDERED, n_items):  # to put all films of a large catalogue in order takes longer than the rest
            in_order = self.best(scores, max(checked_length(k), min(ordered, n_items)), unwanted)
            found = none_below(usual, in_order, k, person.expected)
            if len(found) == k or ordered >= n_items:
                break
        return found

    def reasons(self, history: sp.csr_array, items: np.ndarray) -> list[str]:
        """Why each of some items, (n,) item_idx, fits a history: ends of sentences that begin with "Because"."""
        worth = np.flatnonzero(worth_naming(history.data, self.scale.middle))
        alike = self.likeness(history.indices[worth], items, ALIKE)
        tried = most_telling(history, worth[alike.any(axis=1)])
        rows = named(self.checked.support(history, tried, items), alike[np.searchsorted(worth, tried)])
        return [
            without_rating(item, self.crowd.n_likes)
            if row is None
            else rating_in_words(history, int(tried[row]), self.display_titles)
            for item, row in zip(items, rows, strict=True)
        ]

    def likeness(self, items: np.ndarray, others: np.ndarray, least: float = 0.0) -> np.ndarray:
        """(m, k) what some items, (m,), and others, (k,), have in common, where it is at least so much."""
        years = self.catalog.years
        told, told_of_others = (self.catalog.genre_matrix[films] * self.rarity for films in (items, others))
        return likeness_of(told, years[items], told_of_others, years[others], least)

    def _adventurous_scores(
        self, history: sp.csr_array, adventure: float, genres: np.ndarray | None = None
    ) -> np.ndarray:
        """(I,) scores of an adventurous list, for somebody who may ask for genres, (G,) bool."""
        n_ratings, crowd = self.artifact.items.n_ratings, np.log1p(self.crowd.n_likes)
        return self.checked.adventurous_scores(history, adventure, n_ratings, crowd, genres)

    def table(self, items: np.ndarray, stars: np.ndarray | None, **more: Sequence[Any] | np.ndarray) -> pd.DataFrame:
        """One row for each item, ranks from 1 as index."""
        columns = {
            "item_id": self.catalog.item_ids[items],
            "title": [self.display_titles[item] for item in items],
            "year": pd.array([self.catalog.year[item] for item in items], dtype="Int64"),
            "genres": [", ".join(self.catalog.genres[item]) for item in items],
            "stars": np.full(len(items), np.nan) if stars is None else np.round(stars.astype(np.float64), 2),
        }
        return pd.DataFrame({**columns, **more}, index=pd.RangeIndex(1, len(items) + 1, name="rank"))


def checked_length(k: object) -> int:
    """A number of films that a list can have; DataError if it is no whole number of at least 1."""
    if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
        raise DataError(f"got {reprlib.repr(k)} for k; expected a whole number of at least 1.")
    return int(k)
