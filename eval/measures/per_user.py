"""From what a model said of people, and what they held out, to values per user.

Legend: U users, B users of a chunk, I items, N held-out ratings, k list length.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from eval.measures.calibration import calibration_error_sums
from eval.measures.metrics import (
    absolute_error_sums,
    f1_at_k,
    hits_of,
    log_loss_sums,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
    squared_error_sums,
    zero_filled_error_sums,
)
from recsys.data.scale import RatingScale
from recsys.models.base import entry_rows

PerUser = dict[str, np.ndarray]  # name -> (U,)


def counts(held_out: sp.csr_array, relevant: sp.csr_array) -> PerUser:
    """What each user's values are divided by: items in all, held-out ratings and relevant ones."""
    return {
        "n_items": np.full(held_out.shape[0], held_out.shape[1]),
        "n_test_ratings": np.diff(held_out.indptr),
        "n_relevant": np.diff(relevant.indptr),
    }


def rating_errors(stars: np.ndarray, held_out: sp.csr_array, scale: RatingScale) -> PerUser:
    """Summed errors of predicted stars, (B, I), by user."""
    n_users, user_idx = held_out.shape[0], entry_rows(held_out)
    predicted = scale.clip(stars[user_idx, held_out.indices])
    paper_squared, paper_absolute = zero_filled_error_sums(stars, held_out)
    return {
        "squared_error": squared_error_sums(predicted, held_out.data, user_idx, n_users),
        "absolute_error": absolute_error_sums(predicted, held_out.data, user_idx, n_users),
        "paper_squared_error": paper_squared,
        "paper_absolute_error": paper_absolute,
    }


def forecast_errors(forecast: np.ndarray, held_out: sp.csr_array, scale: RatingScale) -> PerUser:
    """How wrong probabilities of stars, (N, n_levels), were, summed by user: surprise in nats, and miscalibration.

    Of all users at once: what is miscalibrated shows in the sum over users only.
    """
    n_users, user_idx, level = held_out.shape[0], entry_rows(held_out), levels_of(held_out, scale)
    given = forecast[np.arange(len(level)), level]
    return {
        "negative_log_likelihood": log_loss_sums(given, user_idx, n_users),
        "calibration_error": calibration_error_sums(forecast, level, user_idx, n_users),
    }


def levels_of(held_out: sp.csr_array, scale: RatingScale) -> np.ndarray:
    """(N,) int64 place of each held-out rating on the scale, 0 for the lowest star, in storage order."""
    return scale.level_of(held_out.data)


def list_quality(ranked: np.ndarray, relevant: sp.csr_array, ks: Sequence[int]) -> PerUser:
    """Metrics of ranked lists, (B, k), for every k; 0 for users with nothing relevant."""
    n_relevant = np.diff(relevant.indptr)
    has_any = n_relevant > 0
    hits, wanted = hits_of(ranked, relevant)[has_any], n_relevant[has_any]
    values: PerUser = {}
    for k in ks:
        at_k = {
            f"precision@{k}": precision_at_k(hits[:, :k]),
            f"recall@{k}": recall_at_k(hits[:, :k], wanted),
            f"f1@{k}": f1_at_k(hits[:, :k], wanted),
            f"ndcg@{k}": ndcg_at_k(hits[:, :k], wanted),
            f"mrr@{k}": reciprocal_rank_at_k(hits[:, :k]),
        }
        for name, ranked_values in at_k.items():
            values[name] = np.zeros(len(n_relevant))
            values[name][has_any] = ranked_values
    return values
