"""What encoders are told of a history, in NumPy.

Legend: B histories, I items.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.models.base import entry_rows, with_values

TINY = 1e-6  # keeps an empty history from being divided by 0


class Usual(NamedTuple):
    """What is usual among people, in stars: the mean of all, films' offsets, (I,), and how far people's spread."""

    mean: np.ndarray
    item_offset: np.ndarray
    spread: np.ndarray


class Described(NamedTuple):
    """What is told of people: features, (B, 2 I), and mean and log variance of their generosity, (B, 1) each."""

    features: sp.csr_array
    generosity: np.ndarray
    generosity_log_var: np.ndarray


def described(history: sp.csr_array, usual: Usual, l2: float, scale: RatingScale) -> Described:
    """What is told of people with (B, I) stars.

    The features are grades from 0 to 1 over their Euclidean norm, then the stars beyond what the mean and the offsets
    of film and person explain, over sqrt(number of ratings + 1). They are 0 where nothing is rated, so they are sparse.

    With people's offsets ~ N(0, spread^2) and errors of ratings ~ N(0, l2 spread^2) somebody's offset has a known
    posterior. Generosity is the offset over its spread.

    Args:
        history: (B, I).
        usual: what stars are compared with.
        l2: in ratings; somebody's offset is known by half with so many.
        scale: of the stars.
    """
    rows, stars = entry_rows(history), history.data.astype(np.float32)
    n_ratings = np.diff(history.indptr).astype(np.float32)[:, None]  # (B, 1)
    residuals = stars - usual.mean - usual.item_offset[history.indices]
    offset = summed(residuals, rows, history.shape[0]) / (n_ratings + l2)  # (B, 1)
    surprise = (residuals - offset[rows, 0]) / np.sqrt(n_ratings + 1)[rows, 0]
    features = np.column_stack([grades_of_length_one(history, scale), surprise])  # (nnz, 2)
    columns = np.column_stack([history.indices, history.indices + history.shape[1]])
    shape = (history.shape[0], 2 * history.shape[1])
    told = sp.csr_array((features.ravel(), columns.ravel(), 2 * history.indptr), shape=shape)
    return Described(told, offset / usual.spread, np.log(l2 / (n_ratings + l2)))


def grades_of_length_one(history: sp.csr_array, scale: RatingScale) -> np.ndarray:
    """(nnz,) float32: stored stars as grades from 0 to 1, over the Euclidean norm of the person's."""
    rows, grades = entry_rows(history), scale.grade(history.data.astype(np.float32))
    norm = np.sqrt(np.maximum(summed(grades**2, rows, history.shape[0]), TINY))
    return np.asarray(grades / norm[rows, 0])


def standardised(history: sp.csr_array, scale: RatingScale) -> tuple[sp.csr_array, RatingScale]:
    """The same opinions from 1 to 5, and the scale of those: networks are trained on stars of one size."""
    stars = ((history.data - scale.lowest) / scale.unit + 1).astype(np.float32)
    return with_values(history, stars), RatingScale(step=scale.step / scale.unit)


def summed(values: np.ndarray, rows: np.ndarray, n_rows: int) -> np.ndarray:
    """Sums of the values, (nnz,), by row: (n_rows, 1) float32."""
    return np.bincount(rows, values, minlength=n_rows).astype(np.float32)[:, None]
