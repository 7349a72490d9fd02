"""User-based collaborative filtering: people whose ratings agree with yours vote on what you have not seen.

Legend: B histories, U training users, I items.
"""

from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import graded, rated, with_values
from recsys.models.learned import LearningModel
from recsys.models.neighbours.config import UserKNNConfig
from recsys.models.simple.baseline import Baseline
from recsys.training import Training

ROUNDING = 1e-9  # relative difference below which two similarities are the same; sums in another order differ by 1e-15


class UserKNN(LearningModel):
    """The k nearest raters of each item (Herlocker et al. 1999; Koren 2010, section 2.2, for the centring).

    Stars: similarity is the Pearson correlation of two people's baseline residuals over the items both rated, times
    n / (n + shrinkage) for n shared items; negative ones do not vote. An estimate is the baseline plus the weighted
    mean of the residuals of the item's n_neighbours most similar raters.

    Ranking: a mean forgets how many neighbours chose a film, so the score sums instead: the grades that the person's
    n_neighbours most similar users gave, weighted by the cosine of the two graded histories (Cremonesi, Koren and
    Turrin 2010, section 3, on leaving out the denominator).
    """

    keeps_ratings: ClassVar[bool] = True

    config: UserKNNConfig

    def __init__(self, config: UserKNNConfig = UserKNNConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.baseline = Baseline(config.baseline, scale)

    def learn(self, data: Interactions, training: Training) -> None:
        """Keep the training users' residuals, by user and by item, and their graded histories."""
        train = data.stars
        self.baseline.fit(data)
        self.residuals = with_values(train, self.baseline.residuals(train))  # (U, I)
        self.residuals_by_item = self.residuals.tocsc()
        self.grades = graded(train, self.scale)
        self.unit_grades_by_item = unit_rows(self.grades).T.tocsr()  # (I, U), in the order that `score` reads it

    def similarities(self, history: sp.csr_array) -> np.ndarray:
        """Shrunk Pearson correlations, (B, I) stars -> (B, U) float64 in [0, 1)."""
        residuals = with_values(history, self.baseline.residuals(history))
        own, theirs = rated(history), rated(self.residuals)
        products = (residuals @ self.residuals.T).toarray()
        own_squares = (with_values(residuals, residuals.data**2) @ theirs.T).toarray()  # over shared items only
        their_squares = (own @ with_values(self.residuals, self.residuals.data**2).T).toarray()
        n_shared = (own @ theirs.T).toarray()
        norms = np.sqrt(own_squares * their_squares)
        correlation = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
        return np.maximum(correlation, 0.0) * n_shared / (n_shared + self.config.shrinkage)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        history = people.stars
        similarities = self.similarities(history)
        stars = self.baseline.predict(people)
        columns = self.residuals_by_item
        for item in np.flatnonzero(np.diff(columns.indptr)):
            raters = slice(columns.indptr[item], columns.indptr[item + 1])
            votes = nearest(similarities[:, columns.indices[raters]], self.config.n_neighbours)
            stars[:, item] += votes @ columns.data[raters] / (votes.sum(axis=1) + self.config.l2)
        return stars

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, the neighbours' grades summed."""
        cosines = (unit_rows(graded(people.stars, self.scale)) @ self.unit_grades_by_item).toarray()  # (B, U)
        votes = nearest(cosines, self.config.n_neighbours)
        return np.asarray(votes @ self.grades, dtype=np.float32)


def nearest(similarities: np.ndarray, k: int) -> np.ndarray:
    """(B, n) with all but each row's k largest set to 0; those that tie with the k-th, up to rounding, stay too."""
    n = similarities.shape[1]
    if n <= k:
        return similarities
    kth = np.partition(similarities, n - k, axis=1)[:, n - k]
    return np.where(similarities >= kth[:, None] * (1 - ROUNDING), similarities, 0.0)


def unit_rows(matrix: sp.csr_array) -> sp.csr_array:
    """Rows divided by their Euclidean length; a row of zeros stays."""
    lengths = np.sqrt(np.asarray(matrix.power(2).sum(axis=1)).ravel())
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return with_values(matrix, matrix.data * np.repeat(inverse, np.diff(matrix.indptr)))
