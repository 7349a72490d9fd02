"""What was measured: figures of models, by metric and split; those of one of them, and of the others of its run."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from recsys.model_card.escaping import MISSING, one_line
from recsys.model_card.metrics import RATING_METRICS, TASKS, Metric, list_metrics
from recsys.model_card.model import Trained


@dataclass(frozen=True)
class Measurements:
    """What a results.json says.

    Attributes:
        results: content of the file.
    """

    results: dict[str, Any]

    @cached_property
    def runs(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Every run by model and split."""
        by_model: dict[str, dict[str, dict[str, Any]]] = {}
        for run in self.results["runs"]:
            by_model.setdefault(run["model"], {})[run["split"]] = run
        return by_model

    @cached_property
    def figures(self) -> dict[tuple[str, str], dict[str, Any]]:
        """By model and metric's key: mean over splits, and stderr, its standard error over people, or None."""
        return {(figure["model"], figure["metric"]): figure for figure in self.results["summary"]}

    @cached_property
    def splits(self) -> list[dict[str, Any]]:
        """Facts of the splits that a model was measured on."""
        return [split for split in self.results["splits"] if any(split["name"] in runs for runs in self.runs.values())]

    @property
    def split_names(self) -> str:
        """The splits, in one line."""
        return ", ".join(one_line(split["name"]) for split in self.splits)

    @cached_property
    def metrics(self) -> dict[str, tuple[Metric, ...]]:
        """Metrics by task; without the tasks of which there are none."""
        every = zip(TASKS, (RATING_METRICS, list_metrics(self.results["k"])), strict=True)
        return {task: metrics for task, metrics in every if any(map(self.has, metrics))}

    def has(self, metric: Metric) -> bool:
        """Whether a model has a metric: one that predicts no stars has no error of stars."""
        return any((name, metric.key) in self.figures for name in self.runs)

    def total(self, fact: str) -> int:
        """Sum of a fact over the splits."""
        return sum(split.get(fact) or 0 for split in self.splits)

    def mean(self, name: str, metric: Metric) -> str:
        """A model's mean over splits, with four decimals."""
        figure = self.figures.get((name, metric.key))
        return f"{figure['mean']:.4f}" if figure else MISSING

    def stderr(self, name: str, metric: Metric) -> str:
        """The standard error of this mean."""
        figure = self.figures.get((name, metric.key))
        return f"{figure['stderr']:.4f}" if figure and figure["stderr"] is not None else MISSING


@dataclass(frozen=True)
class Measured(Measurements):
    """What a results.json says of a model, and of others on the same splits.

    Attributes:
        model: one that is in the results.
        own: the split whose training part these very weights were fitted on; None if the results have none.
    """

    model: Trained
    own: str | None

    @cached_property
    def splits(self) -> list[dict[str, Any]]:
        """Facts of the splits that the model was measured on."""
        return [split for split in self.results["splits"] if split["name"] in self.runs[self.model.name]]

    @cached_property
    def peers(self) -> list[str]:
        """The models that were measured on the same splits, itself among them, in the order they ran."""
        return [name for name, runs in self.runs.items() if runs.keys() == self.runs[self.model.name].keys()]

    def has(self, metric: Metric) -> bool:
        """Whether the model has a metric."""
        return (self.model.name, metric.key) in self.figures

    def value(self, metric: Metric) -> float:
        """The figure that says most of these weights: their own, or else the mean over splits."""
        if self.own is None:
            return self.figures[self.model.name, metric.key]["mean"]
        return self.runs[self.model.name][self.own]["metrics"][metric.key]
