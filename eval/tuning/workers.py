"""A study in PostgreSQL, at which any number of workers are at work.

Who begins a trial holds a lock of the server's meanwhile, which the server frees when that worker's connection ends,
however it ends. So a trial that is said to run, and whose lock is free, was left by a worker that died: it is closed,
and another takes its place.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import optuna
import sqlalchemy as sa
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console

from eval.tuning.objective import Task
from eval.tuning.search_spaces import settings_of
from eval.tuning.study import (
    STOPPED,
    SamplerName,
    decoded,
    distributions,
    encoded,
    make_sampler,
    untried_of,
    waiting,
)
from recsys.errors import DataError

DRIVERS = ("postgres", "postgresql", "postgresql+psycopg")
EXAMPLE = "postgresql://USER@HOST/DATABASE"
CLAIM, SCHEMA = -1, -2  # beside numbers of trials, which count from 0
POLL_SECONDS = 1.0  # between two looks at the trials of others
SESSION = {  # seconds, and a number; so the server notices within a minute that a machine has gone
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}


class Workers:
    """What workers at one study agree on.

    Attributes:
        connection: whose session holds the locks of this worker.
        own: numbers of the trials that this worker is at work on.
    """

    def __init__(self, task: Task, study: optuna.Study, connection: sa.Connection):
        self.task, self.study, self.connection = task, study, connection
        self.key, self.own = key_of(task.name), set[int]()

    def trials(self, n_trials: int, sampler: SamplerName, console: Console) -> Iterator[tuple[optuna.Trial, str]]:
        """New trials, until the study has so many by all workers together, and nobody is at work on one."""
        said = False
        while True:
            trial = self.claimed(n_trials, sampler)
            if trial is not None:
                try:
                    yield trial, f"{trial.number}"
                finally:
                    self.own.remove(trial.number)
                    unlock(self.connection, self.key, trial.number)
            elif n_running := len(self.running()):
                if not said:
                    console.print(f"All trials are taken; waiting for {n_running} of other workers.")
                said = True
                time.sleep(POLL_SECONDS)
            else:
                return

    def claimed(self, n_trials: int, sampler: SamplerName) -> optuna.Trial | None:
        """A new trial, locked; None if there are enough, or all of the grid is tried or being tried."""
        with locked(self.connection, self.key, CLAIM):
            self.close_abandoned()
            begun = [trial for trial in self.study.get_trials(deepcopy=False) if counts(trial)]
            if len(begun) >= n_trials or not self.enqueued([self.settings(trial) for trial in begun], sampler):
                return None
            self.study.sampler = make_sampler(sampler, self.task.seed, len(self.study.get_trials(deepcopy=False)))
            trial = self.study.ask(distributions(self.task.space))
            lock(self.connection, self.key, trial.number)
            self.own.add(trial.number)
            return trial

    def close_abandoned(self) -> None:
        """Mark trials as failed whose worker has died; one that has ended since it was looked at stays as it ended."""
        for trial in self.running():
            if trial.number not in self.own and try_lock(self.connection, self.key, trial.number):
                self.study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
                unlock(self.connection, self.key, trial.number)

    def running(self) -> list[FrozenTrial]:
        """Trials that somebody is at work on, or was."""
        return self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))

    def enqueued(self, known: list[dict[str, object]], sampler: SamplerName) -> bool:
        """Whether there is a next trial: the default first, then of a grid what is not known, else what is drawn."""
        if waiting(self.study):
            return True
        default = settings_of(self.task.base, self.task.space)
        if default not in known:
            self.study.enqueue_trial(encoded(default, self.task.space))
        elif sampler == "grid":
            untried = untried_of(self.task, known)
            if not untried:
                return False
            self.study.enqueue_trial(encoded(untried[-1], self.task.space))
        return True

    def settings(self, trial: FrozenTrial) -> dict[str, object]:
        """Those of a trial."""
        return decoded(trial.params, self.task.space)


def counts(trial: FrozenTrial) -> bool:
    """Whether a trial is one of those that were asked for: it runs, or ended by itself."""
    if trial.state == TrialState.FAIL:
        return trial.user_attrs.get("reason", STOPPED) != STOPPED
    return trial.state != TrialState.WAITING


@contextmanager
def open_shared_study(task: Task, url: str) -> Iterator[Workers]:
    """The task's study in a database of PostgreSQL, made if it is not there.

    Args:
        task: what is searched.
        url: of the database.

    Raises:
        DataError: it is no such URL, or the database cannot be used.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    place = parsed(url)
    direction: Literal["maximize", "minimize"] = "maximize" if task.metric.higher_is_better else "minimize"
    engine = sa.create_engine(place, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            for name, value in SESSION.items():
                connection.execute(sa.text(f"SET {name} = {value:d}"))
            with locked(connection, key_of("schema"), SCHEMA):  # tables are made by one worker
                storage = storage_at(place)
                study = optuna.create_study(
                    storage=storage, study_name=task.name, direction=direction, load_if_exists=True
                )
                for name, fact in task.facts.items():
                    study.set_user_attr(name, fact)
            try:
                yield Workers(task, study, connection)
            finally:
                storage.remove_session()
                storage.engine.dispose()
    except (sa.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise unusable(place, error) from None
    finally:
        engine.dispose()


def storage_at(place: sa.URL) -> optuna.storages.RDBStorage:
    """Optuna's tables in a database; DataError if those there are of another version."""
    try:
        return optuna.storages.RDBStorage(place.render_as_string(hide_password=False))
    except RuntimeError as error:
        raise unusable(place, error) from None


def unusable(place: sa.URL, error: Exception) -> DataError:
    """A sentence for a database that cannot be used."""
    said = " ".join(str(error.__cause__ or error).split())[:200]
    return DataError(
        f"{place.render_as_string()} cannot be used as a database of studies ({said}); check --storage, that the "
        "database runs, and its rights. What was measured is kept: the same command goes on."
    )


def parsed(url: str) -> sa.URL:
    """The URL of a database, with the driver that is used here.

    Raises:
        DataError: it is none of PostgreSQL.
    """
    try:
        place = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # the text stays out of the message, since a password may be in it
        raise DataError(f"--storage: got a text that is no URL; expected {EXAMPLE}") from None
    if place.drivername not in DRIVERS:
        raise DataError(f"--storage: got a URL of {place.drivername[:40]!r}; expected {EXAMPLE}")
    return place.set(drivername="postgresql+psycopg")


def key_of(name: str) -> int:
    """A number of 32 bits for a name, as locks have it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)


@contextmanager
def locked(connection: sa.Connection, key: int, number: int) -> Iterator[None]:
    """Hold a lock, as soon as nobody else does."""
    lock(connection, key, number)
    try:
        yield
    finally:
        unlock(connection, key, number)


def lock(connection: sa.Connection, key: int, number: int) -> None:
    """Wait for a lock, and keep it until `unlock` or the end of the connection."""
    connection.execute(sa.select(sa.func.pg_advisory_lock(key, number)))


def try_lock(connection: sa.Connection, key: int, number: int) -> bool:
    """Take a lock if nobody holds it; whether that was so."""
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key, number))))


def unlock(connection: sa.Connection, key: int, number: int) -> None:
    """Let a lock go."""
    connection.execute(sa.select(sa.func.pg_advisory_unlock(key, number)))
