"""The machine of real-valued stars, against its definition."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import RatingScale
from recsys.models.boltzmann.config import ContrastiveConfig, GaussianRBMConfig
from recsys.models.boltzmann.rbm_gaussian import GaussianRBM
from recsys.models.simple.baseline import Baseline
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.support.small_models import made_small, ratings

CONFIG = made_small(GaussianRBMConfig(variance=0.7))


def test_stars_are_those_of_the_offsets_plus_what_the_hidden_units_expect():
    scale = RatingScale(lowest=1.0, highest=9.0, step=2.0)  # two to a star of five
    train = sp.csr_array(np.where(ratings(1).toarray() > 0, 2 * ratings(1).toarray() - 1, 0).astype(np.float32))
    model, offsets = GaussianRBM(CONFIG, scale).fit(Interactions(train)), Baseline(scale=scale).fit(Interactions(train))
    people = train[:5]
    usual, stars = offsets.predict(Histories(people)), people.toarray()
    left = np.where(stars > 0, (stars - usual) / 2 - model.visible_bias, 0)
    hidden = 1 / (1 + np.exp(-(left @ model.weights / 0.7 + model.hidden_bias)))
    expected = usual + 2 * (hidden @ model.weights.T + model.visible_bias)
    np.testing.assert_allclose(model.predict(Histories(people)), expected, rtol=1e-5)


def test_tastes_are_learned():
    """Of two kinds of people, each of whom likes every other film, so that offsets know nothing."""
    rng = np.random.default_rng(0)
    stars = 3 + np.where((np.arange(200)[:, None] + np.arange(40)) % 2, 1.5, -1.5) + 0.5 * rng.normal(size=(200, 40))
    seen = rng.random((200, 40)) < 0.5
    train = sp.csr_array(np.where(seen, stars, 0).astype(np.float32))
    scale = RatingScale(lowest=0.1, highest=6.0, step=0)
    told = []
    model = GaussianRBM(GaussianRBMConfig(n_hidden=10, learning=ContrastiveConfig(batch_size=20)), scale)
    model.fit(Interactions(train), Training(on_progress=lambda *step, rmse: told.append((*step, rmse))))
    error = (model.predict(Histories(train)) - stars)[~seen]
    assert np.sqrt(np.mean(error**2)) < 0.8  # 0.5 is noise, 1.6 what offsets miss
    assert told[-1][:3] == ("epoch", 60, 60)
    assert told[-1][3] < 0.6 * told[0][3]


def test_without_weights_it_is_the_offsets():
    train = low_rank(60, 50, 1300, seed=0)
    config = replace(CONFIG, learning=replace(CONFIG.learning, learning_rate=1e-9, init_scale=1e-9))
    model = GaussianRBM(config).fit(Interactions(train))
    expected = Baseline().fit(Interactions(train)).predict(Histories(train))
    np.testing.assert_allclose(model.predict(Histories(train)), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (GaussianRBMConfig, {"variance": 0.0}, "n_hidden >= 1 and variance > 0"),
        (ContrastiveConfig, {"epochs": 0}, "epochs and batch_size >= 1"),
        (ContrastiveConfig, {"decay": -1.0}, "learning_rate > 0 and decay >= 0"),
        (ContrastiveConfig, {"init_scale": 0.0}, "init_scale > 0"),
    ],
)
def test_settings_out_of_range_are_refused(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        kind(**wrong)
