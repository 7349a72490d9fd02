"""EASE of more films than there is room for a number for every pair of: a core exactly, what is around it by a few.

The core is the films that are rated most; the others are outer films. Legend: B histories, U users, I items, C films of
the core, T outer films, K neighbours of an outer film, M features.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.linalg import solve, solve_triangular

from recsys.models.linear.grams import BLOCK, gram_matrix, inverse_spd
from recsys.training import Training
from recsys.training.processes import ALONE, Processes, sum_of_sparse

DIGITS = 6  # of sums of feedback that are compared
NEIGHBOURS = 50  # films of the core, by which an outer one is known
BYTES_OF_PAIR = 12  # of two films of the core, while they are solved: a float64, and the float32 that is kept


@dataclass(frozen=True, eq=False)
class Core:
    """What stands for the inverse of X'X + l2 I, the precision, and so for the weights.

    Attributes:
        core_films: (C,) int64 item_idx of the core, each once.
        core_weights: (C, C) float32; column j predicts film j of the core by the others, and its diagonal is 0.
        near: (T, K) int64 item_idx of the core, for every outer film in the order of item_idx.
        pulls: (T, K) float32, less the precision between these and it, features left out; 0 where there is no such.
        diagonal: (I,) float32, of the precision.
        spread: (I, M) float32 S; features take S S' off the precision.
    """

    core_films: np.ndarray
    core_weights: np.ndarray
    near: np.ndarray
    pulls: np.ndarray
    diagonal: np.ndarray
    spread: np.ndarray

    @cached_property
    def outer(self) -> np.ndarray:
        """(T,) int64 item_idx, rising."""
        return np.setdiff1d(np.arange(len(self.diagonal)), self.core_films)

    @cached_property
    def links(self) -> sp.csr_array:
        """(T, C), the pulls."""
        return linked(self.places[self.near], self.pulls, len(self.core_films))

    @cached_property
    def places(self) -> np.ndarray:
        """(I,) int64 place of each film in the core; of an outer one, -1 less its place among these."""
        places = np.empty(len(self.diagonal), dtype=np.int64)
        places[self.core_films] = np.arange(len(self.core_films))
        places[self.outer] = -1 - np.arange(len(self.outer))
        return places

    @cached_property
    def links_back(self) -> sp.csr_array:
        """(C, T), the same by the films of the core."""
        return sp.csr_array(self.links.T)

    @cached_property
    def above(self) -> np.ndarray:
        """(C, M) of the spread."""
        return self.spread[self.core_films]

    @cached_property
    def around(self) -> np.ndarray:
        """(T, M) of the spread."""
        return self.spread[self.outer]

    @cached_property
    def own(self) -> np.ndarray:
        """(T,) what features make an outer film say of itself."""
        return np.sum(self.around**2, axis=1)

    def require_fitting(self) -> None:
        """Raise ValueError unless the arrays are of the same films."""
        n_items, n_core = len(self.diagonal), len(self.core_films)
        if len(np.unique(self.core_films)) < n_core or len(self.near) != n_items - n_core:
            raise ValueError(
                f"got {n_core:,} films in the core and {len(self.near):,} around it; expected all {n_items:,} once"
            )
        if not np.isin(self.near, self.core_films).all():
            raise ValueError("near holds films outside the core; expected films of it alone")

    def score(self, feedback: sp.csr_array) -> np.ndarray:
        """(B, I) float32 feedback -> (B, I) float32, what the weights make of it."""
        core, outer = feedback[:, self.core_films], feedback[:, self.outer]
        told_by_outer = (outer @ self.links).toarray() + (outer @ self.around) @ self.above.T
        told_of_outer = (core @ self.links_back).toarray() + (feedback @ self.spread) @ self.around.T
        told_of_outer -= outer.multiply(self.own).toarray()  # an item never predicts itself
        score = np.empty(feedback.shape, dtype=np.float32)
        score[:, self.core_films] = core @ self.core_weights + told_by_outer / self.diagonal[self.core_films]
        score[:, self.outer] = told_of_outer / self.diagonal[self.outer]
        return score

    def between(self, given: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(n, m) float32 weights by which films, (n,) item_idx, predict others, (m,) item_idx."""
        weights = self.spread[given] @ self.spread[items].T
        row, column = self.places[given], self.places[items]
        weights[np.ix_(row < 0, column >= 0)] += self.links[-1 - row[row < 0]][:, column[column >= 0]].toarray()
        weights[np.ix_(row >= 0, column < 0)] += self.links_back[row[row >= 0]][:, -1 - column[column < 0]].toarray()
        weights /= self.diagonal[items]
        weights[np.ix_(row >= 0, column >= 0)] = self.core_weights[np.ix_(row[row >= 0], column[column >= 0])]
        weights[np.equal.outer(given, items)] = 0.0
        return weights

    def row_means(self) -> np.ndarray:
        """(I,) float32, mean over all films of the weights by which each film predicts."""
        per_core, per_outer = 1 / self.diagonal[self.core_films], 1 / self.diagonal[self.outer]
        of_outer = self.spread @ (self.around.T @ per_outer)  # what features make of outer films
        sums = np.empty(len(self.diagonal), dtype=np.float32)
        sums[self.core_films] = self.core_weights.sum(axis=1) + self.links_back @ per_outer + of_outer[self.core_films]
        of_core = self.links @ per_core + self.around @ (self.above.T @ per_core)
        sums[self.outer] = of_core + of_outer[self.outer] - self.own * per_outer
        return sums / len(sums)


def linked(near: np.ndarray, values: np.ndarray, n_core: int) -> sp.csr_array:
    """(T, C) of (T, K) places in the core and the values there; those of one place add up."""
    starts = near.shape[1] * np.arange(len(near) + 1)
    links = sp.csr_array((values.flatten(), near.flatten(), starts), shape=(len(near), n_core))
    links.sum_duplicates()  # in place: hence the copies
    return links


def room_for(n_bytes: float) -> int:
    """How many films a core may have."""
    return max(1, int(np.sqrt(n_bytes / BYTES_OF_PAIR)))


def by_core(
    feedback: sp.csr_array, features: np.ndarray, l2: float, most: int, training: Training = Training()
) -> Core:
    """Solve for the films that are rated most, and put the others around them.

    The precision is L' D L, as a sparse approximate inverse has it (Kolotilina and Yeremin 1993, "Factorized sparse
    approximate inverse preconditionings"): the block of the core is exact, a row of an outer film is its regression on
    the films of the core that go with it most, and D holds what that leaves of it. What outer films have in common
    beside the core is left out: beside l2 it is little of films that few people rated. Of one outer film with all of
    the core for neighbours it is exact. Features come in by Woodbury's identity, as in `by_films`.

    Args:
        feedback: (U, I) float64.
        features: (I, M) float64.
        l2: > 0.
        most: films of the core, at least 1.
        training: whose processes have the other people; the regressions are shared out, the rest is the same in each.
    """
    films = most_rated(feedback, most, training.processes)
    outer = np.setdiff1d(np.arange(feedback.shape[1]), films)
    gram, near, regressions, rest = regressed(feedback, films, outer, l2, training)
    inverse = inverse_spd(gram)
    links = linked(near, regressions, len(films))  # (T, C) W
    around = (features[outer] - links @ features[films]) / rest[:, None]
    above = inverse @ features[films] - links.T @ around
    solved = np.empty(features.shape)
    solved[films], solved[outer] = above, around
    root = np.linalg.cholesky(np.eye(features.shape[1]) + features.T @ solved)
    spread = solve_triangular(root, solved.T, lower=True).T  # (I, M)
    diagonal = -np.sum(spread**2, axis=1)
    diagonal[outer] += 1 / rest
    diagonal[films] += np.diag(inverse) + links.power(2).T @ (1 / rest)
    spread = spread.astype(np.float32)
    weights = core_weights(inverse, links, rest, spread[films], diagonal[films])
    pulls = (regressions / rest[:, None]).astype(np.float32)
    return Core(films, weights, films[near], pulls, diagonal.astype(np.float32), spread)


def most_rated(feedback: sp.csr_array, most: int, processes: Processes) -> np.ndarray:
    """(C,) int64 item_idx of those films that most people rated, the first first; of several, those liked more."""
    counts = processes.sum(np.bincount(feedback.indices, minlength=feedback.shape[1]))
    sums = processes.sum(np.bincount(feedback.indices, feedback.data, minlength=feedback.shape[1]))
    alike = sums.round(DIGITS)  # in which order people were added makes no difference
    return np.lexsort((-alike, -counts))[: max(1, min(most, np.count_nonzero(counts)))]


def regressed(
    feedback: sp.csr_array, films: np.ndarray, outer: np.ndarray, l2: float, training: Training
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X'X + l2 I of the core, (C, C) float64, and what `neighbours` finds; nothing else is left in memory."""
    core_part, outer_part = feedback[:, films], feedback[:, outer].tocsc()
    gram = gram_matrix(core_part, training)
    gram[np.diag_indices_from(gram)] += l2
    return gram, *neighbours(core_part, outer_part, gram, l2, training.processes)


def neighbours(
    core_part: sp.csr_array, outer_part: sp.csc_array, gram: np.ndarray, l2: float, processes: Processes = ALONE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What every outer film is known by.

    Args:
        core_part: (U, C) float64 feedback.
        outer_part: (U, T) float64, likewise.
        gram: (C, C) float64 X'X + l2 I of the core.
        processes: which have the other people; each solves for some of the outer films.

    Returns:
        near: (T, K) int64 places in the core, those first whose feedback goes with the film's most by its length.
        regressions: (T, K) float64 weights of these; 0 where there are fewer.
        rest: (T,) float64 > 0, what they leave of the film's own entry of X'X + l2 I.
    """
    n_outer = outer_part.shape[1]
    n_near = min(NEIGHBOURS, len(gram))
    near, regressions = np.zeros((n_outer, n_near), dtype=np.int64), np.zeros((n_outer, n_near))
    rest = np.asarray(outer_part.power(2).sum(axis=0)).ravel() + l2 / processes.count  # l2 once, in the sum of all
    lengths = np.sqrt(np.diag(gram))
    for film, (places, together) in enumerate(shared(core_part, outer_part, processes)):
        if film % processes.count != processes.number:
            continue
        if len(places) > n_near:
            best = np.sort(np.argsort(-together / lengths[places], kind="stable")[:n_near])
            places, together = places[best], together[best]
        if len(places):
            found = solve(gram[np.ix_(places, places)], together, assume_a="pos")
            near[film, : len(places)], regressions[film, : len(places)] = places, found
            rest[film] -= found @ together
    return processes.sum(near), processes.sum(regressions), processes.sum(rest)


def shared(
    core_part: sp.csr_array, outer_part: sp.csc_array, processes: Processes
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For every outer film the places of films of the core that people rated with it, and X'X between them, not 0."""
    for start in range(0, outer_part.shape[1], BLOCK):
        together = sp.csc_array(core_part.T @ outer_part[:, start : start + BLOCK])  # (C, up to BLOCK)
        together = sum_of_sparse(together, processes)
        together.eliminate_zeros()
        together.sort_indices()
        for column in range(together.shape[1]):
            cells = slice(together.indptr[column], together.indptr[column + 1])
            yield together.indices[cells], together.data[cells]


def core_weights(
    inverse: np.ndarray, links: sp.csr_array, rest: np.ndarray, spread: np.ndarray, diagonal: np.ndarray
) -> np.ndarray:
    """The weights among films of the core, (C, C) float32, some rows at a time.

    Args:
        inverse: (C, C) float64, of X'X + l2 I of the core alone.
        links: (T, C) W, the regressions of outer films, which add W' diag(1/rest) W.
        rest: (T,).
        spread: (C, M) float32, which takes off its product.
        diagonal: (C,) float64, of all that.
    """
    weights = np.empty(inverse.shape, dtype=np.float32)
    scaled_back = sp.csr_array((links.multiply(1 / rest[:, None])).T)  # (C, T)
    for start in range(0, len(weights), BLOCK):
        rows = slice(start, start + BLOCK)
        weights[rows] = inverse[:, rows].T  # symmetric, and column-major
        weights[rows] += (scaled_back[rows] @ links).toarray()
        weights[rows] -= spread[rows] @ spread.T
        weights[rows] /= -diagonal
    np.fill_diagonal(weights, 0.0)
    return weights
