"""Films that fit what somebody requires, the most useful first: knowledge-based recommendation.

Legend: B histories, I items, G genres, C requirements, the most important first.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.content.config import KnowledgeConfig
from recsys.models.content.requirements import FilmsInFigures, kept, periods
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.sums import shrunk_means
from recsys.stated_genres import genre_shares
from recsys.training import Training

REQUIREMENTS = ("genres", "period", "ratings", "stars")  # C, the most important first


class Knowledge(LearningModel):
    """Requirements and utilities (Burke 2002, "Hybrid recommender systems", section 2), counted and not learned.

    Somebody requires the genres that they ask for, the period that most films come from that they like, and films that
    enough people know and do not dislike. Where too few films fit, the least important requirements are given up, see
    `requirements`. Films that fit come first, and both they and the others by what use they are: how much of
    their genres, of their time, how good and how well known.
    """

    genres: np.ndarray | None = learned("I G in 0..1", default=None)
    years: np.ndarray = learned("I in 0..1e4")  # 0: unknown
    grades: np.ndarray = learned("I in 0..1")
    n_ratings: np.ndarray = learned("I in 0..1e9")
    reference: np.ndarray | None = learned("G in 0..1", default=None)  # share of each genre among all likes

    config: KnowledgeConfig

    def __init__(self, config: KnowledgeConfig = KnowledgeConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Count."""
        train, films = data.stars, data.films
        known = films.genres if films is not None else None
        self.genres = None if known is None else known.astype(np.float64)
        least = least_stars(self.config.liked_from, self.scale, train)
        self.reference = None if known is None else genre_shares(train, known, least)
        years = films.years if films is not None else ()
        self.years = np.array([year or 0 for year in years] or np.zeros(train.shape[1]), dtype=np.float64)
        grades = self.scale.grade(train.data.astype(np.float64))
        mean = float(grades.mean()) if train.nnz else 0.5
        self.grades = mean + shrunk_means(train.indices, grades - mean, train.shape[1], self.config.prior)
        self.n_ratings = np.bincount(train.indices, minlength=train.shape[1]).astype(np.float64)

    @property
    def understands_genres(self) -> bool:
        """Whether it knows the genres of films."""
        return self.genres is not None and bool(self.genres.size)

    @property
    def films(self) -> FilmsInFigures:
        """What is known of films."""
        none = np.zeros((len(self.years), 0))
        genres, reference = (none, none[0]) if self.genres is None else (self.genres, self.reference)
        return FilmsInFigures(genres, self.years, self.grades, self.n_ratings, np.asarray(reference))

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32: of what use a film is; whatever fits the requirements stands above all else.

        Raises:
            ValueError: genres are asked for, and those of films are not known.
        """
        if people.genres is not None and not self.understands_genres:
            raise ValueError("got genres, but the model was fitted without films' genres; fit it with them")
        fits = np.all(self.fitting(people) | ~self.requirements(people)[:, :, None], axis=0)
        return (self.use(people) + fits * (1 + sum(self.weights))).astype(np.float32)

    @property
    def weights(self) -> tuple[float, float, float, float]:
        """Of genres, period, quality and fame."""
        config = self.config
        return config.genre_weight, config.period_weight, config.quality_weight, config.fame_weight

    def use(self, people: Histories) -> np.ndarray:
        """(B, I) weighted sum of utilities, each from 0 to 1."""
        films, likes = self.films, self.likes(people.stars)
        genres = films.of_liked_genres(likes)
        if people.genres is not None:
            asks = people.genres.any(axis=1, keepdims=True)
            genres = np.where(asks, films.of_asked_genres(people.genres), genres)
        period = films.of_period(self.periods(likes), self.config.slack)
        utilities = (genres, period, films.grades, films.fame())
        return np.asarray(sum(weight * utility for weight, utility in zip(self.weights, utilities, strict=True)))

    def fitting(self, people: Histories) -> np.ndarray:
        """(C, B, I) bool, whether a film fits each requirement; where there is none, every film does."""
        films, shape = self.films, people.shape
        asked = np.zeros((shape[0], 0), dtype=bool) if people.genres is None else people.genres
        has_asked = films.of_asked_genres(asked) > 0 if asked.any() else np.zeros(shape, dtype=bool)
        in_period = films.of_period(self.periods(self.likes(people.stars)), self.config.slack) == 1
        of_films = films.n_ratings >= self.config.least_ratings, films.grades >= self.config.least_grade
        return np.stack(
            [
                has_asked | ~asked.any(axis=1, keepdims=True),
                in_period,
                *(np.broadcast_to(fits, shape) for fits in of_films),
            ]
        )

    def requirements(self, people: Histories) -> np.ndarray:
        """(C, B) bool, which of REQUIREMENTS stand; the others were given up, since too few films fitted."""
        unrated = people.stars.toarray() == 0
        return kept(self.fitting(people), unrated, min(self.config.least_films, people.shape[1]))

    def given_up(self, people: Histories) -> list[list[str]]:
        """Of each of B people, those of REQUIREMENTS that were given up: why a list has other films."""
        return [
            [name for name, stands in zip(REQUIREMENTS, row, strict=True) if not stands]
            for row in self.requirements(people).T
        ]

    def likes(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) 1.0 where a film is liked."""
        return liked(history, least_stars(self.config.liked_from, self.scale, history)).astype(np.float64)

    def periods(self, likes: sp.csr_array) -> np.ndarray:
        """(B, 2) years, see `periods`."""
        return periods(likes, self.years, self.config.period_share)
