"""Item-based collaborative filtering: films that the same people rate alike vote on each other.

Legend: B histories, U training users, I items, K neighbours of an item.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import graded, rated, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.neighbours.config import ItemKNNConfig
from recsys.models.simple.baseline import Baseline
from recsys.training import Training

BLOCK = 512  # items whose similarities are dense at once


class ItemKNN(LearningModel):
    """The most similar films (Sarwar et al. 2001, on adjusting ratings; Deshpande and Karypis 2004, on lists).

    Stars: similarity is the cosine of two films' baseline residuals over the people who rated both, times
    n / (n + shrinkage) for n such people; negative ones do not vote. An estimate is the baseline plus the weighted
    mean of the person's residuals of the film's neighbours.

    Lists: similarity is the cosine of the films' whole columns of grades, shrunk likewise. The score of a film sums
    the person's grades of its neighbours, so weighed.
    """

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")
    neighbours: np.ndarray = learned("N:I")  # K of each item, one item after the other
    similarities: np.ndarray = learned("N in 0..1")  # 0: no neighbour
    list_neighbours: np.ndarray = learned("L:I")
    list_similarities: np.ndarray = learned("L in 0..1.001")

    config: ItemKNNConfig

    def __init__(self, config: ItemKNNConfig = ItemKNNConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Find every film's neighbours, for stars and for lists."""
        train = data.stars
        baseline = Baseline(self.config.baseline, self.scale).fit(data)
        self.mean, self.item_offset = baseline.mean, baseline.item_offset
        shared, adjusted, grades = (
            rated(train),
            with_values(train, baseline.residuals(train)),
            graded(train, self.scale),
        )
        by_item = [matrix.T.tocsr() for matrix in (shared, adjusted, with_values(train, adjusted.data**2), grades)]
        lengths = np.sqrt(np.asarray(grades.power(2).sum(axis=0)).ravel())  # (I,)
        stars, lists = [], []
        for start in range(0, train.shape[1], BLOCK):
            block = np.arange(start, min(start + BLOCK, train.shape[1]))
            both, products, squares, own = (matrix[block] for matrix in by_item)  # (block, U) each
            n_shared = (both @ shared).toarray()
            norms = np.sqrt((squares @ shared).toarray() * (both @ by_item[2].T).toarray())
            stars.append(
                self.nearest(quotient((products @ adjusted).toarray(), norms), n_shared, block, for_stars=True)
            )
            cosine = quotient((own @ grades).toarray(), np.outer(lengths[block], lengths))
            lists.append(self.nearest(cosine, n_shared, block, for_stars=False))
        self.neighbours, self.similarities = (np.concatenate(each) for each in zip(*stars, strict=True))
        self.list_neighbours, self.list_similarities = (np.concatenate(each) for each in zip(*lists, strict=True))

    def nearest(
        self, cosine: np.ndarray, n_shared: np.ndarray, block: np.ndarray, *, for_stars: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """The neighbours of some items, and how similar they are, (len(block) * K,) each; cosines (len(block), I)."""
        config = self.config
        shrinkage = config.shrinkage if for_stars else config.list_shrinkage
        similarity = np.maximum(quotient(cosine * n_shared, n_shared + shrinkage), 0.0)
        similarity[np.arange(len(block)), block] = 0.0  # nobody's own neighbour
        k = min(config.n_neighbours if for_stars else config.n_list_neighbours, similarity.shape[1])
        order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        return order.ravel(), np.take_along_axis(similarity, order, axis=1).ravel()

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        history = people.stars
        baseline = Baseline(self.config.baseline, self.scale).restore(
            {"mean": np.asarray(self.mean), "item_offset": self.item_offset}
        )
        residuals = with_values(history, baseline.residuals(history))
        votes = votes_of(self.neighbours, self.similarities, history.shape[1])  # (I, I), item j's column its neighbours
        said, weight = (residuals @ votes).toarray(), (rated(history) @ votes).toarray()
        return (baseline.predict(people) + said / (weight + self.config.l2)).astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32, the grades of each film's neighbours summed."""
        history = people.stars
        votes = votes_of(self.list_neighbours, self.list_similarities, history.shape[1])
        return np.asarray((graded(history, self.scale) @ votes).toarray(), dtype=np.float32)


def quotient(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Values over others of the same shape; 0 where those are 0."""
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)


def votes_of(neighbours: np.ndarray, similarities: np.ndarray, n_items: int) -> sp.csr_array:
    """(I, I) sparse: in column j how much item j's neighbours say about it; arguments (I * K,)."""
    ends = np.arange(n_items + 1) * (len(neighbours) // max(n_items, 1))
    votes = sp.csc_array((similarities, neighbours, ends), shape=(n_items, n_items), copy=True)
    votes.eliminate_zeros()  # in place
    return votes.tocsr()
