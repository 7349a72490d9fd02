"""A study in its database: opened or begun, what was tried in it, and its space in Optuna's terms."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
from optuna.trial import TrialState

from eval.tuning.objective import Task
from eval.tuning.search_spaces import grid_of, settings_of
from recsys.errors import DataError
from recsys.models.search_space import Choice, Int, Space
from recsys.results.metrics import Metric

State = Literal["complete", "refused", "failed"]
SamplerName = Literal["tpe", "random", "grid"]
STATES: dict[TrialState, State] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "refused",
    TrialState.FAIL: "failed",
}
KILLED = "its process was killed"  # which left it no time to note a reason
STOPPED = "stopped by Ctrl-C"


@dataclass(frozen=True, eq=False)
class Tried:
    """A trial that ended.

    Attributes:
        state: complete; refused, if settings cannot be measured; failed, if something else ended the trial.
        value: of the metric; None if there is none, and reason says why.
        same_as: number of the earlier trial with the same settings whose value this is; None if it was measured.
    """

    number: int
    state: State
    settings: dict[str, Any]
    value: float | None
    seconds: float
    reason: str
    same_as: int | None


def tried_trials(study: optuna.Study, space: Space) -> list[Tried]:
    """Every trial that ended, in order."""
    return [
        Tried(
            number=trial.number,
            state=STATES[trial.state],
            settings=decoded(trial.params, space),
            value=trial.value if trial.state == TrialState.COMPLETE else None,
            seconds=trial.user_attrs.get("seconds", 0.0),
            reason=trial.user_attrs.get("reason", KILLED if trial.state == TrialState.FAIL else ""),
            same_as=trial.user_attrs.get("same_as"),
        )
        for trial in study.get_trials(deepcopy=False)
        if trial.state.is_finished()
    ]


def measured_trials(tried: list[Tried], metric: Metric) -> list[Tried]:
    """The trials that have a value of their own, the best first."""
    measured = [trial for trial in tried if trial.value is not None and trial.same_as is None]
    return sorted(measured, key=lambda trial: (-1 if metric.higher_is_better else 1) * (trial.value or 0.0))


def untried_of(task: Task, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Combinations of the grid that are not among known settings, in an order that the seed gives, the next last."""
    untried = [settings for settings in grid_of(task.space, task.base) if settings not in known]
    order = np.random.default_rng(task.seed).permutation(len(untried))
    return [untried[place] for place in order]


def decoded(params: dict[str, Any], space: Space) -> dict[str, Any]:
    """Settings from what the database holds; a trial that was killed at its very start has only some."""
    return {name: space[name].decoded(params[name]) for name in space if name in params}


def encoded(settings: dict[str, Any], space: Space) -> dict[str, Any]:
    """The inverse of `decoded`."""
    return {name: space[name].encoded(value) for name, value in settings.items()}


def distributions(space: Space) -> dict[str, optuna.distributions.BaseDistribution]:
    """A space in Optuna's terms."""
    return {name: distribution(dimension) for name, dimension in space.items()}


def distribution(dimension: Any) -> optuna.distributions.BaseDistribution:
    """One field in Optuna's terms."""
    if isinstance(dimension, Choice):
        return optuna.distributions.CategoricalDistribution([dimension.encoded(value) for value in dimension.values])
    if isinstance(dimension, Int):
        return optuna.distributions.IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def make_sampler(name: SamplerName, seed: int, n_before: int) -> optuna.samplers.BaseSampler:
    """A sampler whose draws depend on the trials there are, so that a study that goes on does not repeat itself."""
    own_seed = int(np.random.SeedSequence([seed, n_before]).generate_state(1)[0])
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=own_seed)
    return optuna.samplers.RandomSampler(seed=own_seed)  # points of a grid are enqueued and need no sampler


@contextmanager
def open_study(task: Task, folder: Path, sampler: SamplerName) -> Iterator[optuna.Study]:
    """The task's study in the folder's database: a new one with the default enqueued, or the one that is there.

    Raises:
        DataError: the folder or the database cannot be used, or another process is at work on this study.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    make_folder(folder)
    with alone(folder / f".{task.name}.lock"), database(folder / "studies.db") as storage:
        direction: Literal["maximize", "minimize"] = "maximize" if task.metric.higher_is_better else "minimize"
        study = optuna.create_study(storage=storage, study_name=task.name, direction=direction, load_if_exists=True)
        for name, fact in task.facts.items():
            study.set_user_attr(name, fact)
        close_killed(study)
        study.sampler = make_sampler(sampler, task.seed, len(study.get_trials(deepcopy=False)))
        enqueue_default(study, task)
        yield study


def make_folder(folder: Path) -> None:
    """Make the folder for studies, if it is not there.

    Raises:
        DataError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder} cannot hold the studies ({error}); name another --out.") from None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock on a file, which is free again when the process ends, however it ends.

    Raises:
        DataError: another process holds it, or the file cannot be made.
    """
    try:
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        is_held = "locked" in str(error)
        reason = "another process is at work on this study: wait for it" if is_held else "cannot lock the study"
        raise DataError(f"{reason}, or name another --out ({path}: {error}).") from None
    with closing(lock):
        yield


@contextmanager
def database(path: Path) -> Iterator[optuna.storages.RDBStorage]:
    """The database of studies, made if it is not there.

    Raises:
        DataError: it cannot be used.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as probe:
            probe.execute("BEGIN IMMEDIATE")
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    except (sqlite3.Error, RuntimeError) as error:  # the latter: of another version of Optuna
        raise DataError(f"{path} cannot be used as a database of studies ({error}); name another --out.") from None
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def close_killed(study: optuna.Study) -> None:
    """Mark trials as failed whose process ended before they did; `alone` makes sure that none is still at work."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def enqueue_default(study: optuna.Study, task: Task) -> None:
    """Let the default be the next trial, unless it was tried or waits already."""
    default = settings_of(task.base, task.space)
    was_tried = any(trial.settings == default and trial.state != "failed" for trial in tried_trials(study, task.space))
    if not was_tried and not waiting(study):
        study.enqueue_trial(encoded(default, task.space))


def waiting(study: optuna.Study) -> bool:
    """Whether a trial is enqueued."""
    return bool(study.get_trials(deepcopy=False, states=(TrialState.WAITING,)))
