"""One model on one split: fit it, let it score every user's history, measure per user.

Legend: U users, I items, B users of a chunk, k list length.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from eval.measure import peak_memory_bytes, reset_peak_memory
from eval.metrics import (
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
from recsys.config import Config
from recsys.data.scale import RatingScale
from recsys.models import MODELS, create
from recsys.models.base import DistributionModel, Model, RatingModel, entry_rows
from recsys.progress import OnProgress, silent
from recsys.ranking import top_k
from recsys.split import Split, carve_validation

CHUNK_CELLS = 2**20  # users x items scored at once

PerUser = dict[str, np.ndarray]  # name -> (U,)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What holds for every model of a run.

    Attributes:
        ks: list lengths. relevant_from: stars from which a held-out rating is relevant.
        seed: of models and validation. epochs: replaces each model's own number, if given.
    """

    ks: tuple[int, ...] = (5, 10)
    relevant_from: float = 4.0
    seed: int = 0
    epochs: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What a model did on a split.

    Attributes:
        config: the settings that it was fitted with.
        per_user: see `measure_chunk`; metrics that the model does not have are absent.
        curve: the figures of every epoch, with "epoch" counted from 1.
        seconds_per_epoch: median; with three epochs or more the compiling in the first has no part in it. None without.
        fit_seconds: with the compiling that fit sets off, without importing the model's libraries.
        peak_rss_bytes: of the whole process, data included; None where the system does not tell.
    """

    model: str
    split: str
    config: Config
    per_user: PerUser
    curve: list[dict[str, float]]
    seconds_per_epoch: float | None
    fit_seconds: float
    score_seconds: float
    peak_rss_bytes: int | None


@dataclass
class EpochLog:
    """An `on_progress` that keeps every epoch's figures and time, and passes everything on."""

    forward: OnProgress
    curve: list[dict[str, float]] = field(default_factory=list)
    times: list[float] = field(default_factory=lambda: [time.perf_counter()])

    def __call__(self, stage: str, done: int, total: int | None, /, **figures: float) -> None:
        """Note one epoch."""
        self.times.append(time.perf_counter())
        self.curve.append({"epoch": done, **figures})
        self.forward(stage, done, total, **figures)

    @property
    def seconds_per_epoch(self) -> float | None:
        """Median seconds between epochs; None if there was none."""
        return float(np.median(np.diff(self.times))) if self.curve else None


def run_experiment(
    name: str,
    split: Split,
    scale: RatingScale,
    settings: Settings,
    on_progress: OnProgress = silent,
    item_features: np.ndarray | None = None,
) -> tuple[Model, Outcome]:
    """Fit a model on a split's training part and measure it on the test part, which is read here and nowhere else.

    Args:
        name: key of MODELS. scale: of the ratings. settings: of the run. on_progress: told of epochs and scoring.
        item_features: (I, n_features) what is known of the items beside their ratings.
    """
    reset_peak_memory()
    unfitted = create(name, scale, epochs=settings.epochs, item_features=item_features)
    log = EpochLog(on_progress)
    started = time.perf_counter()
    model = fit_on(split.train, unfitted, settings.seed, log)
    fit_seconds = time.perf_counter() - started
    per_user, score_seconds = measure(model, split, settings, ranks_by=MODELS[name].ranks_by, on_progress=on_progress)
    return model, Outcome(
        model=name,
        split=split.name,
        config=model.config,
        per_user=per_user,
        curve=log.curve,
        seconds_per_epoch=log.seconds_per_epoch,
        fit_seconds=fit_seconds,
        score_seconds=score_seconds,
        peak_rss_bytes=peak_memory_bytes(),
    )


def fit_on(train: sp.csr_array, model: Model, seed: int, on_progress: OnProgress) -> Model:
    """Fit on all training ratings, or, if the model stops early, on all but a validation part carved out of them."""
    validation = None
    if model.uses_validation:
        train, validation = carve_validation(train, seed=seed)
    return model.fit(train, validation, seed=seed, on_progress=on_progress)


def measure(
    model: Model, split: Split, settings: Settings, *, ranks_by: str, on_progress: OnProgress
) -> tuple[PerUser, float]:
    """Per-user values of every metric, each (U,), and the seconds that the model took to score and predict."""
    chunks, seconds = [], 0.0
    n_users = split.train.shape[0]
    for rows in user_chunks(*split.train.shape):
        values, chunk_seconds = measure_chunk(model, split.train[rows], split.test[rows], settings, ranks_by=ranks_by)
        chunks.append(values)
        seconds += chunk_seconds
        on_progress("score", min(rows.stop, n_users), n_users)
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}, seconds


def user_chunks(n_users: int, n_items: int) -> Iterator[slice]:
    """Row ranges that cover all users, with about CHUNK_CELLS cells each."""
    size = max(1, CHUNK_CELLS // n_items)
    return (slice(start, start + size) for start in range(0, n_users, size))


def measure_chunk(
    model: Model, history: sp.csr_array, held_out: sp.csr_array, settings: Settings, *, ranks_by: str
) -> tuple[PerUser, float]:
    """Per-user values for a chunk of users, (B,) each, and the seconds spent in the model.

    Always there: n_items, n_test_ratings and n_relevant. With stars predicted: squared_error and absolute_error, summed
    over the user's held-out ratings, predictions clipped to the scale; with a distribution of stars, likewise
    negative_log_likelihood; paper_squared_error and paper_absolute_error,
    summed over all items with unrated as 0, not clipped. With ranking: precision@k, recall@k, f1@k, ndcg@k and mrr@k,
    0 for a user with n_relevant 0, who is left out of means.
    """
    relevant = held_out >= settings.relevant_from  # (B, I) sparse bool
    values: PerUser = {
        "n_items": np.full(history.shape[0], history.shape[1]),
        "n_test_ratings": np.diff(held_out.indptr),
        "n_relevant": np.diff(sp.csr_array(relevant).indptr),
    }
    started = time.perf_counter()
    stars = model.predict(history) if isinstance(model, RatingModel) else None
    scores = {"nothing": None, "stars": stars}[ranks_by] if ranks_by != "scores" else model.score(history)
    seconds = time.perf_counter() - started
    if stars is not None:
        values |= rating_errors(stars, held_out, model.scale)
    if isinstance(model, DistributionModel):
        values |= surprise(model.rating_distribution(history), held_out, model.scale)
    if scores is not None:
        values |= list_quality(top_k(scores, history, max(settings.ks)), sp.csr_array(relevant), settings.ks)
    return values, seconds


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


def surprise(distribution: np.ndarray, held_out: sp.csr_array, scale: RatingScale) -> PerUser:
    """Negative log-likelihood of the held-out stars, in nats, summed by user; distribution is (B, I, n_levels)."""
    user_idx = entry_rows(held_out)
    level = np.rint((held_out.data - scale.lowest) / scale.step).astype(np.int64)
    given = distribution[user_idx, held_out.indices, level]
    return {"negative_log_likelihood": log_loss_sums(given, user_idx, held_out.shape[0])}


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
