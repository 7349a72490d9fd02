"""A report of a run that never was, whose figures are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from eval.measures.calibration import N_BINS, Reliability
from eval.reporting.results import Report
from eval.running.experiment import Outcome, Settings
from recsys.data.movielens import load_dataset
from recsys.models import MODELS
from recsys.results.schema import SplitFacts
from tests.support.data_folders import write_genres

PER_USER = {  # of three people, the second of whom has nothing relevant held out
    "n_items": np.array([4, 4, 4]),
    "n_test_ratings": np.array([2, 1, 1]),
    "n_relevant": np.array([1, 0, 1]),
    "squared_error": np.array([2.0, 1.0, 1.0]),
    "absolute_error": np.array([2.0, 1.0, 1.0]),
    "paper_squared_error": np.array([16.0, 16.0, 16.0]),
    "paper_absolute_error": np.array([8.0, 8.0, 8.0]),
    "precision@2": np.array([0.5, 0.0, 0.5]),
    "recall@2": np.array([1.0, 0.0, 1.0]),
    "f1@2": np.array([0.75, 0.0, 0.75]),
    "ndcg@2": np.array([0.5, 0.0, 0.5]),
    "mrr@2": np.array([0.5, 0.0, 0.5]),
}
SPLIT = SplitFacts(
    name="u1",
    n_users=3,
    n_items=4,
    n_train_ratings=5,
    n_test_ratings=4,
    n_test_users=3,
    n_ranked_users=2,
    n_cells=12,
    zero_mse=6.25,
    zero_rmse=2.5,
    zero_mae=0.75,
    n_asked=None,
)


def small_outcome(model: str = "ease", **per_user: np.ndarray) -> Outcome:
    """What a model did on the split; `per_user` comes on top of PER_USER."""
    return Outcome(
        model=model,
        split="u1",
        config=MODELS[model].config,
        per_user={**PER_USER, **per_user},
        reliability=None,
        curve=[],
        seconds_per_epoch=None,
        fit_seconds=1.5,
        score_seconds=0.25,
        peak_rss_bytes=None,
    )


def trained_outcome(model: str = "ease") -> Outcome:
    """The same of a model with epochs and probabilities of stars, all of which lie in the fourth of the bins."""
    in_a_bin = np.zeros((4, N_BINS))
    in_a_bin[:, 3] = 1.0
    return replace(
        small_outcome(model, negative_log_likelihood=np.array([2.0, 1.0, 1.0]), calibration_error=np.zeros(3)),
        reliability=Reliability(in_a_bin, in_a_bin * 2, in_a_bin * 4),
        curve=[{"epoch": 1, "loss": -0.5}, {"epoch": 2, "loss": 0.25}],
        seconds_per_epoch=0.5,
        peak_rss_bytes=1024,
    )


def small_report(folder: Path, *outcomes: Outcome) -> Report:
    """A report of a run over data that are written to a folder."""
    dataset = load_dataset(write_genres(folder / "films"), min_ratings=1)
    return Report(dataset, "folds", Settings(ks=(2,)), (SPLIT,), outcomes, "python -m eval.run", len(outcomes))
