"""Many small systems at once against a solver for each."""

import numpy as np
import pytest

from recsys.models.numeric.small_normals import TooFewDigitsError, means_and_draws, solutions


def systems(n: int, n_dimensions: int) -> np.ndarray:
    """(n, D, D) symmetric and positive definite."""
    roots = np.random.default_rng(0).normal(size=(n, n_dimensions, n_dimensions))
    return roots @ roots.transpose(0, 2, 1) + np.eye(n_dimensions)


@pytest.mark.parametrize(("n", "n_dimensions"), [(7, 1), (5, 2), (300, 17), (0, 3)])
def test_many_small_normals_are_what_a_solver_makes_of_each(n, n_dimensions):
    rng = np.random.default_rng(0)
    precision = systems(n, n_dimensions)
    pull, noise = rng.normal(size=(2, n_dimensions, n))
    means, draws = means_and_draws(np.tril(precision).transpose(1, 2, 0), pull, noise)
    for each, mean, draw, towards, by in zip(precision, means.T, draws.T, pull.T, noise.T, strict=True):
        np.testing.assert_allclose(mean, np.linalg.solve(each, towards), rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(np.linalg.cholesky(each).T @ (draw - mean), by, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("n_sides", [1, 3])
def test_several_right_sides_are_solved_at_once(n_sides):
    matrices, right = systems(9, 4), np.random.default_rng(1).normal(size=(9, 4, n_sides))
    found = solutions(matrices.transpose(1, 2, 0).copy(), right.transpose(1, 2, 0).copy())
    np.testing.assert_allclose(found.transpose(2, 0, 1), np.linalg.solve(matrices, right), rtol=1e-8)


def test_float32_is_refused_where_it_leaves_too_few_digits():
    nearly_alike = np.array([[1.0, 1.0], [1.0, 1.0001]])[:, :, np.newaxis]
    right = np.ones((2, 1, 1))
    np.testing.assert_allclose(solutions(nearly_alike, right)[:, 0, 0], [1.0, 0.0], atol=1e-9)
    with pytest.raises(TooFewDigitsError):
        solutions(nearly_alike.astype(np.float32), right.astype(np.float32))
