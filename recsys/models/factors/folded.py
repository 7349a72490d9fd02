"""What factor models share: stars = mean + item offset + user offset + user factors . item factors, and the fold-in.

Legend: B histories, I items, F factors.
"""

from abc import abstractmethod

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.models.base import entry_rows, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.grams import chunks, grams
from recsys.models.numeric.threads import one_thread
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.plain_share import ASIDE, needs_plain_offsets, plain_offsets, sure_share
from recsys.training import Training


def ridge_rows(residuals: sp.csr_array, factors: np.ndarray, l2: float, l2_offset: float) -> np.ndarray:
    """One ridge regression per row: what weights and what offset explain the row's residuals.

    Minimises, over the row's n stored entries, sum (residual - w . factors - b)^2 + l2 n |w|^2 + l2_offset b^2. The
    penalty of the weights grows with n (Zhou et al. 2008, weighted-lambda), that of the offset does not.

    Args:
        residuals: (B, I) float64, stored entries are observations, zeros included.
        factors: (I, F) float64, the regressors of each column.
        l2: > 0, per observation.
        l2_offset: > 0, in observations: that many shrink the offset by half.

    Returns:
        (B, F + 1) float64: w, then b in the last column; zeros for a row without entries.
    """
    features = with_ones(factors)
    n_features = features.shape[1]
    solved = np.zeros((residuals.shape[0], n_features))
    with one_thread():
        for rows in chunks(len(solved), n_features):
            solved[rows] = solve_rows(residuals[rows], features, l2, l2_offset)
    return solved


def solve_rows(residuals: sp.csr_array, features: np.ndarray, l2: float, l2_offset: float) -> np.ndarray:
    """`ridge_rows` for a chunk whose normal equations, (B, F + 1, F + 1), fit into memory."""
    gram = grams(residuals, features)  # (B, F + 1, F + 1)
    n_entries = np.maximum(np.diff(residuals.indptr), 1)  # 1 keeps an empty row solvable, with the answer 0
    diagonal = np.arange(features.shape[1])
    gram[:, diagonal[:-1], diagonal[:-1]] += l2 * n_entries[:, None]
    gram[:, -1, -1] += l2_offset
    moments = residuals @ features  # (B, F + 1)
    return np.linalg.solve(gram, moments[:, :, None])[:, :, 0]


class FactorModel(LearningModel):
    """Fitted mean, item offsets and item factors; people are folded in by one ridge solve each.

    Where ratings are few, plain offsets, which then do better, have a share in the stars.
    """

    mean: float = learned("")
    item_offset: np.ndarray = learned("I")
    item_factors: np.ndarray = learned("I K={n_factors}")
    share: float = learned(" in 0..1", default=1.0)  # of this model in the stars
    plain_offset: np.ndarray | None = learned("I", default=None)  # of the items, if nothing else is known

    l2: float  # of the fold-in, per rating
    l2_offset: float  # of the fold-in, in ratings

    @abstractmethod
    def factorize(self, train: sp.csr_array, training: Training) -> None:
        """Find mean, item offsets and item factors, given (U, I) stars."""

    def learn(self, data: Interactions, training: Training) -> None:
        """Factorize; where ratings are few, find out before how much plain offsets are to be trusted instead."""
        train = data.stars
        self.share = self.share_that_helps(train, training.seed)
        self.plain_offset = None if self.share == 1.0 else Baseline(scale=self.scale).fit(data).item_offset
        self.factorize(train, training)

    @property
    def plain(self) -> Baseline:
        """The plain offsets."""
        return plain_offsets(self.scale, self.mean, self.plain_offset)

    def share_that_helps(self, train: sp.csr_array, seed: int) -> float:
        """1; where ratings are few, the share in [0, 1] that surely helps to predict what was kept aside of them."""
        is_aside = np.random.default_rng(seed).random(train.nnz) < ASIDE
        if not needs_plain_offsets(train, np.sum(is_aside)):
            return 1.0
        fitting, aside = keep_entries(train, ~is_aside), keep_entries(train, is_aside)
        self.factorize(fitting, Training(seed=seed))
        plain = Baseline(scale=self.scale).fit(Interactions(fitting)).stars_of(fitting, aside)
        return sure_share(self.stars_of(fitting, aside) - plain, aside.data - plain)

    def user_weights(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, F + 1) float64: factors, then the offset in the last column."""
        residuals = with_values(history, history.data - self.mean - self.item_offset[history.indices])
        return ridge_rows(residuals, self.item_factors, self.l2, self.l2_offset)

    def stars_of(self, history: sp.csr_array, cells: sp.csr_array) -> np.ndarray:
        """(nnz,) stars of the stored cells, (B, I), of people with these histories, (B, I)."""
        weights, features = self.user_weights(history), with_ones(self.item_factors)
        fitted = np.einsum("nf,nf->n", weights[entry_rows(cells)], features[cells.indices])
        return self.mean + self.item_offset[cells.indices] + fitted

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        history = people.stars
        stars = self.mean + self.item_offset + self.user_weights(history) @ with_ones(self.item_factors).T
        if self.share < 1.0:
            stars = self.share * stars + (1 - self.share) * self.plain.predict(people)
        return stars.astype(np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)


def with_ones(factors: np.ndarray) -> np.ndarray:
    """(n, F) -> (n, F + 1): a column of ones, the regressor of an offset."""
    return np.column_stack([factors, np.ones(len(factors))])


def centred(train: sp.csr_array, mean: float, column_offset: np.ndarray) -> sp.csr_array:
    """Stored stars minus the mean and the column's offset, float64."""
    return with_values(train, train.data - mean - column_offset[train.indices])


def training_rmse(residuals: sp.csr_array, row_weights: np.ndarray, features: np.ndarray) -> float:
    """Root mean square, in stars, of residual minus row weights . feature over the stored entries."""
    fitted = np.einsum("nf,nf->n", row_weights[entry_rows(residuals)], features[residuals.indices])
    return float(np.sqrt(np.mean((residuals.data - fitted) ** 2)))
