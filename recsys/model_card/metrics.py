"""The metrics of a card: what each is called there, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass

TASKS = {  # by the Hub's name or, where it has none, ours: what a metric is about, and the title of its table
    "tabular-regression": ("Rating prediction", "Rating accuracy (stars; lower is better)"),
    "recommendation": ("Top-N recommendation", "Top-N lists (higher is better)"),
}


@dataclass(frozen=True)
class Metric:
    """A figure of merit: its key in results.json, its name, and what it says."""

    key: str
    name: str
    meaning: str

    @property
    def heading(self) -> str:
        """Short, above a column."""
        return self.name.replace("Precision", "P").replace("Recall", "R")


RATING_METRICS = (
    Metric("mse", "MSE", "mean squared error of predicted stars, in stars squared; lower is better"),
    Metric("rmse", "RMSE", "its square root, in stars; lower is better"),
    Metric("mae", "MAE", "mean absolute error of predicted stars; lower is better"),
    Metric("nll", "NLL", "negative log-likelihood of the stars that were given, in nats; lower is better"),
    Metric(
        "ece",
        "ECE",
        "expected calibration error: how far the probabilities of “so many stars or more” are, on average, from how "
        "often it came true; lower is better",
    ),
)


def list_metrics(ks: Sequence[int]) -> tuple[Metric, ...]:
    """Metrics of lists of k films; those that weigh places only of the longest list."""
    n = max(ks)
    unweighted = [
        metric
        for k in ks
        for metric in (
            Metric(f"precision@{k}", f"Precision@{k}", f"share of the {k} listed films that are relevant"),
            Metric(f"recall@{k}", f"Recall@{k}", f"share of a person's relevant films that are among the {k}"),
            Metric(f"f1@{k}", f"F1@{k}", "harmonic mean of a person's precision and recall"),
        )
    ]
    gain = f"each relevant film counts 1/log2(place + 1), relative to the best list of {n} that there could be"
    first = f"one over the place of the first relevant film, 0 if none is among the {n}"
    return (*unweighted, Metric(f"ndcg@{n}", f"nDCG@{n}", gain), Metric(f"mrr@{n}", f"MRR@{n}", first))
