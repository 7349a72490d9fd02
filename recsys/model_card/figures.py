"""For people: how good the model is, how that was measured, and what stands beside it."""

from collections.abc import Callable, Sequence

from recsys.liking import in_words
from recsys.model_card.escaping import shown
from recsys.model_card.markdown import folded, table
from recsys.model_card.measured import ModelMeasurements
from recsys.model_card.model import Trained
from recsys.model_card.sections import fitted_on
from recsys.models import MODELS
from recsys.results.metrics import RATING_PREDICTION, TOP_N, Metric
from recsys.results.text import MISSING, public


def unmeasured(model: Trained) -> str:
    """What stands in place of figures."""
    return f"""## How good is it?

There are no measurements beside these weights. In the folder of Movie VAE,

    python -m eval.run --models {model.name}

measures what such a model can do."""


def quality(measured: ModelMeasurements) -> str:
    """The model's figures, whose they are and how they came about."""
    name, n_splits = measured.model.name, len(measured.splits)
    columns: dict[str, Callable[[Metric], str]] = {"metric": lambda metric: metric.name}
    if measured.own:
        columns[f"these weights on {shown(measured.own)}"] = lambda metric: f"{measured.value(metric):.4f}"
    if n_splits > 1 or not measured.own:
        heading = f"mean over {n_splits} splits" if n_splits > 1 else f"on {shown(measured.split_names)}"
        columns[heading] = lambda metric: measured.mean(name, metric)
    columns["its standard error"] = lambda metric: measured.stderr(name, metric)
    columns["what it says"] = definition
    metrics = [metric for metrics in measured.metrics.values() for metric in filter(measured.has, metrics)]
    figures = table(list(columns), [[cell(metric) for cell in columns.values()] for metric in metrics], text_last=True)
    return f"## How good is it?\n\n{whose(measured)}\n\n{figures}\n\n{how(measured)}"


def definition(metric: Metric) -> str:
    """What a metric is; which figure is better, where the title of its table does not stand beside."""
    return metric.definition if metric.higher_is_better else f"{metric.definition}; {metric.direction} is better"


def whose(measured: ModelMeasurements) -> str:
    """Which weights the figures are of, and what must not be measured."""
    splits, own, fitted = shown(measured.split_names), shown(measured.own), fitted_on(measured.model)
    others = f"""models with the same settings, each fitted on the training part
of a split ({splits}) and measured on its test part."""
    if measured.own and len(measured.splits) == 1:
        return f"The weights here were fitted on {fitted}. The figures are theirs, on the test part of {own}."
    if measured.own:
        return f"""The weights here were fitted on {fitted}. The figures on {own} are theirs, on its
test part; the means are of {others}
Do not measure these weights on the test part of another split: they were fitted on many of its ratings."""
    if measured.model.facts.get("split") == "all":
        return f"""The weights here were fitted on **all** ratings, so none is left to test them on. The figures come
from {others}
They say what to expect of these weights, and are no test of them. To measure these weights on those test parts would be
wrong: they were fitted on them too."""
    return f"""The weights here were fitted on {fitted}. The figures come
from {others}
They are no test of these very weights, which may have been fitted on ratings of those test parts."""


def how(measured: ModelMeasurements) -> str:
    """How it was measured, in a line each."""
    results = measured.results
    meaning = f": {shown(results.protocol_rules)}" if results.protocol_rules else ""
    ratings = f"""- Ratings: {measured.n_test_ratings:,} held-out ones, those of a split all at once and not
  person by person. Predictions are clipped to the scale of {measured.model.stars}."""
    about = {RATING_PREDICTION: ratings, TOP_N: ranked(measured)}
    lines = [
        f"- Protocol: {shown(results.protocol)} ({shown(measured.split_names)}){meaning}.",
        *(about[group] for group in measured.metrics),
        "- Standard errors are over people: the chance in who was asked.",
        f"- Seed: {shown(results.seed)}. The command, which wrote all figures to `results.json`:",
        f"\n      {public(results.command)}",
    ]
    return "\n".join(lines)


def ranked(measured: ModelMeasurements) -> str:
    """What is relevant in a list, and how many lists there are."""
    n_ranked, n_asked = measured.n_ranked_users, measured.n_asked
    lists = f"{n_asked:,} people" if n_asked else f"{measured.n_test_users:,} lists, one per person and split,"
    candidate = "film of the named genres" if n_asked else "film without a rating in the training part"
    return f"""- Lists: relevant is a film that the person gave {in_words(measured.results.relevant_from)}
  in the test part; all else, films without a rating among it, counts as a miss. Every {candidate} is ranked.
  {n_ranked:,} of {lists} have a relevant film; the rest is left out."""


def comparisons(measured: ModelMeasurements) -> list[str]:
    """The model beside the others of the run, in a table for ratings and one for lists; nothing if it ran alone."""
    if len(measured.runs) < 2:
        return []
    tables = [
        f"### {group.heading()}\n\n{model_table(measured, metrics)}" for group, metrics in measured.metrics.items()
    ]
    over = "Means over" if len(measured.splits) > 1 else "Measured on"
    marks = f"± one standard error over people; {MISSING} no such figure; bold: this model."
    others = ", ".join(shown(name) for name in measured.runs if name not in measured.peers)
    left_out = [f"Left out, since not measured on the same splits: {others}."] if others else []
    what = "\n".join(f"- {name}: {MODELS[name].summary}" for name in measured.peers if name in MODELS)
    return [
        "## Beside the other models of the run",
        *tables,
        " ".join([f"{over} {shown(measured.split_names)}. {marks}", *left_out]),
        folded("What the models are", what),
    ]


def model_table(measured: ModelMeasurements, metrics: Sequence[Metric]) -> str:
    """A row for each model that has one of the metrics, this one's in bold."""
    rows = []
    for name in measured.peers:
        cells = [with_stderr(measured, name, metric) for metric in metrics]
        if any(cell != MISSING for cell in cells):
            bold = "**" if name == measured.model.name else ""
            rows.append([f"{bold}{cell}{bold}" for cell in (shown(name), *cells)])
    return table(["model", *(metric.heading for metric in metrics)], rows)


def with_stderr(measured: ModelMeasurements, name: str, metric: Metric) -> str:
    """A mean; of what most people compare with its standard error."""
    mean, stderr = measured.mean(name, metric), measured.stderr(name, metric)
    return f"{mean} ±{stderr}" if metric.leads and stderr != MISSING else mean
