"""What was measured against the number that splits differ in, where a protocol has one: tables, and a picture."""

from collections.abc import Sequence
from typing import Any

from eval.protocols import protocol_called
from eval.protocols.protocol import Axis
from eval.reporting.results import Report
from eval.reporting.summary import by_model, summarise
from eval.reporting.tables import Cell, Column, Table, decimals, make_table, models_with
from recsys.results.metrics import NDCG, RMSE, Metric
from recsys.results.schema import Figure
from recsys.results.text import MISSING


def axis_of(report: Report) -> Axis | None:
    """What the splits of a run differ in; None where its protocol has no such number, or fewer than two splits ran."""
    axis = protocol_called(report.protocol).axis
    return None if axis is None or len({outcome.split for outcome in report.outcomes}) < 2 else axis


def metrics_along(report: Report) -> tuple[Metric, ...]:
    """What is shown so."""
    return (NDCG.at(max(report.settings.ks)), RMSE)


def figures_along(report: Report, metric: Metric) -> dict[str, dict[str, Figure]]:
    """Of each model its figure on each split, both in the order they ran."""
    figures: dict[str, dict[str, Figure]] = {}
    for model, runs in by_model(report.outcomes).items():
        for run in runs:
            found = [each for each in summarise([run], report.settings.ks) if each.metric == metric.key]
            figures.setdefault(model, {}).update((run.split, each) for each in found)
    return figures


def tables_along(report: Report) -> list[Table]:
    """A table for each metric: a column for each split, a row for each model."""
    axis = axis_of(report)
    if axis is None:
        return []
    return [table_along(report, axis, metric) for metric in metrics_along(report) if models_with(report, [metric])]


def table_along(report: Report, axis: Axis, metric: Metric) -> Table:
    """The table of one metric."""
    figures = figures_along(report, metric)
    columns = [
        column_along(figures, split, f"{place:,}")
        for split, place in axis.places.items()
        if any(split in of_model for of_model in figures.values())
    ]
    title = f"{metric.name} by {axis.label} ({metric.direction} is better)"
    return make_table(title, columns, models_with(report, [metric]), ["± one standard error over people."])


def column_along(figures: dict[str, dict[str, Figure]], split: str, heading: str) -> Column:
    """The column of one split."""

    def cell(model: str) -> Cell:
        figure = figures[model].get(split)
        return Cell(MISSING if figure is None else decimals(figure.mean, figure.stderr))

    return Column(heading, cell)


def lines_along(report: Report, colours: Sequence[Any]) -> Any:
    """A canvas with a panel for each metric, a line for each model; None where splits do not differ in a number."""
    from matplotlib.figure import Figure as Canvas

    axis = axis_of(report)
    metrics = [metric for metric in metrics_along(report) if models_with(report, [metric])]
    if axis is None or not metrics:
        return None
    canvas = Canvas(figsize=(5.5 * len(metrics), 4.6), layout="constrained")
    colour_of = dict(zip(by_model(report.outcomes), colours, strict=True))
    for axes, metric in zip(canvas.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True):
        axes.set(title=f"{metric.name}, {metric.direction} is better", xlabel=axis.label, xscale="log")
        for model, figures in figures_along(report, metric).items():
            draw_line(
                axes,
                model,
                [(place, figures[split]) for split, place in axis.places.items() if split in figures],
                colour_of[model],
            )
        axes.set_xticks(list(axis.places.values()), [f"{place:,}" for place in axis.places.values()])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    return canvas


def draw_line(axes: Any, model: str, points: Sequence[tuple[int, Figure]], colour: Any) -> None:
    """A model's figures against the number, with one standard error."""
    if points:
        places, means = [place for place, _ in points], [figure.mean for _, figure in points]
        errors = [figure.stderr or 0.0 for _, figure in points]
        axes.errorbar(places, means, yerr=errors, color=colour, marker="o", markersize=4, linewidth=1, label=model)
