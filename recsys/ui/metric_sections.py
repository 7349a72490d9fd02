"""HTML of the figures: how good the models are, in plain words, plots and tables. Text from files is escaped here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Self

import numpy as np

from recsys.artifact import Artifact
from recsys.model_card.escaping import MISSING, one_line, public
from recsys.model_card.figures import PROTOCOLS
from recsys.model_card.measurements import Measurements
from recsys.model_card.metrics import RATING_METRICS, Metric, list_metrics
from recsys.models import FLAGSHIP, MODELS
from recsys.ui import plots
from recsys.ui.measured import Shown
from recsys.ui.metric_words import PAPER_METRICS, base, meaning

PLAIN_STARS, PLAIN_LISTS = "item-mean", "popularity"  # what anybody could do without a model
LOWER_IS_BETTER = {metric.key for metric in (*RATING_METRICS, *PAPER_METRICS)}


@dataclass(frozen=True)
class Served:
    """The model that answers on the page, as far as its figures matter.

    Attributes:
        dataset_sha256: of the ratings that it was fitted on; None if it does not say.
        metrics: figures that came with it, by key.
    """

    name: str
    dataset: str
    dataset_sha256: str | None
    metrics: dict[str, float]

    @classmethod
    def of(cls, artifact: Artifact) -> Self:
        """What an artifact says of itself; its facts may hold any JSON."""
        facts, figures = artifact.facts, artifact.facts.get("metrics")
        finite = {
            str(key): float(value)
            for key, value in (figures.items() if isinstance(figures, dict) else ())
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e9  # NaN is not
        }
        return cls(artifact.name, str(facts.get("dataset", MISSING)), facts.get("dataset_sha256"), finite)

    def is_in(self, measured: Measurements) -> bool:
        """Whether such a model was measured on the data that this one was fitted on."""
        return self.name in measured.runs and self.dataset_sha256 == measured.results["dataset_sha256"]


@dataclass(frozen=True)
class View:
    """What is shown, and from which model's side."""

    shown: Shown
    served: Served

    @property
    def measured(self) -> Measurements:
        """The figures."""
        return self.shown.measured

    @property
    def subject(self) -> str:
        """The model that sentences are about: the served one if it was measured, else the flagship, else the first."""
        names = [*([self.served.name] if self.served.is_in(self.measured) else []), FLAGSHIP, *self.measured.runs]
        return next(name for name in names if name in self.measured.runs)

    def is_marked(self, model: str) -> bool:
        """Whether a model is the kind that answers on the page."""
        return model == self.served.name and self.served.is_in(self.measured)

    def title(self, model: str) -> str:
        """A model's name, escaped, with a mark if it answers on the page."""
        return text(model) + (" <small>(here)</small>" if self.is_marked(model) else "")

    def figure(self, model: str, metric: Metric) -> dict[str, Any] | None:
        """Mean and standard error."""
        return self.measured.figures.get((model, metric.key))

    def best_first(self, metrics: Sequence[Metric]) -> list[str]:
        """Models that have one of the metrics, by the first of them; those without it come last."""
        sign = 1 if metrics[0].key in LOWER_IS_BETTER else -1

        def place(model: str) -> float:
            figure = self.figure(model, metrics[0])
            return math.inf if figure is None else sign * figure["mean"]

        having = [name for name in self.measured.runs if any(self.figure(name, metric) for metric in metrics)]
        return sorted(having, key=place)


def text(value: object) -> str:
    """Something from a file as HTML that reads like it."""
    return escape(one_line(value))


def all_sections(view: View) -> str:
    """The whole tab."""
    parts = [
        introduction(view),
        stars_section(view),
        lists_section(view),
        sureness_section(view),
        own_section(view),
        reading_section(view),
        how_section(view),
    ]
    return f'<div class="metrics">{"".join(parts)}</div>'


def introduction(view: View) -> str:
    """How anybody can know, and in short what came out."""
    short = [sentence for sentence in (stars_in_short(view), lists_in_short(view)) if sentence]
    troubles = "".join(f'<p class="problem" role="status">{text(problem)}</p>' for problem in problems(view.shown))
    notes = f"{troubles}{''.join(f'<p>{text(doubt)}</p>' for doubt in doubts(view))}"
    points = f"<ul>{''.join(f'<li>{sentence}</li>' for sentence in short)}</ul>" if short else ""
    return f"<h3>How good are the models?</h3>{notes}<p>{test_in_words(view.measured)}</p>{points}"


def problems(shown: Shown) -> list[str]:
    """Why others are shown than the newest, in one sentence each."""
    if not shown.problems:
        return []
    first, *others = shown.problems
    more = f" {len(others)} more could not be used either." if others else ""
    return [f"Newer figures could not be used. {first}{more} The figures that are shown instead {shown.origin}."]


def doubts(view: View) -> list[str]:
    """What keeps the figures from being about the model that answers on the page."""
    served, results = view.served, view.measured.results
    if served.name not in view.measured.runs:
        return [f"The model that answers on this page, {served.name}, is not among those that were measured."]
    if not served.is_in(view.measured):
        return [
            f"The model that answers on this page was fitted on other ratings, {served.dataset}, than those that these "
            f"figures are about, {results['dataset']}: how good it is there, they do not say."
        ]
    return []


def test_in_words(measured: Measurements) -> str:
    """What a test of a recommender is."""
    if measured.results["protocol"] == "genres":
        return (
            "Some people were kept apart, and no model saw any of their ratings. All that it was told is which genres "
            "they like. It listed films for them, and their ratings tell which of these they liked."
        )
    return (
        "Part of the ratings that people gave was hidden. Each model learned from the rest, and then had to guess the "
        "hidden stars and to list films for every person. The hidden ratings tell how often it was right."
    )


def stars_in_short(view: View) -> str:
    """How far the stars are off, beside what anybody could say; nothing if that was not measured."""
    mae = next(metric for metric in RATING_METRICS if metric.key == "mae")
    own, plain = view.figure(view.subject, mae), view.figure(PLAIN_STARS, mae)
    if own is None:
        return ""
    beside = f" Answering each film’s average would be {plain['mean']:.2f} off." if plain else ""
    return f"<b>Stars:</b> a guess of {text(view.subject)} is {own['mean']:.2f} stars off on average.{beside}"


def lists_in_short(view: View) -> str:
    """How many films of a list were liked, beside those of everybody's favourites."""
    k = max(view.measured.results["k"])
    precision = next(metric for metric in list_metrics([k]) if base(metric) == "precision")
    own, plain = view.figure(view.subject, precision), view.figure(PLAIN_LISTS, precision)
    if own is None:
        return ""
    beside = f", of the {k} most popular ones {k * plain['mean']:.1f}" if plain and view.subject != PLAIN_LISTS else ""
    return (
        f"<b>Lists:</b> of {k} films that {text(view.subject)} lists, {k * own['mean']:.1f} are known to be "
        f"liked on average{beside}. More may be: a film that the person has not rated counts as a miss."
    )


def stars_section(view: View) -> str:
    """Guessed stars: a plot, a table, words; the paper's way of counting apart."""
    metrics = [metric for metric in by_interest(RATING_METRICS, "rmse") if view.measured.has(metric)]
    if not metrics:
        return ""
    plot = "" if base(metrics[0]) != "rmse" else figure_plot(view, metrics[0], "Error of guessed stars (RMSE)")
    table = wide_table(view, metrics, "Error of guessed stars")
    return f"<h3>Guessing stars</h3>{plot}{table}{words(metrics)}{paper_section(view)}"


def lists_section(view: View) -> str:
    """Lists of films: a plot, a table, words."""
    metrics = [
        metric for metric in by_interest(list_metrics(view.measured.results["k"]), "ndcg") if view.measured.has(metric)
    ]
    if not metrics:
        return ""
    label = f"Quality of lists ({metrics[0].name})"
    plot = "" if base(metrics[0]) != "ndcg" else figure_plot(view, metrics[0], label)
    return f"<h3>Listing films</h3>{plot}{wide_table(view, metrics, 'Quality of lists')}{words(metrics)}"


def by_interest(metrics: Sequence[Metric], first: str) -> list[Metric]:
    """Metrics in their order, but the one that is plotted first."""
    return sorted(metrics, key=lambda metric: base(metric) != first)


def figure_plot(view: View, metric: Metric, title: str) -> str:
    """A metric of every model, best first, with its standard error."""
    names = [name for name in view.best_first([metric]) if view.figure(name, metric)]
    figures = [view.measured.figures[name, metric.key] for name in names]
    dots = [
        plots.Dot(view.title(name), figure["mean"], figure["stderr"], view.is_marked(name))
        for name, figure in zip(names, figures, strict=True)
    ]
    from_zero, better = metric.key not in LOWER_IS_BETTER, direction(metric)
    beyond = "" if from_zero or not plots.any_beyond(dots) else " → lies beyond the scale."
    caption = (
        f"<figcaption><b>{title}</b>: {better} is better, the best is on top; a band shows ±.{beyond}</figcaption>"
    )
    drawing = plots.dot_plot(f"{title} of every model, the best first", dots, from_zero=from_zero)
    return f"<figure>{caption}{drawing}</figure>"


def direction(metric: Metric) -> str:
    """Which figure is better."""
    return "lower" if metric.key in LOWER_IS_BETTER else "higher"


def wide_table(view: View, metrics: Sequence[Metric], label: str) -> str:
    """A table of models by metrics, in a box that scrolls sideways by itself."""
    head = "".join(f'<th scope="col">{metric.heading}</th>' for metric in metrics)
    rows = "".join(table_row(view, name, metrics) for name in view.best_first(metrics))
    return (
        f'<div class="sideways" role="region" tabindex="0" aria-label="{escape(label)}, a table">'
        f'<table><thead><tr><th scope="col">model</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def table_row(view: View, model: str, metrics: Sequence[Metric]) -> str:
    """One model's figures."""
    kind = ' class="marked"' if view.is_marked(model) else ""
    cells = "".join(f"<td>{table_cell(view, model, metric)}</td>" for metric in metrics)
    return f'<tr{kind}><th scope="row">{view.title(model)}</th>{cells}</tr>'


def table_cell(view: View, model: str, metric: Metric) -> str:
    """A figure: the best in bold, one that may be as good marked ≈; of those that are plotted, the standard error."""
    mean, stderr = view.measured.mean(model, metric), view.measured.stderr(model, metric)
    if mean == MISSING:
        return MISSING
    comparison = view.measured.results["comparisons"].get(metric.key)
    difference = comparison and comparison["differences"].get(model)
    sign = "≈ " if difference and difference["low"] <= 0 <= difference["high"] else ""
    error = f" <small>±{stderr}</small>" if base(metric) in ("rmse", "ndcg") and stderr != MISSING else ""
    return f"<b>{mean}</b>{error}" if is_best(view, model, metric) else f"{sign}{mean}{error}"


def is_best(view: View, model: str, metric: Metric) -> bool:
    """Whether no other model is better; false for one that is alone."""
    having = view.best_first([metric])
    best = view.measured.figures[having[0], metric.key]["mean"]
    return len(having) > 1 and view.measured.figures[model, metric.key]["mean"] == best


def words(metrics: Sequence[Metric]) -> str:
    """What each metric says, in a line each; those that differ by the length of the list alone share one."""
    alike = {base(metric): [other for other in metrics if base(other) == base(metric)] for metric in metrics}
    lines = "".join(f"<dt>{called(group)}</dt><dd>{meaning(group[0])}</dd>" for group in alike.values())
    at = "<p>The number after @ is how many films are listed.</p>" if any("@" in each.key for each in metrics) else ""
    return f"<details open><summary>What the figures say</summary>{at}<dl>{lines}</dl></details>"


def called(metrics: Sequence[Metric]) -> str:
    """Metrics that differ by a number alone, as their columns are called, and what that stands for.

    >>> called([Metric("recall@5", "Recall@5", ""), Metric("recall@10", "Recall@10", "")])
    'R@5, R@10 (recall)'
    """
    headings, name = ", ".join(metric.heading for metric in metrics), metrics[0].name.partition("@")[0]
    return headings if headings.startswith(name) else f"{headings} ({name.lower()})"


def paper_section(view: View) -> str:
    """The errors of the paper's recipe, with the reason why they stand apart; nothing if they were not measured."""
    metrics = [metric for metric in PAPER_METRICS if view.measured.has(metric)]
    if not metrics:
        return ""
    reason = (
        "The paper that this began with counts every film that a person has not rated as 0 stars. Nearly all are of "
        "that sort, so whoever answers “almost 0” to everything looks good here, and is of no use to anybody."
    )
    table = wide_table(view, metrics, "Errors counted as in the paper")
    return f"<details><summary>Counted as in the paper</summary><p>{reason} Lower is better.</p>{table}</details>"


def sureness_section(view: View) -> str:
    """Whether percentages come true, of one model that gives some; nothing if none does."""
    curves = {
        name: plots.pooled(found)
        for name, runs in view.measured.runs.items()
        if (found := [run["reliability"] for run in runs.values() if run["reliability"]])
    }
    drawable = [name for name in (view.subject, *curves) if name in curves and curves[name].drawn.any()]
    if not drawable:
        return ""
    name, shown = drawable[0], curves[drawable[0]]
    example = example_in_words(shown, view.measured.results["relevant_from"])
    label = f"Across: how likely {one_line(name)} called it; upwards: how often it came true. {example}"
    return (
        f"<h3>Is it as sure as it should be?</h3><p>{text(name)} also says how likely every number of stars is. On the "
        f"dashed line it came true as often as was said; below it less often, above it more often. {example}</p>"
        f"<figure><figcaption>Upwards: <b>came true</b>; across: <b>said</b> by {text(name)}. A point rests on "
        f"{plots.FEWEST_RATINGS} hidden ratings or more.</figcaption>{plots.reliability_plot(shown, label)}</figure>"
    )


def example_in_words(curves: plots.Curves, relevant_from: float, near: float = 0.7) -> str:
    """One point in words: of the threshold nearest to what counts as liked, the one nearest to a probability."""
    distance = np.where(curves.drawn, np.abs(curves.predicted - near), np.inf)  # (T, B)
    rows = np.where(curves.drawn.any(axis=1), np.abs(curves.stars - relevant_from), np.inf)  # (T,)
    at = int(rows.argmin())
    b = int(distance[at].argmin())
    return (
        f"For example: where it called {plots.threshold(curves.stars, at)} {curves.predicted[at, b]:.0%} likely, "
        f"{curves.observed[at, b]:.0%} of the ratings were so high."
    )


def own_section(view: View) -> str:
    """Figures that came with the served model, where the others do not speak of it."""
    metrics = [*RATING_METRICS, *list_metrics(view.measured.results["k"])]
    known = [metric for metric in metrics if metric.key in view.served.metrics]
    if view.served.is_in(view.measured) or not known:
        return ""
    lines = "".join(f"<dt>{metric.name}</dt><dd>{view.served.metrics[metric.key]:.4f}</dd>" for metric in known)
    return (
        f"<h3>The model on this page</h3><p>With {text(view.served.name)}, fitted on {text(view.served.dataset)}, came "
        f'figures of its own:</p><dl class="facts">{lines}</dl>'
    )


def reading_section(view: View) -> str:
    """What the signs mean."""
    here = "<dt>(here)</dt><dd>The kind of model that answers on this page.</dd>" if view_has_mark(view) else ""
    models = "".join(
        f"<dt>{text(name)}</dt><dd>{escape(MODELS[name].summary)}</dd>" for name in view.measured.runs if name in MODELS
    )
    kinds = f"<details><summary>What the models are</summary><dl>{models}</dl></details>" if models else ""
    return (
        "<h3>How to read this</h3><dl><dt>±</dt><dd>How much of a figure may be chance: with other people of the same "
        "kind it would come out a little different. In about two of three cases the true value is within ± of the "
        "figure (one standard error), in 19 of 20 within twice that.</dd>"
        "<dt><b>bold</b></dt><dd>The best of a column.</dd>"
        "<dt>≈</dt><dd>Not the best, but the difference may be chance (the 95 % interval of a paired bootstrap holds "
        f"0).</dd><dt>{MISSING}</dt><dd>The model has no such figure: some only list films.</dd>{here}</dl>{kinds}"
    )


def view_has_mark(view: View) -> bool:
    """Whether the served model is marked anywhere."""
    return view.served.is_in(view.measured)


def how_section(view: View) -> str:
    """Where the figures are from, on what data and by which rules, and the command that makes them."""
    results = view.measured.results
    lines = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts(view).items())
    return (
        f'<h3>How it was measured</h3><dl class="facts">{lines}</dl><p>This command, in the folder of the program, '
        f'measures again; the page shows what it finds:</p><pre tabindex="0"><code>{escape(public(results["command"]))}'
        "</code></pre>"
    )


def facts(view: View) -> dict[str, str]:
    """What to know of a measurement, as HTML."""
    measured, results = view.measured, view.measured.results
    rules, origin = PROTOCOLS.get(results["protocol"]), text(view.shown.origin)
    day = view.shown.measured_on
    return {
        "These figures": f"{origin}{f'; measured on {day.day} {day:%B %Y}' if day else ''}",
        "Ratings": f"{text(results['dataset'])}{people(measured)}",
        "Rules": f"{text(results['protocol'])} ({text(measured.split_names)}){f': {escape(rules)}' if rules else ''}",
        "Hidden": f"{measured.total('n_test_ratings'):,} ratings",
        "Liked": f"means {results['relevant_from']:g} stars or more",
        "Lists": lists_counted(measured),
        "Seed": text(results["seed"]),
    }


def people(measured: Measurements) -> str:
    """How many people and films there are."""
    if not measured.splits:
        return ""
    first = measured.splits[0]
    return f": {first['n_users']:,} people, {first['n_items']:,} films"


def lists_counted(measured: Measurements) -> str:
    """How many lists the figures of lists rest on."""
    n_asked, n_ranked = measured.total("n_asked"), measured.total("n_ranked_users")
    lists = f"{n_asked:,} people" if n_asked else f"{measured.total('n_test_users'):,} lists, one per person and split,"
    return f"{n_ranked:,} of {lists} have a liked film among the hidden ones; the rest is left out"
