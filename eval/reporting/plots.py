"""The pictures of a report."""

import io
import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from eval.measures.calibration import N_BINS, Reliability
from eval.reporting.along import lines_along
from eval.reporting.results import Report, write_atomically
from eval.reporting.summary import by_model
from eval.reporting.writing import Failures
from eval.running.experiment import Outcome
from recsys.results.metrics import NDCG, RMSE, Metric, Subject, metrics_of
from recsys.results.schema import Figure

BAR_COLOUR, BEST_COLOUR = "#8aa4bf", "#d1495b"
BAR_HEIGHT = 0.19  # inches; as much as a model's name takes
COLUMNS = 4  # panels side by side at most
FEWEST_RATINGS = 50  # in a bin whose point is drawn: its standard error is then below 0.07


def draw_plots(folder: Path, report: Report, failures: Failures) -> None:
    """Write all of PLOTS; one that cannot be drawn is noted."""
    for name, draw in PLOTS.items():
        failures.tried(f"{name} could not be drawn", partial(draw, folder / name, report))


def draw_metrics(path: Path, report: Report) -> None:
    """Bars of RMSE and nDCG with one standard error, the best on top."""
    from matplotlib.figure import Figure as Canvas

    drawn = {"held-out stars": RMSE, "top lists": NDCG.at(max(report.settings.ks))}
    panels = [
        (f"{metric.name} of {what}, {metric.direction} is better", bars)
        for what, metric in drawn.items()
        if (bars := worst_first(report.figures, metric))
    ]
    height = max([4.6] + [1.0 + BAR_HEIGHT * len(bars) for _, bars in panels])
    canvas = Canvas(figsize=(5.5 * max(len(panels), 1), height), layout="constrained")
    for axes, (title, bars) in zip(canvas.subplots(1, max(len(panels), 1), squeeze=False)[0], panels, strict=False):
        draw_bars(axes, title, bars)
    splits = ", ".join(split.name for split in report.splits)
    canvas.suptitle(
        f"{report.dataset.name}, {report.protocol}: {splits} (bars: ± one standard error over people)", fontsize=10
    )
    save(canvas, path)


def worst_first(figures: Sequence[Figure], metric: Metric) -> list[Figure]:
    """The figures of one metric."""
    sign = 1 if metric.higher_is_better else -1
    return sorted((figure for figure in figures if figure.metric == metric.key), key=lambda each: sign * each.mean)


def draw_bars(axes: Any, title: str, bars: Sequence[Figure]) -> None:
    """Horizontal bars from the worst, at the bottom, to the best."""
    colours = [BAR_COLOUR] * (len(bars) - 1) + [BEST_COLOUR] * bool(bars)
    errors = [bar.stderr or 0.0 for bar in bars]
    drawn = axes.barh([bar.model for bar in bars], [bar.mean for bar in bars], xerr=errors, color=colours)
    axes.bar_label(drawn, labels=[f"{bar.mean:.3f}" for bar in bars], padding=6, fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.margins(x=0.15, y=0.5 / max(len(bars), 1))
    axes.spines[["top", "right"]].set_visible(False)


def draw_learning_curves(path: Path, report: Report) -> None:
    """The losses of every epoch, a panel for each model that tells them, a line for each split."""
    from matplotlib.figure import Figure as Canvas

    trained = by_model([run for run in report.outcomes if any(point.keys() - {"epoch"} for point in run.curve)])
    n_rows, n_columns = rows_and_columns(len(trained))
    canvas = Canvas(figsize=(3.2 * n_columns, 3.2 * n_rows), layout="constrained")
    for place, (model, runs) in enumerate(trained.items(), start=1):
        draw_curves(canvas.add_subplot(n_rows, n_columns, place), model, runs)
    if not trained:
        canvas.text(0.5, 0.5, "no model of this run tells of a loss in epochs", ha="center")
    save(canvas, path)


def rows_and_columns(n_panels: int) -> tuple[int, int]:
    """Of a grid for so many panels, at least one."""
    n_columns = min(max(n_panels, 1), COLUMNS)
    return -(-max(n_panels, 1) // n_columns), n_columns


def draw_curves(axes: Any, model: str, runs: Sequence[Outcome]) -> None:
    """The learning curves of one model."""
    curves = [run.curve for run in runs]
    names = [name for name in curves[0][0] if name != "epoch"]
    for colour, name in zip(itertools.cycle((BEST_COLOUR, BAR_COLOUR)), names, strict=False):
        for number, curve in enumerate(curves):
            axes.plot(*line_of(curve, name), color=colour, marker=".", linewidth=1, label=name if number == 0 else None)
    axes.set_title(model, fontsize=10)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def line_of(curve: Sequence[dict[str, float]], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Epochs and the figures of a name, with a gap where the epochs of another network begin."""
    epochs = np.array([point["epoch"] for point in curve], dtype=float)
    starts = np.flatnonzero(np.diff(epochs) <= 0) + 1
    return np.insert(epochs, starts, np.nan), np.insert([point[name] for point in curve], starts, np.nan)


def draw_reliability(path: Path, report: Report) -> None:
    """How often stars came true against their probability, a panel for each model that gives one, all splits together.

    Below each, how many probabilities lie in each bin.
    """
    from matplotlib.figure import Figure as Canvas

    outcomes = [outcome for outcome in report.outcomes if outcome.reliability is not None]
    curves = {model: pooled(runs) for model, runs in by_model(outcomes).items()}
    if not curves:
        return
    n_rows, n_columns = rows_and_columns(len(curves))
    canvas = Canvas(figsize=(4.2 * n_columns, 5.4 * n_rows), layout="constrained")
    panels = canvas.subplots(
        2 * n_rows, n_columns, squeeze=False, sharex=True, sharey="row", height_ratios=(4, 1) * n_rows
    )
    thresholds = report.dataset.ratings.scale.thresholds
    pairs = panels.reshape(n_rows, 2, n_columns).swapaxes(1, 2).reshape(-1, 2)  # of what is above and below
    for (above, below), (model, curve) in zip(pairs, curves.items(), strict=False):
        above.set_title(reliability_title(model, report.figures), fontsize=10)
        draw_curve(above, curve, thresholds)
        draw_counts(below, curve)
        below.tick_params(labelbottom=True)
    for axes in pairs[len(curves) :].ravel():
        axes.set_axis_off()
    for above, below in pairs[::n_columns]:
        above.set_ylabel("share that came true")
        below.set_ylabel("count")
    pairs[0, 0].legend(frameon=False, fontsize=8)
    save(canvas, path)


def pooled(runs: Sequence[Outcome]) -> Reliability:
    """The splits of one model taken together."""
    first, *others = (run.reliability for run in runs if run.reliability is not None)
    return sum(others, start=first)


def reliability_title(model: str, figures: Sequence[Figure]) -> str:
    """A model with the metrics of its probabilities."""
    means = {figure.metric: figure.mean for figure in figures if figure.model == model}
    metrics = metrics_of(Subject.PROBABILITIES)
    shown = [f"{metric.name} {means[metric.key]:.4f}" for metric in metrics if metric.key in means]
    return f"{model}\n{', '.join(shown)}"


def draw_curve(axes: Any, curve: Reliability, thresholds: np.ndarray) -> None:
    """A line for each threshold, through the bins that hold enough ratings."""
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    drawn = np.where(curve.count >= FEWEST_RATINGS, curve.share_observed, np.nan)  # (T, N_BINS)
    for stars, colour, predicted, observed in zip(
        thresholds, colours_of(len(thresholds)), curve.mean_predicted, drawn, strict=True
    ):
        label = f"{stars:g} stars" + (" or more" if stars < thresholds[-1] else "")
        axes.plot(predicted, observed, color=colour, marker="o", markersize=4, linewidth=1, label=label)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.spines[["top", "right"]].set_visible(False)


def draw_counts(axes: Any, curve: Reliability) -> None:
    """Stacked bars of how many probabilities lie in each bin, in the colours of the thresholds."""
    edges = np.linspace(0, 1, N_BINS + 1)
    stacked = np.cumsum(curve.count, axis=0)  # (T, N_BINS)
    for top, count, colour in zip(stacked, curve.count, colours_of(len(stacked)), strict=True):
        axes.bar(edges[:-1], count, bottom=top - count, width=1 / N_BINS, align="edge", color=colour)
    axes.set_xlabel("probability that the model gave")
    axes.spines[["top", "right"]].set_visible(False)


def draw_along(path: Path, report: Report) -> None:
    """Lines against the number that splits differ in, where they do."""
    canvas = lines_along(report, colours_of(len(by_model(report.outcomes))))
    if canvas is not None:
        save(canvas, path)


def colours_of(n: int) -> list[Any]:
    """Colours from the lowest threshold to the highest."""
    from matplotlib import colormaps

    return list(colormaps["viridis"](np.linspace(0, 0.9, n)))


def save(canvas: Any, path: Path) -> None:
    """Write a canvas as a picture, whole or not at all."""
    picture = io.BytesIO()
    canvas.savefig(picture, dpi=110, format="png")
    write_atomically(path, picture.getvalue())


PLOTS = {  # what draws each picture of a report
    "metrics.png": draw_metrics,
    "learning_curves.png": draw_learning_curves,
    "along.png": draw_along,  # where splits differ in a number
    "reliability.png": draw_reliability,  # where a model gives stars a probability
}
