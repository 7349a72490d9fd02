"""A run under way: one model after the other, every result on disk before the next begins."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.console import bar, make_console
from eval.reporting.results import Report, write_per_user, write_results
from eval.reporting.summary import single_run
from eval.reporting.writing import Failures
from eval.running.experiment import Outcome, run_experiment
from eval.running.on_all import save_fitted_on_all, save_weights
from recsys.artifacts.fitting import artifact_of
from recsys.artifacts.runs import ALL, model_folder, results_file
from recsys.errors import DataError
from recsys.models.base import ChoosingModel, Model
from recsys.results.metrics import NDCG, RMSE
from recsys.split import Split
from recsys.training import Training
from recsys.training.processes import ALONE, Processes


def make_folder(out: Path) -> Path:
    """Make the folder for a run's results.

    Raises:
        DataError: it cannot be made, or holds the results of another run.
    """
    if results_file(out).exists():
        raise DataError(f"{out} holds the results of an earlier run; name another --out, or delete it.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "per_user").mkdir(exist_ok=True)
    except OSError as error:
        raise DataError(f"{out} cannot hold the results ({error}); name another --out.") from None
    return out


@dataclass
class Run:
    """What a run works on, and what it has found so far.

    Attributes:
        processes: that work together; the first writes.
        failures: every model that broke off with an error, and everything that could not be written.
    """

    report: Report
    splits: list[Split]
    models: list[str]
    out: Path
    console: Console
    processes: Processes = ALONE
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.failures = Failures(self.out, self.console)

    def leave_out(self, refused: Mapping[str, str]) -> None:
        """Do not fit some models, by their names, of which sentences say why; they count as failed."""
        for name, sentence in refused.items():
            if self.processes.number == 0:
                self.failures.note(sentence)
            self.models = [each for each in self.models if each != name]

    def work(self) -> bool:
        """Fit and measure every model on every split; True if Ctrl-C ended it. A model that fails does not end it."""
        try:
            for split in self.splits:
                for name in self.models:
                    self.attempt(name, split)
        except KeyboardInterrupt:
            if self.processes.count > 1:
                raise
            return True
        return False

    def attempt(self, name: str, split: Split) -> None:
        """Fit and measure one model on one split; an error is noted, its traceback goes to failures.txt.

        In a job it ends the run: the other processes cannot go on without this one.
        """
        if self.processes.count > 1:
            self.one(name, split)
            return
        self.failures.tried(f"{name} failed on {split.name}", lambda: self.one(name, split))

    def one(self, name: str, split: Split) -> None:
        """Fit and measure one model on one split, and keep what came out."""
        with bar(self.console, f"{split.name} {name}") as on_progress:
            scale, settings = self.report.dataset.ratings.scale, self.report.settings
            model, outcome = run_experiment(name, split, scale, settings, on_progress, self.processes)
        self.report = replace(self.report, outcomes=(*self.report.outcomes, outcome))
        if self.processes.number == 0:
            self.keep(model, outcome, split)
        self.console.print(outcome_line(outcome, self.report))
        if isinstance(model, ChoosingModel):
            self.console.print(f"{'':>6}  {model.chosen()}", highlight=False)

    def keep(self, model: Model, outcome: Outcome, split: Split) -> None:
        """Write weights, values per user and results; what cannot be written is noted, and the rest is."""
        dataset, settings, name = self.report.dataset, self.report.settings, outcome.model
        about = self.facts(single_run(outcome, settings.ks))
        artifact = artifact_of(name, model, split.train.stars, dataset, split=split.name, seed=settings.seed, **about)
        of_model, user_ids = f"of {name} on {split.name} could not be written", dataset.ratings.user_ids
        self.failures.tried(f"the weights {of_model}", lambda: save_weights(self.out, artifact, dataset))
        self.failures.tried(f"the values per user {of_model}", lambda: write_per_user(self.out, outcome, user_ids))
        self.failures.tried("results.json could not be written", lambda: write_results(self.out, self.report))

    def fit_all(self, name: str) -> Path | None:
        """Fit a model on all ratings, to be used; returns the folder artifacts/all/MODEL, None if that failed."""
        if self.processes.count > 1:
            self.save_fitted_on_all(name)
        elif not self.failures.tried(f"{name} failed on {ALL} ratings", lambda: self.save_fitted_on_all(name)):
            return None
        return model_folder(self.out, ALL, name)

    def save_fitted_on_all(self, name: str) -> None:
        """Fit on all ratings and save.

        The figures that go with it are the means over the splits of this run, if the model was measured.
        """
        dataset, settings = self.report.dataset, self.report.settings
        about = self.facts({figure.metric: figure.mean for figure in self.report.figures if figure.model == name})
        with bar(self.console, f"{ALL} {name}") as on_progress:
            training = Training(seed=settings.seed, on_progress=on_progress, processes=self.processes)
            save_fitted_on_all(name, dataset, training, settings, self.out, self.console, **about)

    def facts(self, metrics: Mapping[str, float | None]) -> dict[str, Any]:
        """What an artifact says of this run, with figures of its model."""
        return {"protocol": self.report.protocol, "command": self.report.command, "metrics": metrics}

    def finish(self) -> None:
        """Write plots and report, then print the tables and where everything is; of a job, the first process does."""
        if self.processes.number > 0:
            return
        done, planned = len(self.report.outcomes), self.report.planned
        if done:
            self.write_all()
            self.failures.tried("the tables could not be printed", self.print_tables)
        state = f"{done} of {planned} model runs are finished, after {time.perf_counter() - self.started:.0f} s."
        n_failed = len(self.failures.said)
        broken = f" {n_failed} failed: see failures.txt there." if n_failed else ""
        self.console.print(f"\n{state} Results, report and weights: {escape(str(self.out))}.{broken}")

    def write_all(self) -> None:
        """Everything about the run as a whole; what cannot be written is noted, and the rest is."""
        from eval.reporting.plots import draw_plots
        from eval.reporting.report import write_report

        def report() -> None:
            self.failures.tried("report.md could not be written", lambda: write_report(self.out, self.report))

        finished = partial(write_results, self.out, self.report, finished=True)
        self.failures.tried("results.json could not be written", finished)
        report()
        draw_plots(self.out, self.report, self.failures)
        report()  # which now shows what was drawn

    def print_tables(self) -> None:
        """The two tables, on stdout, and those by a number that splits differ in."""
        from eval.reporting.along import tables_along
        from eval.reporting.tables import for_terminal, list_table, rating_table

        stdout = make_console(stderr=False)
        for table in (rating_table(self.report), list_table(self.report), *tables_along(self.report)):
            if table.rows:
                stdout.print(for_terminal(table, stdout.width))


def outcome_line(outcome: Outcome, report: Report) -> str:
    """One finished model in one line."""
    metrics = single_run(outcome, report.settings.ks)
    shown = {metric.name: metrics[metric.key] for metric in (RMSE, NDCG.at(max(report.settings.ks)))}
    figures = "  ".join(f"{name} {'–' if value is None else format(value, '.4f')}" for name, value in shown.items())
    costs = f"fit {outcome.fit_seconds:6.2f} s  score {outcome.score_seconds:5.2f} s"
    return f"{outcome.split:>6}  {outcome.model:<14} {figures:<28}  {costs}"
