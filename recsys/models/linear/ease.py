"""EASE: an autoencoder without a hidden layer."""

import warnings

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas, lapack, solve_triangular

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, likes
from recsys.models.base import with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.linear.config import EASEConfig
from recsys.models.numeric.threads import one_thread
from recsys.training import Training

GRAM_BLOCK = 1024  # columns


class EASE(LearningModel):
    """Item-item ridge regression with a zero diagonal (Steck 2019, "Embarrassingly shallow autoencoders").

    Graded feedback puts (stars - lowest) / (highest - lowest) where the original puts a 1. With a `feature_weight`
    every feature of the films (a genre, a period) counts as so many more people who liked just the films that have it
    (collective EASE: Jeunen et al. 2020, "Closed-form models for collaborative filtering with side-information").
    Time and memory of fit go with the smaller of the two sides that have ratings, people or films: see `by_films` and
    `by_people`. What is kept is a float32 matrix of n_items**2.
    """

    weights: np.ndarray = learned("I I")  # column j predicts item j; the diagonal is 0

    config: EASEConfig

    def __init__(
        self,
        config: EASEConfig = EASEConfig(),
        scale: RatingScale = WHOLE_STARS,
    ):
        self.config, self.scale = config, scale
        self.seen_share = config.seen_share  # the flagship may have chosen another

    def learn(self, data: Interactions, training: Training) -> None:
        """Solve all regressions at once: B = I - P diag(1/P), P the inverse of X'X + l2 I."""
        train = data.stars
        feedback, features = self.feedback(train), self.weighted_features(data)
        n_rows = int(np.sum(np.diff(train.indptr) > 0)) + features.shape[1]
        n_films = len(np.unique(train.indices))
        has_few_rows = 2 * n_rows <= n_films
        n_numbers = 3 * n_rows * train.shape[1] if has_few_rows else 2 * n_films**2  # of 4 bytes
        warn_of_memory(train.shape[1], 4 * (n_numbers + train.shape[1] ** 2), self.config.warn_above_bytes)
        with one_thread():
            solve = by_people if has_few_rows else by_films
            self.weights = solve(feedback, features, self.config.l2)
        np.fill_diagonal(self.weights, 0.0)  # an item never predicts itself

    def weighted_features(self, data: Interactions) -> np.ndarray:
        """(I, M) of the films, as columns of more people's feedback; none where they count for nothing."""
        if not self.config.feature_weight or data.films is None or data.films.features is None:
            return np.zeros((data.shape[1], 0))
        return np.sqrt(self.config.feature_weight) * data.films.features

    def feedback(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float64 in [0, 1]: how much each rated item was liked."""
        if self.config.feedback == "binary":
            least = least_stars(self.config.liked_from, self.scale, history)
            return with_values(history, likes(history, least).astype(np.float64))
        grades = self.scale.grade(history.data.astype(np.float64))
        return with_values(history, self.seen_share + (1.0 - self.seen_share) * grades)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        return np.asarray(self.feedback(people.stars).astype(np.float32) @ self.weights)


def by_films(feedback: sp.csr_array, features: np.ndarray, l2: float) -> np.ndarray:
    """The weights from an inverse of the size of the films that somebody rated.

    With X the feedback and F the features, the inverse of X'X + l2 I + F F' is that of X'X + l2 I, which is diagonal
    where there are no ratings, less a product of the rank of F (Woodbury's identity).

    Args:
        feedback: (U, I) float64.
        features: (I, M) float64.
        l2: > 0.

    Returns:
        (I, I) float32, row by row in memory, for `score`; the diagonal is -1.
    """
    is_rated = np.bincount(feedback.indices, minlength=feedback.shape[1]) > 0
    gram = gram_matrix(feedback[:, is_rated])  # (R, R), R rated films
    gram[np.diag_indices_from(gram)] += l2
    inverse = inverse_spd(gram)
    solved = features / l2  # (I, M)
    solved[is_rated] = inverse @ features[is_rated]
    root = np.linalg.cholesky(np.eye(features.shape[1]) + features.T @ solved)
    spread = solve_triangular(root, solved.T, lower=True).T  # (I, M): the precision is the inverse - spread spread'
    diagonal = 1 / l2 - np.sum(spread**2, axis=1)
    diagonal[is_rated] += np.diag(inverse) - 1 / l2
    if is_rated.all():
        precision = blas.dgemm(-1.0, spread, spread, 1.0, inverse, trans_b=True, overwrite_c=True)
        precision /= -diagonal[:, None]  # symmetric before: rows here are columns of the transpose
        return precision.T.astype(np.float32)
    weights = (spread @ spread.T).astype(np.float32)
    weights[np.ix_(is_rated, is_rated)] -= inverse
    weights /= diagonal.astype(np.float32)
    return weights


def by_people(feedback: sp.csr_array, features: np.ndarray, l2: float) -> np.ndarray:
    """The weights from an inverse of the size of the people who rated, plus that of the features.

    With Z the people's feedback above the features, (Z'Z + l2 I)^-1 = (I - Z' (Z Z' + l2 I)^-1 Z) / l2.

    Args:
        feedback, features, l2: as for `by_films`.

    Returns:
        As `by_films`, with another diagonal.
    """
    evidence = sp.csr_array(sp.vstack([feedback[np.diff(feedback.indptr) > 0], sp.csr_array(features.T)]))  # (R, I)
    gram = (evidence @ evidence.T).toarray()
    gram[np.diag_indices_from(gram)] += l2
    root = np.linalg.cholesky(gram)
    spread = solve_triangular(root, evidence.toarray(order="F"), lower=True, overwrite_b=True)  # (R, I)
    rest = 1 - np.sum(spread**2, axis=0)  # l2 times the diagonal of the precision
    spread = spread.astype(np.float32)
    return spread.T @ (spread / rest.astype(np.float32))


def warn_of_memory(n_items: int, n_bytes: int, limit_bytes: int) -> None:
    """Warn before n_items squared is allocated, if fit will take more than the limit."""
    if n_bytes > limit_bytes:
        message = f"EASE needs {n_bytes / 2**30:.1f} GiB for matrices of {n_items:,} x {n_items:,} numbers; "
        warnings.warn(message + "leave it out with --models, or keep fewer items", RuntimeWarning, stacklevel=3)


def gram_matrix(matrix: sp.csr_array) -> np.ndarray:
    """X'X, (I, I) float64 column-major, a block of columns at a time, so that no sparse copy of it is made."""
    n_items = matrix.shape[1]
    gram = np.empty((n_items, n_items), order="F")
    by_column = matrix.tocsc()
    for start in range(0, n_items, GRAM_BLOCK):
        gram[:, start : start + GRAM_BLOCK] = (matrix.T @ by_column[:, start : start + GRAM_BLOCK]).toarray()
    return gram


def inverse_spd(matrix: np.ndarray) -> np.ndarray:
    """Inverse of a symmetric positive definite (n, n) float64 matrix, in place where it is column-major.

    By Cholesky (LAPACK potrf, potri): a third of the work of a general inverse.

    Raises:
        np.linalg.LinAlgError: the matrix is not positive definite.
    """
    factor, failed_at = lapack.dpotrf(matrix, lower=0, overwrite_a=1, clean=0)
    if failed_at:
        raise np.linalg.LinAlgError(f"the matrix is not positive definite (leading minor {failed_at})")
    upper, _ = lapack.dpotri(factor, lower=0, overwrite_c=1)
    for i in range(len(upper)):  # the triangle below the diagonal, without a third matrix
        upper[i + 1 :, i] = upper[i, i + 1 :]
    return upper
