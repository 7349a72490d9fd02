"""What was measured of a model, and of others on the same splits."""

from dataclasses import dataclass
from functools import cached_property

from recsys.model_card.model import Trained
from recsys.results.measurements import Measurements
from recsys.results.metrics import Metric
from recsys.results.schema import SplitFacts


@dataclass(frozen=True)
class ModelMeasurements(Measurements):
    """What a results.json says of a model, and of others on the same splits.

    Attributes:
        model: one that is in the results.
        own: the split whose training part these very weights were fitted on; None if the results have none.
    """

    model: Trained
    own: str | None

    @cached_property
    def splits(self) -> list[SplitFacts]:
        """Facts of the splits that the model was measured on."""
        return [split for split in self.results.splits if split.name in self.runs[self.model.name]]

    @cached_property
    def peers(self) -> list[str]:
        """The models that were measured on the same splits, itself among them, in the order they ran."""
        return [name for name, runs in self.runs.items() if runs.keys() == self.runs[self.model.name].keys()]

    def has(self, metric: Metric) -> bool:
        """Whether the model has a metric."""
        return (self.model.name, metric.key) in self.figures

    def value(self, metric: Metric) -> float:
        """The figure that says most of these weights: their own, or else the mean over splits."""
        own = self.own_value(metric)
        return self.figures[self.model.name, metric.key].mean if own is None else own

    def own_value(self, metric: Metric) -> float | None:
        """The figure of these very weights; None if there is none."""
        return None if self.own is None else self.runs[self.model.name][self.own].metrics.get(metric.key)
