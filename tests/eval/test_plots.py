"""What a run draws."""

from dataclasses import replace

from eval.reporting import plots
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
