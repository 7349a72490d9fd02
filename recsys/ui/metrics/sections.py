"""What the tab with the figures says, section by section, as HTML. Text from files is escaped here."""

from collections.abc import Sequence
from html import escape

import numpy as np

from recsys.liking import in_words
from recsys.models import MODELS
from recsys.results.choosing import Served
from recsys.results.found import Shown
from recsys.results.measurements import Measurements
from recsys.results.metrics import (
    GROUPS,
    MAE,
    NLL,
    PRECISION,
    RATING_PREDICTION,
    TOP_N,
    Subject,
    metrics_of,
    shown_metrics,
)
from recsys.results.text import MISSING, one_line, public
from recsys.settings import Liking
from recsys.ui.explore import plots
from recsys.ui.metrics.tables import by_interest, figure_plot, wide_table, words
from recsys.ui.metrics.view import View, text

PLAIN_STARS, PLAIN_LISTS = "item-mean", "popularity"  # what anybody could do without a model
USUAL_LENGTHS = (5, 10)  # of lists


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
    procedure = view.measured.results.protocol_procedure  # reports of before do not say
    told = f"<p>{text(procedure)}</p>" if procedure else ""
    return f"<h3>How good are the models?</h3>{notes}{told}{points}"


def nothing_measured(served: Served, troubles: Sequence[str]) -> str:
    """The whole tab where no model was measured on the ratings of the one that answers; those of others can be chosen.

    Args:
        troubles: sentences about files that cannot be shown.
    """
    said = [*troubles, f"No model was measured on the ratings that this page's model, {served.name}, learned from."]
    notes = "".join(f"<p>{text(sentence)}</p>" for sentence in said)
    return (
        f'<div class="metrics"><h3>How good are the models?</h3>{notes}<p><code>python -m eval.run --dataset</code>, '
        "with the folder of these ratings, measures models on them, and this page shows what it finds. Above, figures "
        "on other ratings can be chosen.</p>"
        f"{figures_of_its_own(served, USUAL_LENGTHS)}</div>"
    )


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
    if served.is_in(view.measured):
        return []
    instead = "In its place, the best of them is named."
    if not served.shares_data(view.measured):
        also = ", which only go by the same name" if served.dataset == results.dataset else ""
        return [
            f"The model that answers on this page was fitted on other ratings, {served.dataset}, than those that these "
            f"figures are about, {results.dataset}{also}: how good it is there, they do not say.",
            f"It is not among those that were measured. {instead}",
        ]
    return [f"The model that answers on this page, {served.name}, is not among those that were measured. {instead}"]


def stars_in_short(view: View) -> str:
    """How far the stars are off, beside what anybody could say; nothing if that was not measured."""
    subject, plain = view.subject(MAE), view.figure(PLAIN_STARS, MAE)
    if subject is None:
        return ""
    own = view.measured.figures[subject, MAE.key]
    beside = f" Answering each film’s average would be {plain.mean:.2f} off." if plain else ""
    return f"<b>Stars:</b> a guess of {view.named(subject)} is {own.mean:.2f} stars off on average.{beside}"


def lists_in_short(view: View) -> str:
    """How many films of a list were liked, beside those of everybody's favourites."""
    k = max(view.measured.results.k)
    precision = PRECISION.at(k)
    subject, plain = view.subject(precision), view.figure(PLAIN_LISTS, precision)
    if subject is None:
        return ""
    own = view.measured.figures[subject, precision.key]
    beside = f", of the {k} most popular ones {k * plain.mean:.1f}" if plain and subject != PLAIN_LISTS else ""
    return (
        f"<b>Lists:</b> of {k} films that {view.named(subject)} lists, {k * own.mean:.1f} are known to be "
        f"liked on average{beside}. More may be: a film that the person has not rated counts as a miss."
    )


def stars_section(view: View) -> str:
    """Guessed stars: a plot, a table, words; the paper's way of counting apart."""
    metrics = by_interest(view.measured.metrics.get(RATING_PREDICTION, ()))
    metrics = [metric for metric in metrics if view.measured.has(metric)]
    if not metrics:
        return ""
    plot = figure_plot(view, metrics[0], f"Error of guessed stars ({metrics[0].name})") if metrics[0].leads else ""
    table = wide_table(view, metrics, "Error of guessed stars")
    return f"<h3>Guessing stars</h3>{plot}{table}{words(metrics)}{paper_section(view)}"


def lists_section(view: View) -> str:
    """Lists of films: a plot, a table, words."""
    metrics = by_interest(view.measured.metrics.get(TOP_N, ()))
    metrics = [metric for metric in metrics if view.measured.has(metric)]
    if not metrics:
        return ""
    plot = figure_plot(view, metrics[0], f"Quality of lists ({metrics[0].name})") if metrics[0].leads else ""
    return f"<h3>Listing films</h3>{plot}{wide_table(view, metrics, 'Quality of lists')}{words(metrics)}"


def paper_section(view: View) -> str:
    """The errors of the paper's recipe, with the reason why they stand apart; nothing if they were not measured."""
    metrics = [metric for metric in metrics_of(Subject.CELLS) if view.measured.has(metric)]
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
        if (found := [run.reliability for run in runs.values() if run.reliability])
    }
    own = [view.served.name] if view.is_about_served else []
    in_order = [*own, *view.best_first([NLL]), *curves]
    drawable = [name for name in in_order if name in curves and curves[name].drawn.any()]
    if not drawable:
        return ""
    name, shown = drawable[0], curves[drawable[0]]
    example = example_in_words(shown, view.measured.results.relevant_from)
    label = f"Across: how likely {one_line(name)} called it; upwards: how often it came true. {example}"
    return (
        f"<h3>Is it as sure as it should be?</h3><p>{text(name)} also says how likely every number of stars is. On the "
        f"dashed line it came true as often as was said; below it less often, above it more often. {example}</p>"
        f"<figure><figcaption>Upwards: <b>came true</b>; across: <b>said</b> by {text(name)}. A point rests on "
        f"{plots.FEWEST_RATINGS} hidden ratings or more.</figcaption>{plots.reliability_plot(shown, label)}</figure>"
    )


def example_in_words(curves: plots.Curves, relevant_from: Liking, near: float = 0.7) -> str:
    """One point in words: of the threshold nearest to what counts as liked, the one nearest to a probability."""
    distance = np.where(curves.drawn, np.abs(curves.predicted - near), np.inf)  # (T, B)
    liked = np.median(curves.stars) if isinstance(relevant_from, str) else relevant_from
    rows = np.where(curves.drawn.any(axis=1), np.abs(curves.stars - liked), np.inf)  # (T,)
    at = int(rows.argmin())
    b = int(distance[at].argmin())
    return (
        f"For example: where it called {plots.threshold(curves.stars, at)} {curves.predicted[at, b]:.0%} likely, "
        f"{curves.observed[at, b]:.0%} of the ratings were so high."
    )


def own_section(view: View) -> str:
    """Figures that came with the served model, where the others do not speak of it."""
    if view.is_about_served:
        return ""
    return figures_of_its_own(view.served, view.measured.results.k)


def figures_of_its_own(served: Served, ks: Sequence[int]) -> str:
    """Figures that came with the served model, of lists those of k films; nothing if none did."""
    known = [metric for group in GROUPS for metric in shown_metrics(group, ks) if metric.key in served.metrics]
    if not known:
        return ""
    lines = "".join(f"<dt>{metric.name}</dt><dd>{served.metrics[metric.key]:.4f}</dd>" for metric in known)
    return (
        f"<h3>The model on this page</h3><p>With {text(served.name)}, fitted on {text(served.dataset)}, came "
        f'figures of its own:</p><dl class="facts">{lines}</dl>'
    )


def reading_section(view: View) -> str:
    """What the signs mean."""
    here = "<dt>(here)</dt><dd>The kind of model that answers on this page.</dd>" if view.is_about_served else ""
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


def how_section(view: View) -> str:
    """Where the figures are from, on what data and by which rules, and the command that makes them."""
    results = view.measured.results
    lines = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts(view).items())
    return (
        f'<h3>How it was measured</h3><dl class="facts">{lines}</dl><p>This command, in the folder of the program, '
        f'measures again; the page shows what it finds:</p><pre tabindex="0"><code>{escape(public(results.command))}'
        "</code></pre>"
    )


def facts(view: View) -> dict[str, str]:
    """What to know of a measurement, as HTML."""
    measured, results = view.measured, view.measured.results
    rules, origin = results.protocol_rules, text(view.shown.origin)
    day = view.shown.measured_on
    return {
        "These figures": f"{origin}{f'; measured on {day.day} {day:%B %Y}' if day else ''}",
        "Ratings": f"{text(results.dataset)}{people(measured)}",
        "Rules": f"{text(results.protocol)} ({text(measured.split_names)}){f': {text(rules)}' if rules else ''}",
        "Hidden": f"{measured.n_test_ratings:,} ratings",
        "Liked": f"means {in_words(results.relevant_from)}",
        "Lists": lists_counted(measured),
        "Seed": text(results.seed),
    }


def people(measured: Measurements) -> str:
    """How many people and films there are."""
    if not measured.splits:
        return ""
    first = measured.splits[0]
    return f": {first.n_users:,} people, {first.n_items:,} films"


def lists_counted(measured: Measurements) -> str:
    """How many lists the figures of lists rest on."""
    n_asked, n_ranked = measured.n_asked, measured.n_ranked_users
    lists = f"{n_asked:,} people" if n_asked else f"{measured.n_test_users:,} lists, one per person and split,"
    return f"{n_ranked:,} of {lists} have a liked film among the hidden ones; the rest is left out"
