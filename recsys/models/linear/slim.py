"""SLIM: every film predicted from few others, by non-negative weights.

Legend: U training users, B histories, I items, L items that are linked to another.
"""

import warnings
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import graded
from recsys.models.learned import LearningModel, learned
from recsys.models.linear.config import SLIMConfig
from recsys.models.linear.ease import by_people
from recsys.models.linear.grams import BLOCK, gram_matrix, inverse_spd
from recsys.models.numeric.threads import one_thread
from recsys.training import Training
from recsys.training.processes import ALONE, Processes, all_people

FEW_PEOPLE = 0.5  # of the films: with fewer, two thin products take less time than one of two square matrices


class SLIM(LearningModel):
    """Sparse linear methods (Ning and Karypis 2011): an elastic net for each film, without itself, weights >= 0.

    The weights of film j minimise |x_j - X w|^2 / 2 + l2 |w|^2 / 2 + l1 |w|_1 over w >= 0 with w_j = 0, where X are
    people's grades. All films are solved at once by alternating directions (Steck, Dimakopoulou, Riabov and Jebara
    2020, "ADMM SLIM"): one inverse, and then a product of matrices in every step. As neither grades nor weights are
    below 0, a film whose grades go with no other's by more than l1 has no weight at all, and is left out.
    """

    weights: np.ndarray = learned("I I")  # column j predicts item j; the diagonal is 0

    config: SLIMConfig

    def __init__(self, config: SLIMConfig = SLIMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Solve for the films that are linked to another."""
        grades, n_items = graded(data.stars, self.scale), data.shape[1]
        linked = np.flatnonzero(most_shared(grades, training.processes) > self.config.l1)
        n_numbers = n_items**2 + 7 * len(linked) ** 2
        warn_of_memory(n_items, 4 * n_numbers, self.config.warn_above_bytes)
        self.weights = np.zeros((n_items, n_items), dtype=np.float32)
        if len(linked):
            self.weights[np.ix_(linked, linked)] = self.alternated(grades[:, linked], training)

    def alternated(self, grades: sp.csr_array, training: Training) -> np.ndarray:
        """Alternate until weights neither move nor differ by more than the tolerance, or the steps are used up.

        Args:
            grades: (U, L) float64.
            training: is told of steps.

        Returns:
            (L, L) float32 weights.
        """
        config = self.config
        squares = float(training.processes.sum(np.sum(grades.data**2)))
        rho = np.float32(config.rho * squares / grades.shape[1])
        pull = np.float32(config.l2) + rho
        with one_thread():
            smooth, smoothed = smoothing(grades, float(pull), training)
        stiffness = 1 - np.diag(smooth)  # of a film's weight for itself, over the pull
        weights, price, least = np.zeros_like(smooth), np.zeros_like(smooth), np.float32(config.l1) / rho
        steps = training.checkpoints.loop("steps", {"weights": weights, "price": price})
        for epoch in range(steps.done, config.epochs):
            dense = rho * weights - price
            dense = (dense - smoothed(dense)) / pull + smooth
            own = np.diag(dense) / stiffness
            dense += smooth * own
            np.fill_diagonal(dense, 0.0)  # what is left of own (1 - smooth): no film has a weight for itself
            before, weights = weights, np.maximum(dense + price / rho - least, 0)
            apart = dense - weights
            price += rho * apart
            moved = float(max(np.abs(weights - before).max(), np.abs(apart).max()))
            steps.reached(epoch + 1, {"weights": weights, "price": price})
            training.on_progress("epoch", epoch + 1, config.epochs, moved=moved)
            if moved < config.tolerance:
                break
        np.fill_diagonal(weights, 0.0)
        return weights

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        return np.asarray(graded(people.stars, self.scale).astype(np.float32) @ self.weights)


def most_shared(grades: sp.csr_array, processes: Processes = ALONE) -> np.ndarray:
    """(I,) the largest sum, over people, of the grades of a film times those of another; grades are (U, I)."""
    by_column, most = grades.tocsc(), np.zeros(grades.shape[1])
    for start in range(0, len(most), BLOCK):
        block = processes.sum((grades.T @ by_column[:, start : start + BLOCK]).toarray())  # (I, block)
        own = np.arange(block.shape[1])
        block[start + own, own] = 0.0
        most[start + own] = block.max(axis=0, initial=0.0)
    return most


def smoothing(
    grades: sp.csr_array, l2: float, training: Training = Training()
) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """S = (X'X + l2 I)^-1 X'X = I - l2 (X'X + l2 I)^-1, and what multiplies by it: S is H H' for few people.

    Args:
        grades: (U, L) float64 X.
        l2: > 0.
        training: whose processes have the other people.

    Returns:
        (L, L) float32, and (L, L) -> (L, L).
    """
    n_items, processes = grades.shape[1], training.processes
    if processes.sum(np.count_nonzero(np.diff(grades.indptr))) < FEW_PEOPLE * n_items:
        halves, _ = by_people(all_people(grades, processes), np.zeros((n_items, 0)), l2)
        return halves @ halves.T, lambda dense: halves @ (halves.T @ dense)
    smooth = -l2 * inverse_spd(gram_matrix(grades, training) + l2 * np.eye(n_items))
    smooth[np.diag_indices_from(smooth)] += 1.0
    smooth = smooth.astype(np.float32)
    return smooth, lambda dense: smooth @ dense


def warn_of_memory(n_items: int, n_bytes: int, limit_bytes: int) -> None:
    """Warn before n_items squared is allocated, if fit will take more than the limit."""
    if n_bytes > limit_bytes:
        message = f"fitting takes {n_bytes / 2**30:.1f} GiB for matrices of {n_items:,} x {n_items:,} numbers; "
        warnings.warn(message + "leave the model out with --models, or keep fewer items", RuntimeWarning, stacklevel=3)
