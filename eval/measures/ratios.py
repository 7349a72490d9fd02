"""How every metric is made of per-user values: see `eval.measures.per_user` for these."""

from dataclasses import dataclass

from recsys.results.metrics import Metric, Subject


@dataclass(frozen=True)
class Ratio:
    """The sum of `values` over the sum of `per`, both by user, then maybe a square root."""

    values: str
    per: str
    root: bool = False


RANKED = "is_ranked"  # 1 for a person with something relevant held out, 0 for others
RATIOS = {  # by key; a metric of lists is the mean of per-user values of its own name
    "mse": Ratio("squared_error", "n_test_ratings"),
    "rmse": Ratio("squared_error", "n_test_ratings", root=True),
    "mae": Ratio("absolute_error", "n_test_ratings"),
    "nll": Ratio("negative_log_likelihood", "n_test_ratings"),
    "ece": Ratio("calibration_error", "n_test_ratings"),
    "paper_mse": Ratio("paper_squared_error", "n_items"),
    "paper_rmse": Ratio("paper_squared_error", "n_items", root=True),
    "paper_mae": Ratio("paper_absolute_error", "n_items"),
}


def ratio_of(metric: Metric) -> Ratio:
    """How a metric is made.

    >>> from recsys.results.metrics import NDCG
    >>> ratio_of(NDCG.at(10))
    Ratio(values='ndcg@10', per='is_ranked', root=False)
    """
    return Ratio(metric.key, RANKED) if metric.subject is Subject.LISTS else RATIOS[metric.key]
