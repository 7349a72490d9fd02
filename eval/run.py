"""Train models, measure them and print the tables: `python -m eval.run --help`."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eval.jobs import add_job_options, ended, processes_of, refuse_half_a_job
from eval.options import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    add_data_options,
    add_fitting_options,
    add_vocabulary_option,
    exit_status,
    liking,
    load,
    refuse_unknown,
    whole_number,
)
from eval.protocols import PROTOCOL_NAMES
from eval.publish import add_publishing_options, decide_publishing, publish
from recsys import streams
from recsys.errors import DataError
from recsys.models import MODELS, require_shared
from recsys.settings import LEVEL

GROUPS = {
    "all": list(MODELS),
    "shelf": [name for name, recipe in MODELS.items() if recipe.about and recipe.about.in_paper],
}  # words that stand for several models

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from eval.runner import Run
    from recsys.training.processes import Processes


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.run",
        description="Train recommenders on MovieLens, measure them on held-out ratings, print two tables and write "
        "results.json, report.md, per-user values, plots and every model's weights.",
        epilog="models: " + "; ".join(f"{name} ({recipe.summary})" for name, recipe in MODELS.items()),
    )
    slow = ", ".join(name for name, recipe in MODELS.items() if not recipe.by_default)
    parser.add_argument(
        "--models",
        nargs="+",
        default=None,
        metavar="M",
        help="which models, or all, or shelf for the systems that the paper which this project began with names "
        f"(default all but {slow})",
    )
    add_data_options(parser)
    parser.add_argument("--k", nargs="+", type=whole_number(1), default=[5, 10], help="list lengths (default 5 10)")
    parser.add_argument(
        "--liked",
        type=liking,
        default=LEVEL,
        metavar="RULE",
        help="what a like is: level (the upper quarter of the scale), mean (above the person's own), or stars that it "
        "has at least (default %(default)s)",
    )
    add_fitting_options(parser)
    add_vocabulary_option(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/TIME-DATASET-PROTOCOL)")
    add_publishing_options(parser)
    add_job_options(parser)
    options = parser.parse_args(arguments)
    options.named = set(options.models or ()).intersection(MODELS)
    options.models = chosen_models(parser, options.models)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOL_NAMES)
    decide_publishing(parser, options)
    refuse_half_a_job(parser, options)
    return options


def chosen_models(parser: argparse.ArgumentParser, names: Sequence[str] | None) -> list[str]:
    """Models to run, each once; exits with a sentence if a name is unknown."""
    if names is None:
        return [name for name, recipe in MODELS.items() if recipe.by_default]
    refuse_unknown(parser, "model", [name for name in names if name not in GROUPS], MODELS)
    if "all" in names:
        return list(MODELS)
    return list(dict.fromkeys(model for name in names for model in GROUPS.get(name, [name])))


def main(arguments: Sequence[str]) -> int:
    """Run the harness.

    Returns:
        The exit status: 0, 1 if a model failed or something could not be written, 2 for a person's mistake, 130 after
        Ctrl-C.
    """
    options = parse(arguments)
    command = shlex.join(["python", "-m", "eval.run", *arguments])
    return ended(exit_status("eval.run", lambda: by_all(options, command)), options)


def by_all(options: argparse.Namespace, command: str) -> int:
    """Join the job, if there is one, and do the work; the exit status."""
    with processes_of(options) as processes:
        return evaluate(options, command, processes)


def evaluate(options: argparse.Namespace, command: str, processes: "Processes") -> int:
    """Load, fit, measure, report; the exit status."""
    from eval.console import make_console
    from recsys.training.checkpoints import told_in_all

    run = prepare(options, make_console(stderr=True, quiet=processes.number > 0), command, processes)
    told = told_in_all(processes, lambda: json.dumps(without_room(options, run)).encode())
    run.leave_out(json.loads(told))
    interrupted = run.work()
    run.finish()
    if interrupted:
        return EXIT_INTERRUPTED
    if options.fit_all:
        folder = run.fit_all(options.fit_all)
        if folder and options.push_to_hub and processes.number == 0:
            publish(folder, options, run.console)
    return EXIT_FAILED if run.failures.said else 0


def prepare(options: argparse.Namespace, console: "Console", command: str, processes: "Processes") -> "Run":
    """Everything that a run needs before the first model; the folder for its results comes before any work."""
    from eval.protocols import make_splits
    from eval.reporting.results import Report, split_facts
    from eval.runner import Run, make_folder
    from eval.running.experiment import Settings
    from recsys.training.checkpoints import told_in_all

    for model in options.models:
        require_shared(model, processes.count, options.min_film_ratings)
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{Path(options.dataset).name}-{options.protocol}"
    wanted = options.out or Path("runs") / name
    out = Path(os.fsdecode(told_in_all(processes, lambda: os.fsencode(make_folder(wanted)))))
    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    settings = Settings(
        ks=tuple(sorted(set(options.k))),
        seed=options.seed,
        epochs=options.epochs,
        liking=options.liked,
        min_film_ratings=options.min_film_ratings,
    )
    facts = tuple(split_facts(split, settings, dataset.ratings.scale) for split in splits)
    report = Report(dataset, options.protocol, settings, facts, (), command, len(options.models) * len(splits))
    return Run(report, splits, options.models, out, console, processes)


def without_room(options: argparse.Namespace, run: "Run") -> dict[str, str]:
    """Models that memory has no room for, each with a sentence that says why.

    Raises:
        DataError: one of them was asked for by its name, or no other is left.
    """
    from recsys.artifacts.room import misfits

    sizes = [split.train.stars for split in run.splits]
    largest = max(sizes, key=lambda stars: stars.nnz)
    found = misfits(options.models, largest, run.report.dataset.ratings.scale, options.min_film_ratings)
    asked = [sentence for name, sentence in found.items() if name in options.named or name == options.fit_all]
    if asked or len(found) == len(options.models):
        raise DataError(" ".join(asked or found.values()))
    return found


if __name__ == "__main__":
    sys.exit(streams.run(lambda: main(sys.argv[1:])))
