"""What other models would add to the flagship: `python -m eval.members --help`."""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from eval.options import (
    HIGHEST_SEED,
    add_data_options,
    exit_status,
    load,
    new_folder,
    refuse_unknown,
    whole_number,
)
from recsys.models import FLAGSHIP, MODELS
from recsys.streams import run

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from eval.ablating.member_report import Member
    from eval.ablating.pooling import Answers
    from recsys.data.movielens import Dataset
    from recsys.split import Split

PROTOCOLS = ("folds", "random")  # where models know ratings, so that stars can be measured
CANDIDATES = ("rbm-gaussian", "item-autorec", "rbm-choice", "item-knn", "slim", "svd", "content")
FRACTION = 0.2  # of the training ratings, kept aside to measure on


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.members",
        description=f"Try other models as further members of the pools of {FLAGSHIP} (scores, stars), on ratings kept "
        "aside from the training part; test ratings are not read. A weight is chosen on one half of the people and "
        "measured on the other (paired bootstrap over people).",
    )
    parser.add_argument(
        "--models", nargs="+", default=list(CANDIDATES), metavar="M", help="which (default %(default)s)"
    )
    add_data_options(parser)
    parser.add_argument(
        "--seed", type=whole_number(0, HIGHEST_SEED), default=0, metavar="N", help="of all that is random (default 0)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/members-TIME)")
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOLS)
    refuse_unknown(parser, "model", options.models, [name for name in MODELS if name != FLAGSHIP])
    return options


def main(arguments: Sequence[str]) -> int:
    """Try them. Returns the exit status: 0, 2 for a person's mistake, 130 after Ctrl-C."""
    options = parse(arguments)
    command = shlex.join(["python", "-m", "eval.members", *arguments])
    return exit_status("eval.members", lambda: work(options, command))


def work(options: argparse.Namespace, command: str) -> int:
    """Load, fit, measure, report; the exit status."""
    from eval.ablating.member_report import as_table
    from eval.console import make_console
    from eval.protocols import make_splits
    from eval.reporting.results import write_atomically
    from eval.reporting.tables import as_markdown, for_terminal
    from eval.tuning.objective import validation_split

    console, stdout = make_console(stderr=True), make_console(stderr=False)
    out = new_folder(options.out, "members", "try")
    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    splits = [validation_split(split, FRACTION, options.seed) for split in splits]
    members = tried(dataset, splits, options, console)
    table = as_table(members, [split.name for split in splits])
    stdout.print(for_terminal(table, stdout.width, "members.md"))
    write_atomically(out / "members.md", f"# Further members\n\n- command: `{command}`\n\n{as_markdown(table)}")
    found = [asdict(each) | {"gains": {k: v.model_dump() for k, v in each.gains.items()}} for each in members]
    write_atomically(out / "members.json", json.dumps({"command": command, "members": found}, indent=1) + "\n")
    console.print(f"\nTable and figures: {out}.", soft_wrap=True, markup=False)
    return 0


def tried(dataset: "Dataset", splits: "list[Split]", options: argparse.Namespace, console: "Console") -> "list[Member]":
    """Every model beside the flagship, which is fitted once for each split."""
    from eval.ablating.member_report import member
    from eval.ablating.pooling import Pair

    flagship, _ = answers(FLAGSHIP, dataset, splits, options.seed, console)
    members = []
    for name in dict.fromkeys(options.models):
        others, seconds = answers(name, dataset, splits, options.seed, console)
        scale = dataset.ratings.scale
        pairs = [Pair(*each[:1], scale, *each[1:]) for each in zip(splits, flagship, others, strict=True)]
        members.append(member(name, pairs, seconds, options.seed))
    return members


def answers(
    name: str, dataset: "Dataset", splits: "list[Split]", seed: int, console: "Console"
) -> "tuple[list[Answers], float]":
    """What a model, fitted on each split, says to its people; and the seconds of a fit."""
    from eval.ablating.pooling import Answers
    from eval.console import bar
    from recsys.artifacts.fitting import fit_on
    from recsys.models import create
    from recsys.training import Training

    found, seconds = [], 0.0
    for split in splits:
        with bar(console, f"{split.name} {name}") as on_progress:
            started = time.perf_counter()
            model = fit_on(
                split.train, create(name, dataset.ratings.scale), Training(seed=seed, on_progress=on_progress)
            )
            seconds += time.perf_counter() - started
        found.append(Answers.of(model, split, MODELS[name].ranks_by))
    console.print(f"{name:<20} {seconds / len(splits):6.1f} s for a fit")
    return found, seconds / len(splits)


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
