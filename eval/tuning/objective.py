"""What a trial of a study measures: a model with some settings, on ratings carved out of the training part.

No test rating has a part in it.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eval.measures.ratios import RANKED, ratio_of
from eval.measures.stats import estimate
from eval.reporting.summary import user_sums
from eval.running.experiment import EpochLog, Outcome, Settings, measure
from eval.running.part_cache import PartCache
from eval.tuning.search_spaces import SPACES, with_settings, without_choice
from recsys.data.interactions import Histories
from recsys.data.movielens import Dataset
from recsys.data.scale import RatingScale
from recsys.errors import DataError
from recsys.models import MODELS, create
from recsys.models.base import Model, RatingModel
from recsys.models.finite import name_of
from recsys.models.search_space import Space, code, field_of
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.progress import OnProgress
from recsys.results.metrics import NDCG, RMSE, Metric, all_metrics
from recsys.settings import Config, ValidationConfig
from recsys.split import Split, carve_validation

KS = (5, 10)  # list lengths that a metric may have
METRICS = {metric.key: metric for metric in all_metrics(KS)}


def default_metric(model: str) -> str:
    """What a model is tuned by, unless told otherwise: its lists, if it makes them on purpose, else its stars."""
    return NDCG.at(10).key if MODELS[model].ranks_by == "scores" else RMSE.key


def validation_split(split: Split, fraction: float, seed: int) -> Split:
    """The training part alone, divided again: what is carved out for validation takes the place of the test part."""
    fitting, validation = carve_validation(split.train, seed=seed, config=ValidationConfig(fraction=fraction))
    return Split(split.name, fitting, validation.stars)


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """What is searched for, and on what it is measured.

    Attributes:
        model: key of SPACES.
        epochs: replaces the model's own number, which then is not searched for.
        fields: of the space, those that are searched; None: all.
        splits: made by `validation_split` with the fraction.
        protocol, on_duplicate: what the splits were made with.
        min_film_ratings: training ratings of a film that the model is told of; see `recsys.models.vocabulary`.
    """

    model: str
    metric: Metric
    dataset: Dataset
    splits: tuple[Split, ...]
    protocol: str
    fraction: float
    on_duplicate: str
    seed: int
    epochs: int | None = None
    fields: tuple[str, ...] | None = None
    min_film_ratings: int = 0

    @cached_property
    def base(self) -> Config:
        """The model's settings today, from which a search starts; none that fit itself would replace."""
        return without_choice(create(self.model, self.dataset.ratings.scale, epochs=self.epochs).config)

    @cached_property
    def space(self) -> Space:
        """What is searched."""
        space, fixed = SPACES[self.model], () if self.epochs is None else ("epochs",)
        searched = space if self.fields is None else self.fields
        return {name: space[name] for name in space if name in searched and name not in fixed}

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Everything that a value depends on; where these are the same, values can be compared."""
        some_films = {"min_film_ratings": self.min_film_ratings} if self.min_film_ratings else {}
        return {
            "model": self.model,
            "base": repr(self.base),
            "space": repr(self.space),
            "metric": self.metric.key,
            "dataset": self.dataset.name,
            "dataset_sha256": self.dataset.sha256,
            "min_ratings": self.dataset.cleaning.min_ratings,
            "on_duplicate": self.on_duplicate,
            "protocol": self.protocol,
            "splits": sorted(split.name for split in self.splits),
            "fraction": self.fraction,
            "seed": self.seed,
            **some_films,
        }

    @property
    def name(self) -> str:
        """The study's name: to read, and a digest of all facts."""
        digest = hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()
        return f"{self.model}-{self.metric.key}-{self.dataset.name}-{digest[:8]}"

    def unfitted(self, config: Config) -> Model:
        """The model with these settings.

        Raises:
            DataError: see `with_vocabulary`.
        """
        model = create(self.model, self.dataset.ratings.scale, config=config)
        return with_vocabulary(model, self.min_film_ratings)

    def changes(self, settings: Mapping[str, Any]) -> str:
        """What settings change, as Python."""
        changed = {name: value for name, value in settings.items() if value != field_of(self.base, name)}
        return ", ".join(f"{name}={code(value)}" for name, value in changed.items()) or "the default"


@dataclass(frozen=True)
class Ranker:
    """A fitted model of which only the ranking shows, so that no stars are predicted for a metric of lists."""

    model: Model

    @property
    def name(self) -> str:
        """What the model is called."""
        return name_of(self.model)

    @property
    def scale(self) -> RatingScale:
        """That its stars are given on."""
        return self.model.scale

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32."""
        return self.model.score(people)


def value_of(
    task: Task,
    settings: Mapping[str, Any],
    cache: PartCache,
    progress_on: Callable[[str], AbstractContextManager[OnProgress]],
) -> float:
    """The metric of the model with these settings, as the mean over splits.

    Args:
        progress_on: gives an `on_progress` for the work on a split, which it is told the name of.

    Raises:
        DataError: the model does not have the metric, or the validation ratings have nothing to take it of.
        NotFiniteError: the model learned, or answers, what is no number.
        ValueError: the config refuses the settings.
    """
    config, outcomes = with_settings(task.base, settings), []
    for split in task.splits:
        with progress_on(split.name) as on_progress:
            outcomes.append(validated(task, config, split, cache, on_progress))
    sums = user_sums(outcomes, task.metric)
    if sums is None:
        raise DataError(missing_metric(task, is_measured=ratio_of(task.metric).values in outcomes[0].per_user))
    return estimate(sums)


def validated(task: Task, config: Config, split: Split, cache: PartCache, on_progress: OnProgress) -> Outcome:
    """Fit on what a split's training part has left, measure on what was carved out of it."""
    unfitted = task.unfitted(config)
    of_lists = ratio_of(task.metric).per == RANKED
    if not of_lists and not isinstance(unfitted, RatingModel):
        raise DataError(missing_metric(task, is_measured=False))
    log, started = EpochLog(on_progress), time.perf_counter()
    model = cache.fitted(unfitted, split, task.seed, log)
    fit_seconds = time.perf_counter() - started
    shown: Any = Ranker(model) if of_lists else model
    per_user, reliability, score_seconds = measure(
        shown,
        split,
        Settings(ks=KS, seed=task.seed),
        ranks_by="scores" if of_lists else "nothing",
        on_progress=on_progress,
    )
    return Outcome(
        model=task.model,
        split=split.name,
        config=config,
        per_user=per_user,
        reliability=reliability,
        curve=log.curve,
        seconds_per_epoch=log.seconds_per_epoch,
        fit_seconds=fit_seconds,
        score_seconds=score_seconds,
        peak_rss_bytes=None,
    )


def missing_metric(task: Task, *, is_measured: bool) -> str:
    """A sentence for a metric that a model does not have, or that the validation ratings have nothing to take of."""
    if is_measured:
        names = ", ".join(split.name for split in task.splits)
        return (
            f"the validation ratings of {names} have nothing that {task.metric.key} could be taken of; "
            f"carve out more than --fraction {task.fraction:g}."
        )
    return f"{task.model} does not have the metric {task.metric.key}; try --metric {default_metric(task.model)}."
