"""The machine of choices, against its definition."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS
from recsys.models.boltzmann.config import ChoiceRBMConfig
from recsys.models.boltzmann.rbm_choice import ChoiceRBM
from recsys.ranking import top_k
from recsys.testing.synthetic import checkerboard
from recsys.training import Training
from tests.support.small_models import made_small, ratings

CONFIG = made_small(ChoiceRBMConfig())
BINARY = replace(CONFIG, feedback="binary")


@pytest.mark.parametrize("config", [CONFIG, BINARY])
def test_a_score_is_the_log_chance_that_the_hidden_units_give(config):
    train = ratings(1)
    model = ChoiceRBM(config, HALF_STARS).fit(Interactions(train))
    stars = train[:5].toarray()
    choices = np.where(stars > 0, (stars - 0.5) / 4.5, 0) if config is CONFIG else (stars >= 4).astype(float)
    hidden = 1 / (1 + np.exp(-(choices @ model.weights + model.hidden_bias)))
    expected = hidden @ model.weights.T + model.visible_bias
    np.testing.assert_allclose(model.score(Histories(train[:5])), expected, rtol=1e-4, atol=1e-5)


def test_before_the_first_step_films_stand_by_how_often_they_are_chosen():
    still = replace(BINARY, learning=replace(BINARY.learning, learning_rate=1e-9, init_scale=1e-9), prior=2.0)
    train = ratings(1)
    n_likes = np.asarray((train >= 4).sum(axis=0)).ravel() + 2.0
    nobody = Histories(sp.csr_array((1, train.shape[1]), dtype=np.float32))
    chances = ChoiceRBM(still).fit(Interactions(train)).score(nobody)[0]
    np.testing.assert_allclose(np.exp(chances), n_likes / n_likes.sum(), rtol=1e-4)


def test_learning_brings_what_the_machine_expects_nearer_to_what_was_chosen():
    told = []
    board = Interactions(checkerboard(60, 20))
    config = replace(CONFIG, learning=replace(CONFIG.learning, epochs=60, learning_rate=0.02))
    training = Training(on_progress=lambda *step, rmse: told.append((*step, rmse)))
    model = ChoiceRBM(config).fit(board, training)
    assert told[-1][:3] == ("epoch", 60, 60)
    assert told[-1][3] < 0.9 * told[0][3]
    ranked = top_k(model.score(Histories(board.stars)), board.stars, 1)[:, 0]
    assert (ranked % 2 == np.arange(60) % 2).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"feedback": "stars"}, "feedback 'graded' or 'binary'"),
        ({"prior": 0.0}, "n_hidden >= 1 and prior > 0"),
        ({"liked_from": -1.0}, "liked_from above 0 stars"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        ChoiceRBMConfig(**wrong)
