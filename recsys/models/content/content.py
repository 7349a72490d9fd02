"""What a person thinks of films' genres and periods: content-based recommendation.

Legend: B histories, U training users, I items, K features, the last a constant.
"""

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.content.choices import Choices, popularity, profiles
from recsys.models.content.config import ContentConfig
from recsys.models.content.features import described
from recsys.models.content.tastes import Offsets, fit_tastes, tastes
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.threads import one_thread
from recsys.models.simple.baseline import Baseline
from recsys.training import Training


class Content(LearningModel):
    """Films by their public features alone (Pazzani and Billsus 2007): who likes what, and who chooses what.

    Stars: a ridge regression for each person, of what the offsets leave over on the features of the films that were
    rated. Lists: a log-linear model of the choices by people with such a profile, the mean features of what they liked
    and of what they rated. Other people count in what is usual alone, so a film that nobody rated has both.
    """

    features: np.ndarray = learned("I K")
    mean: float = learned("")
    item_offset: np.ndarray = learned("I")
    precision: np.ndarray = learned("K K in -1e9..1e9")  # of tastes, over that of a rating
    popularity: np.ndarray = learned("I")  # nats
    choice: np.ndarray = learned("P K")  # what a profile says about the choice of a feature, nats

    config: ContentConfig

    def __init__(self, config: ContentConfig = ContentConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.settings, self.scale = config, config, scale

    def known_of(self, data: Interactions, training: Training) -> np.ndarray:
        """(I, K) what is known of the films."""
        return described(data.films, data.shape[1])

    def learn(self, data: Interactions, training: Training) -> None:
        """Learn what tastes usually are, and who chooses what."""
        with one_thread():
            self.features = self.known_of(data, training)
            self.learn_stars(data)
            self.learn_choices(data, training.seed)

    def learn_stars(self, data: Interactions) -> None:
        """Offsets, and how far tastes spread around none."""
        config = self.settings
        baseline = Baseline(config.baseline, self.scale).fit(data)
        self.mean = baseline.mean
        offsets, self.precision = fit_tastes(
            data.stars,
            self.features,
            Offsets(baseline.mean, baseline.item_offset),
            sweeps=config.sweeps,
            l2=config.l2,
            l2_item=config.baseline.l2_item,
            l2_kind=config.l2_kind,
        )
        self.item_offset = offsets.of_items

    def learn_choices(self, data: Interactions, seed: int) -> None:
        """How popular films are, and what profiles say about choices beyond that."""
        config, train = self.settings, data.stars
        likes = liked(train, least_stars(config.liked_from, self.scale, train)).astype(np.float64)
        n_likes, n_ratings = (np.bincount(each.indices, minlength=each.shape[1]) for each in (likes, train))
        self.popularity = popularity(n_likes, n_ratings, self.features, config.kind_likes)
        people = self.drawn(np.flatnonzero(np.diff(likes.indptr) > 0), seed)
        profile = self.profiles(data.histories)[people]
        choices = Choices(likes[people], profile, self.features, self.popularity, config.l2_choice)
        self.choice = choices.fit(config.steps)

    def drawn(self, people: np.ndarray, seed: int) -> np.ndarray:
        """All of them, (n,) int; of very many some, in their order."""
        if len(people) <= self.settings.most_people:
            return people
        return np.sort(np.random.default_rng(seed).choice(people, self.settings.most_people, replace=False))

    def profiles(self, people: Histories) -> np.ndarray:
        """(B, P) what a history says of a person's choices."""
        least = least_stars(self.settings.liked_from, self.scale, people.stars)
        return profiles(people.stars, self.features, least, self.settings.shrinkage)

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32 stars."""
        offsets = Offsets(self.mean, self.item_offset)
        with one_thread():
            found = tastes(offsets.residuals(people.stars), self.features, self.precision)
        return (self.mean + self.item_offset + found @ self.features.T).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats, up to a constant for each person: how likely a film is to be the next that they like."""
        return (self.popularity + self.profiles(people) @ self.choice @ self.features.T).astype(np.float32)
