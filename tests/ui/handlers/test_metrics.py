"""Choosing measurements, called as Gradio calls it."""

import gradio as gr
import pytest

from recsys.ui.metrics import tab as metrics_tab
from recsys.ui.metrics.tab import GONE, MetricsHandlers
from tests.ui.handlers.hostile import MARKUP


@pytest.fixture
def handlers(visits, monkeypatch, tmp_path):
    monkeypatch.setattr(metrics_tab, "RUNS", tmp_path)
    monkeypatch.delenv("MOVIE_VAE_MODEL", raising=False)
    return MetricsHandlers(visits.engine, gr.Dropdown([]), gr.HTML())


def test_where_no_model_was_measured_on_these_ratings_others_can_be_chosen(handlers, visits, guest):
    updates = handlers.updates(*visits.of({}, guest))
    assert updates[handlers.run].visible
    assert updates[handlers.shown] == handlers.show(None)
    assert "No model was measured on the ratings" in updates[handlers.shown]
    [(_, key)] = updates[handlers.run].choices
    assert "<h2>How it was measured</h2>" in handlers.show(key)


@pytest.mark.parametrize("key", ["", MARKUP, 0, float("nan"), [], {}, True, ["published"]], ids=repr)
def test_figures_that_are_not_there_are_refused(handlers, key):
    with pytest.raises(gr.Error, match=GONE):
        handlers.show(key)


def test_there_are_no_figures_before_there_is_a_model(closed_visits):
    with pytest.raises(gr.Error, match="Not ready yet"):
        MetricsHandlers(closed_visits.engine, gr.Dropdown([]), gr.HTML()).show(None)
