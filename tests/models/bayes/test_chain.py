"""The chain: one goes on where another ended, and both likelihoods share what tells where ratings stand."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Interactions, keep_entries
from recsys.data.scale import HALF_STARS
from recsys.models.bayes.bmf import BMF
from recsys.models.bayes.chain import sorted_rows
from recsys.models.bayes.config import BMFConfig
from recsys.testing.synthetic import low_rank
from recsys.training import Training

LIKELIHOODS = ("gaussian", "ordinal")
STARS = sorted_rows(low_rank(60, 40, 900, seed=0, scale=HALF_STARS, min_ratings=3))


def a_model(likelihood: str) -> BMF:
    model = BMF(BMFConfig(likelihood=likelihood, n_factors=3), HALF_STARS)
    model.know(STARS, None)
    return model


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_a_chain_goes_on_where_another_has_ended(likelihood):
    """On other ratings of the same people and films; of the same ratings it is as the other was."""
    rng, model = np.random.default_rng(0), a_model(likelihood)
    before, again, fewer = (
        model.start(each, rng) for each in (STARS, STARS, keep_entries(STARS, rng.random(STARS.nnz) < 0.8))
    )
    for _ in range(3):
        before.sweep(rng)
    linked, predicted = before.user_prior.linked, before.predicted
    stands = before.end(rng)
    for chain in (again, fewer):
        chain.go_on_from(stands)
        np.testing.assert_array_equal(chain.users, before.users)
        assert chain.user_prior.precision is stands.user_prior.precision
        chain.sweep(rng)
    assert not np.allclose(again.predicted, predicted)
    again.go_on_from(stands)
    np.testing.assert_allclose(again.user_prior.linked, linked, atol=1e-3)
    np.testing.assert_allclose(again.predicted, predicted, atol=1e-6)
    assert before.by_user is STARS


def test_chains_of_the_same_ratings_share_their_sides():
    rng = np.random.default_rng(0)
    normal, ordinal = (a_model(likelihood).start(STARS, rng) for likelihood in LIKELIHOODS)
    assert normal.sides is ordinal.sides
    assert normal.user_prior.span is ordinal.user_prior.span
    others = sp.csr_array(STARS[::-1])
    assert a_model("gaussian").start(sorted_rows(others), rng).sides is not normal.sides


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_people_and_films_without_ratings_and_with_one_are_learned_too(likelihood):
    """Half stars; the first person has no rating, the second one, and the last film none."""
    stars = STARS.toarray()
    stars[0], stars[1, 1:], stars[1, 0], stars[:, -1] = 0.0, 0.0, 4.5, 0.0
    config = BMFConfig(likelihood=likelihood, n_factors=3, rehearsal=6, epochs=8)
    model = BMF(config, HALF_STARS).fit(Interactions(sp.csr_array(stars)), Training(seed=0))
    assert all(np.isfinite(each).all() for each in model.arrays().values())
