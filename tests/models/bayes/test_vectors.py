"""The vectors of a side: their posteriors against a regression for every row, with any number of ratings."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.bayes.chain import Sides, products
from recsys.models.bayes.linked_prior import LinkedPrior, spread_of
from recsys.models.bayes.vectors import FEW, Given, as_seen, by_factors, by_ratings, draw_vectors
from recsys.models.numeric.row_groups import UNPADDED, RowGroups

N_DRAWS = 20_000


def test_vectors_are_drawn_from_their_posterior():
    """Many rows alike: mean and covariance of Bayesian linear regression."""
    rng = np.random.default_rng(0)
    rows = sp.csr_array(np.tile([1.0, 0, 1, 1], (N_DRAWS, 1)))
    others = rng.normal(size=(4, 3))
    prior = LinkedPrior(sp.csr_array((N_DRAWS, 0)), 3)
    prior.mean, prior.precision = np.array([0.5, -1.0, 0.2]), np.diag([2.0, 1.0, 3.0])
    targets, seen = np.array([1.0, -0.5, 0.3]), [0, 2, 3]
    design = np.column_stack([others[seen, :-1], np.ones(3)])
    covariance = np.linalg.inv(1.7 * design.T @ design + prior.precision)
    mean = covariance @ (1.7 * design.T @ (targets - others[seen, -1]) + prior.precision @ prior.mean)
    means, draws = draw_vectors(RowGroups(rows), np.tile(targets, N_DRAWS), others, prior, 1.7, rng)
    np.testing.assert_allclose(means, np.tile(mean, (N_DRAWS, 1)), rtol=1e-5)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.02)


def test_rows_without_ratings_are_drawn_from_the_prior():
    rng, n = np.random.default_rng(0), N_DRAWS
    rows = sp.csr_array((np.ones(2), ([n, n], [0, 1])), shape=(n + 1, 2))
    prior = LinkedPrior(sp.csr_array(np.ones((n + 1, 1))), 3)
    prior.mean, prior.precision = np.array([0.5, -1.0, 0.2]), np.diag([2.0, 1, 3])
    prior.linked = np.tile([2.0, 1, 0], (n + 1, 1))
    draws = draw_vectors(RowGroups(rows), np.array([1.0, -0.5]), rng.normal(size=(2, 3)), prior, 1.7, rng)[1][:-1]
    np.testing.assert_allclose(draws.mean(axis=0), [2.5, 0.0, 0.2], atol=0.03)
    np.testing.assert_allclose(np.cov(draws.T), np.diag([1 / 2, 1, 1 / 3]), atol=0.03)


SHAPES = {  # people, films, share of the cells that are rated
    "dense": (40, 30, 1.0),
    "very sparse": (400, 300, 0.005),
    "of all lengths": (60, 900, np.linspace(0.0, 1.0, 60)[:, None]),
    "few and many": (30, 40, np.linspace(0.0, 0.6, 30)[:, None]),
    "one rating": (1, 5, np.array([[0, 0, 1.0, 0, 0]])),
}
DIGITS = {np.float32: 2e-4, np.float64: 1e-9}


def a_prior(n_rows: int) -> LinkedPrior:
    """Of three dimensions and two features, all of it far from what it begins with."""
    rng = np.random.default_rng(3)
    prior = LinkedPrior(sp.csr_array(rng.random((n_rows, 2))), 3)
    prior.mean, prior.precision = rng.normal(size=3), np.eye(3) + 0.3
    prior.rotated = rng.normal(size=prior.rotated.shape).astype(np.float32)
    prior.linked = prior.span.added(prior.rotated)
    return prior


def posterior(
    columns: np.ndarray, targets: np.ndarray, others: np.ndarray, prior: LinkedPrior, row: int, noise_precision: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean, (D,), and precision, (D, D), of a row's vector by Bayesian regression, given its columns and targets."""
    design = np.column_stack([others[columns, :-1], np.ones(len(columns))])
    precision = noise_precision * design.T @ design + prior.precision
    pull = noise_precision * design.T @ (targets - others[columns, -1]) + prior.precision @ prior.means()[row]
    return np.linalg.solve(precision, pull), precision


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("digits", DIGITS)
def test_means_are_those_of_a_regression_for_every_row(kind, digits):
    """Rows of few ratings and of many, from either side; those without have what features say."""
    n_users, n_items, share = SHAPES[kind]
    rng = np.random.default_rng(0)
    by_user = sp.csr_array((rng.random((n_users, n_items)) < share).astype(float))
    targets = rng.normal(size=by_user.nnz).astype(np.float32)
    by_item = sp.csr_array((targets, by_user.indices, by_user.indptr), shape=by_user.shape).T.tocsr()
    sides = Sides.of(by_user)
    for rows, matrix, values in ((sides.of_users, by_user, targets), (sides.of_items, by_item, by_item.data)):
        others, prior = rng.normal(size=(matrix.shape[1], 3)), a_prior(matrix.shape[0])
        given = Given.of(others, targets, prior, 1.7, rng)
        means, _ = (given.in_float32 if digits is np.float32 else given).vectors(rows, rng)
        for row in range(matrix.shape[0]):
            stored = slice(*matrix.indptr[row : row + 2])
            expected, _ = posterior(matrix.indices[stored], values[stored], others, prior, row, 1.7)
            np.testing.assert_allclose(means[row], expected, rtol=DIGITS[digits], atol=DIGITS[digits])


@pytest.mark.parametrize("kind", ["of all lengths", "few and many"])
def test_a_draw_of_many_ratings_is_the_mean_and_what_the_root_of_the_precision_makes_of_noise(kind):
    n_users, n_items, share = SHAPES[kind]
    rng = np.random.default_rng(0)
    matrix = sp.csr_array((rng.random((n_users, n_items)) < share).astype(float))
    targets, others, prior = rng.normal(size=matrix.nnz), rng.normal(size=(n_items, 3)), a_prior(n_users)
    given = Given.of(others, targets, prior, 1.7, rng)
    for batch in RowGroups(matrix).batches():
        rows = np.concatenate([group.rows for group in batch])
        for row, mean, draw in zip(rows, *by_factors(given, batch, rows), strict=True):
            stored = slice(*matrix.indptr[row : row + 2])
            _, precision = posterior(matrix.indices[stored], targets[stored], others, prior, row, 1.7)
            np.testing.assert_allclose(np.linalg.cholesky(precision).T @ (draw - mean), given.noise[row], rtol=1e-6)


@pytest.mark.parametrize("n_ratings", range(1, FEW + 1))
def test_a_draw_of_few_ratings_has_the_covariance_of_the_posterior(n_ratings):
    """What each standard normal number adds to it, squared and summed, whichever way the draw is made."""
    rng, prior = np.random.default_rng(n_ratings), a_prior(1)
    others, targets = rng.normal(size=(n_ratings, 3)), rng.normal(size=n_ratings)
    (group,) = RowGroups(sp.csr_array(np.ones((1, n_ratings)))).groups
    mean, precision = posterior(np.arange(n_ratings), targets, others, prior, 0, 1.7)
    added = []
    for number in np.eye(3 + n_ratings):
        of_prior = (prior.means(), number[None, :3], prior.precision, spread_of(prior.precision))
        given = Given(as_seen(others), np.append(targets, 0.0), *of_prior, 1.7)
        means, draws = by_ratings(given, group, number[None, 3:])
        np.testing.assert_allclose(means[0], mean, rtol=1e-6)
        added.append(draws[0] - means[0])
    np.testing.assert_allclose(np.transpose(added) @ added, np.linalg.inv(precision), rtol=1e-6, atol=1e-9)


def test_rows_of_few_ratings_are_not_padded():
    assert FEW <= UNPADDED


def test_where_float32_has_too_few_digits_vectors_are_drawn_in_float64():
    """Noise next to nothing, fewer ratings than factors: what the ratings leave open is as sure as the prior has it."""
    rng = np.random.default_rng(0)
    rows = sp.csr_array(np.tile([1.0, 0, 1], (N_DRAWS, 1)))
    others, targets = np.array([[1.0, 2, 0], [9, 9, 0], [1, 2, 0]]), np.tile([3.0, 3.0], N_DRAWS)
    means, draws = draw_vectors(RowGroups(rows), targets, others, LinkedPrior(sp.csr_array((N_DRAWS, 0)), 3), 1e7, rng)
    np.testing.assert_allclose(draws @ [1, 2, 1], 3.0, atol=0.01)
    np.testing.assert_allclose(means, np.tile([3 / 6, 6 / 6, 3 / 6], (N_DRAWS, 1)), rtol=1e-3)
    np.testing.assert_allclose(np.cov(draws.T), np.eye(3) - np.outer([1, 2, 1], [1, 2, 1]) / 6, atol=0.03)


def test_predictions_are_products_of_factors_and_both_offsets():
    rng = np.random.default_rng(0)
    cells = sp.csr_array((rng.random((30, 20)) < np.linspace(0, 1, 30)[:, None]).astype(float))
    users, items = rng.normal(size=(30, 4)), rng.normal(size=(20, 4))
    expected = users[:, :-1] @ items[:, :-1].T + users[:, -1:] + items[:, -1]
    np.testing.assert_allclose(
        products(users, items, RowGroups(cells)), expected[cells.nonzero()], rtol=1e-5, atol=1e-5
    )
