"""Search better settings of a model on validation ratings: `python -m eval.tune --help`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from eval.options import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    add_data_options,
    add_fitting_options,
    add_vocabulary_option,
    exit_status,
    load,
    refuse_unknown,
    whole_number,
)
from eval.tuning.search_spaces import SPACES, grid_of
from recsys.models import MODELS
from recsys.streams import run

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    import optuna
    from rich.console import Console

    from eval.tuning.objective import Task
    from eval.tuning.search import Search

SAMPLERS = ("tpe", "random", "grid")
PROTOCOLS = ("folds", "random")  # whose training ratings can be divided again in the way that the protocol measures


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.tune",
        description="Search better settings of a model. Every trial is fitted on a part of the training ratings and "
        "measured on the rest of them; test ratings have no part in it. The first trial is the default. The same "
        "command again goes on with the same study.",
        epilog="searched: " + "; ".join(map(searched, SPACES)),
    )
    parser.add_argument("--model", required=True, metavar="M", help="which model, see below")
    parser.add_argument(
        "--trials",
        type=whole_number(0),
        default=20,
        metavar="N",
        help="to run now; with --storage that the study is to have, by all workers together (default 20)",
    )
    parser.add_argument(
        "--sampler",
        default="tpe",
        metavar="S",
        help="tpe (learns from the trials so far), random, or grid (until all of it was tried) (default %(default)s)",
    )
    parser.add_argument(
        "--metric",
        metavar="M",
        help="such as rmse, mae, nll, precision@5 or ndcg@10 (default ndcg@10 for models that score lists, else rmse)",
    )
    parser.add_argument(
        "--fields",
        nargs="+",
        metavar="S",
        help="settings to search; the others stay as they are (default all that the list below has)",
    )
    parser.add_argument(
        "--fraction",
        type=fraction,
        default=0.2,
        metavar="F",
        help="of every person's training ratings that is kept for validation (default %(default)s)",
    )
    add_data_options(parser)
    add_fitting_options(parser)
    add_vocabulary_option(parser)
    parser.add_argument(
        "--out", type=Path, default=Path("runs/tune"), metavar="DIR", help="where studies are (default %(default)s)"
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="a database that workers share, postgresql://USER@HOST/DATABASE: the same command as often and wherever "
        "one likes (default a file in the folder, for one worker)",
    )
    options = parser.parse_args(arguments)
    refuse_mistakes(parser, options)
    return options


def searched(model: str) -> str:
    """The fields that are searched, and how many combinations a grid has."""
    space = SPACES[model]
    return f"{model} ({', '.join(space)}; grid of {len(grid_of(space, MODELS[model].config))})"


def fraction(text: str) -> float:
    """An argparse type: a number between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1")
    return value


def refuse_mistakes(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with a sentence if a name is unknown, or the model has nothing to tune."""
    refuse_unknown(parser, "model", [options.model], MODELS)
    if options.model not in SPACES:
        parser.error(f"{options.model} has no settings to tune; these have: {', '.join(SPACES)}")
    refuse_unknown(parser, "setting", options.fields or (), SPACES[options.model])
    refuse_unknown(parser, "sampler", [options.sampler], SAMPLERS)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOLS)
    if options.metric is not None:
        from eval.tuning.objective import METRICS

        refuse_unknown(parser, "metric", [options.metric], METRICS)


def main(arguments: Sequence[str]) -> int:
    """Run a study.

    Returns:
        The exit status: 0, 1 if a trial broke off with an error, none has a value or something could not be written, 2
        for a person's mistake, 130 after Ctrl-C.
    """
    options = parse(arguments)
    return exit_status("eval.tune", lambda: tune(options))


def tune(options: argparse.Namespace) -> int:
    """Load, search, report; the exit status."""
    from eval.console import make_console
    from eval.reporting.writing import Failures
    from eval.tuning.findings import Findings
    from eval.tuning.study import make_folder
    from eval.tuning.study_report import introduction, report

    console = make_console(stderr=True)
    make_folder(options.out)
    task = prepare(options, console)
    with opened(task, options, console) as (search, trials):
        console.print(introduction(task, search.tried), soft_wrap=True)
        interrupted = search.work(trials)
        failures = Failures(options.out, console)
        has_values = report(Findings(task, search.tried, search.study), options.out, console, failures)
    console.print(ending(search, interrupted), soft_wrap=True)
    return EXIT_INTERRUPTED if interrupted else EXIT_FAILED if search.errors or failures.said or not has_values else 0


@contextmanager
def opened(
    task: "Task", options: argparse.Namespace, console: "Console"
) -> "Iterator[tuple[Search, Iterator[tuple[optuna.Trial, str]]]]":
    """A search, and the trials that this worker is to run: in a folder of its own, or in a storage that is shared."""
    from eval.tuning.search import Search
    from eval.tuning.study import open_study

    if options.storage is None:
        with open_study(task, options.out, options.sampler) as study:
            search = Search(task, study, options.out, console)
            yield search, search.own_trials(options.trials, options.sampler)
        return
    from eval.tuning.workers import open_shared_study

    with open_shared_study(task, options.storage) as workers:
        search = Search(task, workers.study, options.out, console)
        yield search, workers.trials(options.trials, options.sampler, console)


def ending(search: "Search", interrupted: bool) -> str:
    """How the search ended."""
    stopped = "Stopped. " * interrupted
    counted = "1 trial" if len(search.errors) == 1 else f"{len(search.errors)} trials"
    errors = f"{counted} broke off with an error, see failures.txt there. " * bool(search.errors)
    return f"{stopped}{errors}The same command goes on with this study."


def prepare(options: argparse.Namespace, console: "Console") -> "Task":
    """What is searched, on which ratings; from here on there are no test ratings.

    Raises:
        DataError: the data cannot be had or divided, or memory has no room to fit the model on them.
    """
    from eval.protocols import make_splits
    from eval.tuning.objective import METRICS, Task, default_metric, validation_split
    from recsys.artifacts.room import require_room

    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    task = Task(
        model=options.model,
        metric=METRICS[options.metric or default_metric(options.model)],
        dataset=dataset,
        splits=tuple(validation_split(split, options.fraction, options.seed) for split in splits),
        protocol=options.protocol,
        fraction=options.fraction,
        on_duplicate=options.on_duplicate,
        seed=options.seed,
        epochs=options.epochs,
        fields=options.fields and tuple(options.fields),
        min_film_ratings=options.min_film_ratings,
    )
    for split in task.splits:
        require_room(task.unfitted(task.base), split.train.stars)
    return task


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
