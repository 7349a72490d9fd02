"""The figures from the side of the model that answers on the page, and text from files as HTML."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Self

from recsys.artifacts.artifact import Artifact
from recsys.model_card.escaping import MISSING, one_line
from recsys.model_card.measurements import Measurements
from recsys.model_card.metrics import RATING_METRICS, Metric
from recsys.ui.metrics.measured import COME_ALONG, Shown
from recsys.ui.metrics.words import PAPER_METRICS

LONGEST_NAME = 60  # characters of a data set's name in a menu
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

    def shares_data(self, measured: Measurements) -> bool:
        """Whether models were measured on the ratings that this one was fitted on."""
        return self.dataset_sha256 == measured.results["dataset_sha256"]

    def is_in(self, measured: Measurements) -> bool:
        """Whether such a model was measured on the data that this one was fitted on."""
        return self.name in measured.runs and self.shares_data(measured)


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
    def is_about_served(self) -> bool:
        """Whether the model that answers on the page was measured, on its own data."""
        return self.served.is_in(self.measured)

    def subject(self, metric: Metric) -> str | None:
        """The model that a sentence about a metric names: the one that answers if it was measured, else the best.

        None where the one that answers has no such figure, or none has.
        """
        names = [self.served.name] if self.is_about_served else self.best_first([metric])
        return next((name for name in names[:1] if self.figure(name, metric)), None)

    def named(self, model: str) -> str:
        """A model within a sentence, escaped; said to be the best where it stands for the one that answers."""
        return text(model) + ("" if self.is_about_served else ", the best of these,")

    def is_marked(self, model: str) -> bool:
        """Whether a model is the kind that answers on the page."""
        return model == self.served.name and self.is_about_served

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


def preferred(every: Sequence[Shown], served: Served) -> Shown | None:
    """What is shown if nobody has chosen: figures on the ratings of the model that answers, or nothing.

    The first that have measured it; else those that come with the program, which have measured most; else the first.
    """
    own = [shown for shown in every if served.shares_data(shown.measured)]
    with_it = [shown for shown in own if served.is_in(shown.measured)]
    published = [shown for shown in own if shown.key == COME_ALONG]
    return next(iter([*with_it, *published, *own]), None)


def label(shown: Shown, served: Served) -> str:
    """Measurements in a menu: where and when they were made, on which data; what tells them apart comes first.

    Whoever reads it may have measured nothing, and sees little more than 30 characters of it on a phone.
    """
    results = shown.measured.results
    name = one_line(results["dataset"])[:LONGEST_NAME]
    others = not served.shares_data(shown.measured) and name == one_line(served.dataset)[:LONGEST_NAME]
    data = f"other ratings called {name}" if others else name
    n_models = len(shown.measured.runs)
    models = f"{n_models} model{'s' * (n_models != 1)}"
    if shown.moment is None:
        return f"Published with the program, on {data} ({models})"
    return f"Measured here {shown.moment.day} {shown.moment:%b %Y, %H:%M}, on {data} ({models})"


def text(value: object) -> str:
    """Something from a file as HTML that reads like it."""
    return escape(one_line(value))
