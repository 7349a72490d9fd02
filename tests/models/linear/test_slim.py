"""slim, against scikit-learn's elastic net, film by film."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import ElasticNet

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.base import graded
from recsys.models.linear.config import SLIMConfig
from recsys.models.linear.slim import SLIM, most_shared, smoothing
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.support.small_models import ratings

EXACT = {"epochs": 5000, "tolerance": 1e-7}


MANY_PEOPLE = low_rank(100, 60, 2500, seed=0)
FEW_PEOPLE = low_rank(20, 60, 300, seed=0, min_ratings=8)  # a few films go with no other by more than 0.5


@pytest.mark.parametrize(
    ("train", "l1", "l2"),
    [(MANY_PEOPLE, 0.5, 2.0), (MANY_PEOPLE, 0.05, 10.0), (MANY_PEOPLE, 3.0, 0.5), (FEW_PEOPLE, 0.5, 2.0)],
)
def test_weights_are_those_of_an_elastic_net_for_each_film(train, l1, l2):
    model = SLIM(SLIMConfig(l1=l1, l2=l2, **EXACT)).fit(Interactions(train))
    grades, n_people = graded(train, model.scale).toarray(), train.shape[0]
    for film in range(train.shape[1]):
        others = grades.copy()
        others[:, film] = 0.0
        referee = ElasticNet(
            alpha=(l1 + l2) / n_people,
            l1_ratio=l1 / (l1 + l2),
            positive=True,
            fit_intercept=False,
            tol=1e-10,
            max_iter=100_000,
        )
        referee.fit(others, grades[:, film])
        np.testing.assert_allclose(model.weights[:, film], referee.coef_, atol=1e-4)


def test_weights_are_few_non_negative_and_none_is_of_a_film_for_itself():
    weights = SLIM(SLIMConfig(l1=1.0, l2=5.0)).fit(Interactions(MANY_PEOPLE)).weights
    assert weights.min() == 0
    assert 0 < np.count_nonzero(weights) < 0.6 * weights.size
    np.testing.assert_array_equal(np.diag(weights), 0)
    assert (weights.dtype, weights.shape) == (np.float32, (60, 60))


def test_films_that_go_with_no_other_by_more_than_l1_are_left_out():
    linked = most_shared(graded(FEW_PEOPLE, WHOLE_STARS))
    gram = (graded(FEW_PEOPLE, WHOLE_STARS).T @ graded(FEW_PEOPLE, WHOLE_STARS)).toarray()
    np.fill_diagonal(gram, 0.0)
    np.testing.assert_allclose(linked, gram.max(axis=1))
    left_out = linked <= 0.5
    weights = SLIM(SLIMConfig(l1=0.5, l2=2.0)).fit(Interactions(FEW_PEOPLE)).weights
    assert 0 < left_out.sum() < 30
    assert not weights[left_out].any()
    assert not weights[:, left_out].any()


def test_what_few_people_smooth_is_what_the_inverse_says():
    """By thin halves, as (X'X + l2 I)^-1 X'X says."""
    grades = graded(ratings(3, (12, 30)), WHOLE_STARS)
    inverse = np.linalg.inv((grades.T @ grades).toarray() + 2.0 * np.eye(30))
    smooth, smoothed = smoothing(grades, 2.0)
    np.testing.assert_allclose(smooth, np.eye(30) - 2 * inverse, atol=1e-5)
    np.testing.assert_allclose(smoothed(np.eye(30, dtype=np.float32)), smooth, atol=1e-5)


def test_a_first_step_in_which_nothing_moves_is_not_the_end():
    steps = []
    SLIM(SLIMConfig(l1=1.0, l2=5.0, rho=0.1)).fit(
        Interactions(MANY_PEOPLE),
        Training(on_progress=lambda stage, done, total, **_: steps.append((stage, done, total))),
    )
    assert len(steps) > 5
    assert steps[0] == ("epoch", 1, 100)


def test_without_ratings_nothing_is_predicted():
    model = SLIM().fit(Interactions(sp.csr_array((4, 6), dtype=np.float32)))
    np.testing.assert_array_equal(model.score(Histories(ratings(1, (2, 6)))), 0)


@pytest.mark.parametrize(
    ("wrong", "message"), [({"l1": -1}, "l1 and l2 >= 0"), ({"rho": 0}, "rho, tolerance > 0 and epochs >= 1")]
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        SLIMConfig(**wrong)
