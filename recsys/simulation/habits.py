"""How people take what they are shown: numbers that are found on ratings kept aside.

Legend: B people, I films, L star levels, n cases, F = 3 motives.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from recsys.data.scale import RatingScale

PULLS = np.linspace(0.0, 0.9, 10)  # that are tried
RIDGE = 1e-3  # on the weights of motives, so that what says nothing has weight 0
STEPS = 25  # of Newton's method, which needs five or so


@dataclass(frozen=True)
class Habits:
    """A film that is shown is watched with log odds base + weights . motives.

    Attributes:
        base: log odds of a film by chance.
        appeal: weight of how likely one chooses the film.
        fame: weight of its popularity, times one's conformity.
        novelty: weight of the share of genres that are new to one, times one's diversity.
        pull: how far a star goes towards everybody's, times one's conformity, 0 to 1.
    """

    base: float = 0.0
    appeal: float = 1.0
    fame: float = 0.0
    novelty: float = 0.0
    pull: float = 0.0

    def wish(self, motives: np.ndarray) -> np.ndarray:
        """Log odds of watching, (..., F) -> (...)."""
        return self.base + motives @ np.array([self.appeal, self.fame, self.novelty])


def logistic(motives: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Weights of a logistic regression, the intercept first, by Newton's method.

    Args:
        motives: (n, F).
        happened: (n,) bool.

    Returns:
        (1 + F,) float64; RIDGE holds all but the intercept.
    """
    told = np.hstack([np.ones((len(motives), 1)), motives])  # (n, 1 + F)
    held = np.full(told.shape[1], RIDGE * len(told))
    held[0] = 0.0
    weights = np.zeros(told.shape[1])
    for _ in range(STEPS):
        chance = expit(told @ weights)
        slope = told.T @ (chance - happened) + held * weights
        curvature = (told * (chance * (1 - chance))[:, None]).T @ told + np.diag(held) + 1e-9 * np.eye(len(held))
        weights -= np.linalg.solve(curvature, slope)
    return weights


def base_for(wishes: np.ndarray, share: float) -> float:
    """What to add to log odds, (n,), so that this share of the films is watched."""
    low, high = -50.0 - wishes.max(), 50.0 - wishes.min()
    return float(brentq(lambda base: expit(base + wishes).mean() - share, low, high))


def pulled(chances: np.ndarray, everybody: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Chances of stars, (..., L), drawn towards those of everybody, (..., L), by (...) in 0 to 1."""
    return (1 - pull[..., None]) * chances + pull[..., None] * everybody


def best_pull(own: np.ndarray, everybody: np.ndarray, conformity: np.ndarray) -> float:
    """The pull under which given stars are most likely.

    Args:
        own: (n,) chance of the star that was given, by oneself.
        everybody: (n,) the same by all who rated the film.
        conformity: (n,) 0 to 1, of who gave it.
    """
    shares = PULLS[:, None] * conformity
    likelihood = np.log(np.maximum((1 - shares) * own + shares * everybody, 1e-9)).mean(axis=1)
    return float(PULLS[np.argmax(likelihood)])


def film_chances(levels: np.ndarray, items: np.ndarray, n_items: int, scale: RatingScale) -> np.ndarray:
    """(I, L) how often a film gets each star: of its ratings and of five of everybody's."""
    n_levels = len(scale.levels)
    counts = np.bincount(items * n_levels + levels, minlength=n_items * n_levels).reshape(n_items, n_levels)
    everybody = (counts.sum(axis=0) + 1.0) / (counts.sum() + n_levels)
    return (counts + 5.0 * everybody) / (counts.sum(axis=1, keepdims=True) + 5.0)
