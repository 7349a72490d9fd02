"""Whose measurements are shown to whom."""

import math

import numpy as np
import pytest

from recsys.artifacts.artifact import Artifact, Items
from recsys.results.choosing import Served, preferred
from recsys.results.found import all_measurements, places
from tests.support.made_up_measurements import DIGEST, OTHER_DIGEST, QUICK, results_of, write
from tests.support.small_models import fitted, ratings


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        (Served("ease", "films", DIGEST, {}), "run"),
        (Served("bmf", "films", DIGEST, {}), "run"),
        (Served("hybrid-vae", "films", OTHER_DIGEST, {}), None),
        (Served("hybrid-vae", "ml-100k", OTHER_DIGEST, {}), None),
        (Served("hybrid-vae", "ml-100k", None, {}), None),
        (Served("hybrid-vae", "ml-100k", ["x"], {}), None),
    ],
)
def test_figures_on_other_ratings_are_shown_to_nobody_who_has_not_chosen_them(tmp_path, served, expected):
    write(tmp_path / "one" / "results.json", results_of(QUICK))
    found = preferred(all_measurements(places(tmp_path, None)), served)
    assert (found and found.key != "published") == (expected and True)


def test_the_facts_of_a_model_may_hold_anything():
    items = Items.of(np.arange(23), ratings(0))
    metrics = {"rmse": 0.9, "mae": None, "mse": math.nan, "nll": "1", "ece": True, "mrr@5": math.inf, "ndcg@5": 10**400}
    for facts, expected in (
        ({"metrics": metrics, "dataset": "films", "dataset_sha256": DIGEST}, ("films", DIGEST, {"rmse": 0.9})),
        ({"metrics": [1], "dataset_sha256": [2]}, ("–", [2], {})),
        ({}, ("–", None, {})),
    ):
        served = Served.of(Artifact("ease", fitted("ease", ratings(0)), items, facts))
        assert (served.dataset, served.dataset_sha256, served.metrics) == expected
