"""What kind of a viewer somebody is: how active, how varied, how much like everybody else.

Legend: U people, I films, G genres, n ratings. A trait is 0, 1 or 2.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Interactions
from recsys.models.base import entry_rows, rated

ACTIVITY_CUTS = (60, 90)  # percentiles of people that part the three tiers of a trait; all as in Agent4Rec
DIVERSITY_CUTS = (33, 66)
CONFORMITY_CUTS = (25, 80)
USUAL = 0.8  # share of what somebody rated that lies in the genres that are usual for them


@dataclass(frozen=True, eq=False)
class Traits:
    """Three traits of people.

    Attributes:
        activity: (U,) int, 2 for those who rate most.
        diversity: (U,) int, 2 for those whose ratings need most genres.
        conformity: (U,) int, 2 for those whose stars are nearest to the films' means.
    """

    activity: np.ndarray
    diversity: np.ndarray
    conformity: np.ndarray


def traits_of(data: Interactions) -> Traits:
    """The traits that ratings show; without genres everybody's diversity is 0."""
    n_genres = np.zeros(data.shape[0])
    if (genres := genres_of(data)).shape[1]:
        n_genres = usual_genres(data.stars, genres).sum(axis=1)
    return Traits(
        activity=tiers(np.diff(data.stars.indptr), ACTIVITY_CUTS),
        diversity=tiers(n_genres, DIVERSITY_CUTS),
        conformity=2 - tiers(dissent(data.stars), CONFORMITY_CUTS),
    )


def tiers(values: np.ndarray, cuts: tuple[int, int]) -> np.ndarray:
    """(U,) int: 0 up to the first percentile of the values, 1 up to the second, else 2."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    lower, upper = np.percentile(values, cuts)
    return (values > lower).astype(np.int64) + (values > upper)


def genres_of(data: Interactions) -> np.ndarray:
    """(I, G) float64, 1 where a film is of a genre; G = 0 where nothing is known."""
    genres = None if data.films is None else data.films.genres
    return np.zeros((data.shape[1], 0)) if genres is None else genres.astype(np.float64)


def usual_genres(stars: sp.csr_array, genres: np.ndarray) -> np.ndarray:
    """(U, G) bool, the fewest genres, the most frequent first, that hold USUAL of the mentions of somebody's films."""
    mentions = rated(stars) @ genres  # (U, G)
    order = np.argsort(-mentions, axis=1, kind="stable")
    sorted_mentions = np.take_along_axis(mentions, order, axis=1)
    before = np.cumsum(sorted_mentions, axis=1) - sorted_mentions
    needed = (before < USUAL * mentions.sum(axis=1, keepdims=True)) & (sorted_mentions > 0)
    found = np.zeros(mentions.shape, dtype=bool)
    np.put_along_axis(found, order, needed, axis=1)
    return found


def dissent(stars: sp.csr_array) -> np.ndarray:
    """(U,) mean squared distance of somebody's stars from the films' means; 0 without ratings."""
    n_raters = np.maximum(np.bincount(stars.indices, minlength=stars.shape[1]), 1)
    means = np.bincount(stars.indices, weights=stars.data, minlength=stars.shape[1]) / n_raters
    squares = (stars.data - means[stars.indices]) ** 2
    n_rated = np.maximum(np.diff(stars.indptr), 1)
    return np.bincount(entry_rows(stars), weights=squares, minlength=stars.shape[0]) / n_rated


def novelty(stars: sp.csr_array, genres: np.ndarray) -> np.ndarray:
    """(U, I) float32 in [0, 1], the share of a film's genres that is not usual for somebody; 0 without genres."""
    if not genres.shape[1]:
        return np.zeros(stars.shape, dtype=np.float32)
    unusual = (~usual_genres(stars, genres)).astype(np.float64)
    return np.asarray(unusual @ genres.T / np.maximum(genres.sum(axis=1), 1), dtype=np.float32)
