"""Numbers known from elsewhere, exact to three decimals; if one is off, no other number can be believed."""

import numpy as np
import pytest

from eval.protocols import make_splits
from eval.reporting.summary import single_run
from eval.running.experiment import Outcome, Settings, run_experiment
from recsys.data.movielens import Dataset

pytestmark = pytest.mark.data


def measured(dataset: Dataset, name: str, split: str) -> tuple[dict[str, float | None], Outcome]:
    [chosen] = make_splits(dataset, "folds", [split], seed=0)
    _, outcome = run_experiment(name, chosen, dataset.ratings.scale, Settings())
    return single_run(outcome, (5, 10)), outcome


@pytest.mark.parametrize(
    ("split", "name", "n_ranked_users", "precision", "recall", "f1", "ndcg"),
    [
        ("u1", "popularity", 456, 0.2557, 0.0615, 0.0839, 0.2606),
        ("u1", "ease-binary", 456, 0.4583, 0.1515, 0.1858, 0.4680),
        ("u4", "popularity", 890, 0.1629, 0.0806, 0.0876, 0.1804),
        ("u4", "ease-binary", 890, 0.3281, 0.1950, 0.1963, 0.3725),
    ],
)
def test_lists_agree(ml_100k, split, name, n_ranked_users, precision, recall, f1, ndcg):
    metrics, outcome = measured(ml_100k, name, split)
    assert (outcome.per_user["n_relevant"] > 0).sum() == n_ranked_users
    found = [metrics[key] for key in ("precision@5", "recall@5", "f1@5", "ndcg@10")]
    np.testing.assert_allclose(found, [precision, recall, f1, ndcg], atol=6e-5)


@pytest.mark.parametrize(
    ("name", "rmse", "mae"),
    [("global-mean", 1.1537, 0.9680), ("item-mean", 1.0334, 0.8276), ("user-mean", 1.0630, 0.8502)],
)
def test_means_agree(ml_100k, name, rmse, mae):
    metrics, _ = measured(ml_100k, name, "u1")
    np.testing.assert_allclose([metrics["rmse"], metrics["mae"]], [rmse, mae], atol=6e-5)


@pytest.mark.parametrize(("name", "limit"), [("svd", 0.940), ("als", 0.940), ("user-knn", 0.945), ("baseline", 0.962)])
def test_tuned_collaborative_filtering_is_as_good_as_elsewhere(ml_100k, name, limit):
    metrics, _ = measured(ml_100k, name, "u1")
    assert metrics["rmse"] <= limit


def test_graded_ease_is_as_good_as_elsewhere(ml_100k):
    ndcg = [measured(ml_100k, "ease", split)[0]["ndcg@10"] for split in ("u1", "u2", "u3", "u4", "u5")]
    assert np.mean(ndcg) >= 0.417
