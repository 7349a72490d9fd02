"""What was measured, as tables need it: figures by model and metric, runs by model and split."""

from dataclasses import dataclass
from functools import cached_property

from recsys.results.metrics import GROUPS, Metric, MetricGroup, shown_metrics
from recsys.results.schema import Figure, ModelRun, Results, SplitFacts
from recsys.results.text import MISSING, one_line


@dataclass(frozen=True)
class Measurements:
    """What a results.json says.

    Attributes:
        results: content of the file.
    """

    results: Results

    @cached_property
    def runs(self) -> dict[str, dict[str, ModelRun]]:
        """Every run by model and split."""
        by_model: dict[str, dict[str, ModelRun]] = {}
        for run in self.results.runs:
            by_model.setdefault(run.model, {})[run.split] = run
        return by_model

    @cached_property
    def figures(self) -> dict[tuple[str, str], Figure]:
        """By model and metric's key."""
        return {(figure.model, figure.metric): figure for figure in self.results.summary}

    @cached_property
    def splits(self) -> list[SplitFacts]:
        """Facts of the splits that a model was measured on."""
        return [split for split in self.results.splits if any(split.name in runs for runs in self.runs.values())]

    @property
    def split_names(self) -> str:
        """The splits, in one line."""
        return ", ".join(one_line(split.name) for split in self.splits)

    @cached_property
    def metrics(self) -> dict[MetricGroup, tuple[Metric, ...]]:
        """Metrics by group; without groups of which there are none."""
        every = {group: shown_metrics(group, self.results.k) for group in GROUPS}
        return {group: metrics for group, metrics in every.items() if any(map(self.has, metrics))}

    def has(self, metric: Metric) -> bool:
        """Whether a model has a metric: one that predicts no stars has no error of stars."""
        return any((name, metric.key) in self.figures for name in self.runs)

    @property
    def n_test_ratings(self) -> int:
        """Held-out ratings of all splits."""
        return sum(split.n_test_ratings for split in self.splits)

    @property
    def n_test_users(self) -> int:
        """People with held-out ratings, those of every split counted."""
        return sum(split.n_test_users for split in self.splits)

    @property
    def n_ranked_users(self) -> int:
        """People of whom a held-out film is relevant, those of every split counted."""
        return sum(split.n_ranked_users for split in self.splits)

    @property
    def n_asked(self) -> int:
        """People of whom models know genres alone; 0 where they know ratings."""
        return sum(split.n_asked or 0 for split in self.splits)

    def mean(self, name: str, metric: Metric) -> str:
        """A model's mean over splits, with four decimals."""
        figure = self.figures.get((name, metric.key))
        return f"{figure.mean:.4f}" if figure else MISSING

    def stderr(self, name: str, metric: Metric) -> str:
        """The standard error of this mean."""
        figure = self.figures.get((name, metric.key))
        return f"{figure.stderr:.4f}" if figure and figure.stderr is not None else MISSING
