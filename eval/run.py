"""Train models, measure them and print the tables: `python -m eval.run --help`."""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.data.names import NAMES
from recsys.models import MODELS

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from eval.experiment import Outcome
    from eval.results import Report
    from recsys.data.movielens import Dataset
    from recsys.models.base import Model
    from recsys.split import Split

PROTOCOL_NAMES = ("folds", "random")
EXIT_USAGE, EXIT_INTERRUPTED = 2, 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.run",
        description="Train recommenders on MovieLens, measure them on held-out ratings, print two tables and write "
        "results.json, report.md, per-user values, plots and every model's weights.",
        epilog="models: " + "; ".join(f"{name} ({recipe.summary})" for name, recipe in MODELS.items()),
    )
    parser.add_argument(
        "--dataset", default="ml-100k", metavar="D", help=f"{', '.join(NAMES)}, or a folder (default %(default)s)"
    )
    parser.add_argument("--models", nargs="+", default=list(MODELS), metavar="M", help="which models (default all)")
    parser.add_argument("--protocol", default="folds", help="folds (five) or random (80/20) (default %(default)s)")
    parser.add_argument("--splits", nargs="+", metavar="S", help="which splits of it, or all (default the first)")
    parser.add_argument("--k", nargs="+", type=at_least(1), default=[5, 10], help="list lengths (default 5 10)")
    parser.add_argument("--seed", type=at_least(0), default=0, help="of everything random (default %(default)s)")
    parser.add_argument("--epochs", type=at_least(1), metavar="N", help="instead of each model's own number of epochs")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/TIME-DATASET-PROTOCOL)")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where downloaded data is kept (default a folder per user)"
    )
    parser.add_argument(
        "--min-ratings", type=at_least(1), default=20, metavar="N", help="drop users with fewer (default %(default)s)"
    )
    parser.add_argument(
        "--on-duplicate",
        default="refuse",
        choices=("refuse", "latest"),
        help="a pair rated twice (default %(default)s)",
    )
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "model", options.models, MODELS)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOL_NAMES)
    return options


def at_least(lowest: int) -> Callable[[str], int]:
    """An argparse type: whole numbers from `lowest` upwards."""

    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {lowest}")
        return int(text)

    return whole_number


def refuse_unknown(
    parser: argparse.ArgumentParser, kind: str, names: Sequence[str], known: Sequence[str] | dict
) -> None:
    """Exit with a sentence that lists what is known, if a name is not."""
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown {kind} {', '.join(map(repr, unknown))}; known: {', '.join(known)}")


@dataclass
class Run:
    """A run under way: what it works on, and what it has found so far."""

    report: "Report"
    splits: "list[Split]"
    models: list[str]
    out: Path
    console: "Console"

    def work(self) -> None:
        """Fit and measure every model on every split; each result is on disk before the next begins."""
        for split in self.splits:
            for name in self.models:
                self.one(name, split)

    def one(self, name: str, split: "Split") -> None:
        """Fit and measure one model on one split, and keep what came out."""
        from eval.console import bar
        from eval.experiment import run_experiment
        from eval.results import write_per_user, write_results

        with bar(self.console, f"{split.name} {name}") as on_progress:
            scale = self.report.dataset.ratings.scale
            model, outcome = run_experiment(name, split, scale, self.report.settings, on_progress)
        self.save_weights(name, split, model)
        write_per_user(self.out, outcome, self.report.dataset.ratings.user_ids)
        self.report = replace(self.report, outcomes=(*self.report.outcomes, outcome))
        write_results(self.out, self.report)
        self.console.print(outcome_line(outcome, self.report))

    def save_weights(self, name: str, split: "Split", model: "Model") -> None:
        """Write the model to artifacts/SPLIT/MODEL."""
        from recsys.artifact import Artifact, save_artifact

        facts = {
            "dataset": self.report.dataset.name,
            "dataset_sha256": self.report.dataset.sha256,
            "protocol": self.report.protocol,
            "split": split.name,
            "seed": self.report.settings.seed,
        }
        artifact = Artifact(name, model, self.report.dataset.ratings.item_ids, facts)
        save_artifact(self.out / "artifacts" / split.name / name, artifact)

    def finish(self) -> None:
        """Print the tables; write report and plots."""
        from eval.console import make_console
        from eval.plots import draw_plots
        from eval.report import write_report
        from eval.tables import for_terminal, list_table, rating_table

        if not self.report.outcomes:
            return
        stdout = make_console(stderr=False)
        for table in (rating_table(self.report), list_table(self.report)):
            if table.rows:
                stdout.print(for_terminal(table, stdout.width))
        write_report(self.out, self.report)
        draw_plots(self.out, self.report)


def outcome_line(outcome: "Outcome", report: "Report") -> str:
    """One finished model in one line."""
    from eval.summary import single_run

    k = max(report.settings.ks)
    metrics = single_run(outcome, report.settings.ks)
    shown = {"RMSE": metrics["rmse"], f"nDCG@{k}": metrics[f"ndcg@{k}"]}
    figures = "  ".join(f"{name} {'–' if value is None else format(value, '.4f')}" for name, value in shown.items())
    costs = f"fit {outcome.fit_seconds:6.2f} s  score {outcome.score_seconds:5.2f} s"
    return f"{outcome.split:>6}  {outcome.model:<12} {figures:<28}  {costs}"


def load(options: argparse.Namespace, console: "Console") -> "Dataset":
    """The data set, with a bar while it is fetched, and what was dropped from it."""
    from eval.console import bar
    from recsys.data.movielens import load_dataset

    with bar(console, f"data {options.dataset}") as on_progress:
        dataset = load_dataset(
            options.dataset,
            cache=options.cache,
            min_ratings=options.min_ratings,
            on_duplicate=options.on_duplicate,
            on_progress=on_progress,
        )
    console.print(dataset.source)
    console.print(dataset.cleaning.sentence())
    return dataset


def prepare(options: argparse.Namespace, console: "Console", command: str) -> Run:
    """Everything that a run needs before the first model."""
    from eval.experiment import Settings
    from eval.protocols import make_splits
    from eval.results import Report, split_facts

    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    settings = Settings(ks=tuple(sorted(set(options.k))), seed=options.seed, epochs=options.epochs)
    facts = tuple(split_facts(split, settings.relevant_from) for split in splits)
    models = list(dict.fromkeys(options.models))
    planned = len(models) * len(splits)
    report = Report(dataset, options.protocol, settings, facts, (), command, planned)
    out = options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-{dataset.name}-{options.protocol}"
    out.mkdir(parents=True, exist_ok=True)
    return Run(report, splits, models, out, console)


def main(arguments: Sequence[str]) -> int:
    """Run the harness; the exit status is 0, 2 for a person's mistake, 130 after Ctrl-C."""
    options = parse(arguments)
    from eval.console import make_console

    console, started = make_console(stderr=True), time.perf_counter()
    try:
        run = prepare(options, console, shlex.join(["python", "-m", "eval.run", *arguments]))
    except ValueError as error:  # DataError among them
        print(f"eval.run: {error}", file=sys.stderr)
        return EXIT_USAGE
    interrupted = False
    try:
        run.work()
    except KeyboardInterrupt:
        interrupted = True
    run.finish()
    done, planned = len(run.report.outcomes), run.report.planned
    state = f"Stopped after {done} of {planned} model runs" if interrupted else f"Finished {planned} model runs"
    console.print(f"\n{state} in {time.perf_counter() - started:.0f} s. Results, report and weights: {run.out}")
    return EXIT_INTERRUPTED if interrupted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
