"""Train models, measure them and print the tables: `python -m eval.run --help`."""

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.data.names import NAMES
from recsys.models import MODELS

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from eval.runner import Run
    from recsys.data.movielens import Dataset

PROTOCOL_NAMES = ("folds", "random")
EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
HIGHEST_SEED = 2**32 - 1  # what NumPy, JAX and Keras all take


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
    slow = ", ".join(name for name, recipe in MODELS.items() if not recipe.by_default)
    parser.add_argument(
        "--models", nargs="+", default=None, metavar="M", help=f"which models, or all (default all but {slow})"
    )
    parser.add_argument("--protocol", default="folds", help="folds (five) or random (80/20) (default %(default)s)")
    parser.add_argument("--splits", nargs="+", metavar="S", help="which splits of it, or all (default the first)")
    parser.add_argument("--k", nargs="+", type=whole_number(1), default=[5, 10], help="list lengths (default 5 10)")
    parser.add_argument(
        "--seed", type=whole_number(0, HIGHEST_SEED), default=0, help="of all that is random (default 0)"
    )
    parser.add_argument("--epochs", type=whole_number(1), metavar="N", help="instead of each model's own number")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/TIME-DATASET-PROTOCOL)")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where downloaded data is kept (default a folder per user)"
    )
    parser.add_argument(
        "--min-ratings",
        type=whole_number(1),
        default=20,
        metavar="N",
        help="drop users with fewer (default 20)",
    )
    parser.add_argument(
        "--on-duplicate",
        default="refuse",
        choices=("refuse", "latest"),
        help="a pair rated twice (default %(default)s)",
    )
    options = parser.parse_args(arguments)
    options.models = chosen_models(parser, options.models)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOL_NAMES)
    return options


def chosen_models(parser: argparse.ArgumentParser, names: Sequence[str] | None) -> list[str]:
    """Models to run, each once; exits with a sentence if a name is unknown."""
    if names is None:
        return [name for name, recipe in MODELS.items() if recipe.by_default]
    refuse_unknown(parser, "model", [name for name in names if name != "all"], MODELS)
    return list(MODELS) if "all" in names else list(dict.fromkeys(names))


def whole_number(lowest: int, highest: int = sys.maxsize) -> Callable[[str], int]:
    """An argparse type: whole numbers from `lowest` to `highest`."""

    def parsed(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            wish = f"of at least {lowest}" if highest == sys.maxsize else f"from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {wish}")
        return int(text)

    return parsed


def refuse_unknown(
    parser: argparse.ArgumentParser, kind: str, names: Sequence[str], known: Sequence[str] | dict
) -> None:
    """Exit with a sentence that lists what is known, if a name is not."""
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown {kind} {', '.join(map(repr, unknown))}; known: {', '.join(known)}")


def main(arguments: Sequence[str]) -> int:
    """Run the harness.

    Returns:
        The exit status: 0, 1 if a model failed, 2 for a person's mistake, 130 after Ctrl-C.
    """
    options = parse(arguments)
    try:
        return evaluate(options, shlex.join(["python", "-m", "eval.run", *arguments]))
    except KeyboardInterrupt:
        print("eval.run: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED


def evaluate(options: argparse.Namespace, command: str) -> int:
    """Load, fit, measure, report; the exit status."""
    from eval.console import make_console
    from recsys.data.errors import DataError

    console = make_console(stderr=True)
    try:
        run = prepare(options, console, command)
    except DataError as error:
        print(f"eval.run: {error}", file=sys.stderr)
        return EXIT_USAGE
    interrupted = run.work()
    run.finish()
    return EXIT_INTERRUPTED if interrupted else EXIT_FAILED if run.failures else 0


def prepare(options: argparse.Namespace, console: "Console", command: str) -> "Run":
    """Everything that a run needs before the first model; the folder for its results comes before any work."""
    from eval.experiment import Settings
    from eval.protocols import make_splits
    from eval.results import Report, split_facts
    from eval.runner import Run, make_folder

    name = f"{datetime.now():%Y%m%d-%H%M%S}-{Path(options.dataset).name}-{options.protocol}"
    out = make_folder(options.out or Path("runs") / name)
    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    settings = Settings(ks=tuple(sorted(set(options.k))), seed=options.seed, epochs=options.epochs)
    facts = tuple(split_facts(split, settings.relevant_from) for split in splits)
    report = Report(dataset, options.protocol, settings, facts, (), command, len(options.models) * len(splits))
    return Run(report, splits, options.models, out, console)


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
