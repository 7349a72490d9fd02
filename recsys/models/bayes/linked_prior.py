"""A normal prior over vectors whose mean depends on features, its parameters drawn by Gibbs sampling.

vector_n ~ N(mean + features_n @ link, precision^-1), with a normal-Wishart prior on mean and precision (Salakhutdinov
and Mnih 2008, equations 5 to 8) and link ~ N(0, (link_l2 precision)^-1) (Macau: Simm et al. 2017, section 2.3).

With the singular values and vectors of the features the numbers of a link know nothing of each other: each is drawn
alone. What of a link no features see is as the prior has it: its squares are drawn, and it only when the link is kept.

Legend: N vectors, D their dimension, M features, R = min(N, M) their rank at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import eigh, solve_triangular

from recsys.models.numeric.quick_normal import standard_normal
from recsys.models.numeric.shared import Shared, digest
from recsys.training.processes import ALONE, Processes, all_people, own_place

MEAN_WEIGHT = 2.0  # the prior of the mean counts as this many vectors at 0
CELLS = 2**23  # of features that are dense at once
LEAST_SQUARE = 1e-6  # of a singular value beside the largest: what is less is 0 but for rounding


@dataclass(frozen=True, eq=False)
class Span:
    """Features and their singular value decomposition, features = left * values @ right'.

    Attributes:
        features: (N, M) float32.
        values: (R,) float32, none of them 0.
        basis: (N, R) float32, `left` where features are more than vectors; else (M, R), `right`, which tells the same.
        is_wide: whether they are.
        processes: that have more vectors, each with its features, and in `left` their rows.
    """

    features: sp.csr_array
    values: np.ndarray
    basis: np.ndarray
    is_wide: bool
    processes: Processes = ALONE

    @classmethod
    def of(cls, features: sp.csr_array, processes: Processes = ALONE) -> "Span":
        """By the eigenvectors of the smaller of its two products with itself, which takes half the time of an SVD."""
        own, n_vectors = own_place(features.shape[0], processes)
        is_wide, features = n_vectors < features.shape[1], features.astype(np.float32)
        product = gram(all_people(features, processes).T.tocsr()) if is_wide else processes.sum(gram(features))
        squares, vectors = eigh(product, driver="evd", overwrite_a=True, check_finite=False)
        matters = squares > LEAST_SQUARE * max(squares.max(initial=0.0), LEAST_SQUARE)
        vectors = vectors[own] if is_wide else vectors
        basis = np.ascontiguousarray(vectors[:, matters])
        return cls(features, np.sqrt(squares[matters]), basis, is_wide, processes)

    def rotated(self, vectors: np.ndarray) -> np.ndarray:
        """What features say of vectors, values * left' @ vectors: (N, D) -> (R, D) float32."""
        if self.is_wide:
            return self.values[:, None] * self.processes.sum(self.basis.T @ vectors.astype(np.float32))
        return self.basis.T @ self.processes.sum(self.features.T @ vectors.astype(np.float32))

    def added(self, rotated: np.ndarray) -> np.ndarray:
        """What a link, right @ rotated, adds to vectors: (R, D) -> (N, D) float32."""
        if self.is_wide:
            return self.basis @ (self.values[:, None] * rotated)
        return self.features @ (self.basis @ rotated)

    def link(self, rotated: np.ndarray) -> np.ndarray:
        """(R, D) -> right @ rotated, (M, D) float32."""
        if self.is_wide:
            return self.processes.sum(self.features.T @ (self.basis @ (rotated / self.values[:, None])))
        return self.basis @ rotated

    def seen(self, link: np.ndarray) -> np.ndarray:
        """What features see of a link, right' @ link: (M, D) -> (R, D) float32."""
        if self.is_wide:
            return self.processes.sum(self.basis.T @ (self.features @ link.astype(np.float32))) / self.values[:, None]
        return self.basis.T @ link.astype(np.float32)


SPANS: Shared[Span] = Shared()  # chains of other likelihoods have the same features


@dataclass(frozen=True, eq=False)
class Parameters:
    """A draw of a prior's parameters, apart from the vectors that it is of: see `LinkedPrior`; link is (M, D)."""

    mean: np.ndarray
    precision: np.ndarray
    link: np.ndarray
    link_l2: float


class LinkedPrior:
    """The current draw of the parameters, and how to make the next one.

    Attributes:
        mean: (D,).
        precision: (D, D).
        rotated: (R, D) the link, as far as features see it, see `Span`.
        unseen: (D, D) sums of squares and products of what features do not see of it.
        link_l2: how precise the link is before anything is known, beside the vectors.
        linked: (N, D) float32, what the link adds to vectors.
    """

    def __init__(
        self,
        features: sp.csr_array,
        n_dimensions: int,
        first_precision: float = 1.0,
        processes: Processes = ALONE,
    ):
        """Prepare.

        Args:
            features: (N, M) float64, which do not change between draws.
            first_precision: of every number of a vector, until it is drawn.
            processes: that have more vectors of the prior.
        """
        self.mean, self.precision = np.zeros(n_dimensions), first_precision * np.eye(n_dimensions)
        self.span, self.link_l2, self.processes = span_of(features, processes), 1.0, processes
        self.n_vectors = int(processes.sum(features.shape[0]))
        self.rotated = np.zeros((len(self.span.values), n_dimensions), dtype=np.float32)
        self.unseen = np.zeros((n_dimensions, n_dimensions))
        self.linked = np.zeros((features.shape[0], n_dimensions), dtype=np.float32)

    @property
    def n_features(self) -> int:
        """M."""
        return int(self.span.features.shape[1])

    def means(self) -> np.ndarray:
        """(N, D) prior mean of every vector."""
        return self.mean + self.linked

    def parameters(self, rng: np.random.Generator) -> Parameters:
        """The draw as it is."""
        return Parameters(self.mean, self.precision, self.draw_whole_link(rng), self.link_l2)

    def take(self, drawn: Parameters) -> None:
        """Take over the parameters of a prior whose features mean the same."""
        self.mean, self.precision, self.link_l2 = drawn.mean, drawn.precision, drawn.link_l2
        self.rotated = self.span.seen(drawn.link)
        self.unseen = drawn.link.T @ drawn.link - self.rotated.T @ self.rotated
        self.linked = self.span.added(self.rotated)

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that draws change and that does not follow from the rest."""
        link_l2 = np.array(self.link_l2)
        return {
            "mean": self.mean,
            "precision": self.precision,
            "rotated": self.rotated,
            "unseen": self.unseen,
            "link_l2": link_l2,
        }

    def go_on_from(self, state: Mapping[str, np.ndarray]) -> None:
        """Be where one of the same features was."""
        self.mean, self.precision, self.link_l2 = state["mean"], state["precision"], float(state["link_l2"])
        self.rotated, self.unseen = state["rotated"], state["unseen"]
        self.linked = self.span.added(self.rotated)

    def draw(self, vectors: np.ndarray, rng: np.random.Generator) -> None:
        """Draw mean and precision given the vectors, (N, D), and the link; then the link given those."""
        self.draw_mean_and_precision(vectors - self.linked, rng)
        if self.n_features:
            self.draw_link(vectors - self.mean, rng)

    def draw_mean_and_precision(self, rest: np.ndarray, rng: np.random.Generator) -> None:
        """Normal-Wishart posterior given what the link leaves unexplained, (N, D)."""
        n_vectors, n_dimensions = self.n_vectors, rest.shape[1]
        centre = self.processes.sum(rest.sum(axis=0)) / max(n_vectors, 1)
        scatter = self.processes.sum((rest - centre).T @ (rest - centre))
        shrunk = MEAN_WEIGHT * n_vectors / (MEAN_WEIGHT + n_vectors) * np.outer(centre, centre)
        inverse_scale = np.eye(n_dimensions) + scatter + shrunk + self.link_l2 * self.link_squares()
        degrees = n_dimensions + 1 + n_vectors + self.n_features
        self.precision = draw_wishart(inverse_scale, degrees, rng)
        total = MEAN_WEIGHT + n_vectors
        self.mean = n_vectors * centre / total + draw_noise(self.precision * total, 1, rng)[0]

    def draw_link(self, vectors: np.ndarray, rng: np.random.Generator) -> None:
        """Posterior of the link given centred vectors, (N, D); then of its l2."""
        certain = np.square(self.span.values)[:, None] + np.float32(self.link_l2)  # (R, 1)
        noise = draw_noise(self.precision, len(certain), rng).astype(np.float32)
        self.rotated = self.span.rotated(vectors) / certain + noise / np.sqrt(certain)
        self.linked = self.span.added(self.rotated)
        self.unseen = draw_squares(self.link_l2 * self.precision, self.n_features - len(certain), rng)
        size = float(np.sum(self.link_squares() * self.precision))
        self.link_l2 = rng.gamma(1.0 + self.n_features * len(self.mean) / 2, 1.0 / (1.0 + size / 2))

    def link_squares(self) -> np.ndarray:
        """(D, D) sums of squares and products of the link over all features."""
        return self.rotated.T @ self.rotated + self.unseen

    def draw_whole_link(self, rng: np.random.Generator) -> np.ndarray:
        """(M, D) float32 what each feature adds to a vector, with a draw of what no features see of it."""
        link = self.span.link(self.rotated)
        if self.n_features > len(self.rotated):
            noise = draw_noise(self.link_l2 * self.precision, self.n_features, rng).astype(np.float32)
            link += noise - self.span.link(self.span.seen(noise))
        return link


def span_of(features: sp.csr_array, processes: Processes) -> Span:
    """Of features, (N, M) in this process; several processes make it together, at a time that all know."""
    if processes.count > 1:
        return Span.of(features, processes)
    return SPANS.get(digest(features), lambda: Span.of(features))


def gram(features: sp.csr_array) -> np.ndarray:
    """(N, M) -> (M, M) float32 features' features, by dense blocks: a fraction of a sparse product's time."""
    found, n_rows = np.zeros((features.shape[1],) * 2, dtype=np.float32), max(1, CELLS // max(1, features.shape[1]))
    for start in range(0, features.shape[0], n_rows):
        block = features[start : start + n_rows].toarray()
        found += block.T @ block
    return found


def draw_wishart(inverse_scale: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """(D, D) draw from the Wishart distribution with scale inverse_scale^-1 (Bartlett's decomposition)."""
    n_dimensions = len(inverse_scale)
    factor = np.tril(rng.standard_normal((n_dimensions, n_dimensions)), -1)
    factor[np.diag_indices(n_dimensions)] = np.sqrt(rng.chisquare(degrees - np.arange(n_dimensions)))
    root = np.linalg.cholesky((inverse_scale + inverse_scale.T) / 2)
    half = solve_triangular(root, factor, lower=True, trans="T")
    return half @ half.T


def draw_squares(precision: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """(D, D) sums of squares and products of draws from N(0, precision^-1), all at once where they are many."""
    if n_draws > len(precision):
        return draw_wishart(precision, n_draws, rng)
    noise = draw_noise(precision, n_draws, rng)
    return noise.T @ noise


def draw_noise(precision: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """(n_draws, D) draws from N(0, precision^-1)."""
    return standard_normal((n_draws, len(precision)), rng) @ spread_of(precision)


def spread_of(precision: np.ndarray) -> np.ndarray:
    """(D, D) spread' spread = precision^-1."""
    root = np.linalg.cholesky(precision)
    return solve_triangular(root, np.eye(len(root)), lower=True)
