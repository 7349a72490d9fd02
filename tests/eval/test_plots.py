"""What a run draws."""

from dataclasses import replace

import numpy as np
import pytest

from eval.reporting import plots
from recsys.models import MODELS
from tests.support.small_reports import small_outcome, small_report, trained_outcome


def test_a_model_that_tells_no_loss_has_no_learning_curve(tmp_path, monkeypatch):
    """As one that hides people from its figures; an empty panel would end in a warning of Matplotlib's."""
    silent = replace(trained_outcome("dp-vae"), curve=[{"epoch": 1}, {"epoch": 2}])
    drawn, draw = [], plots.draw_curves
    monkeypatch.setattr(plots, "draw_curves", lambda axes, model, runs: [drawn.append(model), draw(axes, model, runs)])
    report = small_report(tmp_path, silent, trained_outcome("als"), small_outcome("popularity"))
    plots.draw_learning_curves(tmp_path / "curves.png", report)
    assert drawn == ["als"]
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_networks_that_are_trained_one_after_the_other_are_lines_of_their_own():
    curve = [{"epoch": epoch, "loss": loss} for epoch, loss in [(1, 3.0), (2, 2.0), (1, 5.0), (2, 4.0)]]
    epochs, losses = plots.line_of(curve, "loss")
    np.testing.assert_array_equal(epochs, [1, 2, np.nan, 1, 2])
    np.testing.assert_array_equal(losses, [3, 2, np.nan, 5, 4])


@pytest.mark.parametrize(
    ("n_panels", "grid"), [(0, (1, 1)), (1, (1, 1)), (4, (1, 4)), (5, (2, 4)), (8, (2, 4)), (9, (3, 4))]
)
def test_panels_stand_four_to_a_row(n_panels, grid):
    assert plots.rows_and_columns(n_panels) == grid


@pytest.mark.parametrize("n_models", [1, 5])
def test_every_model_of_probabilities_has_a_panel(tmp_path, monkeypatch, n_models):
    titles, draw = [], plots.reliability_title
    monkeypatch.setattr(plots, "reliability_title", lambda model, figures: titles.append(model) or draw(model, figures))
    report = small_report(tmp_path, *[trained_outcome(name) for name in list(MODELS)[:n_models]])
    plots.draw_reliability(tmp_path / "reliability.png", report)
    assert titles == list(MODELS)[:n_models]


def test_names_of_many_models_have_a_line_each(tmp_path, monkeypatch):
    canvases = []
    monkeypatch.setattr(plots, "save", lambda canvas, path: canvases.append(canvas))
    for n_models in (3, 40):
        plots.draw_metrics(
            tmp_path / "bars.png",
            small_report(tmp_path, *[small_outcome(name) for name in list(MODELS)[:n_models]]),
        )
    few, many = (canvas.get_figheight() for canvas in canvases)
    assert few < many
    assert many / 40 > 0.18  # inches, in which a name of ten points has room
