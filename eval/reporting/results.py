"""results.json: everything a run found, for programs to read; `recsys.results.schema` says what it holds."""

import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eval.measures.calibration import Reliability
from eval.protocols import protocol_called
from eval.reporting.summary import compare, single_run, summarise
from eval.running.environment import environment
from eval.running.experiment import Outcome, Settings
from recsys.artifacts.runs import results_file
from recsys.data.movielens import Dataset
from recsys.data.scale import RatingScale
from recsys.liking import least_stars, liked
from recsys.results.schema import VERSION, Comparison, Figure, ModelRun, ReliabilityTable, Results, SplitFacts
from recsys.settings import LEVEL, Liking
from recsys.split import Split


def split_facts(split: Split, settings: Settings, scale: RatingScale) -> SplitFacts:
    """Count what a split holds."""
    relevant = liked(split.test[split.people], least_stars(settings.liking, scale, split.histories.stars))
    test, n_cells = split.test, len(split.people) * split.test.shape[1]
    stars = test.data.astype(np.float64)
    zero_mse = float(np.sum(stars**2)) / n_cells
    return SplitFacts(
        name=split.name,
        n_users=test.shape[0],
        n_items=test.shape[1],
        n_train_ratings=split.train.n_ratings,
        n_test_ratings=test.nnz,
        n_test_users=int((np.diff(test.indptr) > 0).sum()),
        n_ranked_users=int((np.diff(relevant.indptr) > 0).sum()),
        n_cells=n_cells,
        zero_mse=zero_mse,
        zero_rmse=zero_mse**0.5,
        zero_mae=float(np.sum(stars)) / n_cells,
        n_asked=None if split.asks is None else len(split.asks.people),
        **rare_facts(split, settings.min_film_ratings),
    )


def rare_facts(split: Split, least: int) -> dict[str, int]:
    """How many films models are not told of, and how many held-out ratings are of these; nothing where of all."""
    if not least:
        return {}
    is_rare = np.bincount(split.train.stars.indices, minlength=split.test.shape[1]) < least
    return {"n_rare_films": int(is_rare.sum()), "n_rare_test_ratings": int(is_rare[split.test.indices].sum())}


@dataclass(frozen=True, eq=False)
class Report:
    """A run so far: what was asked and what came out. Never changed: a run that goes on makes another one.

    Attributes:
        command: as typed.
        planned: number of (model, split) pairs that were asked for.
    """

    dataset: Dataset
    protocol: str
    settings: Settings
    splits: tuple[SplitFacts, ...]
    outcomes: tuple[Outcome, ...]
    command: str
    planned: int

    @cached_property
    def figures(self) -> list[Figure]:
        """Means over splits with standard errors."""
        return summarise(self.outcomes, self.settings.ks)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """By metric, every model against the best."""
        return compare(self.outcomes, self.settings.ks, self.settings.seed)


def as_json(report: Report, *, finished: bool) -> dict[str, Any]:
    """The content of results.json; comparisons, which take a while, only once the run is finished."""
    return as_results(report, finished=finished).model_dump(exclude_unset=True)


def as_results(report: Report, *, finished: bool) -> Results:
    """What results.json says of a run."""
    protocol = protocol_called(report.protocol)
    return Results.model_validate(
        {
            "version": VERSION,
            "dataset": report.dataset.name,
            "dataset_sha256": report.dataset.sha256,
            "source": report.dataset.source,
            "cleaning": asdict(report.dataset.cleaning),
            "protocol": report.protocol,
            "protocol_rules": protocol.rules,
            "protocol_procedure": protocol.procedure,
            "seed": report.settings.seed,
            **min_film_ratings(report.settings),
            "k": list(report.settings.ks),
            "relevant_from": relevant_from(report),
            "command": report.command,
            "environment": environment(),
            "splits": list(report.splits),
            "models": {outcome.model: asdict(outcome.config) for outcome in report.outcomes},
            "runs": [run_of(outcome, report) for outcome in report.outcomes],
            "summary": report.figures,
            **({"comparisons": report.comparisons} if finished else {}),
        }
    )


def min_film_ratings(settings: Settings) -> dict[str, int]:
    """Training ratings of the films that models were told of; nothing where of all."""
    return {"min_film_ratings": settings.min_film_ratings} if settings.min_film_ratings else {}


def relevant_from(report: Report) -> Liking:
    """Stars from which a held-out rating is relevant; the name of the rule where they differ from person to person."""
    liking = report.settings.liking
    return report.dataset.ratings.scale.liked_from if liking == LEVEL else liking


def run_of(outcome: Outcome, report: Report) -> ModelRun:
    """One model on one split."""
    reliability, scale = outcome.reliability, report.dataset.ratings.scale
    return ModelRun(
        model=outcome.model,
        split=outcome.split,
        metrics=single_run(outcome, report.settings.ks),
        n_test_ratings=int(outcome.per_user["n_test_ratings"].sum()),
        n_ranked_users=int((outcome.per_user["n_relevant"] > 0).sum()),
        epochs=len(outcome.curve),
        seconds_per_epoch=outcome.seconds_per_epoch,
        fit_seconds=outcome.fit_seconds,
        score_seconds=outcome.score_seconds,
        peak_rss_bytes=outcome.peak_rss_bytes,
        learning_curve=outcome.curve,
        reliability=None if reliability is None else reliability_table(reliability, scale),
    )


def reliability_table(reliability: Reliability, scale: RatingScale) -> ReliabilityTable:
    """Means of the sums in each bin."""

    def rows(values: np.ndarray) -> list[list[float | None]]:
        return [[None if np.isnan(value) else float(value) for value in row] for row in values]

    return ReliabilityTable(
        stars=scale.thresholds.tolist(),
        predicted=rows(reliability.mean_predicted),
        observed=rows(reliability.share_observed),
        count=reliability.count.astype(np.int64).tolist(),
    )


def write_results(folder: Path, report: Report, *, finished: bool = False) -> None:
    """Replace results.json in one step, so that a reader or a crash never meets half of it."""
    write_atomically(
        results_file(folder), json.dumps(as_json(report, finished=finished), indent=1, allow_nan=False) + "\n"
    )


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text, in UTF-8, or bytes beside the path, then rename."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(content.encode() if isinstance(content, str) else content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_per_user(folder: Path, outcome: Outcome, user_ids: np.ndarray) -> None:
    """Write one model's values for every user of a split: per_user/SPLIT/MODEL.csv."""
    path = folder / "per_user" / outcome.split / f"{outcome.model}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({"user_id": user_ids, **outcome.per_user})
    write_atomically(path, table.to_csv(index=False, float_format="%.6g"))
