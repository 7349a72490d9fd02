"""A trained model as people use it: films by their titles in, tables out.

    from recsys import Recommender
    model = Recommender.from_pretrained("someone/movie-vae")
    model.recommend({"Star Wars (1977)": 5, "Fargo (1996)": 4}, k=10)

Legend: I items, k list length.
"""

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.artifacts.artifact import Artifact, load_artifact
from recsys.data.interactions import Histories
from recsys.errors import DataError, UnknownError
from recsys.films.catalog import Catalog
from recsys.films.titles import TitleIndex
from recsys.hub import AS_SET_UP, Hub
from recsys.models.base import DistributionModel, GenreModel, LatentModel, RatingModel
from recsys.models.finite import answering, require_finite
from recsys.models.numeric.threads import one_thread
from recsys.progress import OnProgress, silent
from recsys.ranking import top_k
from recsys.recommend.crowd import expected_likes
from recsys.recommend.latent import adventurous_scores
from recsys.recommend.pretrained import films_of, find_folder, training_ratings
from recsys.recommend.reasons import most_telling, scores_with_reasons, strongest

UNNAMED = ""  # a catalogue that somebody has made
Stars = Mapping[str, float] | Mapping[int, float] | Mapping[str | int, float]  # film, by title or by id -> stars


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
    """

    def __init__(self, artifact: Artifact, catalog: Catalog, source: str = "", films_from: str | Path | None = UNNAMED):
        self.artifact, self.catalog, self.source, self.films_from = artifact, catalog, source, films_from
        self.model: Any = artifact.model
        self.scale = artifact.model.scale
        self.titles = TitleIndex(catalog, artifact.items.n_ratings)
        self.gives_chances = isinstance(self.model, DistributionModel)  # asked once: such a question takes a while
        self.predicts_stars = isinstance(self.model, RatingModel)
        same_genres = artifact.items.genre_names == catalog.genre_names
        self.understands_genres = same_genres and isinstance(self.model, GenreModel) and self.model.understands_genres
        self.display_titles = [catalog.display_title(item) for item in range(catalog.n_items)]

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

    def recommend(
        self, ratings: Stars, k: int = 10, *, exclude: Iterable[str | int] = (), adventure: float = 0.0
    ) -> pd.DataFrame:
        """Films for somebody who gave some ratings.

        Args:
            ratings: film -> stars; may be empty, then everybody gets the same films. Between films that the model puts
                level, as some put all where there are no ratings, that comes first which more people like.
            k: at most so many films, none of them rated or excluded.
            exclude: films not to list.
            adventure: from 0, what fits best, to 1, what is liked further out in the neighbourhood of the taste and is
                known to fewer (see recsys.recommend.latent.adventure).

        Returns:
            The table described above, with a column reason.

        Raises:
            DataError: a film is unknown, stars are not on the scale, k is below 1, or adventure not from 0 to 1; or the
                model answers what is no number.
        """
        history = self.history(ratings)
        with one_thread():
            ranked, reasons = self.ranked(history, k, exclude, adventure)
            stars = self.expected_stars(history, ranked)
        return self.table(ranked, stars, reason=reasons)

    def predict(self, ratings: Stars, films: Sequence[str | int]) -> pd.DataFrame:
        """What somebody who gave some ratings would give to other films, in the order of `films`.

        Returns:
            The table; if the model is sure to some degree only, also a column "P(1)" and so on for every star level.

        Raises:
            DataError: as recommend; or the model predicts no stars.
        """
        self.require_stars()
        history, items = self.history(ratings), np.array(self.titles.find_all(films), dtype=np.int64)
        levels = self.chances(history, items)  # (n, n_levels)
        columns = {} if levels is None else {f"P({at:g})": p for at, p in zip(self.scale.levels, levels.T, strict=True)}
        return self.table(items, self.expected_stars(history, items), **columns)

    def similar(self, film: str | int, k: int = 10, *, exclude: Iterable[str | int] = ()) -> pd.DataFrame:
        """Films that are near a film: those that the model puts higher the most once it hears that somebody loved it.

        Args:
            film: which.
            k: at most so many.
            exclude: films not to list.

        Returns:
            The table without stars, with a column nearness: by how much the score rises, 1 for the nearest film.

        Raises:
            DataError: the film is unknown, the model answers everybody alike, or it learns nothing from who loves it.
        """
        item = self.titles.find(film)
        lift = self.lift(item)
        ranked = self.best(lift, k, unwanted=[item, *self.titles.find_all(exclude)])
        most = lift[ranked].max(initial=0)
        if len(ranked) and not most > 0:
            raise DataError(self.why_nothing_is_near(item))
        return self.table(ranked, None, nearness=lift[ranked] / most).drop(columns="stars")

    def lift(self, item: int) -> np.ndarray:
        """(I,) by how much a film's score rises once somebody loves an item; 0 where all rise alike."""
        loved = sp.csr_array(([np.float32(self.scale.highest)], ([1], [item])), shape=(2, self.catalog.n_items))
        with answering(self.artifact.name):
            nobody, lover = self.finite("scores", self.model.score(Histories(loved)))
        lift = lover - nobody
        return lift if np.ptp(np.delete(lift, item)) else np.zeros_like(lift)

    def why_nothing_is_near(self, item: int) -> str:
        """A sentence about an item that lifts no other, or a model that nothing does."""
        if not self.lift(int(self.most_liked_first[0])).any():
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
    ) -> pd.DataFrame:
        """Films of some genres, for somebody who asks for them and may have given ratings too.

        Args:
            genres: a film has at least one of them.
            k: at most so many films.
            ratings: film -> stars; None: none.
            years: first and last year of release; None: any. Films of unknown year have none.
            adventure: from 0 to 1, as in recommend.
            exclude: films not to list.

        Returns:
            The table, with a column reason: which of the genres a film has.

        Raises:
            DataError: as recommend; a genre is unknown, or there is none; years are not two years in order.
        """
        history = self.history(ratings or {})
        ranked, reasons = self.ranked_in_genres(history, genres, k, exclude, adventure, years)
        return self.table(ranked, self.expected_stars(history, ranked), reason=reasons)

    def sample(self, k: int = 10, seed: int | None = None) -> pd.DataFrame:
        """An imaginary viewer: a taste drawn from the model's prior, k films that it chooses, and the stars it gives.

        Raises:
            DataError: the model is not generative, or k is below 1.
        """
        if not isinstance(self.model, LatentModel):
            raise DataError(f"{self.artifact.name} is not generative; load hybrid-vae or mult-vae.")
        rng = np.random.default_rng(seed)
        nobody = Histories.of({}, self.catalog.n_items)
        with answering(self.artifact.name):
            taste = rng.standard_normal((1, self.model.latent(nobody)[0].shape[1])).astype(np.float32)
            chances = self.model.log_chances(taste)[0] + rng.gumbel(size=self.catalog.n_items)  # the k largest: k draws
            ranked = self.best(chances, k)
            stars = self.finite("stars", self.model.stars_of_taste(taste)[0, ranked])
        return self.table(ranked, self.scale.clip(stars))

    def ranked(
        self, history: sp.csr_array, k: int, exclude: Iterable[str | int] = (), adventure: float = 0.0
    ) -> tuple[np.ndarray, list[str]]:
        """What `recommend` lists for (1, I) stars: (k or fewer,) item_idx, best first, and the reason of each."""
        scores, support = self.supported(history)
        scores = scores if adventure == 0 else self.far_scores(history, adventure)
        ranked = self.best(scores, k, unwanted=[*history.indices, *self.titles.find_all(exclude)])
        return ranked, self.reasons_of(history, support, ranked)

    def ranked_in_genres(
        self,
        history: sp.csr_array,
        genres: Sequence[str],
        k: int,
        exclude: Iterable[str | int] = (),
        adventure: float = 0.0,
        years: tuple[int, int] | None = None,
    ) -> tuple[np.ndarray, list[str]]:
        """What `for_genres` lists for (1, I) stars: (k or fewer,) item_idx, best first, and the genres of each."""
        asked, fits = self.asked(genres), self.fitting(genres, years)
        scores = self.score_for(history, asked) if adventure == 0 else self.far_scores(history, adventure, asked)
        unwanted = [*history.indices, *np.flatnonzero(~fits), *self.titles.find_all(exclude)]
        ranked = self.best(scores, k, unwanted)
        names = np.array(self.catalog.genre_names)
        return ranked, [", ".join(names[self.catalog.genre_matrix[item] & asked]) for item in ranked]

    def history(self, ratings: Stars) -> sp.csr_array:
        """(1, I) float32 stars; DataError for what is not a rating of a film."""
        if not isinstance(ratings, Mapping):
            raise DataError(f"got {reprlib.repr(ratings)} for ratings; expected a dict of film -> stars.")
        items = self.titles.find_all(ratings)
        stars = [self.checked_stars(film, given) for film, given in ratings.items()]
        twice = {item: film for film, item in zip(ratings, items, strict=True)}
        if len(twice) < len(items):
            again = next(film for film, item in zip(ratings, items, strict=True) if twice[item] != film)
            raise DataError(f"{reprlib.repr(again)} is rated twice, under two names; keep one of them.")
        cells = (
            np.array(stars, dtype=np.float32),
            np.array(items, dtype=np.int32),
            np.array([0, len(items)], dtype=np.int32),
        )
        history = sp.csr_array(cells, shape=(1, self.catalog.n_items))
        history.sort_indices()
        return history

    def checked_stars(self, film: str | int, stars: object) -> float:
        """Stars on the scale; DataError for anything else."""
        scale = self.scale
        is_number = isinstance(stars, int | float | np.number) and not isinstance(stars, bool)
        in_range = is_number and scale.lowest <= stars <= scale.highest  # type: ignore[operator]
        if not (in_range and bool(scale.holds(np.float64(stars)))):  # type: ignore[arg-type]
            raise DataError(f"{reprlib.repr(film)}: got {reprlib.repr(stars)} stars; expected {scale.in_words()}.")
        return float(stars)  # type: ignore[arg-type]

    def fitting(self, genres: Sequence[str], years: tuple[int, int] | None = None) -> np.ndarray:
        """(I,) bool, which films have one of some genres and were released from the first to the last year."""
        return self.catalog.genre_matrix[:, self.asked(genres)].any(axis=1) & self.released_in(years)

    def asked(self, genres: Sequence[str]) -> np.ndarray:
        """(G,) bool of the catalogue's genres; upper case, blanks and hyphens do not matter."""
        names = {plain(name): at for at, name in enumerate(self.catalog.genre_names)}
        known = ", ".join(self.catalog.genre_names) or "none, since the films' genres could not be had"
        if isinstance(genres, str) or not isinstance(genres, Sequence) or not genres:
            raise DataError(f"got {reprlib.repr(genres)} for genres; expected a list of some of these: {known}.")
        unknown = next((genre for genre in genres if not isinstance(genre, str) or plain(genre) not in names), None)
        if unknown is not None:
            raise UnknownError(f"no film has the genre {reprlib.repr(unknown)}; the genres are {known}.")
        asked = np.zeros(len(names), dtype=bool)
        asked[[names[plain(genre)] for genre in genres]] = True
        return asked

    def released_in(self, years: tuple[int, int] | None) -> np.ndarray:
        """(I,) bool, which films were released from the first to the last year; all of them for None."""
        if years is None:
            return np.ones(self.catalog.n_items, dtype=bool)
        pair = isinstance(years, tuple | list) and len(years) == 2
        if not (pair and all(type(year) is int for year in years) and years[0] <= years[1]):
            raise DataError(
                f"got {reprlib.repr(years)} for years; expected the first and the last, such as (1970, 1979)."
            )
        return np.array([year is not None and years[0] <= year <= years[1] for year in self.catalog.year], dtype=bool)

    def score_for(self, history: sp.csr_array, asked: np.ndarray) -> np.ndarray:
        """(I,) scores for somebody who asks for genres, (G,) bool; the plain scores if the model knows no genres."""
        if not self.understands_genres:
            return self.scores(history)
        with answering(self.artifact.name):
            return self.model.score(Histories(history, genres=asked[None]))[0]

    def scores(self, history: sp.csr_array) -> np.ndarray:
        """(I,) scores for somebody who gave (1, I) stars; `best` refuses what is no number."""
        with answering(self.artifact.name):
            return self.model.score(Histories(history))[0]

    def far_scores(self, history: sp.csr_array, adventure: float, asked: np.ndarray | None = None) -> np.ndarray:
        """(I,) scores of an adventurous list, for somebody who may ask for genres, (G,) bool."""
        genres = None if asked is None or not self.understands_genres else asked[None]
        n_ratings, crowd = self.artifact.items.n_ratings, np.log1p(self.n_likes)
        with answering(self.artifact.name), one_thread():
            return adventurous_scores(self.model, Histories(history, genres=genres), adventure, n_ratings, crowd)

    def best(self, scores: np.ndarray, k: int, unwanted: Sequence[int] = ()) -> np.ndarray:
        """(k or fewer,) item_idx of the highest scores, (I,), each film once; of equal scores, those more people like.

        Raises:
            DataError: k is no length, or a score is NaN or infinite.
        """
        if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
            raise DataError(f"got {reprlib.repr(k)} for k; expected a whole number of at least 1.")
        masked = np.where(self.titles.offered, self.finite("scores", scores), -np.inf)
        masked[list(unwanted)] = -np.inf
        ranked = self.most_liked_first[top_k(masked[None, self.most_liked_first], None, min(k, len(masked)))[0]]
        return ranked[masked[ranked] > -np.inf]

    def require_stars(self) -> None:
        """DataError if the model predicts none."""
        if not self.predicts_stars:
            raise DataError(f"{self.artifact.name} predicts no stars, it only ranks; load another model.")

    def expected_stars(self, history: sp.csr_array, items: np.ndarray) -> np.ndarray | None:
        """(len(items),) stars on the scale; None if the model predicts none."""
        chances = self.chances(history, items)
        if chances is not None:
            return chances @ self.scale.levels
        if not self.predicts_stars:
            return None
        with answering(self.artifact.name):
            return self.scale.clip(self.finite("stars", self.model.predict(Histories(history))[0, items]))

    def chances(self, history: sp.csr_array, items: np.ndarray) -> np.ndarray | None:
        """(len(items), n_levels) probability of every star level; None if the model gives none."""
        if not self.gives_chances:
            return None
        with answering(self.artifact.name), one_thread():
            return self.finite("chances", self.model.rating_distribution(Histories(history), items)[0])

    def finite(self, what: str, values: np.ndarray) -> np.ndarray:
        """The values, which the model has just answered; DataError, naming it, if one is NaN or infinite."""
        return require_finite(self.artifact.name, what, values)

    def n_ratings(self, item: int) -> int:
        """How many people rated a film, under whichever id."""
        return int(self.artifact.items.n_ratings[self.same_film[item]].sum())

    def mean_stars(self, item: int) -> float | None:
        """What they gave on average; None where too few did to say."""
        same, items = self.same_film[item], self.artifact.items
        counted = items.n_ratings[same] * (items.mean_stars[same] > 0)
        return round(float(counted @ items.mean_stars[same] / counted.sum()), 2) if counted.any() else None

    @cached_property
    def n_likes(self) -> np.ndarray:
        """(I,) float64, about how many people like each film."""
        items = self.artifact.items
        return expected_likes(items.n_ratings, items.mean_stars, self.scale)

    @cached_property
    def most_liked_first(self) -> np.ndarray:
        """(I,) every item_idx, in the order of `n_likes`."""
        return np.argsort(-self.n_likes, kind="stable")

    @cached_property
    def same_film(self) -> list[np.ndarray]:
        """By item_idx, every item_idx of the same film."""
        first = self.catalog.first_with_same_title
        order = np.argsort(first, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(first[order])) + 1)
        group_of = {int(first[group[0]]): group for group in groups}
        return [group_of[each] for each in first.tolist()]

    def reasons(self, history: sp.csr_array, items: np.ndarray) -> list[str]:
        """Why each of some items, (n,) item_idx, fits a history: ends of sentences that begin with "Because"."""
        return self.reasons_of(history, self.supported(history)[1], items)

    def supported(self, history: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
        """(I,) scores, and by how much each of the most telling ratings, (m,), supports each film, (m, I)."""
        with answering(self.artifact.name), one_thread():
            return scores_with_reasons(self.model, history, most_telling(history))

    def reasons_of(self, history: sp.csr_array, support: np.ndarray, items: np.ndarray) -> list[str]:
        """Likewise, from how much each of the most telling ratings supports each film, (m, I)."""
        tried = most_telling(history)
        self.finite("scores", support[:, items])
        rows = strongest(support, items, liked=history.data[tried] > self.scale.middle)
        return [
            self.reason_without_rating(item) if row is None else self.reason(history, int(tried[row]))
            for item, row in zip(items, rows, strict=True)
        ]

    def reason_without_rating(self, item: int) -> str:
        """A sentence's end for a film that no rating speaks for."""
        liked_by_many = self.n_likes[item] >= self.n_likes.mean()  # more people than like a film on average
        return "many people like it" if liked_by_many else "nothing that is left fits better"

    def reason(self, history: sp.csr_array, place: int) -> str:
        """A sentence's end about the rating at a place of the history."""
        stars, title = history.data[place], self.display_titles[history.indices[place]]
        only = "only " * bool(stars <= self.scale.middle)
        return f"you gave {title} {only}{stars:g} star{'s' * bool(stars != 1)}"

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


def plain(genre: str) -> str:
    """A genre's letters and digits in lower case."""
    return "".join(filter(str.isalnum, genre.casefold()))
