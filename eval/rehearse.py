"""The whole loop before people come: `python -m eval.rehearse --help`."""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.options import (
    add_fitting_options,
    add_rating_options,
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

    from eval.rehearsing.course import Course, CourseConfig, Round
    from eval.reporting.tables import Table
    from recsys.data.movielens import Dataset

PROGRAM = "eval.rehearse"
LOOK_EVERY = "1"  # seconds


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {PROGRAM}",
        description="Let made-up people use real pages by HTTP, round after round: they register, rate what they know "
        "and what they are shown; the next version is made of it by eval.retrain, and the pages take it over. Some "
        "push a film, tastes turn, and a new film comes that everybody loves. Prints what newcomers are recommended "
        "by the loop and by the model of before.",
    )
    parser.add_argument("--model", default=FLAGSHIP, metavar="M", help="which model (default %(default)s)")
    parser.add_argument("--people", type=whole_number(20), default=300, metavar="N", help="who come (default 300)")
    parser.add_argument("--rounds", type=whole_number(1, 100), default=5, metavar="N", help="of training (default 5)")
    parser.add_argument("--pages", type=whole_number(1, 8), default=2, metavar="N", help="that share it (default 2)")
    add_rating_options(parser)
    add_fitting_options(parser)
    parser.add_argument(
        "--database", metavar="URL", help="where nobody is yet, such as postgresql://... (default: one that is deleted)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/rehearse-TIME)")
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "model", [options.model], MODELS)
    return options


def main(arguments: Sequence[str]) -> int:
    """Rehearse. Returns the exit status: 0, 2 for a person's mistake, 130 after Ctrl-C."""
    options = parse(arguments)
    command = shlex.join(["python", "-m", PROGRAM, *arguments])
    return exit_status(PROGRAM, lambda: work(options, command))


@dataclass
class Report:
    """What is printed and kept, as far as it is known.

    Attributes:
        out: the folder.
        command: that was given.
        stdout: where tables go.
        parts: Markdown, in order.
    """

    out: Path
    command: str
    stdout: "Console"
    parts: list[str] = field(default_factory=list)

    def table(self, table: "Table") -> None:
        """Print and keep a table."""
        from eval.reporting.tables import as_markdown, for_terminal

        self.stdout.print(for_terminal(table, self.stdout.width, "rehearse.md"))
        self.parts.append(as_markdown(table))

    def write(self, found: dict[str, Any]) -> None:
        """What is known so far, on disk."""
        from eval.reporting.results import write_atomically

        head = f"# A rehearsal\n\n- command: `{self.command}`\n"
        write_atomically(self.out / "rehearse.md", "\n".join([head, *self.parts]))
        write_atomically(self.out / "rehearse.json", json.dumps({"command": self.command, **found}, indent=1) + "\n")


@dataclass(frozen=True)
class Place:
    """Where a rehearsal takes place: a folder with the registry and the pages' logs, and the database's URL."""

    folder: Path
    database: str

    @property
    def versions(self) -> Path:
        """The registry."""
        return self.folder / "versions"


def work(options: argparse.Namespace, command: str) -> int:
    """Set up, let people come round after round, look at what it came to; the exit status."""
    from eval.console import make_console
    from eval.rehearsing.pages import ended_by_signal

    console = make_console(stderr=True)
    report = Report(new_folder(options.out, "rehearse", "rehearsal"), command, make_console(stderr=False))
    dataset = load(options, console)
    with ended_by_signal(), tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        place = Place(Path(folder), options.database or f"sqlite:///{folder}/people.sqlite3")
        rehearse(options, dataset, place, report, console)
    console.print(f"\nTables and figures: {report.out}.", soft_wrap=True, markup=False)
    return 0


def rehearse(options: argparse.Namespace, dataset: "Dataset", place: Place, report: Report, console: "Console") -> None:
    """All of it, at a place."""
    from eval.rehearsing.rehearsal_report import as_json, rounds_tables

    require_empty(place, dataset)
    retrain(options, place)
    rounds: list[Round] = []
    with started(options, dataset, place, console) as course:
        for one in course.rounds():
            rounds.append(one)
            report.write(as_json(rounds))
    for table in rounds_tables(rounds, course.config.panel):
        report.table(table)
    conclude(options, course, rounds, place, report)


@contextmanager
def started(options: argparse.Namespace, dataset: "Dataset", place: Place, console: "Console") -> "Iterator[Course]":
    """A town before pages that answer with the first version."""
    import numpy as np

    from eval.rehearsing.course import Course
    from eval.rehearsing.pages import pages
    from eval.rehearsing.town import TownConfig, town_of
    from eval.rehearsing.visits import Street, VisitConfig
    from recsys.data.sources.cache import CACHE_VARIABLE
    from recsys.versions.registry import Registry

    if options.cache:
        os.environ[CACHE_VARIABLE] = str(options.cache)  # for the pages
    town = town_of(dataset, TownConfig(), np.random.default_rng(options.seed))
    asked = ["--dataset", options.dataset, "--versions", str(place.versions), "--look-every", LOOK_EVERY]
    with pages(place.folder, place.database, asked, options.pages) as found:
        street = Street(town, [page.url for page in found], VisitConfig())
        yield Course(
            street=street,
            pages=found,
            registry=Registry(place.versions),
            retrain=lambda: retrain(options, place),
            config=config_of(options),
            tell=lambda line: console.print(line, markup=False),
        )


def config_of(options: argparse.Namespace) -> "CourseConfig":
    """Who comes."""
    from eval.rehearsing.course import CourseConfig

    return CourseConfig(people=options.people, rounds=options.rounds, panel=options.people, seed=options.seed)


def require_empty(place: Place, dataset: "Dataset") -> None:
    """Make the database if need be; DataError if somebody is there whose ratings would be learned from."""
    from eval.retraining.people import film_keys
    from recsys.errors import DataError
    from recsys.store import open_store

    with open_store(place_of(place.database)) as store:
        if len(store.consents.ratings(film_keys(dataset).label).people):
            raise DataError("the database holds people's ratings, which are no part of a rehearsal; name an empty one")


def place_of(database: str) -> str | Path:
    """A file of SQLite, or a URL, as the store takes it."""
    return Path(database.removeprefix("sqlite:///")) if database.startswith("sqlite:///") else database


def retrain_arguments(options: argparse.Namespace, place: Place) -> list[str]:
    """The command line of eval.retrain."""
    words = ["--dataset", options.dataset, "--min-ratings", str(options.min_ratings), "--model", options.model]
    words += ["--on-duplicate", options.on_duplicate, "--seed", str(options.seed)]
    words += ["--epochs", str(options.epochs)] if options.epochs else []
    words += ["--scale", *options.scale] if options.scale else []
    words += ["--cache", str(options.cache)] if options.cache else []
    return [*words, "--database", str(place_of(place.database)), "--versions", str(place.versions)]


def retrain(options: argparse.Namespace, place: Place) -> None:
    """Make the next version, by the command itself; DataError, as it says, if that cannot be."""
    from eval.retrain import once
    from eval.retrain import parse as parse_retrain

    with redirect_stdout(sys.stderr):
        once(parse_retrain(retrain_arguments(options, place)))


def conclude(
    options: argparse.Namespace, course: "Course", rounds: "Sequence[Round]", place: Place, report: Report
) -> None:
    """What it came to, by models of the same ratings."""
    from eval.rehearsing.afterwards import Afterwards
    from eval.rehearsing.judging import gain, together
    from eval.rehearsing.rehearsal_report import as_json, end_table, push_table
    from eval.retrain import order_of
    from eval.retrain import parse as parse_retrain
    from recsys.store import open_store

    frozen, loop = (together(part) for part in zip(*course.by_round[1:], strict=True))
    pooled = gain("newcomers", frozen, loop)
    with open_store(place_of(place.database)) as store:
        order = order_of(parse_retrain(retrain_arguments(options, place)))
        afterwards = Afterwards.of(course.town.dataset, store, order)
    base = afterwards.base()
    report.table(end_table(pooled, rounds[-1], base))
    report.write(as_json(rounds, pooled, base))
    pushes = afterwards.pushes(course.panel, course.town.pushed)
    report.table(push_table(pushes))
    report.write(as_json(rounds, pooled, base, pushes))


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
