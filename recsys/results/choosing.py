"""Whose measurements are shown: those on the ratings of the model that answers, and what the others are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from recsys.artifacts.artifact import Artifact
from recsys.results.found import COME_ALONG, Shown
from recsys.results.measurements import Measurements
from recsys.results.text import MISSING, one_line

LONGEST_NAME = 60  # characters of a data set's name in a menu


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
        return self.dataset_sha256 == measured.results.dataset_sha256

    def is_in(self, measured: Measurements) -> bool:
        """Whether such a model was measured on the data that this one was fitted on."""
        return self.name in measured.runs and self.shares_data(measured)


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
    name = one_line(results.dataset)[:LONGEST_NAME]
    others = not served.shares_data(shown.measured) and name == one_line(served.dataset)[:LONGEST_NAME]
    data = f"other ratings called {name}" if others else name
    n_models = len(shown.measured.runs)
    models = f"{n_models} model{'s' * (n_models != 1)}"
    if shown.moment is None:
        return f"Published with the program, on {data} ({models})"
    return f"Measured here {shown.moment.day} {shown.moment:%b %Y, %H:%M}, on {data} ({models})"
