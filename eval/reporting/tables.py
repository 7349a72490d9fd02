"""The two tables of a report, for the terminal and for Markdown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from eval.measures.ratios import ratio_of
from eval.protocols import protocol_called
from eval.reporting.results import Report, relevant_from
from eval.reporting.summary import by_model
from eval.running.experiment import Outcome
from recsys.liking import in_words
from recsys.results.metrics import MRR, RATING_PREDICTION, TOP_N, Metric, Subject, metrics_of, shown_metrics
from recsys.results.schema import Comparison, Figure
from recsys.results.text import MISSING


@dataclass(frozen=True)
class Cell:
    """What a table shows in one place; the best of a column is marked."""

    text: str
    best: bool = False


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it shows of a model, and whether a narrow terminal may leave it out."""

    heading: str
    cell: Callable[[str], Cell]
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """Columns, rows of cells (the first is the model, or what `first` says) and notes to read them by."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]
    first: str = "model"

    @property
    def headings(self) -> tuple[str, ...]:
        """What stands above each cell of a row."""
        return (self.first, *(column.heading for column in self.columns))


def decimals(value: float, stderr: float | None = None) -> str:
    """A figure with four decimals, and its standard error if there is one."""
    return f"{value:.4f}" if stderr is None else f"{value:.4f} ±{stderr:.4f}"


def metric_column(report: Report, heading: str, metric: Metric) -> Column:
    """A metric, its best marked `*` and those the data cannot tell from the best `~`; what leads with its error."""
    figures = {figure.model: figure for figure in report.figures if figure.metric == metric.key}
    comparison = report.comparisons.get(metric.key)

    def cell(model: str) -> Cell:
        figure = figures.get(model)
        return Cell(MISSING) if figure is None else metric_cell(figure, comparison, metric.leads)

    return Column(heading, cell, optional=metric.base == MRR.base)


def metric_cell(figure: Figure, comparison: Comparison | None, with_error: bool) -> Cell:
    """One figure with its mark."""
    mark, best = " ", False
    if comparison is not None and figure.model in comparison.differences and len(comparison.differences) > 1:
        difference = comparison.differences[figure.model]
        best = difference is None
        mark = "*" if difference is None else "~" if difference.low <= 0 <= difference.high else " "
    return Cell(decimals(figure.mean, figure.stderr if with_error else None) + mark, best)


def cost_column(report: Report, heading: str, cost: Callable[[Outcome], float | None], digits: int = 2) -> Column:
    """A cost, as the mean over splits."""
    runs = by_model(report.outcomes)

    def cell(model: str) -> Cell:
        costs = [value for value in map(cost, runs[model]) if value is not None]
        return Cell(f"{np.mean(costs):.{digits}f}" if costs else MISSING)

    return Column(heading, cell, optional=True)


def make_table(title: str, columns: Sequence[Column], models: Sequence[str], notes: Sequence[str]) -> Table:
    """One row per model."""
    rows = tuple((Cell(model), *(column.cell(model) for column in columns)) for model in models)
    return Table(title, tuple(columns), rows, tuple(notes))


def table_of(
    title: str, first: str, headings: Sequence[str], rows: Mapping[str, Sequence[str]], notes: Sequence[str]
) -> Table:
    """A table of texts by the name of their row; `first` stands above the names."""

    def column(place: int, heading: str) -> Column:
        return Column(heading, lambda name: Cell(rows[name][place]))

    columns = [column(*each) for each in enumerate(headings)]
    return replace(make_table(title, columns, list(rows), notes), first=first)


def models_with(report: Report, metrics: Sequence[Metric]) -> list[str]:
    """Models that were measured by one of the metrics, in the order they ran."""
    values = {ratio_of(metric).values for metric in metrics}
    return [model for model, runs in by_model(report.outcomes).items() if values & runs[0].per_user.keys()]


def rating_table(report: Report) -> Table:
    """How far predicted stars are from held-out ones; the paper's zero-filled errors apart, on the right."""
    metrics, of_paper = shown_metrics(RATING_PREDICTION, report.settings.ks), metrics_of(Subject.CELLS)
    columns = [
        *(metric_column(report, metric.heading, metric) for metric in metrics),
        *(metric_column(report, metric.name, metric) for metric in of_paper),
        cost_column(report, "fit s", lambda run: run.fit_seconds),
        cost_column(report, "s/epoch", lambda run: run.seconds_per_epoch, digits=3),
    ]
    return make_table(RATING_PREDICTION.heading(), columns, models_with(report, metrics), rating_notes(report))


def rating_notes(report: Report) -> list[str]:
    """What a reader of the rating table must know."""
    splits = report.splits
    of_stars, of_probabilities = (metrics_of(each) for each in (Subject.STARS, Subject.PROBABILITIES))
    n_ratings = sum(split.n_test_ratings for split in splits)
    n_cells = sum(split.n_cells for split in splits)
    zero_mse, zero_mae = (
        float(np.mean([getattr(split, name) for split in splits])) for name in ("zero_mse", "zero_mae")
    )
    return [
        f"{', '.join(metric.name for metric in of_stars)}: over {n_ratings:,} held-out ratings, predictions clipped to "
        f"the scale. {' '.join(f'{metric.name}: {metric.definition}.' for metric in of_probabilities)}",
        f"paper columns: over all {n_cells:,} cells of the test matrix, the {1 - n_ratings / n_cells:.1%} without a "
        f"rating counted as 0 stars; predicting 0 everywhere scores MSE {zero_mse:.4f} and MAE {zero_mae:.4f}.",
        *marks(report),
    ]


def marks(report: Report) -> list[str]:
    """What the marks mean, where models can be compared."""
    return [MARKS] if len(by_model(report.outcomes)) > 1 else ["± one standard error over people."]


MARKS = "± one standard error over people; * best; ~ not told apart from the best (95 % paired bootstrap interval)."
MARKDOWN_MARKS = MARKS.replace("* best; ~", "bold: best; \\~:")


def list_table(report: Report) -> Table:
    """How many of the recommended films people liked."""
    metrics = shown_metrics(TOP_N, report.settings.ks)
    columns = [
        *(metric_column(report, metric.heading, metric) for metric in metrics),
        cost_column(report, "score s", lambda run: run.score_seconds),
    ]
    whose = protocol_called(report.protocol).whose
    title = TOP_N.heading(f" for {whose}" if whose else "")
    return make_table(title, columns, models_with(report, metrics), list_notes(report))


def list_notes(report: Report) -> list[str]:
    """What a reader of the top-N table must know."""
    relevant = f"a held-out rating of {in_words(relevant_from(report))}"
    n_ranked = sum(split.n_ranked_users for split in report.splits)
    asked = [split.n_asked for split in report.splits if split.n_asked is not None]  # people who only name genres
    listed = protocol_called(report.protocol).listed
    if asked:
        return [
            listed,
            f"Relevant: {relevant} of such a film. {n_ranked:,} of {sum(asked):,} people have one; the rest is left "
            "out.",
            *marks(report),
        ]
    n_tested = sum(split.n_test_users for split in report.splits)
    return [
        f"Relevant: {relevant}. {n_ranked:,} of {n_tested:,} lists, one per person and split, have one; the rest is "
        f"left out. {listed or 'Every film a person has not rated is ranked.'}",
        *marks(report),
    ]


def for_terminal(table: Table, width: int, file: str = "report.md") -> Group:
    """A table and its notes as rich shows them; optional columns go, the last first, until it fits into `width`.

    The file is the one that has all columns.
    """
    shown = fitting_columns(table, width)
    grid = RichTable(title=table.title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0))
    for place in shown:
        grid.add_column(table.headings[place], justify="right" if place else "left", no_wrap=True, header_style="bold")
    for row in table.rows:
        grid.add_row(*(Text(row[place].text, style="bold green" if row[place].best else "") for place in shown))
    hidden = ", ".join(heading for place, heading in enumerate(table.headings) if place not in shown)
    notes = [*table.notes, *([f"Left out, as too wide for here: {hidden}; {file} has them."] if hidden else [])]
    return Group(Text(), grid, *(Text(note, style="dim") for note in notes))


def fitting_columns(table: Table, width: int) -> list[int]:
    """Places of the columns to show, 0 for the model."""
    widths = [
        max(map(len, [heading, *(row[place].text for row in table.rows)])) + 1
        for place, heading in enumerate(table.headings)
    ]
    shown = list(range(len(widths)))
    for place in reversed(shown[1:]):
        if table.columns[place - 1].optional and sum(widths[other] for other in shown) > width:
            shown.remove(place)
    return shown


def as_markdown(table: Table) -> str:
    """A table and its notes in Markdown, the best of a column in bold."""
    lines = [f"## {table.title}", "", markdown_row(table.headings)]
    lines.append(markdown_row([":--", *["--:"] * len(table.columns)]))
    lines += [markdown_row([markdown_cell(cell) for cell in row]) for row in table.rows]
    return "\n".join([*lines, "", *(f"{MARKDOWN_MARKS if note is MARKS else note}  " for note in table.notes), ""])


def markdown_row(cells: Sequence[str]) -> str:
    """Cells between bars."""
    return "| " + " | ".join(cells) + " |"


def markdown_cell(cell: Cell) -> str:
    """A cell whose mark does not read as Markdown."""
    text = cell.text.strip()
    return f"**{text.rstrip('*')}**" if cell.best else text.replace("~", "\\~")
