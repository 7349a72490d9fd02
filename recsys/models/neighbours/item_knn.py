"""Item-based collaborative filtering: films that the same people rate alike vote on each other.

Legend: B histories, U training users, I items, K neighbours of an item.
"""

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import graded
from recsys.models.learned import learned
from recsys.models.neighbours.config import ItemKNNConfig
from recsys.models.neighbours.star_votes import RatedTogether, StarVotes, blocks, nearest, quotient, votes_of
from recsys.training import Training


class ItemKNN(StarVotes):
    """The most similar films (Sarwar et al. 2001, on adjusting ratings; Deshpande and Karypis 2004, on lists).

    Stars: similarity is the cosine of two films' baseline residuals over the people who rated both, times
    n / (n + shrinkage) for n such people; negative ones do not vote. An estimate is the baseline plus the weighted
    mean of the person's residuals of the film's neighbours.

    Lists: similarity is the cosine of the films' whole columns of grades, shrunk likewise. The score of a film sums
    the person's grades of its neighbours, so weighed.
    """

    list_neighbours: np.ndarray = learned("L:I")
    list_similarities: np.ndarray = learned("L in 0..1.001")

    config: ItemKNNConfig

    def __init__(self, config: ItemKNNConfig = ItemKNNConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.offsets, self.doubt = config.baseline, config.l2

    def learn(self, data: Interactions, training: Training) -> None:
        """Find every film's neighbours, for stars and for lists."""
        config, train = self.config, data.stars
        together, grades = RatedTogether.of(train, self.learn_offsets(data)), graded(train, self.scale)
        by_item = grades.T.tocsr()  # (I, U)
        lengths = np.sqrt(np.asarray(grades.power(2).sum(axis=0)).ravel())  # (I,)
        stars, lists = [], []
        for block in blocks(train.shape[1]):
            n_shared, adjusted = together.of_block(block)
            cosine = quotient((by_item[block] @ grades).toarray(), np.outer(lengths[block], lengths))
            stars.append(nearest(shrunk(adjusted, n_shared, config.shrinkage), block, config.n_neighbours))
            lists.append(nearest(shrunk(cosine, n_shared, config.list_shrinkage), block, config.n_list_neighbours))
        self.neighbours, self.similarities = (np.concatenate(each) for each in zip(*stars, strict=True))
        self.list_neighbours, self.list_similarities = (np.concatenate(each) for each in zip(*lists, strict=True))

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, the grades of each film's neighbours summed."""
        history = people.stars
        votes = votes_of(self.list_neighbours, self.list_similarities, history.shape[1])
        return np.asarray((graded(history, self.scale) @ votes).toarray(), dtype=np.float32)


def shrunk(cosine: np.ndarray, n_shared: np.ndarray, shrinkage: float) -> np.ndarray:
    """Similarities of pairs whom so many rated: cosine * n / (n + shrinkage), at least 0."""
    return np.maximum(quotient(cosine * n_shared, n_shared + shrinkage), 0.0)
