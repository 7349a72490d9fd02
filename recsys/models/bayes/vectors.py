"""How vectors of one side, people or films, are drawn given the other side's: all rows at once, or any part of them.

The posterior of a row is normal. Where it has many ratings, its precision is summed up and factorized. Where it has
few, a draw from the prior is moved by what it misses of the ratings, which takes a system of as many equations as there
are ratings (Doucet, A note on efficient conditional simulation of Gaussian distributions, 2010). A row without ratings
has the draw from the prior.

Legend: N rows, M columns, nnz ratings, n rows of a group, W the most ratings that one of them has, D numbers of a
vector: factors and an offset.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import numpy as np

from recsys.models.bayes.linked_prior import LinkedPrior, spread_of
from recsys.models.bayes.shares import WHOLE, Whole
from recsys.models.numeric.row_groups import RowGroup, RowGroups
from recsys.models.numeric.small_normals import TooFewDigitsError, means_and_draws, solutions

FEW = 6  # ratings, up to which the system of a rating each is the quicker

Drawn = tuple[np.ndarray, np.ndarray]  # means of posteriors and draws, (n, D) each


def draw_vectors(
    rows: RowGroups,
    targets: np.ndarray,
    others: np.ndarray,
    prior: LinkedPrior,
    noise_precision: float,
    rng: np.random.Generator,
    share: Whole = WHOLE,
) -> Drawn:
    """Draw every row's vector, (N, D), from its normal posterior given the other side's vectors, (M, D).

    Args:
        targets: (nnz,), where `rows` says that they stand.
        noise_precision: of a target around its prediction.
        share: what these rows and ratings are of those of all processes.
    """
    means, draws = Given.of(others, targets, prior, noise_precision, rng, share).in_float32.vectors(rows, rng)
    return means.astype(np.float64), draws.astype(np.float64)


@dataclass(frozen=True)
class Given:
    """What a side's vectors are drawn from.

    Attributes:
        seen: (M + 1, D + 1) the other side's, see `as_seen`.
        targets: (nnz + 1,), the last of no rating.
        means: (N, D) of the prior.
        noise: (N, D) standard normal.
        precision: (D, D) of the prior.
        spread: (D, D) what makes noise of the prior's covariance of standard noise.
        noise_precision: of a target around its prediction.
        share: see `draw_vectors`.
        exact: the same before it was rounded to float32.
    """

    seen: np.ndarray
    targets: np.ndarray
    means: np.ndarray
    noise: np.ndarray
    precision: np.ndarray
    spread: np.ndarray
    noise_precision: float
    share: Whole = WHOLE

    exact: Self | None = None

    @classmethod
    def of(
        cls,
        others: np.ndarray,
        targets: np.ndarray,
        prior: LinkedPrior,
        noise_precision: float,
        rng: np.random.Generator,
        share: Whole = WHOLE,
    ) -> Self:
        """See `draw_vectors`."""
        means, no_target = prior.means(), targets.dtype.type(0)
        noise = share.normals(means.shape, rng)
        of_prior = (means, noise, prior.precision, spread_of(prior.precision))
        return cls(as_seen(others), np.append(targets, no_target), *of_prior, noise_precision, share)

    @property
    def in_float32(self) -> Self:
        """The same, which is finer than the noise of a draw unless that is next to nothing."""
        names = ("seen", "targets", "means", "noise", "precision", "spread")
        rounded = {name: getattr(self, name).astype(np.float32, copy=False) for name in names}
        return replace(self, **rounded, exact=self)

    def vectors(self, rows: RowGroups, rng: np.random.Generator) -> Drawn:
        """Of all rows."""
        means, draws = self.means.copy(), self.prior_draws(slice(None))
        narrow = rows.narrow(FEW)
        for group, errors in zip(narrow, self.share.errors(narrow, FEW, rng), strict=True):
            means[group.rows], draws[group.rows] = self.drawn(partial(by_ratings, group=group, errors=errors))
        for groups in rows.batches(FEW + 1):
            chosen = np.concatenate([group.rows for group in groups])
            means[chosen], draws[chosen] = self.drawn(partial(by_factors, groups=groups, rows=chosen))
        return means, draws

    def prior_draws(self, rows: np.ndarray | slice) -> np.ndarray:
        """(n, D) what the vectors would be without ratings."""
        return self.means[rows] + self.noise[rows] @ self.spread

    def drawn(self, draw: Callable[["Given"], Drawn]) -> Drawn:
        """What a way to draw makes of this; of the numbers before they were rounded where it has too few digits."""
        try:
            return draw(self)
        except TooFewDigitsError:
            assert self.exact is not None
            return draw(self.exact)


def by_factors(given: Given, groups: list[RowGroup], rows: np.ndarray) -> Drawn:
    """Of some groups' rows, (n,) int: a system of D equations each."""
    system = given.share.summed(sums(given, groups))
    system *= system.dtype.type(given.noise_precision)
    precision, pull = system[:-1], system[-1]
    precision += given.precision[:, :, None]
    pull += (given.means[rows] @ given.precision).T
    means, draws = means_and_draws(precision, pull, np.ascontiguousarray(given.noise[rows].T, dtype=system.dtype))
    return means.T, draws.T


def sums(given: Given, groups: list[RowGroup]) -> np.ndarray:
    """(D + 1, D, n) of r r' over the ratings of each row, r = (factors, 1, target - offset) without the last."""
    n_rows, n_regressors = sum(len(group.rows) for group in groups), given.seen.shape[1]
    found, start = np.empty((n_regressors, n_regressors - 1, n_rows), dtype=given.seen.dtype), 0
    for group in groups:
        seen = group.gathered(given.seen)  # (n of the group, W, D + 1)
        np.subtract(group.stored(given.targets), seen[:, :, -1], out=seen[:, :, -1])
        found[:, :, start : start + len(seen)] = (seen.transpose(0, 2, 1) @ seen[:, :, :-1]).transpose(1, 2, 0)
        start += len(seen)
    return found


def by_ratings(given: Given, group: RowGroup, errors: np.ndarray) -> Drawn:
    """Of a group's rows, none of which is padded: a system of W equations each; errors, (n, W), are standard normal."""
    seen, stored = (given.share.summed(each) for each in (group.gathered(given.seen), group.stored(given.targets)))
    targets, seen = stored - seen[:, :, -1], seen[:, :, :-1]  # (n, W) and (n, W, D)
    shared = seen @ (given.spread.T @ given.spread)  # (n, W, D) covariances of predictions and vectors
    system = np.ascontiguousarray((shared @ seen.transpose(0, 2, 1)).transpose(1, 2, 0))  # (W, W, n)
    system[np.diag_indices(group.width)] += system.dtype.type(1 / given.noise_precision)
    before = np.stack([given.means[group.rows], given.prior_draws(group.rows)], axis=1)  # (n, 2, D)
    missed = targets[:, None] - before @ seen.transpose(0, 2, 1)  # (n, 2, W)
    missed[:, 1] -= errors * missed.dtype.type(given.noise_precision**-0.5)
    moved = solutions(system, np.ascontiguousarray(missed.transpose(2, 1, 0)))  # (W, 2, n)
    after = before + moved.transpose(2, 1, 0) @ shared
    return after[:, 0], after[:, 1]


def as_seen(vectors: np.ndarray) -> np.ndarray:
    """(M, D) -> (M + 1, D + 1): factors, 1 and offset, as the other side sees them; then zeros, of nothing."""
    seen = np.insert(vectors, -1, 1.0, axis=1)
    return np.vstack([seen, np.zeros_like(seen[:1])]) if len(seen) else np.zeros((1, vectors.shape[1] + 1))
