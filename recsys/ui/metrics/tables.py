"""Plots and tables of models by metrics, and what the metrics say, as HTML."""

from collections.abc import Sequence

from markupsafe import Markup

from recsys.results.metrics import Metric
from recsys.results.text import MISSING
from recsys.ui.explore import plots
from recsys.ui.markup import NOTHING, joined
from recsys.ui.metrics.view import View

MOST_DOTS = 15  # of a plot, beside the marked model
MOST_ROWS = 20  # of a table that is not folded


def by_interest(metrics: Sequence[Metric]) -> list[Metric]:
    """Metrics in their order, but first what most people compare."""
    return sorted(metrics, key=lambda metric: not metric.leads)


def figure_plot(view: View, metric: Metric, title: str) -> Markup:
    """A metric of every model, best first, with its standard error; where models are many, of the best."""
    having = [name for name in view.best_first([metric]) if view.figure(name, metric)]
    names = having[:MOST_DOTS] + [name for name in having[MOST_DOTS:] if view.is_marked(name)]
    of_which = f"the best of {len(having)} models" if len(having) > len(names) else "every model"
    figures = [view.measured.figures[name, metric.key] for name in names]
    dots = [
        plots.Dot(view.title(name), figure.mean, figure.stderr, view.is_marked(name))
        for name, figure in zip(names, figures, strict=True)
    ]
    from_zero = metric.higher_is_better
    beyond = "" if from_zero or not plots.any_beyond(dots) else " → lies beyond the scale."
    better = f"{metric.direction} is better, the best is on top"
    return Markup("<figure><figcaption><b>{}</b> of {}: {}; a band shows ±.{}</figcaption>{}</figure>").format(
        title,
        of_which,
        better,
        beyond,
        plots.dot_plot(f"{title} of {of_which}, the best first", dots, from_zero=from_zero),
    )


def wide_table(view: View, metrics: Sequence[Metric], label: str) -> Markup:
    """A table of models by metrics, in a box that scrolls sideways by itself."""
    return Markup(
        '<div class="sideways" role="region" tabindex="0" aria-label="{label}, a table">'
        '<table><thead><tr><th scope="col">model</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    ).format(
        label=label,
        head=joined(Markup('<th scope="col">{}</th>').format(metric.heading) for metric in metrics),
        rows=joined(table_row(view, name, metrics) for name in view.best_first(metrics)),
    )


def folded(view: View, metrics: Sequence[Metric], label: str) -> Markup:
    """That table; where models are many, one opens it."""
    table, n_models = wide_table(view, metrics, label), len(view.best_first(metrics))
    if n_models <= MOST_ROWS:
        return table
    html = Markup('<details class="figures"><summary>All figures of all {} models</summary>{}</details>')
    return html.format(n_models, table)


def table_row(view: View, model: str, metrics: Sequence[Metric]) -> Markup:
    """One model's figures."""
    kind = Markup(' class="marked"') if view.is_marked(model) else NOTHING
    cells = joined(Markup("<td>{}</td>").format(table_cell(view, model, metric)) for metric in metrics)
    return Markup('<tr{}><th scope="row">{}</th>{}</tr>').format(kind, view.title(model), cells)


def table_cell(view: View, model: str, metric: Metric) -> Markup:
    """A figure: the best in bold, one that may be as good marked ≈; of what leads, the standard error."""
    mean, stderr = view.measured.mean(model, metric), view.measured.stderr(model, metric)
    if mean == MISSING:
        return Markup("{}").format(MISSING)
    error = Markup(" <small>±{}</small>").format(stderr) if metric.leads and stderr != MISSING else NOTHING
    if is_best(view, model, metric):
        return Markup("<b>{}</b>{}").format(mean, error)
    comparison = view.measured.results.comparisons.get(metric.key)
    difference = comparison and comparison.differences.get(model)
    may_be_as_good = difference and difference.low <= 0 <= difference.high
    return Markup("{}{}{}").format("≈ " if may_be_as_good else "", mean, error)


def is_best(view: View, model: str, metric: Metric) -> bool:
    """Whether no other model is better; false for one that is alone."""
    having = view.best_first([metric])
    best = view.measured.figures[having[0], metric.key].mean
    return len(having) > 1 and view.measured.figures[model, metric.key].mean == best


def words(metrics: Sequence[Metric]) -> Markup:
    """What each metric says, in a line each; those that differ by the length of the list alone share one."""
    alike = {metric.base: [other for other in metrics if other.base == metric.base] for metric in metrics}
    line = Markup("<dt>{}</dt><dd>{}</dd>")
    at = Markup("<p>The number after @ is how many films are listed.</p>")
    return Markup("<details open><summary>What the figures say</summary>{}<dl>{}</dl></details>").format(
        at if any(each.k for each in metrics) else NOTHING,
        joined(line.format(called(group), group[0].meaning) for group in alike.values()),
    )


def called(metrics: Sequence[Metric]) -> str:
    """Metrics that differ by a number alone, as their columns are called, and what that stands for.

    >>> from recsys.results.metrics import RECALL
    >>> called([RECALL.at(5), RECALL.at(10)])
    'R@5, R@10 (recall)'
    """
    headings, name = ", ".join(metric.heading for metric in metrics), metrics[0].called
    return headings if headings.startswith(name) else f"{headings} ({name.lower()})"
