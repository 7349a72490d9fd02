"""Many normal distributions of few dimensions at once, each given by its precision.

One after the other, in LAPACK, most of the time would go into calls. So everything lies with the distributions along
the last axis, and every step of the textbook's loops is done for all of them. Legend: n distributions, D dimensions.
"""

import numpy as np

LEAST_PIVOT = 1e-3  # of what a diagonal was, in float32: of less, too few digits would be left


class TooFewDigitsError(ArithmeticError):
    """In float32 the arithmetic would not be exact enough."""


def means_and_draws(precision: np.ndarray, pull: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean precision^-1 pull of each distribution, and a draw from it.

    Args:
        precision: (D, D, n) symmetric, positive definite; above the diagonal nothing is read.
        pull: (D, n).
        noise: (D, n) standard normal.

    Returns:
        (D, n) each.

    Raises:
        TooFewDigitsError: all is float32, and of some precision too little is left when others are known.
    """
    root = root_of(precision)
    half = forward(root, pull[:, None])[:, 0]  # root' mean = half, and root' (draw - mean) = noise
    both = backward(root, np.stack([half, half + noise], axis=1))
    return both[:, 0], both[:, 1]


def solutions(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """matrix^-1 right of each matrix, (D, D, n) symmetric and positive definite, and right sides, (D, m, n).

    Raises:
        TooFewDigitsError: as above.
    """
    root = root_of(matrices)
    return backward(root, forward(root, right))


def root_of(matrices: np.ndarray) -> np.ndarray:
    """`cholesky`, exact enough.

    Raises:
        TooFewDigitsError: as above.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        root = cholesky(matrices)
    if matrices.dtype == np.float32 and not keeps_digits(root, matrices):
        raise TooFewDigitsError
    return root


def cholesky(matrices: np.ndarray) -> np.ndarray:
    """(D, D, n) -> the lower triangles, L L' = matrix; what is above the diagonal means nothing."""
    root = np.empty_like(matrices)
    for j in range(len(matrices)):
        column = matrices[j:, j] - np.einsum("ikn,kn->in", root[j:, :j], root[j, :j])
        root[j:, j] = column / np.sqrt(column[0])
    return root


def keeps_digits(root: np.ndarray, matrices: np.ndarray) -> bool:
    """Whether pivots are no small differences of large numbers; triangles and what they are of, (D, D, n) each."""
    diagonal = np.arange(len(root))
    return bool((root[diagonal, diagonal] ** 2 >= LEAST_PIVOT * matrices[diagonal, diagonal]).all())


def forward(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve L x = right by lower triangles, (D, D, n), for several right sides: (D, m, n) -> (D, m, n)."""
    solved = np.empty_like(right)
    for j in range(len(root)):
        solved[j] = (right[j] - np.einsum("kn,kmn->mn", root[j, :j], solved[:j])) / root[j, j]
    return solved


def backward(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve L' x = right likewise."""
    solved = np.empty_like(right)
    for j in reversed(range(len(root))):
        solved[j] = (right[j] - np.einsum("kn,kmn->mn", root[j + 1 :, j], solved[j + 1 :])) / root[j, j]
    return solved
