"""Popularity: the same list for everyone."""

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, likes
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.config import PopularityConfig
from recsys.training import Training


class Popularity(LearningModel):
    """Ranks items by how many training users liked them. Deterministic, so it is the first canary of a harness."""

    n_likes: np.ndarray = learned("I in 0..1e9")

    config: PopularityConfig

    def __init__(self, config: PopularityConfig = PopularityConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Count each item's likes."""
        train = data.stars
        liked = train.indices[likes(train, least_stars(self.config.liked_from, self.scale, train))]
        n_likes = training.processes.sum(np.bincount(liked, minlength=train.shape[1]))
        self.n_likes = n_likes.astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 number of likes, the same row for everybody."""
        return np.broadcast_to(self.n_likes, people.shape).copy()
