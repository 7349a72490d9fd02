"""A Boltzmann machine of likes, without hidden units.

Legend: B histories, U training users, I items, C imaginary viewers.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.base import graded
from recsys.models.boltzmann.config import BoltzmannConfig
from recsys.models.boltzmann.pseudo_likelihood import gibbs, pseudo_slopes, tied
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.descent import Adam, falling
from recsys.models.numeric.threads import one_thread
from recsys.training import Training


class Boltzmann(LearningModel):
    """score = b + W v, the log odds that somebody who likes v likes a film (Ackley, Hinton and Sejnowski 1985).

    Every film is a unit, and tied to every other. Hidden units, which the original has besides, make learning wait for
    long chains; without them the pseudo-likelihood (Besag 1975) has its maximum near the likelihood's, and is a
    logistic regression of each film on all others, with weights that two films share. It learns from likes; what
    somebody is told by may be grades, which stand for how likely a like is. Memory of fit: some 28 bytes * I^2.
    """

    weights: np.ndarray = learned("I I")  # symmetric, the diagonal is 0
    bias: np.ndarray = learned("I")

    config: BoltzmannConfig

    def __init__(self, config: BoltzmannConfig = BoltzmannConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Start from how often every film is liked, and go down the slope of all people at once."""
        likes, config = self.likes(data.stars), self.config
        n_likes = np.bincount(likes.indices, minlength=likes.shape[1]) + config.prior
        self.bias = np.log(n_likes / (likes.shape[0] + 2 * config.prior - n_likes)).astype(np.float32)
        self.weights = np.zeros((likes.shape[1], likes.shape[1]), dtype=np.float32)
        adam = Adam([self.weights, self.bias])
        with one_thread():
            for epoch in range(config.epochs):
                by_weights, by_bias, nats = pseudo_slopes(likes, self.weights, self.bias)
                slopes = tied(by_weights) + np.float32(config.l2) * self.weights
                adam.step([slopes, by_bias], falling(config.learning_rate, epoch / config.epochs))
                training.on_progress("epoch", epoch + 1, config.epochs, nats=nats / max(likes.shape[0], 1))

    def likes(self, history: sp.csr_array) -> sp.csr_array:
        """(B, I) stars -> (B, I) float32, 1 where a film is liked; nothing else is stored."""
        return liked(history, least_stars(self.config.liked_from, self.scale, history)).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        history = people.stars
        told = self.likes(history) if self.config.feedback == "binary" else graded(history, self.scale)
        return np.asarray(told.astype(np.float32) @ self.weights + self.bias, dtype=np.float32)

    def imagine(self, n_viewers: int, rng: np.random.Generator, n_sweeps: int = 200) -> np.ndarray:
        """(C, I) bool, what imaginary viewers like, drawn from the machine."""
        return gibbs(self.weights, self.bias, n_viewers, n_sweeps, rng) > 0
