"""What is said of films with few ratings: the mean, how generous somebody is, the film's genres and its own ratings.

Legend: B histories, I items, n of them asked for, G genres, V star levels.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.baseline import Baseline
from recsys.models.vocabulary.config import RareFilmsConfig
from recsys.training import Training

FLATTEST = 1e-4  # share of a star level at least, of the usual shares; 0 could not become more
STEEPEST, N_SLOPES = (
    120.0,
    1201,
)  # how far shares of levels are tilted at most, in e-folds over the scale; and how often
FEWEST_RATINGS = 5  # of a film whose own ratings count: those of fewer would tell what single people gave
NONE = 0.5  # ratings, that stand for none in what is chosen
NEWTON = 2  # steps from the nearest of these to a mean


class RareFilms(LearningModel):
    """stars = mean + the person's offset + the film's, which its genres' offsets are, the fewer ratings it has.

    It knows all films, so that a history of rare films says how generous somebody is. A genre's offset is the mean of
    what ratings of its films leave over, a film's that of its genres: one level of shrinkage above the other (Gelman
    and Hill 2007, chapter 12). The chance of a star level is its usual share, tilted until the mean is right.
    """

    mean: float = learned("")
    offset: np.ndarray = learned("I")
    chance: np.ndarray = learned("I in 0..1")  # of a film among all that are rated, summing to 1
    usual: np.ndarray = learned("V={n_levels} in 0..1")  # share of each star level, summing to 1

    config: RareFilmsConfig

    def __init__(self, config: RareFilmsConfig = RareFilmsConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Learn offsets of people and films, and draw those of films to their genres'."""
        train, config = data.stars, self.config
        baseline = Baseline(config.baseline, self.scale).fit(data)
        left_over = baseline.residuals(train) + baseline.item_offset[train.indices]
        counts = np.bincount(train.indices, minlength=train.shape[1])
        sums = np.bincount(train.indices, left_over, minlength=train.shape[1])
        of_genres = genre_offsets(data.films, counts, sums, config.of_genre)
        own = np.where(counts >= FEWEST_RATINGS, counts, 0)
        self.offset = (np.where(own > 0, sums, 0.0) + config.own * of_genres) / (own + config.own)
        self.mean, self.chance = baseline.mean, (counts + NONE) / np.sum(counts + NONE)
        self.usual = self.usual_shares(train)

    def usual_shares(self, train: sp.csr_array) -> np.ndarray:
        """(V,) of all ratings, none 0."""
        n_levels = len(self.scale.levels)
        shares = np.bincount(self.scale.level_of(train.data.astype(np.float64)), minlength=n_levels)
        shares = np.maximum(shares / max(shares.sum(), 1), FLATTEST)
        return np.asarray(shares / shares.sum())

    def sizes(self) -> dict[str, Any]:
        """The settings, and how many star levels there are."""
        return super().sizes() | {"n_levels": len(self.scale.levels)}

    def stars(self, people: Histories, items: np.ndarray) -> np.ndarray:
        """(B, n) float64 stars on the scale that people give to some films, (n,) item_idx."""
        known = {"mean": np.asarray(self.mean), "item_offset": self.offset}
        generous = Baseline(self.config.baseline, self.scale).restore(known).user_offset(people.stars)
        return self.scale.clip(self.mean + generous[:, None] + self.offset[items])

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, the stars."""
        return self.stars(people, np.arange(len(self.offset))).astype(np.float32)

    def chances(self, stars: np.ndarray) -> np.ndarray:
        """(B, n) stars -> (B, n, V) float64, the chance of every star level, of which these are the mean."""
        levels = (self.scale.levels - self.scale.middle) / (self.scale.highest - self.scale.lowest)
        log_usual = np.log(np.maximum(self.usual, FLATTEST))
        slopes = np.linspace(-STEEPEST, STEEPEST, N_SLOPES)
        means = shares_of(log_usual + slopes[:, None] * levels) @ levels  # rising
        wanted = (stars - self.scale.middle) / (self.scale.highest - self.scale.lowest)
        wanted = np.clip(wanted, means[0], means[-1])
        slope = np.interp(wanted, means, slopes)
        for _ in range(NEWTON):
            shares = shares_of(log_usual + slope[..., None] * levels)
            mean = shares @ levels
            slope = slope + (wanted - mean) / np.maximum(shares @ levels**2 - mean**2, 1e-9)
            slope = np.clip(slope, -STEEPEST, STEEPEST)
        return shares_of(log_usual + slope[..., None] * levels)


def genre_offsets(films: FilmFacts | None, counts: np.ndarray, sums: np.ndarray, l2: float) -> np.ndarray:
    """(I,) stars that films are expected to be above the mean by their genres; 0 of those without.

    Args:
        films: what is known of them.
        counts: (I,) ratings.
        sums: (I,) stars that these leave over, summed.
        l2: ratings that draw a genre to 0.
    """
    genres = np.zeros((len(counts), 0)) if films is None or films.genres is None else films.genres.astype(np.float64)
    offsets = (sums @ genres) / (counts @ genres + l2)  # (G,)
    return np.asarray(genres @ offsets / np.maximum(genres.sum(axis=1), 1))


def shares_of(logits: np.ndarray) -> np.ndarray:
    """(..., V) nats -> (..., V) shares that sum to 1."""
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))
