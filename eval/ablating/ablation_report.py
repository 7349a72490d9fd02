"""What an ablation found: tables for the terminal and ablation.md, all figures in ablation.json."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from eval.ablating.variants import WHOLE_NAME, Variant, changes
from eval.measures.stats import estimate, paired_bootstrap
from eval.reporting.results import write_atomically
from eval.reporting.summary import by_model, single_run, user_sums
from eval.reporting.tables import Cell, Column, Table, as_markdown, decimals, make_table
from eval.running.environment import environment
from eval.running.experiment import Outcome, Settings
from recsys.data.movielens import Dataset
from recsys.results.metrics import ECE, MAE, NDCG, NLL, PRECISION, RMSE, all_metrics
from recsys.results.schema import Difference
from recsys.results.text import MISSING

SHOWN = {metric.heading: metric.key for metric in (NDCG.at(10), PRECISION.at(5), RMSE, MAE, NLL, ECE)}
COMPARED = {metric.heading: metric.key for metric in (NDCG.at(10), RMSE, NLL)}
METRICS = {metric.key: metric for metric in all_metrics(Settings.ks)}


@dataclass(frozen=True, eq=False)
class Findings:
    """An ablation so far: what was asked and what came out. Never changed: one that goes on makes another.

    Attributes:
        groups: the chosen variants by the title of their table.
        outcomes: in the order of measuring, a split at a time.
        planned: number of (variant, split) pairs that were asked for.
        seconds: that all of it has taken.
    """

    dataset: Dataset
    protocol: str
    seed: int
    command: str
    groups: dict[str, list[Variant]]
    planned: int
    outcomes: tuple[Outcome, ...] = ()
    seconds: float = 0.0

    @property
    def variants(self) -> list[Variant]:
        """All of them, in the order of the tables."""
        return [variant for group in self.groups.values() for variant in group]

    @cached_property
    def compared(self) -> dict[str, list[Outcome]]:
        """By variant, what it did on the splits that all variants have finished; in the first split, so far."""
        runs = by_model(self.outcomes)
        finished = {name: {run.split for run in runs.get(name, [])} for name in (each.name for each in self.variants)}
        common = set.intersection(*finished.values()) or {run.split for run in self.outcomes}
        return {name: [run for run in found if run.split in common] for name, found in runs.items()}

    @cached_property
    def means(self) -> dict[str, dict[str, float]]:
        """By variant, every metric as the mean over the splits of `compared`."""
        sums = {name: {key: user_sums(runs, METRICS[key]) for key in METRICS} for name, runs in self.compared.items()}
        return {
            name: {key: estimate(value) for key, value in found.items() if value is not None}
            for name, found in sums.items()
        }

    @cached_property
    def differences(self) -> dict[str, dict[str, Difference]]:
        """By variant and metric, how far it is from what it is compared with, where both were measured."""
        pairs = {each.name: each.against for each in self.variants if each.name != each.against}
        return {
            name: {metric: self.difference(name, against, metric) for metric in COMPARED.values()}
            for name, against in pairs.items()
            if {name, against} <= self.compared.keys()
        }

    def difference(self, name: str, against: str, metric: str) -> Difference:
        """One variant's metric minus another's."""
        ours, theirs = (user_sums(self.compared[each], METRICS[metric]) for each in (name, against))
        assert ours, f"{name} was measured without {metric}"
        assert theirs, f"{against} was measured without {metric}"
        return paired_bootstrap(ours, theirs, rng=np.random.default_rng(self.seed))

    @property
    def state(self) -> str:
        """How much of it is done."""
        return f"{len(self.outcomes)} of {self.planned} variants times splits are finished, after {self.seconds:.0f} s"

    def tables(self) -> list[Table]:
        """One table for each group of which something was measured."""
        return [
            ablation_table(title, group, self)
            for title, group in self.groups.items()
            if any(each.name in self.compared for each in group)
        ]


def ablation_table(title: str, group: Sequence[Variant], findings: Findings) -> Table:
    """Metrics of every variant, and how far it is from what it is compared with; the whole model is there to see."""
    beside_whole = {each.against for each in group} == {WHOLE_NAME}
    names = [*([WHOLE_NAME] if beside_whole else []), *(each.name for each in group)]
    columns = [
        Column(heading, mean_cell(findings, metric), optional=heading not in COMPARED)
        for heading, metric in SHOWN.items()
    ]
    columns += [Column(f"Δ {heading}", difference_cell(findings, metric)) for heading, metric in COMPARED.items()]
    note = (
        f"Means over splits ({', '.join(splits_of(findings))}). Δ: this line minus "
        f"{'the whole model' if beside_whole else 'the one before'}; ± half the 95 % interval of a paired bootstrap "
        f"over people, in which the chance of training has no part; * where that interval leaves out 0; 0 where "
        f"nothing changed; {MISSING} where there is nothing to compare with."
    )
    return make_table(title, columns, [name for name in names if name in findings.compared], [note])


def splits_of(findings: Findings) -> list[str]:
    """The splits that the tables are of."""
    return list(dict.fromkeys(run.split for runs in findings.compared.values() for run in runs))


def mean_cell(findings: Findings, metric: str) -> Callable[[str], Cell]:
    """A column's cell: the metric of a variant."""
    return lambda name: Cell(decimals(findings.means[name][metric]) if metric in findings.means[name] else MISSING)


def difference_cell(findings: Findings, metric: str) -> Callable[[str], Cell]:
    """A column's cell: how far a variant's metric is from that of what it is compared with."""

    def cell(name: str) -> Cell:
        return Cell(MISSING if name not in findings.differences else as_text(findings.differences[name][metric]))

    return cell


def as_text(found: Difference) -> str:
    """A difference, marked where its interval leaves out 0, and half the width of that."""
    if found.difference == found.low == found.high == 0:
        return "0"
    mark = "" if found.low <= 0 <= found.high else "*"
    return f"{found.difference:+.4f}{mark} ±{(found.high - found.low) / 2:.4f}"


def write(folder: Path, findings: Findings) -> None:
    """Write ablation.json and ablation.md, each in one step."""
    write_atomically(folder / "ablation.json", json.dumps(as_json(findings), indent=1, allow_nan=False) + "\n")
    write_atomically(folder / "ablation.md", as_report(findings))


def as_report(findings: Findings) -> str:
    """The content of ablation.md."""
    facts = {
        "data set": f"{findings.dataset.name}, sha256 of its ratings file {findings.dataset.sha256}",
        "protocol": f"{findings.protocol}: {', '.join(splits_of(findings))}",
        "seed": str(findings.seed),
        "command": f"`{findings.command}`",
        "environment": ", ".join(f"{name} {value}" for name, value in environment().items()),
        "state": findings.state,
    }
    settings = [f"- `{each.name}`: {settings_text(each)}" for each in findings.variants]
    parts = [
        "# Ablation\n",
        "\n".join(f"- {name}: {value}" for name, value in facts.items()) + "\n",
        *map(as_markdown, findings.tables()),
        "## Settings that are not those of the whole model\n",
        "\n".join(settings) + "\n",
    ]
    return "\n".join(parts)


def settings_text(variant: Variant) -> str:
    """In what a variant is not the whole model."""
    return ", ".join(f"{name} {shown(value)}" for name, value in changes(variant.config).items()) or "none, this is it"


def shown(value: Any) -> str:
    """A setting; numbers without the dust of their arithmetic."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def as_json(findings: Findings) -> dict[str, Any]:
    """The content of ablation.json; means and differences are over the splits that all variants have finished."""
    return {
        "command": findings.command,
        "dataset": findings.dataset.name,
        "dataset_sha256": findings.dataset.sha256,
        "protocol": findings.protocol,
        "seed": findings.seed,
        "environment": environment(),
        "seconds": findings.seconds,
        "planned": findings.planned,
        "variants": [
            {"name": each.name, "group": title, "against": each.against, "config": asdict(each.config)}
            for title, group in findings.groups.items()
            for each in group
        ],
        "runs": [run_as_json(outcome) for outcome in findings.outcomes],
        "summary_splits": splits_of(findings),
        "summary": findings.means,
        "differences": {
            name: {metric: difference.model_dump() for metric, difference in found.items()}
            for name, found in findings.differences.items()
        },
    }


def run_as_json(outcome: Outcome) -> dict[str, Any]:
    """One variant on one split."""
    return {
        "variant": outcome.model,
        "split": outcome.split,
        "metrics": single_run(outcome, Settings.ks),
        "fit_seconds": outcome.fit_seconds,
        "score_seconds": outcome.score_seconds,
    }
