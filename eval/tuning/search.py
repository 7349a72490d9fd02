"""A search at work: one trial after the other. It can be stopped at any time and goes on where it stopped."""

import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from rich.console import Console
from rich.markup import escape

from eval.console import bar
from eval.running.part_cache import N_KEPT_PER_SPLIT, PartCache
from eval.tuning.objective import Task, value_of
from eval.tuning.search_spaces import grid_of
from eval.tuning.study import (
    STOPPED,
    SamplerName,
    Tried,
    decoded,
    distributions,
    encoded,
    measured_trials,
    tried_trials,
    untried_of,
    waiting,
)
from recsys.errors import DataError
from recsys.models.finite import NotFiniteError


class Search:
    """Runs trials of a study; each is in the database before the next begins.

    Attributes:
        errors: a sentence for every trial of now that broke off with an error.
    """

    def __init__(self, task: Task, study: optuna.Study, folder: Path, console: Console):
        self.task, self.study, self.folder, self.console = task, study, folder, console
        self.cache, self.errors = PartCache(N_KEPT_PER_SPLIT * len(task.splits)), list[str]()

    @property
    def tried(self) -> list[Tried]:
        """Every trial that ended, in order."""
        return tried_trials(self.study, self.task.space)

    def work(self, trials: Iterable[tuple[optuna.Trial, str]]) -> bool:
        """Run trials, each with a label; True if Ctrl-C ended it."""
        try:
            for trial, label in trials:
                self.attempt(trial, label)
        except KeyboardInterrupt:
            return True
        return False

    def own_trials(self, n_trials: int, sampler: SamplerName) -> Iterator[tuple[optuna.Trial, str]]:
        """So many new trials, where nobody else is at work on the study. A grid ends when all of it was tried."""
        untried = self.untried_grid() if sampler == "grid" else None
        for number in range(1, n_trials + 1):
            if untried is not None and not waiting(self.study):
                if not untried:
                    self.console.print("Every combination of the grid was tried.")
                    break
                self.study.enqueue_trial(encoded(untried.pop(), self.task.space))
            yield self.study.ask(distributions(self.task.space)), f"{number}/{n_trials}"

    def untried_grid(self) -> list[dict[str, Any]]:
        """Combinations of the grid that no trial had, in an order that the seed gives."""
        known = [trial.settings for trial in self.tried if trial.state != "failed"]
        n_all, untried = len(grid_of(self.task.space, self.task.base)), untried_of(self.task, known)
        self.console.print(f"The grid has {n_all} combinations; {n_all - len(untried)} of them were tried.")
        return untried

    def attempt(self, trial: optuna.Trial, label: str) -> None:
        """One trial. Settings that cannot be measured are refused; an error is noted and does not end the search."""
        settings, started = decoded(trial.params, self.task.space), time.perf_counter()
        same = next((one for one in self.tried if one.value is not None and one.settings == settings), None)
        try:
            value = same.value if same else self.measured(settings, f"trial {label}")
        except NotFiniteError as error:
            self.close(trial, TrialState.PRUNED, started, reason=sentence(error))
        except (DataError, KeyboardInterrupt) as stop:
            self.close(trial, TrialState.FAIL, started, reason=str(stop) or STOPPED)
            raise
        except (ValueError, ArithmeticError) as error:
            self.close(trial, TrialState.PRUNED, started, reason=sentence(error))
        except Exception as error:
            self.close(trial, TrialState.FAIL, started, reason=sentence(error))
            self.note(f"trial {trial.number} failed: {sentence(error)}")
        else:
            self.close(trial, TrialState.COMPLETE, started, value, **({"same_as": same.number} if same else {}))
        self.console.print(escape(self.line(trial.number)), soft_wrap=True)

    def measured(self, settings: dict[str, Any], label: str) -> float:
        """The value of settings, with a bar for the epochs on every split."""
        return value_of(self.task, settings, self.cache, lambda split: bar(self.console, f"{label} {split}"))

    def close(
        self, trial: optuna.Trial, state: TrialState, started: float, value: float | None = None, **notes: Any
    ) -> None:
        """Write what came of a trial to the database, unless another worker has taken this one for dead."""
        try:
            for name, note in {"seconds": time.perf_counter() - started, **notes}.items():
                trial.set_user_attr(name, note)
            self.study.tell(trial, value, state)
        except optuna.exceptions.UpdateFinishedTrialError:
            self.console.print(f"trial {trial.number} was taken over, since this worker had been out of reach.")

    def note(self, error: str) -> None:
        """Keep an error, and its traceback in failures.txt."""
        self.errors.append(error)
        with suppress(OSError), (self.folder / "failures.txt").open("a", encoding="utf-8") as log:
            log.write(f"{self.task.name}, {error}\n{traceback.format_exc()}\n")

    def line(self, number: int) -> str:
        """One finished trial in one line."""
        tried = self.tried
        trial = next(each for each in tried if each.number == number)
        changes = self.task.changes(trial.settings)
        if trial.value is None:
            return f"trial {number:>3}  {trial.state}, {trial.reason}  {changes}"
        best = measured_trials(tried, self.task.metric)[0]
        result = f"{self.task.metric.key} {trial.value:.4f}  best {best.value:.4f} (trial {best.number})"
        cost = f"{trial.seconds:6.1f} s" if trial.same_as is None else f"as trial {trial.same_as}"
        return f"trial {number:>3}  {result}  {cost}  {changes}"


def sentence(error: Exception) -> str:
    """What went wrong."""
    return f"{type(error).__name__}: {error}"
