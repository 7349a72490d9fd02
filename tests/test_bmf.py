"""Bayesian matrix factorization: its parts against closed forms, the whole against known answers."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.config import BMFConfig
from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.data.synthetic import low_rank
from recsys.models.baseline import Baseline
from recsys.models.bmf import BMF, draw_vectors, membership, most_rated
from recsys.models.linked_prior import LinkedPrior
from recsys.split import carve_validation
from tests.small_models import ratings


def test_vectors_are_drawn_from_their_posterior():
    """One row: mean and covariance of Bayesian linear regression."""
    rng = np.random.default_rng(0)
    row = sp.csr_array(np.array([[1.0, 0, 1, 1]]))
    others = rng.normal(size=(4, 3))
    prior = LinkedPrior(sp.csr_array((1, 0)), 3)
    prior.mean, prior.precision = np.array([0.5, -1.0, 0.2]), np.diag([2.0, 1.0, 3.0])
    targets, seen = np.array([1.0, -0.5, 0.3]), [0, 2, 3]
    design = np.column_stack([others[seen, :-1], np.ones(3)])
    covariance = np.linalg.inv(1.7 * design.T @ design + prior.precision)
    mean = covariance @ (1.7 * design.T @ (targets - others[seen, -1]) + prior.precision @ prior.mean)
    draws = np.concatenate([draw_vectors(row, targets, others, prior, 1.7, rng) for _ in range(20_000)])
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.02)


def test_membership_weighs_a_row_by_the_root_of_its_length():
    stars = sp.csr_array(np.array([[5.0, 0, 1, 2], [0, 0, 0, 0]]))
    found = membership(stars, np.array([0, 1, 3])).toarray()
    np.testing.assert_allclose(found, [[1 / np.sqrt(3), 0, 1 / np.sqrt(3)], [0, 0, 0]])


def test_only_the_most_rated_columns_serve_as_features():
    stars = sp.csr_array(np.array([[1, 0, 1, 1], [0, 0, 1, 1], [0, 1, 1, 0]]))
    np.testing.assert_array_equal(most_rated(stars, 2), [2, 3])
    np.testing.assert_array_equal(most_rated(stars, 9), [0, 1, 2, 3])


@pytest.mark.parametrize("likelihood", ["gaussian", "ordinal"])
def test_beats_offsets_where_tastes_differ(likelihood):
    stars = low_rank(200, 80, 6000, seed=0, scale=HALF_STARS)
    train, held_out = carve_validation(stars, seed=0)
    config = BMFConfig(likelihood=likelihood, n_factors=6, epochs=60, burn_in=20)
    model = BMF(config, HALF_STARS).fit(train, seed=0)
    rows, columns = held_out.nonzero()

    def error(predicted: np.ndarray) -> float:
        return float(np.sqrt(np.mean((predicted[rows, columns] - held_out.data) ** 2)))

    assert error(model.predict(train)) < 0.9 * error(Baseline(scale=HALF_STARS).fit(train).predict(train))
    level = np.rint(held_out.data * 2 - 1).astype(int)
    given = model.rating_distribution(train)[rows, columns, level]
    frequencies = np.bincount(level, minlength=10) / len(level)
    assert -np.log(given).mean() < -np.log(frequencies[level]).mean()


def test_the_mean_of_an_ordinal_distribution_is_the_prediction():
    model = BMF(BMFConfig(likelihood="ordinal", n_factors=3, epochs=10, burn_in=4)).fit(ratings(1), seed=0)
    history = ratings(2)[:5]
    np.testing.assert_allclose(
        model.rating_distribution(history) @ WHOLE_STARS.levels, model.predict(history), rtol=1e-6
    )


def test_features_of_films_reach_the_model_and_are_not_needed_to_use_it():
    small = BMFConfig(n_factors=3, epochs=6, burn_in=2)
    with_side, without = (BMF(small, item_features=side).fit(ratings(1), seed=0) for side in (np.eye(23)[:, :4], None))
    assert not np.allclose(with_side.predict(ratings(1)), without.predict(ratings(1)))
    restored = BMF(small).restore(with_side.arrays())
    np.testing.assert_array_equal(restored.predict(ratings(1)), with_side.predict(ratings(1)))


def test_a_chain_shorter_than_its_burn_in_keeps_the_last_draw():
    model = BMF(BMFConfig(n_factors=3, epochs=2)).fit(ratings(1), seed=0)
    assert len(model.items) == 1
