"""What is found out about the trials of a study: their ranking, the default among them, which settings matter."""

from dataclasses import dataclass
from functools import cached_property

import optuna
from optuna.importance import PedAnovaImportanceEvaluator

from eval.tuning.objective import Task
from eval.tuning.search_spaces import settings_of
from eval.tuning.study import Tried, measured_trials

FEWEST_FOR_IMPORTANCES = 8  # trials with a value
N_GOOD = 5  # trials that stand for the good ones; with fewer, importances are chance


@dataclass(frozen=True, eq=False)
class Findings:
    """A study as it stands."""

    task: Task
    tried: list[Tried]
    study: optuna.Study

    @cached_property
    def ranking(self) -> list[Tried]:
        """Trials with a value of their own, the best first."""
        return measured_trials(self.tried, self.task.metric)

    @cached_property
    def default(self) -> Tried | None:
        """The trial of the default settings; None if it has no value."""
        settings = settings_of(self.task.base, self.task.space)
        return next((trial for trial in self.ranking if trial.settings == settings), None)

    @cached_property
    def importances(self) -> dict[str, float]:
        """The share of each setting in what tells good trials from the rest, largest first; empty if none can be told.

        By PED-ANOVA (Watanabe, Bansal and Hutter 2023).
        """
        complete = sum(trial.value is not None for trial in self.tried)
        if complete < FEWEST_FOR_IMPORTANCES or len(self.task.space) < 2:
            return {}
        evaluator = PedAnovaImportanceEvaluator(target_quantile=min(0.5, max(0.1, N_GOOD / complete)))
        return optuna.importance.get_param_importances(self.study, evaluator=evaluator)
