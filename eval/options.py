"""What the command lines of this folder share: options, checks, exit statuses, loading the data."""

import argparse
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.protocols import DEFAULT, PROTOCOL_NAMES, protocol_called
from recsys.compiled import keep_compiled
from recsys.data.sources.names import NAMES
from recsys.errors import DataError
from recsys.extras import missing_explained, use_jax
from recsys.settings import RULES, Liking, is_liking

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from recsys.data.movielens import Dataset
    from recsys.data.scale import RatingScale

EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130
HIGHEST_SEED = 2**32 - 1  # what NumPy, JAX and Keras all take


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Which ratings, how they are cleaned and how they are divided."""
    add_rating_options(parser)
    parser.add_argument(
        "--protocol",
        default=DEFAULT,
        metavar="P",
        help="; ".join(f"{name} ({protocol_called(name).summary})" for name in PROTOCOL_NAMES)
        + "; default %(default)s",
    )
    parser.add_argument("--splits", nargs="+", metavar="S", help="which splits of it, or all (default the first)")


def add_rating_options(parser: argparse.ArgumentParser) -> None:
    """Which ratings, and how they are cleaned."""
    parser.add_argument(
        "--dataset", default="ml-100k", metavar="D", help=f"{', '.join(NAMES)}, or a folder (default %(default)s)"
    )
    parser.add_argument(
        "--min-ratings", type=whole_number(1), default=20, metavar="N", help="drop users with fewer (default 20)"
    )
    parser.add_argument(
        "--on-duplicate",
        default="refuse",
        choices=("refuse", "latest"),
        help="a pair rated twice (default %(default)s)",
    )
    parser.add_argument(
        "--scale",
        nargs=3,
        metavar=("LOWEST", "HIGHEST", "STEP"),
        help="of the ratings, such as 1 10 1, or 1 10 any for any number (default what the ratings show)",
    )
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where downloaded data is kept (default a folder per user)"
    )


def add_fitting_options(parser: argparse.ArgumentParser) -> None:
    """What holds for the fitting of every model."""
    parser.add_argument(
        "--seed", type=whole_number(0, HIGHEST_SEED), default=0, metavar="N", help="of all that is random (default 0)"
    )
    parser.add_argument("--epochs", type=whole_number(1), metavar="N", help="instead of each model's own number")


def add_vocabulary_option(parser: argparse.ArgumentParser) -> None:
    """Of which films models are told."""
    parser.add_argument(
        "--min-film-ratings",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="tell models of films with so many training ratings at least; the means of their genres answer for the "
        "others (default 0: of all films)",
    )


def whole_number(lowest: int, highest: int = sys.maxsize) -> Callable[[str], int]:
    """An argparse type: whole numbers from `lowest` to `highest`."""

    def parsed(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            wish = f"of at least {lowest}" if highest == sys.maxsize else f"from {lowest} to {highest}"
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {wish}")
        return int(text)

    return parsed


def liking(text: str) -> Liking:
    """An argparse type: a rule of what a like is, or stars above 0."""
    try:
        given: Liking = text if text in RULES else float(text)
    except ValueError:
        given = 0.0
    if not is_liking(given) or given == math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is neither {', '.join(RULES)} nor a number of stars above 0")
    return given


def refuse_unknown(
    parser: argparse.ArgumentParser, kind: str, names: Sequence[str], known: Sequence[str] | Mapping[str, Any]
) -> None:
    """Exit with a sentence that lists what is known, if a name is not."""
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown {kind} {', '.join(map(repr, unknown))}; known: {', '.join(known)}")


def exit_status(program: str, work: Callable[[], int]) -> int:
    """Do the work of a command; Ctrl-C, or a mistake that only the data shows, ends it with a sentence on stderr."""
    use_jax(program)
    keep_compiled()
    try:
        with missing_explained():
            return work()
    except DataError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print(f"{program}: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED


def new_folder(out: Path | None, name: str, work: str) -> Path:
    """Make the folder for the results of a piece of work.

    Args:
        out: which; None: one in `runs`, called after the work and the time.
        name: of the command, and of the file that holds its figures.
        work: what the results are of, in a word.

    Raises:
        DataError: it cannot be made, or holds such results already.
    """
    folder = out or Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    if (folder / f"{name}.json").exists():
        raise DataError(f"{folder} holds the results of an earlier {work}; name another --out, or delete it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder} cannot hold the results ({error}); name another --out.") from None
    return folder


def scale_of(words: Sequence[str]) -> "RatingScale":
    """The scale that three words stand for: lowest, highest and step, or "any" for any number between.

    Raises:
        DataError: they are no numbers, or not those of a scale.
    """
    from recsys.data.scale import RatingScale

    came = f"--scale {' '.join(words)}"
    try:
        lowest, highest, step = (
            0.0 if word == "any" and place == 2 else float(word) for place, word in enumerate(words)
        )
    except ValueError:
        raise DataError(f"{came}: expected three numbers such as 1 10 1, or 1 10 any for any number") from None
    if lowest <= 0:
        raise DataError(
            f"{came}: expected a lowest rating above 0, since 0 stands for what is not rated; add a number to all "
            "ratings that lifts them above 0"
        )
    if step == 0 and words[2] != "any":
        raise DataError(f"{came}: expected a step above 0, or any for any number")
    try:
        return RatingScale(lowest=lowest, highest=highest, step=step)
    except ValueError as error:
        raise DataError(f"{came}: {error}") from None


def load(options: argparse.Namespace, console: "Console") -> "Dataset":
    """The data set, with a bar while it is fetched; says its scale, and what was dropped from it."""
    from eval.console import bar
    from recsys.data.movielens import load_dataset

    scale = None if options.scale is None else scale_of(options.scale)
    with bar(console, f"data {options.dataset}") as on_progress:
        dataset = load_dataset(
            options.dataset,
            cache=options.cache,
            min_ratings=options.min_ratings,
            on_duplicate=options.on_duplicate,
            scale=scale,
            on_progress=on_progress,
        )
    console.print(dataset.source)
    origin = "as the ratings show; --scale says otherwise" if scale is None else "as --scale says"
    console.print(f"Stars go from {dataset.ratings.scale.in_words()}, {origin}.")
    console.print(dataset.cleaning.sentence())
    return dataset
