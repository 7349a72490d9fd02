"""Every metric in one plain line, for somebody who has never heard of it."""

from recsys.model_card.metrics import Metric

MEANINGS = {  # by the part of a metric's key before @
    "rmse": "How far a guess is typically off, in stars; a few guesses that are far off count for more than many that "
    "are nearly right. Lower is better; 0 would be perfect.",
    "mse": "The same before the root is taken: RMSE times RMSE. Lower is better.",
    "mae": "How far a guess is off on average, in stars. Lower is better; 0 would be perfect.",
    "nll": "Some models do not only guess but say how likely every number of stars is. This is how surprised such a "
    "model was by the stars that were given: 0 if it had been sure of each of them. Lower is better.",
    "ece": "Whether such a model is as sure as it should be: how far its percentages are from how often it came true; "
    "0.01 is one percentage point. Lower is better.",
    "ndcg": "How many liked films are on the list, and how far up: 1 if it holds as many as it can and begins with "
    "them, 0 if there are none. Higher is better.",
    "precision": "Which part of the listed films the person liked: 0.3 is three films of ten. Higher is better.",
    "recall": "Which part of all the films that the person liked is on the list. Higher is better.",
    "f1": "Precision and recall in one figure, which is high only if both are. Higher is better.",
    "mrr": "How soon the first liked film comes: 1 if it is first, 0.5 if second, 0.33 if third, 0 if it is not on the "
    "list. Higher is better.",
}

PAPER_METRICS = (
    Metric("paper_mse", "MSE", "mean squared error over all cells, a missing rating counted as 0 stars"),
    Metric("paper_rmse", "RMSE", "its square root"),
    Metric("paper_mae", "MAE", "mean absolute error over the same cells"),
)


def base(metric: Metric) -> str:
    """What a metric is called without the length of its list.

    >>> base(Metric("precision@10", "Precision@10", ""))
    'precision'
    """
    return metric.key.partition("@")[0]


def meaning(metric: Metric) -> str:
    """The line for a metric."""
    return MEANINGS[base(metric)]
