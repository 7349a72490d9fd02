"""Recommenders before simulated people: `python -m eval.simulate --help`."""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.options import (
    add_data_options,
    add_fitting_options,
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

    from eval.reporting.tables import Table
    from eval.simulating.findings import Course, Fidelity
    from eval.simulating.study import Study

PROTOCOLS = ("folds", "random")  # where people who are measured are those who were learned from
TRUTHS = ("bmf-ordinal", "user-knn")
RETRAINED = ("popularity", "ease", FLAGSHIP)
RANKED = ("popularity", "svd", "content", "item-knn", "als", "ease")  # of very different quality, and soon fitted
LISTS = [name for name, recipe in MODELS.items() if recipe.ranks_by != "nothing"]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.simulate",
        description="Let simulated people, made of ratings, browse pages of what recommenders list; say first how true "
        "to life they are, then what it does to coverage and satisfaction to train a recommender again and again on "
        "what it made them watch. One split; its test ratings are what people are checked on.",
    )
    parser.add_argument(
        "--models", nargs="+", default=list(RETRAINED), metavar="M", help="trained again (default %(default)s)"
    )
    parser.add_argument(
        "--ranked",
        nargs="+",
        default=list(RANKED),
        metavar="M",
        help="at least 3 whose order offline is compared with that before simulated people (default %(default)s)",
    )
    parser.add_argument("--truths", nargs="+", default=list(TRUTHS), metavar="T", help="(default %(default)s)")
    parser.add_argument("--rounds", type=whole_number(1, 100), default=5, metavar="N", help="of training (default 5)")
    parser.add_argument("--people", type=whole_number(2), metavar="N", help="so many by chance (default all)")
    parser.add_argument("--interviews", type=whole_number(0), default=2, metavar="N", help="to print (default 2)")
    add_data_options(parser)
    add_fitting_options(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/simulate-TIME)")
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOLS)
    refuse_unknown(parser, "truth", options.truths, TRUTHS)
    refuse_unknown(parser, "model", [*options.models, *options.ranked], LISTS)
    for name in ("models", "ranked", "truths"):
        setattr(options, name, list(dict.fromkeys(getattr(options, name))))
    if len(options.ranked) < 3:
        parser.error(f"--ranked {' '.join(options.ranked)}: an order needs at least 3 recommenders; name more")
    return options


def main(arguments: Sequence[str]) -> int:
    """Simulate. Returns the exit status: 0, 2 for a person's mistake, 130 after Ctrl-C."""
    options = parse(arguments)
    command = shlex.join(["python", "-m", "eval.simulate", *arguments])
    return exit_status("eval.simulate", lambda: work(options, command))


@dataclass
class Report:
    """What is printed and kept, as far as it is known.

    Attributes:
        out: the folder.
        command: that was given.
        stdout: where tables go.
        facts: of the run, as JSON values.
        parts: Markdown, in order.
    """

    out: Path
    command: str
    stdout: "Console"
    facts: dict[str, Any]
    parts: list[str] = field(default_factory=list)

    def table(self, table: "Table") -> None:
        """Print and keep a table."""
        from eval.reporting.tables import as_markdown, for_terminal

        self.stdout.print(for_terminal(table, self.stdout.width, "simulate.md"))
        self.parts.append(as_markdown(table))

    def lines(self, title: str, lines: Sequence[str]) -> None:
        """Print and keep sentences."""
        if lines:
            self.stdout.print(f"\n{title}", style="bold", markup=False)
            self.stdout.print("\n".join(lines), markup=False, soft_wrap=True)
            self.parts.append("\n".join([f"## {title}", "", *(f"- {line}" for line in lines), ""]))

    def write(self, found: dict[str, Any]) -> None:
        """What is known so far, on disk."""
        from eval.reporting.results import write_atomically

        facts = "\n".join(f"- {name}: {value}" for name, value in self.facts.items())
        head = f"# Simulated people\n\n- command: `{self.command}`\n{facts}\n"
        write_atomically(self.out / "simulate.md", "\n".join([head, *self.parts]))
        kept = {"command": self.command, **self.facts, **found}
        write_atomically(self.out / "simulate.json", json.dumps(kept, indent=1) + "\n")


def work(options: argparse.Namespace, command: str) -> int:
    """Load, calibrate, check, let people visit, report; the exit status."""
    from eval.console import make_console
    from eval.simulating.simulation_report import as_json

    console, stdout = make_console(stderr=True), make_console(stderr=False)
    out = new_folder(options.out, "simulate", "simulation")
    study = prepare(options, console)
    n_people, n_films = study.split.test.shape
    facts = {"split": study.split.name, "people": n_people, "films": n_films, "seed": options.seed}
    report = Report(out, command, stdout, facts)
    found, offline = check(study, options, report)
    report.write(as_json(found, offline, []))
    courses = retrain(study, options, found, report)
    report.write(as_json(found, offline, courses))
    console.print(f"\nTables and figures: {out}.", soft_wrap=True, markup=False)
    return 0


def prepare(options: argparse.Namespace, console: "Console") -> "Study":
    """The data, one split of it, and how progress is shown.

    Raises:
        DataError: several splits are asked for, or nobody rated enough to keep some aside.
    """
    from eval.console import bar
    from eval.protocols import make_splits
    from eval.simulating.study import Study, some_people
    from recsys.errors import DataError
    from recsys.simulation.session import VisitConfig
    from recsys.split import carve_validation

    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    if len(splits) > 1:
        raise DataError(f"--splits names {len(splits)} splits; people are made of one: name one")
    split = some_people(splits[0], options.people, options.seed)
    if not carve_validation(split.train, seed=options.seed)[1].n_ratings or not split.test.nnz:
        raise DataError(
            f"{split.name} has {split.train.n_ratings:,} training and {split.test.nnz:,} test ratings of "
            f"{split.test.shape[0]:,} people, too few to keep some aside to calibrate people on; take more people or "
            "larger data"
        )
    return Study(
        split=split,
        scale=dataset.ratings.scale,
        seed=options.seed,
        epochs=options.epochs,
        watched=lambda label: bar(console, label),
        said=lambda line: console.print(line, markup=False),
        config=VisitConfig(),
    )


def check(study: "Study", options: argparse.Namespace, report: Report) -> "tuple[list[Fidelity], dict[str, float]]":
    """How true to life people are: printed before anything is concluded from them."""
    from eval.simulating.simulation_report import calibration_table, fidelity_table, order_table

    offline, models = study.offline(options.ranked)
    found = [study.fidelity(name, models) for name in options.truths]
    for table in (fidelity_table(found, offline), order_table(found, offline), calibration_table(found)):
        report.table(table)
    return found, offline


def retrain(study: "Study", options: argparse.Namespace, found: "Sequence[Fidelity]", report: Report) -> "list[Course]":
    """Rounds before people of every truth, and what can be said of them."""
    from eval.simulating.findings import conclusions
    from eval.simulating.simulation_report import change_table, rounds_table
    from eval.simulating.study import has_genres
    from recsys.simulation.voice import TemplateVoice

    firsts = {name: study.fitted(name, study.split.train, "recommender") for name in options.models}
    courses: list[Course] = []
    said: list[str] = []
    for each in found:
        people = study.people(each.truth, each.habits)
        courses += [study.course(each.truth, people, name, first, options.rounds) for name, first in firsts.items()]
        said = said or study.interviews(people, [*firsts.values()][-1], options.interviews, TemplateVoice())
    for table in (rounds_table(courses, has_genres(study.split)), change_table(courses)):
        report.table(table)
    report.lines("What can be concluded", conclusions(courses))
    report.lines(f"What people say of {options.models[-1]}", said)
    return courses


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
