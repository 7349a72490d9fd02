"""The machine of star levels, against its definition."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import norm

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.boltzmann.config import AS_IN_2007, SoftmaxRBMConfig
from recsys.models.boltzmann.rbm import SoftmaxRBM
from recsys.models.simple.baseline import Baseline
from tests.support.small_models import made_small, ratings

CONFIG = made_small(SoftmaxRBMConfig())
PLAIN = replace(CONFIG, knows_generosity=False, knows_rated=True)
TRAIN = ratings(1)


def test_levels_have_the_chances_that_the_hidden_units_and_generosity_give():
    model = SoftmaxRBM(CONFIG).fit(Interactions(TRAIN))
    stars = TRAIN[[3]].toarray()[0]
    odds, generosity = model.hidden_bias.astype(float), Baseline().fit(Interactions(TRAIN)).user_offset(TRAIN[[3]])[0]
    for film in np.flatnonzero(stars):
        odds = odds + model.weights[int(stars[film]) - 1, film]
    hidden = 1 / (1 + np.exp(-odds))
    logits = (model.visible_bias + model.weights @ hidden).T + model.generosity * generosity * np.arange(-2, 3)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.rating_distribution(Histories(TRAIN[[3]]))[0], expected, rtol=1e-4)
    assert model.generosity > 0


def test_who_rated_nothing_gets_how_often_a_film_got_each_level():
    """Before the first step; a film of few ratings has everybody's levels besides."""
    still = replace(CONFIG, learning=replace(CONFIG.learning, learning_rate=1e-9, init_scale=1e-9), prior=2.0)
    model = SoftmaxRBM(still).fit(Interactions(TRAIN))
    counts = np.array([(TRAIN.toarray() == star).sum(axis=0) for star in range(1, 6)])  # (K, I)
    everybodys = (counts.sum(axis=1) + 1) / (counts.sum() + 5)
    rates = counts + 2 * everybodys[:, None]
    nobody = Histories(sp.csr_array((1, TRAIN.shape[1]), dtype=np.float32))
    np.testing.assert_allclose(model.rating_distribution(nobody)[0], (rates / rates.sum(axis=0)).T, rtol=1e-4)


def test_a_machine_that_is_told_which_films_were_rated_answers_by_that():
    model = SoftmaxRBM(PLAIN).fit(Interactions(TRAIN))
    assert model.generosity == 0
    assert model.rated_weights.shape == (TRAIN.shape[1], CONFIG.n_hidden)
    again = SoftmaxRBM(PLAIN).restore({**model.arrays(), "rated_weights": 0 * model.rated_weights + 1})
    people = Histories(TRAIN[:4])
    assert not np.allclose(again.rating_distribution(people), model.rating_distribution(people), atol=1e-6)


def test_the_sum_over_all_hidden_states_is_near_to_each_at_its_chance():
    """And the same for somebody whose units are sure."""
    one = SoftmaxRBM(PLAIN).fit(Interactions(TRAIN))
    other = SoftmaxRBM(replace(PLAIN, exact=True)).restore(one.arrays())
    people = Histories(TRAIN[:4])
    found, expected = other.rating_distribution(people), one.rating_distribution(people)
    np.testing.assert_allclose(found, expected, atol=0.01)
    sure = {**one.arrays(), "hidden_bias": np.full(CONFIG.n_hidden, 60.0, dtype=np.float32)}
    one, other = one.restore(sure), other.restore(sure)
    np.testing.assert_allclose(other.rating_distribution(people), one.rating_distribution(people), atol=1e-5)


@pytest.mark.parametrize(("scale", "n_groups"), [(WHOLE_STARS, 5), (HALF_STARS, 10), (RatingScale(highest=100.0), 10)])
def test_many_levels_share_units_and_all_have_a_chance(scale, n_groups):
    model = SoftmaxRBM(CONFIG, scale).fit(Interactions(TRAIN))
    assert model.visible_bias.shape == (n_groups, TRAIN.shape[1])
    chances = model.rating_distribution(Histories(TRAIN[:3]))
    assert chances.shape == (3, TRAIN.shape[1], len(scale.levels))
    np.testing.assert_allclose(chances.sum(axis=2), 1, rtol=1e-5)
    assert (chances > 0).all()


def test_the_machine_of_2007_draws_levels_and_knows_no_generosity():
    model = SoftmaxRBM(made_small(AS_IN_2007)).fit(Interactions(TRAIN))
    assert model.generosity == 0
    assert model.units.draws
    nothing = Histories(sp.csr_array((1, TRAIN.shape[1]), dtype=np.float32))
    hidden = 1 / (1 + np.exp(-model.hidden_bias.astype(float)))
    logits = (model.visible_bias + model.weights @ hidden).T
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.rating_distribution(nothing)[0], expected, rtol=1e-4)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="n_hidden >= 1 and prior > 0"):
        SoftmaxRBMConfig(prior=0.0)


def test_where_ratings_are_few_plain_offsets_have_what_the_machine_does_not_surely_know():
    """As many as are needed to find that out; of the machine of the paper nobody asks."""
    few = Interactions(ratings(1, (60, 50), density=0.25))
    model = SoftmaxRBM(CONFIG).fit(few)
    assert model.share < 1
    people, items = Histories(few.stars[:4]), np.array([7, 2, 40])
    alone = SoftmaxRBM(CONFIG).restore({**model.arrays(), "share": np.array(1.0)}).rating_distribution(people)
    plain = Baseline().fit(few).predict(people)
    below = norm.cdf((WHOLE_STARS.cutpoints - plain[..., None]) / model.plain_noise)
    others = np.diff(below, prepend=0, append=1)
    found = model.rating_distribution(people)
    np.testing.assert_allclose(found, model.share * alone + (1 - model.share) * others, atol=1e-6)
    np.testing.assert_allclose(model.rating_distribution(people, items), found[:, items], atol=1e-6)
    assert 0.5 < model.plain_noise < 2.5
    assert SoftmaxRBM(PLAIN).fit(few).share == 1
    assert SoftmaxRBM(CONFIG).fit(Interactions(TRAIN)).share == 1
