"""The Markov chain of Bayesian matrix factorization: where the sampler stands, and how it goes on.

Legend: U users, I items, n ratings, K factors, D = K + 1 (factors and an offset).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.models.base import entry_rows, with_values
from recsys.models.bayes.linked_prior import LinkedPrior, draw_noise
from recsys.models.bayes.probit import draw_latent, improved_cutpoints
from recsys.models.factors.folded import with_ones
from recsys.models.numeric.small_normals import means_and_draws

FIRST_SPREAD = 0.1  # standard deviation of the first vectors
ENTRIES_PER_LINK = 25  # ratings for each column that serves as a feature: those beyond tell little, and cost as much
ROWS_AT_ONCE = 1024  # whose posteriors are in memory
FEW_LINKS = 200  # columns that serve in any case: so few cost next to nothing


@dataclass
class Chain:
    """Where the sampler stands.

    Attributes:
        by_user: (U, I) what is learned from, rows in order of their columns; by_item: (I, U), the same.
        users: (U, D) factors, then the offset.
        items: (I, D), likewise. Users see items as (factors, 1), and back.
        user_prior, item_prior: how vectors follow from features.
        targets: (n,) what vectors must explain, in by_user's order.
        noise_precision: 1 / variance of a target around its prediction.
        levels: (n,) int level of every rating where only that is observed, 0 = lowest; empty otherwise.
        cutpoints: (n_levels - 1,) between the levels; empty otherwise.
        expected: (U, D) means of the users, given the items as they were before the last sweep: `before`, (I, D).
        turned: (n,) int, where by_item's ratings stand among by_user's.
        predicted: (n,) of the targets, by the vectors as they are.
    """

    by_user: sp.csr_array
    by_item: sp.csr_array
    users: np.ndarray
    items: np.ndarray
    user_prior: LinkedPrior
    item_prior: LinkedPrior
    targets: np.ndarray
    noise_precision: float = 1.0
    levels: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cutpoints: np.ndarray = field(default_factory=lambda: np.zeros(0))
    expected: np.ndarray = field(init=False)
    before: np.ndarray = field(init=False)
    turned: np.ndarray = field(init=False)
    predicted: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.expected, self.before = self.users, self.items
        self.turned = np.argsort(self.by_user.indices, kind="stable")
        self.predicted = self.predictions(entry_rows(self.by_user), self.by_user.indices)

    def sweep(self, rng: np.random.Generator) -> float:
        """Draw everything once, each part given the rest; returns the training error, in units of the target."""
        if self.levels.size:
            self.cutpoints = improved_cutpoints(self.cutpoints, self.predicted, self.levels)
            self.targets = draw_latent(self.predicted, self.levels, self.cutpoints, rng)
        precision = self.noise_precision
        drawn = draw_vectors(self.by_user, self.targets, self.items, self.user_prior, precision, rng)
        (self.users, self.expected), self.before = drawn, self.items
        self.user_prior.draw(self.users, rng)
        turned = self.targets[self.turned]
        self.items, _ = draw_vectors(self.by_item, turned, self.users, self.item_prior, precision, rng)
        self.item_prior.draw(self.items, rng)
        self.predicted = self.predictions(entry_rows(self.by_user), self.by_user.indices)
        return float(np.sqrt(np.mean((self.targets - self.predicted) ** 2))) if self.targets.size else 0.0

    def go_on_from(self, before: "Chain") -> None:
        """Begin where a chain on other ratings of the same people and films stands."""
        self.users, self.items, self.cutpoints = before.users, before.items, before.cutpoints
        self.user_prior.take(before.user_prior)
        self.item_prior.take(before.item_prior)
        self.noise_precision = before.noise_precision
        self.predicted = self.predictions(entry_rows(self.by_user), self.by_user.indices)

    def predictions(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(n,) float64 of pairs, (n,) int each, by the vectors as they are."""
        return products(self.users, self.items, users, items)

    def expectations(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """The same by what is expected of people, given films as they were: how a fitted model folds people in."""
        return products(self.expected, self.before, users, items)


def products(whose: np.ndarray, whats: np.ndarray, users: np.ndarray, items: np.ndarray) -> np.ndarray:
    """(n,) float64 of pairs, (n,) int each, of vectors, (U, D) and (I, D).

    Worked out in float32, which is finer than the noise of a draw.
    """
    whose, whats = whose.astype(np.float32), whats.astype(np.float32)
    factors = np.einsum("nk,nk->n", whose[users, :-1], whats[items, :-1])
    return (factors + whose[users, -1] + whats[items, -1]).astype(np.float64)


def first_vectors(n_rows: int, n_dimensions: int, rng: np.random.Generator) -> np.ndarray:
    """(n_rows, D) small random vectors."""
    return rng.normal(0.0, FIRST_SPREAD, (n_rows, n_dimensions))


def draw_vectors(
    rows: sp.csr_array,
    targets: np.ndarray,
    others: np.ndarray,
    prior: LinkedPrior,
    noise_precision: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw every row's vector, (n_rows, D), from its normal posterior given the other side's vectors, (n_columns, D).

    targets, (n,), belong to the stored entries of `rows`, in storage order. Rows without entries take next to nothing.

    Returns:
        The draws, and the posterior's means, (n_rows, D) each.
    """
    regressors, rest = with_ones(others[:, :-1]), targets - others[rows.indices, -1]
    means, is_known = prior.means(), np.diff(rows.indptr) > 0
    known = with_values(rows, rest)[is_known]
    noise = rng.standard_normal((known.shape[0], means.shape[1]))
    pull = noise_precision * (known @ regressors) + means[is_known] @ prior.precision
    found, drawn = np.empty_like(pull), np.empty_like(pull)
    for start in range(0, len(pull), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        precision = prior.precision[:, :, None] + noise_precision * sums_of_squares(known[block], regressors)
        found[block], drawn[block] = (each.T for each in means_and_draws(precision, pull[block].T, noise[block].T))
    means[is_known] = found
    draws = means.copy()
    draws[is_known] = drawn
    draws[~is_known] += draw_noise(prior.precision, int(np.sum(~is_known)), rng)
    return draws, means


def sums_of_squares(rows: sp.csr_array, regressors: np.ndarray) -> np.ndarray:
    """(D, D, n_rows) sums of r r' over the stored entries of each row, regressors (n_columns, D); in float32.

    One sparse product with the upper triangles of all r r'.
    """
    n_dimensions = regressors.shape[1]
    first, second = np.triu_indices(n_dimensions)
    exact = regressors.astype(np.float32)
    upper = with_values(rows, np.ones(rows.nnz, dtype=np.float32)) @ (exact[:, first] * exact[:, second])
    place = np.zeros((n_dimensions, n_dimensions), dtype=np.int64)
    place[first, second] = place[second, first] = np.arange(len(first))
    return np.ascontiguousarray(upper.T)[place]


def sorted_rows(matrix: Any) -> sp.csr_array:
    """A csr copy whose rows list their columns in order."""
    rows = sp.csr_array(matrix, copy=True)
    rows.sort_indices()
    return rows


def most_rated(by_row: sp.csr_array, n: int) -> np.ndarray:
    """The n columns with most entries, as an increasing (n,) int array; fewer if there are fewer, or few entries."""
    counts = np.bincount(by_row.indices, minlength=by_row.shape[1])
    n_carried = max(by_row.nnz // ENTRIES_PER_LINK, FEW_LINKS)
    return np.sort(np.argsort(-counts, kind="stable")[: min(n, n_carried)])


def membership(matrix: sp.csr_array, columns: np.ndarray) -> sp.csr_array:
    """(rows, len(columns)) float64: 1 / sqrt(entries of the row) where there is an entry, else 0."""
    lengths = np.maximum(np.diff(matrix.indptr), 1)
    return with_values(matrix, 1.0 / np.sqrt(np.repeat(lengths, np.diff(matrix.indptr))))[:, columns]
