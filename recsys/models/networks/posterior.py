"""What an encoder holds of latent numbers: a normal distribution for each, and how it learns, in NumPy.

Legend: B histories, L latent dimensions.
"""

from typing import NamedTuple, Self

import numpy as np

STEEPEST = 20.0  # a log variance beyond counts as this: e^20 is as far from the prior as anybody will be


class Posterior(NamedTuple):
    """Independent normal distributions; their prior is N(0, 1).

    Attributes:
        mean, log_var: (B, L).
    """

    mean: np.ndarray
    log_var: np.ndarray

    @classmethod
    def of(cls, code: np.ndarray) -> Self:
        """From what a layer answers, (B, 2 L): means, then log variances."""
        mean, log_var = np.split(code, 2, axis=1)
        return cls(mean, np.clip(log_var, -STEEPEST, STEEPEST))

    def draw(self, noise: np.ndarray) -> np.ndarray:
        """(B, L) from standard normal noise of that shape (Kingma and Welling 2014, section 2.4)."""
        return np.asarray(self.mean + np.exp(self.log_var / 2) * noise)

    def divergence(self) -> np.ndarray:
        """(B,) nats from the prior (Kingma and Welling 2014, appendix B)."""
        return np.asarray(np.sum(self.mean**2 + np.exp(self.log_var) - 1 - self.log_var, axis=1) / 2)

    def slopes(self, at_draw: np.ndarray, noise: np.ndarray, weight: float) -> Self:
        """The gradient, with respect to mean and log variance, of a loss of a draw plus `weight` times the divergence.

        Args:
            at_draw: (B, L), the gradient of the loss with respect to the draw.
            noise: (B, L) that it was drawn with.
            weight: of the divergence, summed over people.
        """
        spread = np.exp(self.log_var / 2)
        at_log_var = at_draw * noise * spread / 2 + weight * (spread**2 - 1) / 2
        inside = np.abs(self.log_var) < STEEPEST
        return type(self)(at_draw + weight * self.mean, np.where(inside, at_log_var, 0))


class Annealing:
    """The weight of the divergence, which rises from 0 step by step (Liang et al. 2018, section 2.2.1)."""

    def __init__(self, beta: float, n_steps: int):
        self.beta, self.n_steps, self.n_done = beta, n_steps, 0

    def next(self) -> float:
        """That of one more step: beta * min(1, its number / n_steps)."""
        self.n_done += 1
        return self.beta * min(1.0, self.n_done / self.n_steps)
