"""What a result must be before the time that it took is worth anything."""

import numpy as np
import scipy.sparse as sp

from eval.measures.metrics import hits_of, ndcg_at_k, rmse
from recsys.data.scale import WHOLE_STARS
from recsys.models import MODELS
from recsys.models.base import entry_rows
from recsys.ranking import top_k
from tests.benchmarks.workloads import K, Workload

SHARES_OF_HIGHEST = ("vae-masked",)  # whose scores are predicted stars / highest star
RANKING_SCORES = [
    name for name, recipe in MODELS.items() if recipe.ranks_by == "scores" and name not in SHARES_OF_HIGHEST
]
RANKING_STARS = ("vae", "vae-bce")  # taught that unrated means 0 stars, so only the order of their stars tells


def check_scores(name: str, scores: np.ndarray, workload: Workload) -> None:
    """Finite float32 (B, I), and better lists than chance's, or better stars than the mean of all."""
    check_matrix(scores, workload.histories.shape)
    if name in RANKING_SCORES:
        check_beats_chance(scores, workload)
    else:
        unit = WHOLE_STARS.highest if name in SHARES_OF_HIGHEST else 1.0
        check_beats_the_mean(name, scores * unit, workload)


def check_stars(name: str, stars: np.ndarray, workload: Workload) -> None:
    """As `check_scores`, for predicted stars."""
    check_matrix(stars, workload.histories.shape)
    if name in RANKING_STARS:
        check_beats_chance(stars, workload)
    else:
        check_beats_the_mean(name, stars, workload)


def check_matrix(values: np.ndarray, shape: tuple[int, int]) -> None:
    assert isinstance(values, np.ndarray)
    assert (values.shape, values.dtype) == (shape, np.float32)
    assert np.isfinite(values).all()


def check_beats_chance(scores: np.ndarray, workload: Workload) -> None:
    chance = np.random.default_rng(0).random(scores.shape)
    assert mean_ndcg(scores, workload) > 5 * mean_ndcg(
        chance, workload
    )  # items mixed up: up to 4; as it is: 10 or more


def check_beats_the_mean(name: str, stars: np.ndarray, workload: Workload) -> None:
    rows, columns = entry_rows(workload.held_out), workload.held_out.indices
    of_mean = rmse(np.full(len(rows), workload.mean), workload.held_out.data)
    of_model = rmse(WHOLE_STARS.clip(stars[rows, columns]), workload.held_out.data)
    if name == "global-mean":
        np.testing.assert_allclose(of_model, of_mean, rtol=1e-6)
    else:
        assert of_model < 0.99 * of_mean


def mean_ndcg(scores: np.ndarray, workload: Workload) -> float:
    """Over people with something relevant held out."""
    n_relevant = np.diff(workload.relevant.indptr)
    hits = hits_of(top_k(scores, workload.histories, K), workload.relevant)
    return float(ndcg_at_k(hits[n_relevant > 0], n_relevant[n_relevant > 0]).mean())


def check_lists(ranked: np.ndarray, scores: np.ndarray, histories: sp.csr_array) -> None:
    """What a stable sort of the unseen items gives."""
    assert (ranked.shape, ranked.dtype) == ((len(scores), K), np.int32)
    unseen = np.where(histories.toarray() > 0, -np.inf, scores)
    np.testing.assert_array_equal(ranked, np.argsort(-unseen, axis=1, kind="stable")[:, :K])
