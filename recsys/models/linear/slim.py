"""SLIM: every film predicted from few others, by non-negative weights.

Legend: B histories, I items.
"""

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import graded
from recsys.models.learned import LearningModel, learned
from recsys.models.linear.config import SLIMConfig
from recsys.models.linear.ease import gram_matrix, inverse_spd, warn_of_memory
from recsys.models.numeric.threads import one_thread
from recsys.training import Training


class SLIM(LearningModel):
    """Sparse linear methods (Ning and Karypis 2011): an elastic net for each film, without itself, weights >= 0.

    The weights of film j minimise |x_j - X w|^2 / 2 + l2 |w|^2 / 2 + l1 |w|_1 over w >= 0 with w_j = 0, where X are
    people's grades. All films are solved at once by alternating directions (Steck, Dimakopoulou, Riabov and Jebara
    2020, "ADMM SLIM"): one inverse, and then a product of two matrices in every step.
    """

    weights: np.ndarray = learned("I I")  # column j predicts item j; the diagonal is 0

    config: SLIMConfig

    def __init__(self, config: SLIMConfig = SLIMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Alternate until weights neither move nor differ by more than the tolerance, or the steps are used up."""
        train = data.stars
        warn_of_memory(train.shape[1], 4 * 7 * train.shape[1] ** 2, self.config.warn_above_bytes)
        config, gram = self.config, gram_matrix(graded(train, self.scale))
        weights = np.zeros(gram.shape, dtype=np.float32)
        if not train.nnz:
            self.weights = weights
            return
        rho = np.float32(config.rho * gram.trace() / len(gram))
        with one_thread():
            inverse = inverse_spd(gram + (config.l2 + rho) * np.eye(len(gram)))
            target, diagonal = (inverse @ gram).astype(np.float32), np.diag(inverse).astype(np.float32)
            inverse = inverse.astype(np.float32)
        price, least = np.zeros_like(weights), np.float32(config.l1) / rho
        for epoch in range(config.epochs):
            dense = target + inverse @ (rho * weights - price)
            dense -= inverse * (np.diag(dense) / diagonal)  # so that no film has a weight for itself
            before, weights = weights, np.maximum(dense + price / rho - least, 0)
            apart = dense - weights
            price += rho * apart
            moved = float(max(np.abs(weights - before).max(), np.abs(apart).max()))
            training.on_progress("epoch", epoch + 1, config.epochs, moved=moved)
            if moved < config.tolerance:
                break
        np.fill_diagonal(weights, 0.0)
        self.weights = weights

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        return np.asarray(graded(people.stars, self.scale).astype(np.float32) @ self.weights)
