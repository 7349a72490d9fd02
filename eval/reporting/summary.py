"""From per-user values to the figures of a report: metrics, standard errors and comparisons.

Legend: S splits, U users.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from eval.measures.ratios import RANKED, ratio_of
from eval.measures.stats import UserSums, compare_to_best, estimate, standard_error
from eval.running.experiment import Outcome
from recsys.results.metrics import Metric, all_metrics
from recsys.results.schema import Comparison, Figure


def user_sums(outcomes: Sequence[Outcome], metric: Metric) -> UserSums | None:
    """A model's metric over its outcomes, one per split; None if the model, or a split, has nothing to take it of."""
    ratio = ratio_of(metric)
    if any(ratio.values not in outcome.per_user for outcome in outcomes):
        return None
    values = np.stack([outcome.per_user[ratio.values] for outcome in outcomes]).astype(np.float64)  # (S, U)
    weights = np.stack([denominator(outcome, ratio.per) for outcome in outcomes]).astype(np.float64)  # (S, U)
    return UserSums(values, weights, ratio.root) if (weights.sum(axis=1) > 0).all() else None


def denominator(outcome: Outcome, per: str) -> np.ndarray:
    """(U,) what a metric is divided by."""
    return outcome.per_user["n_relevant"] > 0 if per == RANKED else outcome.per_user[per]


def by_model(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes under their model's name, in order of appearance."""
    grouped: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault(outcome.model, []).append(outcome)
    return grouped


def summarise(outcomes: Sequence[Outcome], ks: Sequence[int]) -> list[Figure]:
    """Every metric of every model."""
    figures = []
    for model, runs in by_model(outcomes).items():
        for metric in all_metrics(ks):
            sums = user_sums(runs, metric)
            if sums is not None:
                n_present = (sums.denominator > 0).any(axis=0).sum()
                stderr = standard_error(sums) if n_present > 1 else None
                figures.append(
                    Figure(model=model, metric=metric.key, mean=estimate(sums), stderr=stderr, n_splits=len(runs))
                )
    return figures


def single_run(outcome: Outcome, ks: Sequence[int]) -> dict[str, float | None]:
    """Every metric of one outcome; None for those that the model does not have."""
    sums = {metric.key: user_sums([outcome], metric) for metric in all_metrics(ks)}
    return {name: None if value is None else estimate(value) for name, value in sums.items()}


def compare(outcomes: Sequence[Outcome], ks: Sequence[int], seed: int) -> dict[str, Comparison]:
    """For every metric, the best model and the paired difference of each other from it.

    Only models that ran on every split are compared, since others were not measured on the same ratings.
    """
    splits = {outcome.split for outcome in outcomes}
    complete = {model: runs for model, runs in by_model(outcomes).items() if {run.split for run in runs} == splits}
    comparisons = {}
    for metric in all_metrics(ks):
        sums = {model: user_sums(runs, metric) for model, runs in complete.items()}
        measured = {model: value for model, value in sums.items() if value is not None}
        if measured:
            rng = np.random.default_rng(seed)
            comparisons[metric.key] = compare_to_best(measured, higher_is_better=metric.higher_is_better, rng=rng)
    return comparisons
