"""k-means, against scikit-learn's."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from recsys.models.numeric.clusters import k_means, k_means_start, lloyd

RNG = np.random.default_rng(0)
POINTS = np.concatenate([RNG.normal(centre, 1, (40, 3)) for centre in (0, 2, 4)])


@pytest.mark.parametrize("n_clusters", [1, 3, 7])
def test_from_the_same_start_it_ends_where_scikit_learn_s_does(n_clusters):
    start = POINTS[:: 120 // n_clusters][:n_clusters]
    found = lloyd(POINTS, start)
    theirs = KMeans(n_clusters, init=start, n_init=1, tol=0, algorithm="lloyd").fit(POINTS)
    np.testing.assert_array_equal(found.of_points, theirs.labels_)
    np.testing.assert_allclose(found.centres, theirs.cluster_centers_, atol=1e-9)
    assert found.inertia[-1] == pytest.approx(theirs.inertia_)


def test_the_inertia_never_rises_and_the_best_of_the_runs_is_kept():
    runs = [k_means(POINTS, 5, 1, np.random.default_rng(seed)) for seed in range(6)]
    for run in runs:
        assert (np.diff(run.inertia) <= 1e-9).all()
    assert k_means(POINTS, 5, 6, np.random.default_rng(0)).inertia[-1] <= runs[0].inertia[-1]


def test_starts_are_points_far_from_each_other_and_no_point_twice():
    start = k_means_start(POINTS, 9, np.random.default_rng(1))
    assert len(np.unique(start, axis=0)) == 9
    alike = np.repeat(np.eye(2), 5, axis=0)
    assert len(k_means(alike, 4, 2, np.random.default_rng(0)).centres) == 2
