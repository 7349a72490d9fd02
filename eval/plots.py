"""The pictures of a report."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.experiment import Outcome
from eval.results import Report
from eval.summary import Figure, by_model

BAR_COLOUR, BEST_COLOUR = "#8aa4bf", "#d1495b"


def draw_plots(folder: Path, report: Report) -> None:
    """Write metrics.png and learning_curves.png."""
    import matplotlib

    matplotlib.use("Agg")
    draw_metrics(folder / "metrics.png", report)
    draw_learning_curves(folder / "learning_curves.png", report.outcomes)


def draw_metrics(path: Path, report: Report) -> None:
    """Bars of RMSE and nDCG with one standard error, the best on top."""
    from matplotlib.figure import Figure as Canvas

    k, figures = max(report.settings.ks), report.figures
    panels = [
        ("RMSE of held-out stars, lower is better", sorted(of_metric(figures, "rmse"), key=lambda f: -f.mean)),
        (f"nDCG@{k} of top lists, higher is better", sorted(of_metric(figures, f"ndcg@{k}"), key=lambda f: f.mean)),
    ]
    canvas = Canvas(figsize=(11, 4.6), layout="constrained")
    for axes, (title, bars) in zip(canvas.subplots(1, 2), panels, strict=True):
        draw_bars(axes, title, bars)
    splits = ", ".join(split.name for split in report.splits)
    canvas.suptitle(
        f"{report.dataset.name}, {report.protocol}: {splits} (bars: ± one standard error over people)", fontsize=10
    )
    canvas.savefig(path, dpi=110)


def of_metric(figures: Sequence[Figure], metric: str) -> list[Figure]:
    """The figures of one metric."""
    return [figure for figure in figures if figure.metric == metric]


def draw_bars(axes: Any, title: str, bars: Sequence[Figure]) -> None:
    """Horizontal bars from the worst, at the bottom, to the best."""
    colours = [BAR_COLOUR] * (len(bars) - 1) + [BEST_COLOUR] * bool(bars)
    errors = [bar.stderr or 0.0 for bar in bars]
    drawn = axes.barh([bar.model for bar in bars], [bar.mean for bar in bars], xerr=errors, color=colours)
    axes.bar_label(drawn, labels=[f"{bar.mean:.3f}" for bar in bars], padding=6, fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)


def draw_learning_curves(path: Path, outcomes: Sequence[Outcome]) -> None:
    """The losses of every epoch, a panel for each model that has epochs, a line for each split."""
    from matplotlib.figure import Figure as Canvas

    trained = {model: runs for model, runs in by_model(outcomes).items() if any(run.curve for run in runs)}
    canvas = Canvas(figsize=(3.2 * max(len(trained), 1), 3.2), layout="constrained")
    panels = canvas.subplots(1, len(trained), squeeze=False)[0] if trained else []
    for axes, (model, runs) in zip(panels, trained.items(), strict=True):
        draw_curves(axes, model, runs)
    if not trained:
        canvas.text(0.5, 0.5, "no model of this run is trained in epochs", ha="center")
    canvas.savefig(path, dpi=110)


def draw_curves(axes: Any, model: str, runs: Sequence[Outcome]) -> None:
    """The learning curves of one model."""
    curves = [run.curve for run in runs if run.curve]
    names = [name for name in curves[0][0] if name != "epoch"]
    for colour, name in zip(itertools.cycle((BEST_COLOUR, BAR_COLOUR)), names, strict=False):
        for number, curve in enumerate(curves):
            epochs = [point["epoch"] for point in curve]
            values = [point[name] for point in curve]
            axes.plot(epochs, values, color=colour, marker=".", linewidth=1, label=name if number == 0 else None)
    axes.set_title(model, fontsize=10)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
