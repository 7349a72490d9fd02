"""Popularity that hides every single person.

Legend: U training users, B histories, I items.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.config import DPPopularityConfig
from recsys.privacy.accountant import Release, calibrated
from recsys.privacy.mechanisms import Noise, Rows, noisy_sum
from recsys.settings import Liking
from recsys.training import Training


class DPPopularity(LearningModel):
    """Ranks items by how many training users liked them, give or take normal noise (Dwork and Roth 2014, appendix A).

    Differentially private of a person: `n_likes` with or without all ratings of one training user are hard to tell
    apart. Covered is all that is learned. Not covered are which films there are, how many people there are, settings
    that were chosen on ratings, and figures measured on them. People who are answered are not protected from the
    answer, which is theirs.
    """

    n_likes: np.ndarray = learned("I")
    delta: float = learned("")

    config: DPPopularityConfig

    def __init__(self, config: DPPopularityConfig = DPPopularityConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Count each item's likes, and spend all that may be given away on it."""
        privacy = self.config.privacy
        self.delta = privacy.delta_for(data.shape[0])
        noise = calibrated(lambda noise: [Release(noise=noise)], privacy.epsilon, self.delta)
        likes = likes_of(data.stars, self.config.liked_from, self.scale)
        self.n_likes = noisy_counts(likes, self.config.most_likes, noise, privacy.source(training.seed))

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 number of likes, the same row for everybody."""
        return np.broadcast_to(self.n_likes, people.shape).astype(np.float32)

    def promise(self) -> str:
        """See `PrivateModel`."""
        return self.config.privacy.promise(self.delta)

    def told_counts(self) -> np.ndarray:
        """See `PrivateModel`."""
        return self.n_likes


def likes_of(history: sp.csr_array, liked_from: Liking, scale: RatingScale) -> sp.csr_array:
    """(B, I) float32, 1 where a rating is a like; nothing else is stored."""
    return liked(history, least_stars(liked_from, scale, history)).astype(np.float32)


def noisy_counts(likes: sp.csr_array, most_likes: int, noise: float, source: Noise) -> np.ndarray:
    """(I,) float32, how many like each film.

    Args:
        likes: (U, I) 1 or nothing.
        most_likes: of a person that count in full; n > most_likes count sqrt(most_likes / n) each.
        noise: standard deviations over the largest length of a person's likes, sqrt(most_likes).
        source: where noise comes from.
    """
    most = most_likes**0.5
    (counts,) = noisy_sum(Rows(likes), most=most, deviation=noise * most, noise=source)
    return counts.astype(np.float32)
