"""A normal prior over vectors whose mean depends on features, its parameters drawn by Gibbs sampling.

vector_n ~ N(mean + features_n @ link, precision^-1), with a normal-Wishart prior on mean and precision (Salakhutdinov
and Mnih 2008, equations 5 to 8) and link ~ N(0, (link_l2 precision)^-1) (Macau: Simm et al. 2017, section 2.3).

Legend: N vectors, D their dimension, M features, R = min(N, M) their rank at most.
"""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import scipy.sparse as sp
from scipy.linalg import eigh, solve_triangular

from recsys.models.numeric.shared import Shared

MEAN_WEIGHT = 2.0  # the prior of the mean counts as this many vectors at 0
LEAST_SQUARE = 1e-10  # of a singular value beside the largest: what is less is 0 but for rounding


@dataclass(frozen=True, eq=False)
class Span:
    """Of features: their singular values, (R,), and right singular vectors, (M, R), see `right_singular`."""

    singular_values: np.ndarray
    basis: np.ndarray


SPANS: Shared[Span] = Shared()  # chains of other likelihoods have the same features


class LinkedPrior:
    """The current draw of the parameters, and how to make the next one."""

    def __init__(self, features: sp.csr_array, n_dimensions: int, first_precision: float = 1.0):
        """Prepare.

        Args:
            features: (N, M) float64, which do not change between draws.
            first_precision: of every number of a vector, until it is drawn.
        """
        self.features, self.transposed = features, features.T.tocsr()
        self.mean, self.precision = np.zeros(n_dimensions), first_precision * np.eye(n_dimensions)
        self.link, self.link_l2 = np.zeros((features.shape[1], n_dimensions)), 1.0
        self.span = SPANS.get(digest(features), lambda: Span(*right_singular(features)))

    @property
    def link(self) -> np.ndarray:
        """(M, D) what each feature adds to a vector."""
        return self._link

    @link.setter
    def link(self, link: np.ndarray) -> None:
        self._link, self._linked = link, self.features @ link

    def means(self) -> np.ndarray:
        """(N, D) prior mean of every vector."""
        return self.mean + self._linked

    def take(self, other: "LinkedPrior") -> None:
        """Take over the parameters of a prior whose features mean the same."""
        self.mean, self.precision, self.link, self.link_l2 = other.mean, other.precision, other.link, other.link_l2

    def draw(self, vectors: np.ndarray, rng: np.random.Generator) -> None:
        """Draw mean and precision given the vectors, (N, D), and the link; then the link given those."""
        self.draw_mean_and_precision(vectors - self._linked, rng)
        if self.link.size:
            self.draw_link(vectors - self.mean, rng)

    def draw_mean_and_precision(self, rest: np.ndarray, rng: np.random.Generator) -> None:
        """Normal-Wishart posterior given what the link leaves unexplained, (N, D)."""
        n_vectors, n_dimensions = rest.shape
        centre = rest.sum(axis=0) / max(n_vectors, 1)
        scatter = (rest - centre).T @ (rest - centre)
        shrunk = MEAN_WEIGHT * n_vectors / (MEAN_WEIGHT + n_vectors) * np.outer(centre, centre)
        inverse_scale = np.eye(n_dimensions) + scatter + shrunk + self.link_l2 * self.link.T @ self.link
        degrees = n_dimensions + 1 + n_vectors + len(self.link)
        self.precision = draw_wishart(inverse_scale, degrees, rng)
        total = MEAN_WEIGHT + n_vectors
        self.mean = n_vectors * centre / total + draw_noise(self.precision * total, 1, rng)[0]

    def draw_link(self, vectors: np.ndarray, rng: np.random.Generator) -> None:
        """Posterior of the link given centred vectors, (N, D), by solving for perturbed data; then of its l2."""
        target = vectors + draw_noise(self.precision, len(vectors), rng)
        pull = self.transposed @ target
        pull += np.sqrt(self.link_l2) * draw_noise(self.precision, len(self.link), rng)
        self.link = self.solved(pull)
        size = np.sum((self.link @ self.precision) * self.link)
        self.link_l2 = rng.gamma(1.0 + self.link.size / 2, 1.0 / (1.0 + size / 2))

    def solved(self, pull: np.ndarray) -> np.ndarray:
        """(features' features + link_l2 I)^-1 pull, (M, D), by way of what of it lies in the span of the features."""
        basis, squares = self.span.basis, self.span.singular_values[:, None] ** 2
        inside = (pull.astype(np.float32).T @ basis).T  # (R, D); float32 is finer than the noise of a draw
        return pull / self.link_l2 - basis @ (inside * (squares / (squares + self.link_l2) / self.link_l2))


def digest(matrix: sp.csr_array) -> bytes:
    """What differs if matrices do."""
    parts = (np.array(matrix.shape), matrix.indptr, matrix.indices, matrix.data)
    return sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).digest()


def right_singular(matrix: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Singular values, (R,), and right singular vectors, (M, R), of an (N, M) matrix, float32, without those of 0.

    By the eigenvectors of the smaller of its two products with itself, which takes half the time of an SVD.
    """
    is_wide = matrix.shape[0] < matrix.shape[1]
    if not min(matrix.shape):
        return np.zeros(0, dtype=np.float32), np.zeros((matrix.shape[1], 0), dtype=np.float32)
    product = matrix @ matrix.T if is_wide else matrix.T @ matrix
    squares, vectors = eigh(product.toarray(), driver="evd", overwrite_a=True, check_finite=False)
    matters = squares > LEAST_SQUARE * max(squares[-1], LEAST_SQUARE)
    values, vectors = np.sqrt(squares[matters]), vectors[:, matters]
    if is_wide:
        vectors = matrix.T @ vectors / values
    return values.astype(np.float32), np.ascontiguousarray(vectors, dtype=np.float32)


def draw_wishart(inverse_scale: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """(D, D) draw from the Wishart distribution with scale inverse_scale^-1 (Bartlett's decomposition)."""
    n_dimensions = len(inverse_scale)
    factor = np.tril(rng.standard_normal((n_dimensions, n_dimensions)), -1)
    factor[np.diag_indices(n_dimensions)] = np.sqrt(rng.chisquare(degrees - np.arange(n_dimensions)))
    root = np.linalg.cholesky((inverse_scale + inverse_scale.T) / 2)
    half = solve_triangular(root, factor, lower=True, trans="T")
    return half @ half.T


def draw_noise(precision: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """(n_draws, D) draws from N(0, precision^-1)."""
    root = np.linalg.cholesky(precision)
    spread = solve_triangular(root, np.eye(len(root)), lower=True)  # its square is the covariance
    return rng.standard_normal((len(precision), n_draws)).T @ spread
