"""What the tab with the figures says, section by section, as HTML."""

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from recsys.liking import in_words
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
from recsys.ui.markup import NOTHING, joined
from recsys.ui.metrics.shelf import shelf_section
from recsys.ui.metrics.tables import by_interest, figure_plot, folded, wide_table, words
from recsys.ui.metrics.view import View

PLAIN_STARS, PLAIN_LISTS = "item-mean", "popularity"  # what anybody could do without a model
USUAL_LENGTHS = (5, 10)  # of lists


def all_sections(view: View) -> Markup:
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
    return Markup('<div class="metrics">{}</div>').format(joined(parts))


def introduction(view: View) -> Markup:
    """How anybody can know, and in short what came out."""
    short = [sentence for sentence in (stars_in_short(view), lists_in_short(view)) if sentence]
    points = joined(Markup("<li>{}</li>").format(sentence) for sentence in short)
    trouble = Markup('<p class="problem" role="status">{}</p>')
    return Markup("<h2>How good are the models?</h2>{troubles}{doubts}{procedure}{points}").format(
        troubles=joined(trouble.format(one_line(problem)) for problem in problems(view.shown)),
        doubts=paragraphs(doubts(view)),
        procedure=paragraphs([view.measured.results.protocol_procedure or ""]),  # reports of before do not say
        points=Markup("<ul>{}</ul>").format(points) if points else NOTHING,
    )


def paragraphs(sentences: Sequence[str]) -> Markup:
    """One for each sentence that says something."""
    return joined(Markup("<p>{}</p>").format(one_line(sentence)) for sentence in sentences if sentence)


def nothing_measured(served: Served, troubles: Sequence[str]) -> Markup:
    """The whole tab where no model was measured on the ratings of the one that answers; those of others can be chosen.

    Args:
        served: the model that answers.
        troubles: sentences about files that cannot be shown.
    """
    said = [*troubles, f"No model was measured on the ratings that this page's model, {served.name}, learned from."]
    return Markup(
        '<div class="metrics"><h2>How good are the models?</h2>{}<p><code>python -m eval.run --dataset</code>, '
        "with the folder of these ratings, measures models on them, and this page shows what it finds. Above, figures "
        "on other ratings can be chosen.</p>{}</div>"
    ).format(paragraphs(said), figures_of_its_own(served, USUAL_LENGTHS))


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


def stars_in_short(view: View) -> Markup:
    """How far the stars are off, beside what anybody could say; nothing if that was not measured."""
    subject, plain = view.subject(MAE), view.figure(PLAIN_STARS, MAE)
    if subject is None:
        return NOTHING
    own = view.measured.figures[subject, MAE.key]
    beside = f" Answering each film’s average would be {plain.mean:.2f} off." if plain else ""
    html = Markup("<b>Stars:</b> a guess of {} is {:.2f} stars off on average.{}")
    return html.format(view.named(subject), own.mean, beside)


def lists_in_short(view: View) -> Markup:
    """How many films of a list were liked, beside those of everybody's favourites."""
    k = max(view.measured.results.k)
    precision = PRECISION.at(k)
    subject, plain = view.subject(precision), view.figure(PLAIN_LISTS, precision)
    if subject is None:
        return NOTHING
    own = view.measured.figures[subject, precision.key]
    beside = f", of the {k} most popular ones {k * plain.mean:.1f}" if plain and subject != PLAIN_LISTS else ""
    return Markup(
        "<b>Lists:</b> of {} films that {} lists, {:.1f} are known to be "
        "liked on average{}. More may be: a film that the person has not rated counts as a miss."
    ).format(k, view.named(subject), k * own.mean, beside)


def stars_section(view: View) -> Markup:
    """Guessed stars: a plot, a table, words; the paper's way of counting apart."""
    metrics = by_interest(view.measured.metrics.get(RATING_PREDICTION, ()))
    metrics = [metric for metric in metrics if view.measured.has(metric)]
    if not metrics:
        return NOTHING
    title = f"Error of guessed stars ({metrics[0].name})"
    return Markup("<h2>Guessing stars</h2>{plot}{table}{words}{paper}").format(
        plot=figure_plot(view, metrics[0], title) if metrics[0].leads else NOTHING,
        table=folded(view, metrics, "Error of guessed stars"),
        words=words(metrics),
        paper=paper_section(view),
    )


def lists_section(view: View) -> Markup:
    """Lists of films: a plot, a table, words."""
    metrics = by_interest(view.measured.metrics.get(TOP_N, ()))
    metrics = [metric for metric in metrics if view.measured.has(metric)]
    if not metrics:
        return NOTHING
    title = f"Quality of lists ({metrics[0].name})"
    return Markup("<h2>Listing films</h2>{plot}{table}{words}").format(
        plot=figure_plot(view, metrics[0], title) if metrics[0].leads else NOTHING,
        table=folded(view, metrics, "Quality of lists"),
        words=words(metrics),
    )


def paper_section(view: View) -> Markup:
    """The errors of the paper's recipe, with the reason why they stand apart; nothing if they were not measured."""
    metrics = [metric for metric in metrics_of(Subject.CELLS) if view.measured.has(metric)]
    if not metrics:
        return NOTHING
    return Markup(
        "<details><summary>Counted as in the paper</summary><p>The paper that this began with counts every film that a "
        "person has not rated as 0 stars. Nearly all are of that sort, so whoever answers “almost 0” to everything "
        "looks good here, and is of no use to anybody. Lower is better.</p>{}</details>"
    ).format(wide_table(view, metrics, "Errors counted as in the paper"))


def sureness_section(view: View) -> Markup:
    """Whether percentages come true, of one model that gives some; nothing if none does."""
    found = curves_to_draw(view)
    if found is None:
        return NOTHING
    model, curves = found
    name, example = one_line(model), example_in_words(curves, view.measured.results.relevant_from)
    label = f"Across: how likely {name} called it; upwards: how often it came true. {example}"
    return Markup(
        "<h2>Is it as sure as it should be?</h2><p>{name} also says how likely every number of stars is. On the "
        "dashed line it came true as often as was said; below it less often, above it more often. {example}</p>"
        "<figure><figcaption>Upwards: <b>came true</b>; across: <b>said</b> by {name}. A point rests on "
        "{fewest} hidden ratings or more.</figcaption>{plot}</figure>"
    ).format(name=name, example=example, fewest=plots.FEWEST_RATINGS, plot=plots.reliability_plot(curves, label))


def curves_to_draw(view: View) -> tuple[str, plots.Curves] | None:
    """A model and its curves: the one that answers if it has any, else the best that has; None if none has."""
    curves = {
        name: plots.pooled(found)
        for name, runs in view.measured.runs.items()
        if (found := [run.reliability for run in runs.values() if run.reliability])
    }
    own = [view.served.name] if view.is_about_served else []
    in_order = [*own, *view.best_first([NLL]), *curves]
    drawable = [name for name in in_order if name in curves and curves[name].drawn.any()]
    return (drawable[0], curves[drawable[0]]) if drawable else None


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


def own_section(view: View) -> Markup:
    """Figures that came with the served model, where the others do not speak of it."""
    if view.is_about_served:
        return NOTHING
    return figures_of_its_own(view.served, view.measured.results.k)


def figures_of_its_own(served: Served, ks: Sequence[int]) -> Markup:
    """Figures that came with the served model, of lists those of k films; nothing if none did."""
    known = [metric for group in GROUPS for metric in shown_metrics(group, ks) if metric.key in served.metrics]
    if not known:
        return NOTHING
    return Markup(
        "<h2>The model on this page</h2><p>With {name}, fitted on {dataset}, came "
        'figures of its own:</p><dl class="facts">{figures}</dl>'
    ).format(
        name=one_line(served.name),
        dataset=one_line(served.dataset),
        figures=terms((metric.name, f"{served.metrics[metric.key]:.4f}") for metric in known),
    )


def terms(meanings: Iterable[tuple[str, str]]) -> Markup:
    """What each term means."""
    return joined(Markup("<dt>{}</dt><dd>{}</dd>").format(term, meaning) for term, meaning in meanings)


def reading_section(view: View) -> Markup:
    """What the signs mean."""
    here = [("(here)", "The kind of model that answers on this page.")] if view.is_about_served else []
    return Markup(
        "<h2>How to read this</h2><dl><dt>±</dt><dd>How much of a figure may be chance: with other people of the same "
        "kind it would come out a little different. In about two of three cases the true value is within ± of the "
        "figure (one standard error), in 19 of 20 within twice that.</dd>"
        "<dt><b>bold</b></dt><dd>The best of a column.</dd>"
        "<dt>≈</dt><dd>Not the best, but the difference may be chance (the 95 % interval of a paired bootstrap holds "
        "0).</dd><dt>{missing}</dt><dd>The model has no such figure: some only list films.</dd>{here}</dl>{shelf}"
    ).format(missing=MISSING, here=terms(here), shelf=shelf_section(view.measured))


def how_section(view: View) -> Markup:
    """Where the figures are from, on what data and by which rules, and the command that makes them."""
    return Markup(
        '<h2>How it was measured</h2><dl class="facts">{facts}</dl><p>This command, in the folder of the program, '
        'measures again; the page shows what it finds:</p><pre tabindex="0"><code>{command}</code></pre>'
    ).format(facts=terms(facts(view).items()), command=public(view.measured.results.command))


def facts(view: View) -> dict[str, str]:
    """What to know of a measurement."""
    measured, results = view.measured, view.measured.results
    rules, day = results.protocol_rules, view.shown.measured_on
    measured_on = f"; measured on {day.day} {day:%B %Y}" if day else ""
    names = f"{one_line(results.protocol)} ({one_line(measured.split_names)})"
    return {
        "These figures": f"{one_line(view.shown.origin)}{measured_on}",
        "Ratings": f"{one_line(results.dataset)}{people(measured)}",
        "Rules": f"{names}: {one_line(rules)}" if rules else names,
        "Hidden": f"{measured.n_test_ratings:,} ratings",
        "Liked": f"means {in_words(results.relevant_from)}",
        "Lists": lists_counted(measured),
        "Seed": one_line(results.seed),
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
