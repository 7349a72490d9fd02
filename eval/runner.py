"""A run under way: one model after the other, every result on disk before the next begins."""

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.console import bar, make_console
from eval.experiment import Outcome, run_experiment
from eval.results import Report, write_per_user, write_results
from eval.summary import single_run
from recsys.artifact import Artifact, save_artifact
from recsys.data.errors import DataError
from recsys.data.places import note_place
from recsys.fitting import ALL, artifact_of, fit_all
from recsys.split import Split


def make_folder(out: Path) -> Path:
    """Make the folder for a run's results.

    Raises:
        DataError: it cannot be made, or holds the results of another run.
    """
    if (out / "results.json").exists():
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
        failures: a sentence for every model that broke off with an error.
    """

    report: Report
    splits: list[Split]
    models: list[str]
    out: Path
    console: Console
    failures: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    def work(self) -> bool:
        """Fit and measure every model on every split; True if Ctrl-C ended it. A model that fails does not end it."""
        try:
            for split in self.splits:
                for name in self.models:
                    self.attempt(name, split)
        except KeyboardInterrupt:
            return True
        return False

    def attempt(self, name: str, split: Split) -> None:
        """Fit and measure one model on one split; an error is noted, its traceback goes to failures.txt."""
        try:
            self.one(name, split)
        except Exception as error:
            failure = f"{name} failed on {split.name}: {type(error).__name__}: {error}"
            self.failures.append(failure)
            self.console.print(f"[red]{escape(failure)}[/red]")
            with (self.out / "failures.txt").open("a", encoding="utf-8") as log:
                log.write(f"{failure}\n{traceback.format_exc()}\n")

    def one(self, name: str, split: Split) -> None:
        """Fit and measure one model on one split, and keep what came out."""
        with bar(self.console, f"{split.name} {name}") as on_progress:
            dataset = self.report.dataset
            model, outcome = run_experiment(
                name, split, dataset.ratings.scale, self.report.settings, on_progress, dataset.catalog
            )
        figures = single_run(outcome, self.report.settings.ks)
        seed = self.report.settings.seed
        about = self.facts(figures)
        self.save_weights(artifact_of(name, model, split.train, dataset, split=split.name, seed=seed, **about))
        write_per_user(self.out, outcome, self.report.dataset.ratings.user_ids)
        self.report = replace(self.report, outcomes=(*self.report.outcomes, outcome))
        write_results(self.out, self.report)
        self.console.print(outcome_line(outcome, self.report))

    def fit_all(self, name: str) -> Path:
        """Fit a model on all ratings, for people to use; returns the folder artifacts/all/MODEL.

        The figures that go with it are the means over the splits of this run, if the model was measured.
        """
        dataset, settings = self.report.dataset, self.report.settings
        about = self.facts({figure.metric: figure.mean for figure in self.report.figures if figure.model == name})
        with bar(self.console, f"{ALL} {name}") as on_progress:
            artifact = fit_all(
                name, dataset, seed=settings.seed, epochs=settings.epochs, on_progress=on_progress, **about
            )
        folder = self.save_weights(artifact)
        n_ratings = artifact.facts["n_ratings"]
        self.console.print(f"{ALL:>6}  {name:<14} fitted on all {n_ratings:,} ratings: {escape(str(folder))}")
        return folder

    def facts(self, metrics: Mapping[str, float | None]) -> dict[str, Any]:
        """What an artifact says of this run, with figures of its model."""
        return {"protocol": self.report.protocol, "command": self.report.command, "metrics": metrics}

    def save_weights(self, artifact: Artifact) -> Path:
        """Write a model to artifacts/SPLIT/MODEL, and return that folder; of the data, where they lie is noted."""
        note_place(self.out, self.report.dataset.folder)
        folder = self.out / "artifacts" / artifact.facts["split"] / artifact.name
        save_artifact(folder, artifact)
        return folder

    def finish(self) -> None:
        """Write report and plots, then print the tables and where everything is."""
        from eval.plots import draw_plots
        from eval.report import write_report
        from eval.tables import for_terminal, list_table, rating_table

        done, planned = len(self.report.outcomes), self.report.planned
        if done:
            write_results(self.out, self.report, finished=True)
            write_report(self.out, self.report)
            draw_plots(self.out, self.report)
            stdout = make_console(stderr=False)
            for table in (rating_table(self.report), list_table(self.report)):
                if table.rows:
                    stdout.print(for_terminal(table, stdout.width))
        state = f"{done} of {planned} model runs are finished, after {time.perf_counter() - self.started:.0f} s."
        broken = f" {len(self.failures)} failed: see failures.txt there." if self.failures else ""
        self.console.print(f"\n{state} Results, report and weights: {escape(str(self.out))}.{broken}")


def outcome_line(outcome: Outcome, report: Report) -> str:
    """One finished model in one line."""
    k = max(report.settings.ks)
    metrics = single_run(outcome, report.settings.ks)
    shown = {"RMSE": metrics["rmse"], f"nDCG@{k}": metrics[f"ndcg@{k}"]}
    figures = "  ".join(f"{name} {'–' if value is None else format(value, '.4f')}" for name, value in shown.items())
    costs = f"fit {outcome.fit_seconds:6.2f} s  score {outcome.score_seconds:5.2f} s"
    return f"{outcome.split:>6}  {outcome.model:<14} {figures:<28}  {costs}"
