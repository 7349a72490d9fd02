"""Whether the loop works: `python -m recsys.loop report --help`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.errors import DataError
from recsys.extras import missing_explained
from recsys.streams import run

if TYPE_CHECKING:
    from recsys.versions.comparison import Days

EXIT_USAGE, EXIT_INTERRUPTED = 2, 130
PROGRAM = "recsys.loop"
LONGEST_NUMBER = 6  # digits
VERSIONS_VARIABLE, USUAL_VERSIONS = "MOVIE_VAE_VERSIONS", "runs/versions"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {PROGRAM}",
        description="What people of a page did with what they were shown, and who may see that on the page.",
    )
    commands = parser.add_subparsers(required=True, metavar="report|operator")
    add_report(commands)
    add_operator(commands)
    for command in commands.choices.values():
        command.add_argument(
            "--database",
            metavar="URL",
            help="of the page's people, or its file of SQLite (default: as the page, what DATABASE_URL names, else the "
            "file of this user)",
        )
    return parser.parse_args(arguments)


def add_report(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Options of the report."""
    about = "what became of the films of people's lists, by version, in figures; the database is not changed"
    reader = commands.add_parser("report", help=about)
    reader.add_argument(
        "--since",
        type=number_of_days,
        default=90,
        metavar="DAYS",
        help="films that were shown in so many days until yesterday (default %(default)s)",
    )
    reader.add_argument(
        "--window",
        type=number_of_days,
        default=30,
        metavar="DAYS",
        help="what became of a film so many days after it was shown; those shown later do not count yet "
        "(default %(default)s)",
    )
    reader.add_argument(
        "--versions",
        type=existing_folder,
        metavar="FOLDER",
        help="of versions, which knows on which days two were compared (default: what "
        f"{VERSIONS_VARIABLE} names, else {USUAL_VERSIONS}, if it is there)",
    )
    reader.add_argument("--json", action="store_true", help="as JSON")
    reader.set_defaults(work=run_report)


def add_operator(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Options of what is told of an account."""
    reader = commands.add_parser("operator", help="what MOVIE_VAE_OPERATORS takes, so that an account is an operator's")
    reader.add_argument("name", metavar="NAME", help="of the account, as its owner signs in")
    reader.set_defaults(work=run_operator)


def number_of_days(text: str) -> int:
    """An argparse type: a number of days."""
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_NUMBER or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text[:80]!r}; expected a number of days, such as 30")
    return int(text)


def existing_folder(text: str) -> Path:
    """An argparse type: a folder that is there."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"got {text[:200]!r}, which is no folder; expected one of versions")
    return Path(text)


def days_in(folder: Path | None) -> "dict[str, Days]":
    """When comparisons were made, as a registry knows it; None: the usual one. None are known where nobody can tell."""
    from recsys.versions.reading import Reader

    place = folder or Path(os.environ.get(VERSIONS_VARIABLE) or USUAL_VERSIONS)
    try:
        return Reader(place).compared_when() if place.is_dir() else {}
    except (DataError, OSError) as reason:
        print(f"{PROGRAM}: on which days versions were compared is not known: {reason}", file=sys.stderr)
        return {}


def run_report(options: argparse.Namespace) -> None:
    """Print the report."""
    from recsys.loop.making import report_of
    from recsys.loop.opening import database_at
    from recsys.loop.outcomes import Period
    from recsys.loop.words import as_text
    from recsys.store.evidence.reading import Evidence

    now = datetime.now(UTC)
    period = Period.until_today(now, since=options.since, window=options.window)
    with database_at(options.database) as database:
        report = report_of(Evidence(database), period, now, days=days_in(options.versions))
    print(json.dumps(report.as_json(), indent=2) if options.json else as_text(report))


def run_operator(options: argparse.Namespace) -> None:
    """Print the name of an account with its code."""
    from recsys.loop.opening import database_at, entry_of

    with database_at(options.database) as database:
        entry, registered_at = entry_of(database, options.name)
    print(entry)
    told = f"This account was registered on {registered_at:%Y-%m-%d at %H:%M} UTC. If that was not you, do not use it."
    print(told, file=sys.stderr)


def main(arguments: Sequence[str]) -> int:
    """Do what is asked.

    Returns:
        The exit status: 0, 2 for what a sentence on stderr tells, 130 after Ctrl-C.
    """
    options = parse(arguments)
    try:
        with missing_explained():
            options.work(options)
    except (DataError, OSError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
