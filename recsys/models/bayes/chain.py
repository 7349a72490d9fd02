"""The Markov chain of Bayesian matrix factorization: where the sampler stands, and how it goes on.

Legend: U users, I items, n ratings, K factors, D = K + 1 (factors and an offset).
"""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.models.base import with_values
from recsys.models.bayes.linked_prior import LinkedPrior, draw_noise
from recsys.models.bayes.probit import draw_latent, improved_cutpoints
from recsys.models.numeric.row_groups import RowGroup, RowGroups
from recsys.models.numeric.small_normals import TooFewDigitsError, means_and_draws

FIRST_SPREAD = 0.1  # standard deviation of the first vectors
ENTRIES_PER_LINK = 25  # ratings for each column that serves as a feature: those beyond tell little, and cost as much
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
        of_users, of_items: the rows of by_user and by_item.
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
    of_users: RowGroups = field(init=False)
    of_items: RowGroups = field(init=False)
    turned: np.ndarray = field(init=False)
    predicted: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.expected, self.before = self.users, self.items
        self.of_users, self.of_items = RowGroups(self.by_user), RowGroups(self.by_item)
        self.turned = np.argsort(self.by_user.indices, kind="stable")
        self.predicted = self.predictions(self.of_users)

    def sweep(self, rng: np.random.Generator) -> float:
        """Draw everything once, each part given the rest; returns the training error, in units of the target."""
        if self.levels.size:
            self.cutpoints = improved_cutpoints(self.cutpoints, self.predicted, self.levels)
            self.targets = draw_latent(self.predicted, self.levels, self.cutpoints, rng)
        precision = self.noise_precision
        drawn = draw_vectors(self.of_users, self.targets, self.items, self.user_prior, precision, rng)
        (self.users, self.expected), self.before = drawn, self.items
        self.user_prior.draw(self.users, rng)
        turned = self.targets[self.turned]
        self.items, _ = draw_vectors(self.of_items, turned, self.users, self.item_prior, precision, rng)
        self.item_prior.draw(self.items, rng)
        self.predicted = self.predictions(self.of_users)
        return float(np.sqrt(np.mean((self.targets - self.predicted) ** 2))) if self.targets.size else 0.0

    def go_on_from(self, before: "Chain") -> None:
        """Begin where a chain on other ratings of the same people and films stands."""
        self.users, self.items, self.cutpoints = before.users, before.items, before.cutpoints
        self.user_prior.take(before.user_prior)
        self.item_prior.take(before.item_prior)
        self.noise_precision = before.noise_precision
        self.predicted = self.predictions(self.of_users)

    def predictions(self, cells: RowGroups) -> np.ndarray:
        """(nnz,) float64 of cells, (U, I), by the vectors as they are."""
        return products(self.users, self.items, cells)

    def expectations(self, cells: RowGroups) -> np.ndarray:
        """The same by what is expected of people, given films as they were: how a fitted model folds people in."""
        return products(self.expected, self.before, cells)


def products(whose: np.ndarray, whats: np.ndarray, cells: RowGroups) -> np.ndarray:
    """(nnz,) float64 of cells, (U, I), by vectors, (U, D) and (I, D).

    Worked out in float32, which is finer than the noise of a draw.
    """
    ones = np.ones((len(whose), 1))
    return cells.products(np.hstack([whose, ones]).astype(np.float32), as_seen(whats).astype(np.float32))


def as_seen(vectors: np.ndarray) -> np.ndarray:
    """(n, D) -> (n + 1, D + 1): factors, 1 and offset, as the other side sees them; then zeros, of nothing."""
    seen = np.insert(vectors, -1, 1.0, axis=1)
    return np.vstack([seen, np.zeros_like(seen[:1])]) if len(seen) else np.zeros((1, vectors.shape[1] + 1))


def first_vectors(n_rows: int, n_dimensions: int, rng: np.random.Generator) -> np.ndarray:
    """(n_rows, D) small random vectors."""
    return rng.normal(0.0, FIRST_SPREAD, (n_rows, n_dimensions))


def draw_vectors(
    rows: RowGroups,
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
    means, is_known = prior.means(), rows.is_known
    noise = np.zeros_like(means)
    noise[is_known] = rng.standard_normal((int(np.sum(is_known)), means.shape[1]))
    given = Given(as_seen(others), np.append(targets, 0.0), means @ prior.precision, noise, prior.precision)
    draws = means.copy()
    for groups in rows.batches():
        drawn = np.concatenate([group.rows for group in groups])
        means[drawn], draws[drawn] = given.posterior(groups, drawn, noise_precision)
    draws[~is_known] += draw_noise(prior.precision, int(np.sum(~is_known)), rng)
    return draws, means


@dataclass(frozen=True)
class Given:
    """What a side's vectors are drawn from.

    Attributes:
        seen: (n_columns + 1, D + 1) the other side's, see `as_seen`.
        targets: (n + 1,), the last of no entry.
        pull: (n_rows, D) of the prior.
        noise: (n_rows, D) standard normal.
        precision: (D, D) of the prior.
    """

    seen: np.ndarray
    targets: np.ndarray
    pull: np.ndarray
    noise: np.ndarray
    precision: np.ndarray

    @cached_property
    def in_float32(self) -> "Given":
        """The same, which is finer than the noise of a draw unless that is next to nothing."""
        return Given(*(getattr(self, each.name).astype(np.float32) for each in fields(self)))

    def posterior(
        self, groups: list[RowGroup], rows: np.ndarray, noise_precision: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Means and draws of some groups' rows, (n,) int: (n, D) each."""
        try:
            return self.in_float32.drawn(groups, rows, np.float32(noise_precision))
        except TooFewDigitsError:
            return self.drawn(groups, rows, np.float64(noise_precision))

    def drawn(
        self, groups: list[RowGroup], rows: np.ndarray, noise_precision: np.floating
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same in these numbers."""
        system = self.sums(groups)
        system *= noise_precision
        precision, pull = system[:-1], system[-1]
        precision += self.precision[:, :, None]
        pull += self.pull[rows].T
        means, draws = means_and_draws(precision, pull, np.ascontiguousarray(self.noise[rows].T))
        return means.T, draws.T

    def sums(self, groups: list[RowGroup]) -> np.ndarray:
        """(D + 1, D, n) of r r' over the entries of each row, r = (factors, 1, target - offset) without the last."""
        n_rows, n_regressors = sum(len(group.rows) for group in groups), self.seen.shape[1]
        found, start = np.empty((n_regressors, n_regressors - 1, n_rows), dtype=self.seen.dtype), 0
        for group in groups:
            seen = group.gathered(self.seen)  # (n of the group, W, D + 1)
            np.subtract(self.targets[group.places], seen[:, :, -1], out=seen[:, :, -1])
            found[:, :, start : start + len(seen)] = (seen.transpose(0, 2, 1) @ seen[:, :, :-1]).transpose(1, 2, 0)
            start += len(seen)
        return found


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
