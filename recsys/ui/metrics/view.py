"""The figures from the side of the model that answers on the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from recsys.results.choosing import Served
from recsys.results.found import Shown
from recsys.results.measurements import Measurements
from recsys.results.metrics import Metric
from recsys.results.schema import Figure
from recsys.results.text import one_line
from recsys.ui.markup import NOTHING


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
        """A model within a sentence; said to be the best where it stands for the one that answers."""
        return one_line(model) + ("" if self.is_about_served else ", the best of these,")

    def is_marked(self, model: str) -> bool:
        """Whether a model is the kind that answers on the page."""
        return model == self.served.name and self.is_about_served

    def title(self, model: str) -> Markup:
        """A model's name, with a mark if it answers on the page."""
        here = Markup(" <small>(here)</small>") if self.is_marked(model) else NOTHING
        return Markup("{}{}").format(one_line(model), here)

    def figure(self, model: str, metric: Metric) -> Figure | None:
        """Mean and standard error."""
        return self.measured.figures.get((model, metric.key))

    def best_first(self, metrics: Sequence[Metric]) -> list[str]:
        """Models that have one of the metrics, by the first of them; those without it come last."""
        sign = -1 if metrics[0].higher_is_better else 1

        def place(model: str) -> float:
            figure = self.figure(model, metrics[0])
            return math.inf if figure is None else sign * figure.mean

        having = [name for name in self.measured.runs if any(self.figure(name, metric) for metric in metrics)]
        return sorted(having, key=place)
