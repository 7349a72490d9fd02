"""report.md: the tables and plots of a run, with all that is needed to repeat it."""

import json
from dataclasses import asdict
from pathlib import Path

from eval.reporting.along import tables_along
from eval.reporting.plots import FEWEST_RATINGS
from eval.reporting.results import Report, write_atomically
from eval.reporting.tables import as_markdown, list_table, rating_table
from eval.running.environment import environment
from recsys.data.sources.names import CITATION
from recsys.models import MODELS
from recsys.results.metrics import MAE, NDCG, RMSE
from recsys.results.schema import Comparison

LEAST_P = 0.001  # 2 / (n_resamples + 1), rounded up


def write_report(folder: Path, report: Report) -> None:
    """Write report.md."""
    parts = [
        heading(report),
        *(as_markdown(table) for table in (rating_table(report), list_table(report)) if table.rows),
        *map(as_markdown, tables_along(report)),
        pictures(folder, report),
        comparison_section(report),
        settings_section(report),
        f"## Data\n\n{report.dataset.source}\n{report.dataset.cleaning.sentence()}\n\nCite: {CITATION}\n",
    ]
    write_atomically(folder / "report.md", "\n".join(parts))


def heading(report: Report) -> str:
    """What was run, where and with what."""
    finished = f"{len(report.outcomes)} of {report.planned} model runs finished"
    facts = {
        "data set": f"{report.dataset.name}, sha256 of its ratings file {report.dataset.sha256}",
        "protocol": f"{report.protocol}: {', '.join(split.name for split in report.splits)}",
        "seed": str(report.settings.seed),
        "command": f"`{report.command}`",
        **films(report),
        "environment": ", ".join(f"{name} {value}" for name, value in environment().items()),
        "state": finished,
    }
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    return "\n".join(["# Evaluation report", "", *lines, ""])


def films(report: Report) -> dict[str, str]:
    """Which films models were told of, where not of all."""
    least = report.settings.min_film_ratings
    if not least:
        return {}
    rare = [
        (split.n_rare_films or 0, split.n_items, split.n_rare_test_ratings or 0, split.n_test_ratings)
        for split in report.splits
    ]
    n_rare, n_films, n_of_rare, n_ratings = map(sum, zip(*rare, strict=True))
    return {
        "films": f"models were told of those with {least:,} training ratings or more; for the others, "
        f"{n_rare / n_films:.1%} of the films with {n_of_rare / max(n_ratings, 1):.1%} of the held-out ratings, "
        "the means of their genres answer, and lists hold them last. Metrics are of all films"
    }


def pictures(folder: Path, report: Report) -> str:
    """The pictures that were drawn and lie in the folder."""
    shown = {
        "metrics.png": "![Accuracy of every model](metrics.png)",
        "along.png": "![What was measured, by the number that splits differ in](along.png)",
        "learning_curves.png": "![Learning curves](learning_curves.png)",
        "reliability.png": "![Reliability of probabilities of stars](reliability.png)\n\nAbove: how often a film got "
        "so many stars or more, against the probability that the model gave to it, all splits together; on the "
        f"diagonal it came true as often as was said. A point is the mean of at least {FEWEST_RATINGS} ratings. Below: "
        "how many probabilities there were.",
    }
    return "\n\n".join([*(text for name, text in shown.items() if (folder / name).is_file()), ""])


def comparison_section(report: Report) -> str:
    """Every model against the best of the metrics that people quote."""
    quoted = (RMSE, MAE, NDCG.at(max(report.settings.ks)))
    comparisons = {each.name: report.comparisons[each.key] for each in quoted if each.key in report.comparisons}
    lines = [f"| {name} | {text} |" for name, value in comparisons.items() for text in difference_rows(value)]
    header = ["| metric | model | minus the best | 95 % interval | p |", "| :-- | :-- | --: | --: | --: |"]
    note = (
        "Paired bootstrap over people, 2000 resamples. The best was chosen on the same people; p is not corrected for "
        "that, nor for the number of models."
    )
    return "\n".join(["## Against the best", "", *header, *lines, "", note, ""])


def difference_rows(comparison: Comparison) -> list[str]:
    """Cells of one metric's comparison, without the metric."""
    rows = []
    for model, value in comparison.differences.items():
        if value is None:
            rows.append(f"{model} | best | {'–'} | {'–'}")
        else:
            interval = f"{value.low:+.4f} to {value.high:+.4f}"
            rows.append(f"{model} | {value.difference:+.4f} | {interval} | {p_value_text(value.p_value)}")
    return rows


def p_value_text(p_value: float) -> str:
    """Three decimals; a value too small for 2000 resamples to tell is shown as an upper limit."""
    return f"{p_value:.3f}" if p_value > LEAST_P else f"≤ {LEAST_P}"


def settings_section(report: Report) -> str:
    """Every model that ran, with its settings."""
    configs = {outcome.model: asdict(outcome.config) for outcome in report.outcomes}
    lines = [f"- `{name}`: {MODELS[name].summary}; `{json.dumps(config)}`" for name, config in configs.items()]
    return "\n".join(["## Models", "", *lines, ""])
