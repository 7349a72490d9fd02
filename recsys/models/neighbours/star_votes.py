"""What models in which films vote on the stars of others have in common.

Legend: B histories, I items, b of a block, K neighbours of an item.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.models.base import rated, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.config import BaselineConfig

BLOCK = 512  # items whose similarities are dense at once


@dataclass(frozen=True, eq=False)
class RatedTogether:
    """How alike films are rated.

    Attributes:
        shared: (U, I) csr, 1.0 where rated.
        adjusted: (U, I) csr, the ratings less what offsets say.
        by_item: of shared, adjusted and its squares, (I, U) csr each.
    """

    shared: sp.csr_array
    adjusted: sp.csr_array
    by_item: tuple[sp.csr_array, sp.csr_array, sp.csr_array]

    @classmethod
    def of(cls, train: sp.csr_array, baseline: Baseline) -> Self:
        """Of (U, I) stars."""
        shared, adjusted = rated(train), with_values(train, baseline.residuals(train))
        both, products, squares = (each.T.tocsr() for each in (shared, adjusted, with_values(train, adjusted.data**2)))
        return cls(shared, adjusted, (both, products, squares))

    def of_block(self, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(b, I) how many rated both of a pair, and the cosine of what they said beyond offsets."""
        both, products, squares = (matrix[block] for matrix in self.by_item)
        norms = np.sqrt((squares @ self.shared).toarray() * (both @ self.by_item[2].T).toarray())
        return (both @ self.shared).toarray(), quotient((products @ self.adjusted).toarray(), norms)


class StarVotes(LearningModel):
    """stars = baseline + the weighted mean of a person's residuals of the film's neighbours, shrunk towards 0."""

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")
    neighbours: np.ndarray = learned("N:I")  # K of each item, one item after the other
    similarities: np.ndarray = learned("N in 0..1")  # 0: no neighbour

    offsets: BaselineConfig
    doubt: float  # in units of similarity; pulls an estimate from few votes to the baseline

    def learn_offsets(self, data: Interactions) -> Baseline:
        """Fit the plain offsets."""
        baseline = Baseline(self.offsets, self.scale).fit(data)
        self.mean, self.item_offset = baseline.mean, baseline.item_offset
        return baseline

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        history = people.stars
        baseline = Baseline(self.offsets, self.scale).restore(
            {"mean": np.asarray(self.mean), "item_offset": self.item_offset}
        )
        residuals = with_values(history, baseline.residuals(history))
        votes = votes_of(self.neighbours, self.similarities, history.shape[1])  # (I, I), item j's column its neighbours
        said, weight = (residuals @ votes).toarray(), (rated(history) @ votes).toarray()
        return (baseline.predict(people) + said / (weight + self.doubt)).astype(np.float32)


def blocks(n_items: int) -> Iterator[np.ndarray]:
    """All items, in order, at most BLOCK at a time."""
    return (np.arange(start, min(start + BLOCK, n_items)) for start in range(0, n_items, BLOCK))


def nearest(similarity: np.ndarray, block: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k neighbours of some items, and how similar they are, (b * k,) each; of (b, I), changed in place."""
    similarity[np.arange(len(block)), block] = 0.0  # nobody's own neighbour
    order = np.argsort(-similarity, axis=1, kind="stable")[:, : min(k, similarity.shape[1])]
    return order.ravel(), np.take_along_axis(similarity, order, axis=1).ravel()


def quotient(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Values over others of the same shape; 0 where those are 0."""
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)


def votes_of(neighbours: np.ndarray, similarities: np.ndarray, n_items: int) -> sp.csr_array:
    """(I, I) sparse: in column j how much item j's neighbours say about it; arguments (I * K,)."""
    ends = np.arange(n_items + 1) * (len(neighbours) // max(n_items, 1))
    votes = sp.csc_array((similarities, neighbours, ends), shape=(n_items, n_items), copy=True)
    votes.eliminate_zeros()  # in place
    return votes.tocsr()
