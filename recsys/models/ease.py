"""EASE: an autoencoder without a hidden layer."""

import warnings
from typing import ClassVar, Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from recsys.config import EASEConfig
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import with_values
from recsys.models.finite import learns_numbers
from recsys.models.threads import one_thread
from recsys.progress import OnProgress, silent

GRAM_BLOCK = 1024  # columns


class EASE:
    """Item-item ridge regression with a zero diagonal (Steck 2019, "Embarrassingly shallow autoencoders").

    Graded feedback puts (stars - lowest) / (highest - lowest) where the original puts a 1. With a `feature_weight`
    every feature of the films (a genre, a period) counts as so many more people who liked just the films that have it
    (collective EASE: Jeunen et al. 2020, "Closed-form models for collaborative filtering with side-information").
    Memory: fit holds one float64 and one float32 matrix of n_items**2.
    """

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def __init__(
        self,
        config: EASEConfig = EASEConfig(),
        scale: RatingScale = WHOLE_STARS,
        item_features: np.ndarray | None = None,
    ):
        self.config, self.scale, self.item_features = config, scale, item_features

    @learns_numbers
    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Solve all regressions at once: B = I - P diag(1/P), P the inverse of X'X + l2 I."""
        warn_of_memory(train.shape[1], self.config.warn_above_bytes)
        gram = gram_matrix(self.feedback(train))  # (I, I)
        gram[np.diag_indices_from(gram)] += self.config.l2
        if self.config.feature_weight and self.item_features is not None:
            gram += self.config.feature_weight * (self.item_features @ self.item_features.T)
        with one_thread():
            precision = inverse_spd(gram)
        precision /= -np.diag(precision).copy()[:, None]  # symmetric before: rows here are columns of the transpose
        self.weights = precision.T.astype(np.float32)  # column j predicts item j; row by row in memory, for `score`
        np.fill_diagonal(self.weights, 0.0)  # an item never predicts itself
        return self

    def feedback(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float64 in [0, 1]: how much each rated item was liked."""
        if self.config.feedback == "binary":
            return with_values(history, (history.data >= self.config.liked_from).astype(np.float64))
        return with_values(history, self.scale.grade(history.data.astype(np.float64)))

    def score(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        return np.asarray(self.feedback(history).astype(np.float32) @ self.weights)

    def arrays(self) -> dict[str, np.ndarray]:
        """The item-item weights."""
        return {"weights": self.weights}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        return {"weights": "I I"}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        self.weights = arrays["weights"]
        return self


def warn_of_memory(n_items: int, limit_bytes: int) -> None:
    """Warn before n_items squared is allocated, if fit will take more than the limit."""
    n_bytes = 12 * n_items**2
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
