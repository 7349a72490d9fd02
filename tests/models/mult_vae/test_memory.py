"""What memory holds while networks are trained, one after the other."""

import gc
import logging
import weakref
from dataclasses import replace

import jax
import pytest

from recsys.data.interactions import Interactions
from recsys.models.mult_vae import training
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.models.mult_vae.steps import step_of
from recsys.training import Training
from tests.support.small_models import fitted, ratings, small_config

SMALL = small_config("mult-vae")
GOES_ON = replace(SMALL, most_steps=1, more_epochs=1)


def test_a_network_that_goes_on_is_not_held_as_it_was_before():
    """Nor by the model whose it is now, nor by what trains it."""
    model = MultVAE(GOES_ON)
    model.begun = (fitted("mult-vae", ratings(2)).weights[0]._replace(),)
    model.begun = tuple(each._replace(hidden_kernel=each.hidden_kernel.copy()) for each in model.begun)
    before, is_held = weakref.ref(model.begun[0].hidden_kernel), {}

    def note(stage, *_, **__):
        gc.collect()
        is_held[stage] = before() is not None

    model.fit(Interactions(ratings(1)), Training(seed=0, on_progress=note))
    assert is_held == {"network 1 of 2 epoch": True, "epoch": False}
    assert model.begun == ()


@pytest.mark.parametrize("most", [0, 10**9])
def test_a_step_is_compiled_once_also_where_that_is_done_ahead(most, monkeypatch, caplog):
    monkeypatch.setattr(training, "LARGE", most)
    step_of.cache_clear()
    one = replace(SMALL, n_networks=1, epochs=1)
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        MultVAE(one).fit(Interactions(ratings(1)), Training(seed=0))
    assert sum("Finished XLA compilation of jit(step)" in record.message for record in caplog.records) == 1
