"""Train a model on all ratings and save it, by one process or several: `python -m eval.train --help`."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.jobs import add_job_options, ended, processes_of, refuse_half_a_job
from eval.options import (
    add_fitting_options,
    add_rating_options,
    add_vocabulary_option,
    exit_status,
    load,
    refuse_unknown,
    whole_number,
)
from recsys.models import FLAGSHIP, MODELS
from recsys.streams import run

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from recsys.training.processes import Processes


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    shared = ", ".join(name for name, recipe in MODELS.items() if recipe.shared)
    parser = argparse.ArgumentParser(
        prog="python -m eval.train",
        description="Train a model on all ratings and save it to be used, as eval.run --fit-all does; nothing is "
        "measured. One process trains any model; several, on one machine or on many, share out the people of some. "
        "What was interrupted goes on where it was, if the same command is given again.",
        epilog=f"trained by several processes: {shared}",
    )
    parser.add_argument(
        "--model", default=FLAGSHIP, metavar="M", help=f"which of {', '.join(MODELS)} (default %(default)s)"
    )
    add_rating_options(parser)
    add_fitting_options(parser)
    add_vocabulary_option(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="the model goes to DIR/artifacts/all/MODEL, in place of one there (default runs/train-DATASET)",
    )
    parser.add_argument(
        "--keep-every",
        type=whole_number(0),
        default=60,
        metavar="SECONDS",
        help="how often the state of training is kept, in DIR/checkpoints (default %(default)s)",
    )
    add_job_options(parser)
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "model", [options.model], MODELS)
    refuse_half_a_job(parser, options)
    return options


def main(arguments: Sequence[str]) -> int:
    """Train a model.

    Returns:
        The exit status: 0, 2 for a person's mistake or a process of the job that has gone, 130 after Ctrl-C.
    """
    options = parse(arguments)
    command = shlex.join(["python", "-m", "eval.train", *arguments])
    return ended(exit_status("eval.train", lambda: work(options, command)), options)


def work(options: argparse.Namespace, command: str) -> int:
    """Join the job, if there is one, and train; the exit status."""
    with processes_of(options) as processes:
        train(options, command, processes)
    return 0


def train(options: argparse.Namespace, command: str, processes: "Processes") -> None:
    """Load, fit, save."""
    from eval.console import bar, make_console
    from eval.running.experiment import Settings
    from eval.running.on_all import save_fitted_on_all
    from recsys.artifacts.fitting import facts_of_fit
    from recsys.artifacts.runs import checkpoint_folder
    from recsys.models import require_shared
    from recsys.training import Training
    from recsys.training.checkpoints import open_checkpoints

    least = options.min_film_ratings
    require_shared(options.model, processes.count, least)
    settings = Settings(seed=options.seed, epochs=options.epochs, min_film_ratings=least)
    console = make_console(stderr=True, quiet=processes.number > 0)
    dataset = load(options, console)
    out = options.out or Path("runs") / f"train-{dataset.name}"
    facts = facts_of_fit(options.model, dataset, options.seed, options.epochs, least)
    checkpoints = open_checkpoints(checkpoint_folder(out, options.model), facts, processes, options.keep_every)
    with bar(console, options.model) as on_progress:
        training = Training(seed=options.seed, on_progress=on_progress, processes=processes, checkpoints=checkpoints)
        save_fitted_on_all(options.model, dataset, training, settings, out, console, command=command)
    checkpoints.forget()


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
