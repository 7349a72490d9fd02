"""A VAE of choices that knows films by public features alone, and how each person pulls at its few numbers.

    z ~ N(h R, exp(v)),   log p(film | z) = b + a . (S z + c) + what makes the sum over films of p equal 1

h is the mean of the features a of the films that somebody likes, and R, S, c, v are learned. Legend: U people, B of a
block, I items, K features, L latent dimensions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.privacy.mechanisms import Products

BLOCK_CELLS = 2**21  # people times films whose chances are dense at once
LEAST_SCATTER = 1e-3  # of features; directions with less say nothing
FIRST_LOG_VARIANCE = -2.0  # of z


@dataclass(frozen=True, eq=False)
class Network:
    """What is learned.

    Attributes:
        reads: R, (K, L).
        says: S, (K, L).
        kinds: c, (K, 1).
        log_variance: v, (1, L).
    """

    reads: np.ndarray
    says: np.ndarray
    kinds: np.ndarray
    log_variance: np.ndarray

    @classmethod
    def first(cls, features: np.ndarray, shares: np.ndarray, n_latent: int, start: float) -> Self:
        """Before anything is learned: z are the directions in which films differ most, and like goes with like.

        Args:
            features: (I, K), with the mean 0 over films by their shares.
            shares: (I,) of all choices.
            n_latent: L.
            start: by how much a unit of z moves the log chances of films that differ by one.
        """
        directions, scatter, _ = np.linalg.svd((features * np.sqrt(shares)[:, None]).T, full_matrices=False)
        said = scatter > LEAST_SCATTER
        reads = np.zeros((features.shape[1], n_latent), dtype=np.float32)
        found = (directions[:, said] / scatter[said])[:, :n_latent]
        reads[:, : found.shape[1]] = found
        log_variance = np.full((1, n_latent), FIRST_LOG_VARIANCE, dtype=np.float32)
        return cls(reads, np.float32(start) * reads, np.zeros((len(reads), 1), dtype=np.float32), log_variance)

    @property
    def parameters(self) -> list[np.ndarray]:
        """All of them; whoever changes them changes the network."""
        return [self.reads, self.says, self.kinds, self.log_variance]


@dataclass(frozen=True, eq=False)
class Likes:
    """What people chose, and what the network is told of it.

    Attributes:
        matrix: (U, I) float32, 1 where a film is liked.
        features: (I, K) float32.
        log_popularity: b, (I,) float32.
        profile: h, (U, K) float32.
    """

    matrix: sp.csr_array
    features: np.ndarray
    log_popularity: np.ndarray
    profile: np.ndarray

    def pulls(self, network: Network, draws: np.ndarray, kl_weight: float) -> Products:
        """The gradient of each person's loss: the mean of -log p over what they like, and the divergence of z.

        Somebody who likes nothing pulls at nothing.

        Args:
            network: as it stands.
            draws: (U, L) of N(0, 1), that make z.
            kl_weight: of the divergence from N(0, 1), in nats.
        """
        likes_any = (np.diff(self.matrix.indptr) > 0).astype(np.float32)[:, None]
        mean, spread = self.profile @ network.reads, np.exp(0.5 * network.log_variance)
        taste = mean + spread * draws
        beyond = likes_any * self.beyond(network, taste)  # (U, K)
        to_taste = beyond @ network.says
        divergence = np.float32(kl_weight) * likes_any
        to_variance = 0.5 * (to_taste * draws * spread + divergence * np.expm1(network.log_variance))
        ones = np.ones_like(likes_any)
        return Products(
            [(self.profile, to_taste + divergence * mean), (beyond, taste), (beyond, ones), (ones, to_variance)]
        )

    def beyond(self, network: Network, taste: np.ndarray) -> np.ndarray:
        """(U, K), features that people of these tastes, (U, L), are expected to choose, less those that they like."""
        found = [np.zeros((0, self.features.shape[1]), dtype=np.float32)]
        for rows in self.blocks():
            wish = taste[rows] @ network.says.T + network.kinds.T  # (B, K)
            logits = wish @ self.features.T + self.log_popularity
            chances = np.exp(logits - logits.max(axis=1, keepdims=True))
            expected = chances @ self.features / chances.sum(axis=1, keepdims=True)
            n_likes = np.diff(self.matrix[rows].indptr)[:, None]
            found.append(expected - self.matrix[rows] @ self.features / np.maximum(n_likes, 1))
        return np.concatenate(found, dtype=np.float32)

    def blocks(self) -> Iterator[slice]:
        """All people, in order."""
        n_people, n_items = self.matrix.shape
        size = max(1, BLOCK_CELLS // max(n_items, 1))
        return (slice(start, start + size) for start in range(0, n_people, size))


def profiles(likes: sp.csr_array, features: np.ndarray, shrinkage: float) -> np.ndarray:
    """(B, N) mean of the features, (I, N), of what people like, (B, I), pulled to 0 by so many films."""
    n_likes = np.diff(likes.indptr)[:, None].astype(np.float32)
    return np.asarray((likes @ features) / np.maximum(n_likes + np.float32(shrinkage), 1))
