"""EASE: an autoencoder without a hidden layer."""

import logging
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas, eigh, solve_triangular

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, likes
from recsys.models.base import with_values
from recsys.models.finite import name_of
from recsys.models.learned import LearningModel, learned
from recsys.models.linear.config import EASEConfig
from recsys.models.linear.core import NEIGHBOURS, Core, by_core, room_for
from recsys.models.linear.grams import gram_matrix, inverse_spd
from recsys.models.numeric.shared_columns import among
from recsys.models.numeric.threads import by_blocks, one_thread
from recsys.training import Training
from recsys.training.processes import ALONE, Processes, all_people

LOG = logging.getLogger(__name__)
OF_CORE = tuple(each.name for each in fields(Core))
WAYS = (("weights",), ("halves", "rest"), OF_CORE)  # what is learned, one way or another


class EASE(LearningModel):
    """Item-item ridge regression with a zero diagonal (Steck 2019, "Embarrassingly shallow autoencoders").

    Graded feedback puts (stars - lowest) / (highest - lowest) where the original puts a 1. With a `feature_weight`
    every feature of the films (a genre, a period) counts as so many more people who liked just the films that have it
    (collective EASE: Jeunen et al. 2020, "Closed-form models for collaborative filtering with side-information").
    Time and memory go with the smaller of the two sides that have ratings, people or films: see `by_films` and
    `by_people`. What is kept, in float32, is the matrix of weights or, where there are few rows, its two halves. Where
    that takes more memory than the settings allow, the films that are rated most are solved so, and each of the others
    by a few of them: see `by_core`.
    """

    weights: np.ndarray | None = learned("I I", default=None)  # column j predicts item j; the diagonal is 0
    halves: np.ndarray | None = learned("I R", default=None)  # in its place: weights = halves halves' / rest
    rest: np.ndarray | None = learned("I in 0..1", default=None)  # without the diagonal
    core_films: np.ndarray | None = learned("C:I", default=None)  # or in place of both, see `Core`
    core_weights: np.ndarray | None = learned("C C", default=None)
    near: np.ndarray | None = learned("T K:I", default=None)
    pulls: np.ndarray | None = learned("T K", default=None)
    diagonal: np.ndarray | None = learned("I in 0..1e9", default=None)
    spread: np.ndarray | None = learned("I M", default=None)

    config: EASEConfig

    def __init__(
        self,
        config: EASEConfig = EASEConfig(),
        scale: RatingScale = WHOLE_STARS,
    ):
        self.config, self.scale = config, scale
        self.seen_share = config.seen_share  # the flagship may have chosen another

    def learn(self, data: Interactions, training: Training) -> None:
        """Solve all regressions at once: B = I - P diag(1/P), P the inverse of X'X + l2 I."""
        feedback, features = self.feedback(data.stars), self.weighted_features(data)
        by_rows, n_bytes = exact_bytes(feedback, features.shape[1], training.processes)
        room = self.config.memory_mb * 2**20
        self.take({})
        with one_thread():
            if n_bytes > room:
                LOG.warning("%s: %s", name_of(self), instead(data.shape[1], n_bytes, room))
                self.take(vars(by_core(feedback, features, self.config.l2, room_for(room), training)))
            elif by_rows:
                halves, rest = by_people(all_people(feedback, training.processes), features, self.config.l2)
                self.take({"halves": halves, "rest": rest})
            else:
                weights = by_films(feedback, features, self.config.l2, training)
                np.fill_diagonal(weights, 0.0)  # an item never predicts itself
                self.take({"weights": weights})

    def take(self, found: Mapping[str, np.ndarray]) -> None:
        """Have learned that, and nothing else."""
        for each in self.declared():
            setattr(self, each.name, found.get(each.name))
        for name in ("core", "row_means"):  # those of an earlier fit
            self.__dict__.pop(name, None)

    def weighted_features(self, data: Interactions) -> np.ndarray:
        """(I, M) of the films, as columns of more people's feedback; none where they count for nothing."""
        if not self.config.feature_weight or data.films is None or data.films.features is None:
            return np.zeros((data.shape[1], 0))
        return np.sqrt(self.config.feature_weight) * data.films.features

    def feedback(self, history: sp.csr_array, dtype: type[np.floating] = np.float64) -> sp.csr_array:
        """(B, I) stars -> (B, I) in [0, 1]: how much each rated item was liked."""
        return with_values(history, self.liking(history).astype(dtype))

    def liking(self, history: sp.csr_array) -> np.ndarray:
        """The same of stored ratings, (nnz,) float64."""
        if self.config.feedback == "binary":
            least = least_stars(self.config.liked_from, self.scale, history)
            return likes(history, least).astype(np.float64)
        return self.seen_share + (1.0 - self.seen_share) * self.scale.grade(history.data.astype(np.float64))

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        if self.core_films is not None:
            return by_blocks(lambda block: self.core.score(self.feedback(block.stars, np.float32)), people)
        feedback = self.feedback(people.stars, np.float32)
        if self.halves is None:
            return np.asarray(feedback @ self.weights)
        score = np.asarray((feedback @ self.halves) @ self.halves.T)
        own = with_values(feedback, feedback.data * np.einsum("ir,ir->i", self.halves, self.halves)[feedback.indices])
        score -= own  # an item never predicts itself
        score /= self.rest
        return score

    def above_mean(self, people: Histories, items: np.ndarray) -> np.ndarray:
        """(B, len(items)) float32; see `ContrastModel.above_mean`."""
        feedback = self.feedback(people.stars, np.float32)
        given, places = np.unique(feedback.indices, return_inverse=True)
        above = self.between(given, items) - self.row_means[given, None]
        return np.asarray(among(feedback, places, len(given)) @ above)

    def between(self, given: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(n, m) float32 weights by which films, (n,) item_idx, predict others, (m,) item_idx."""
        if self.core_films is not None:
            return self.core.between(given, items)
        if self.halves is None:
            assert self.weights is not None
            return self.weights[np.ix_(given, items)]
        assert self.rest is not None
        weights = (self.halves[given] @ self.halves[items].T) / self.rest[items]
        return np.where(np.equal.outer(given, items), np.float32(0), weights)

    @cached_property
    def row_means(self) -> np.ndarray:
        """(I,) float32, mean over all films of the weights by which each film predicts."""
        if self.core_films is not None:
            return self.core.row_means()
        if self.halves is None:
            assert self.weights is not None
            return self.weights.mean(axis=1)
        assert self.rest is not None
        own = np.einsum("ir,ir->i", self.halves, self.halves) / self.rest
        return np.asarray((self.halves @ (self.halves / self.rest[:, None]).sum(axis=0) - own) / len(own))

    @cached_property
    def core(self) -> Core:
        """What was learned, where it is a core and films around it."""
        return Core(**{name: getattr(self, name) for name in OF_CORE})

    def matrix(self) -> np.ndarray:
        """(I, I) float32 weights; column j predicts item j."""
        if self.core_films is not None:
            return self.core.score(sp.csr_array(sp.eye_array(len(self.core.diagonal), dtype=np.float32)))
        if self.halves is None:
            assert self.weights is not None
            return self.weights
        weights = (self.halves @ self.halves.T) / self.rest
        np.fill_diagonal(weights, 0.0)
        return weights

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """See `LearningModel.restore`.

        Raises:
            ValueError: there are neither weights nor halves of them with what divides them nor a core and what is
                around it, or that is not of the same films.
        """
        if set(arrays) not in map(set, WAYS):
            ways = ", or ".join(" and ".join(way) for way in WAYS)
            raise ValueError(f"got {', '.join(arrays) or 'nothing'} of EASE; expected {ways}")
        self.take(arrays)
        if self.core_films is not None:
            self.core.require_fitting()
        return self


def for_a_trial(config: EASEConfig, train: sp.csr_array, processes: Processes = ALONE) -> EASEConfig:
    """The settings, (U, I) stars given; with room for half of the core where there would be one, in less time."""
    if exact_bytes(train, 0, processes)[1] <= config.memory_mb * 2**20:
        return config
    return replace(config, memory_mb=config.memory_mb / 4)


def exact_bytes(feedback: sp.csr_array, n_features: int, processes: Processes = ALONE) -> tuple[bool, int]:
    """Whether the smaller side of (U, I) feedback with M features is people's, and the memory that its way takes.

    Of all processes, each of which has its own U people.
    """
    n_items = feedback.shape[1]
    n_rows = int(processes.sum(np.sum(np.diff(feedback.indptr) > 0))) + n_features
    n_films = np.count_nonzero(processes.sum(np.bincount(feedback.indices, minlength=n_items)))
    if 2 * n_rows <= n_films:
        return True, 4 * 4 * n_rows * n_items
    return False, 4 * (2 * n_films**2 + n_items**2)


def instead(n_items: int, n_bytes: int, room: float) -> str:
    """What is done where all films at once would take too many bytes, in words."""
    return (
        f"{n_items:,} films would need {n_bytes / 1e9:,.3g} GB, more than the {room / 1e9:,.3g} GB of memory_mb; the "
        f"{room_for(room):,} that are rated most are solved together, each of the others by up to {NEIGHBOURS} of "
        "these instead"
    )


def by_films(feedback: sp.csr_array, features: np.ndarray, l2: float, training: Training = Training()) -> np.ndarray:
    """The weights from an inverse of the size of the films that somebody rated.

    With X the feedback and F the features, the inverse of X'X + l2 I + F F' is that of X'X + l2 I, which is diagonal
    where there are no ratings, less a product of the rank of F (Woodbury's identity).

    Args:
        feedback: (U, I) float64.
        features: (I, M) float64.
        l2: > 0.
        training: whose processes have the other people; each solves the same.

    Returns:
        (I, I) float32, row by row in memory, for `score`; the diagonal is -1.
    """
    is_rated = training.processes.sum(np.bincount(feedback.indices, minlength=feedback.shape[1])) > 0
    gram = gram_matrix(feedback[:, is_rated], training)  # (R, R), R rated films
    gram[np.diag_indices_from(gram)] += l2
    inverse = inverse_spd(gram)
    solved = features / l2  # (I, M)
    solved[is_rated] = inverse @ features[is_rated]
    root = np.linalg.cholesky(np.eye(features.shape[1]) + features.T @ solved)
    spread = solve_triangular(root, solved.T, lower=True).T  # (I, M): the precision is the inverse - spread spread'
    diagonal = 1 / l2 - np.sum(spread**2, axis=1)
    diagonal[is_rated] += np.diag(inverse) - 1 / l2
    if is_rated.all():
        precision = blas.dgemm(-1.0, spread, spread, 1.0, inverse, trans_b=True, overwrite_c=True)
        precision /= -diagonal[:, None]  # symmetric before: rows here are columns of the transpose
        return precision.T.astype(np.float32)
    weights = (spread @ spread.T).astype(np.float32)
    weights[np.ix_(is_rated, is_rated)] -= inverse
    weights /= diagonal.astype(np.float32)
    return weights


def by_people(feedback: sp.csr_array, features: np.ndarray, l2: float) -> tuple[np.ndarray, np.ndarray]:
    """Halves of the weights, from an inverse of the size of the people who rated, plus that of the features.

    With Z the people's feedback above the features, (Z'Z + l2 I)^-1 = (I - Z' (Z Z' + l2 I)^-1 Z) / l2, and the middle
    is divided among both sides by its eigenvectors: rows that belong to nobody.

    Args:
        feedback, features, l2: as for `by_films`; of everybody.

    Returns:
        halves: (I, R) float32 H, for each of R people and features.
        rest: (I,) float32, l2 times the diagonal of the precision; the weights are H H' / rest off the diagonal.
    """
    evidence = sp.csr_array(sp.vstack([feedback[np.diff(feedback.indptr) > 0], sp.csr_array(features.T)]))  # (R, I)
    values, vectors = eigh((evidence @ evidence.T).toarray(), overwrite_a=True)  # (R,), (R, R)
    halves = evidence.T @ (vectors / np.sqrt(np.maximum(values, 0.0) + l2))  # (I, R)
    return halves.astype(np.float32), (1 - np.sum(halves**2, axis=1)).astype(np.float32)
