"""Look at versions, and choose the one that answers: `python -m recsys.versions --help`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.artifacts.runs import RUNS
from recsys.errors import DataError
from recsys.streams import run

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from recsys.versions.published import Repository
    from recsys.versions.registry import Registry

EXIT_USAGE, EXIT_INTERRUPTED = 2, 130
FOLDER_VARIABLE = "MOVIE_VAE_VERSIONS"
HUB_VARIABLE = "MOVIE_VAE_VERSIONS_HUB"
LONGEST_NUMBER = 9  # digits


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m recsys.versions",
        description="Versions of the model that a page answers with. V is a version's number, or the beginning of its "
        "fingerprint. A page that was started with --versions takes a promotion over within a minute.",
    )
    commands = parser.add_subparsers(required=True, metavar="list|show|add|promote|rollback|compare|push|prune")
    add_readers(commands)
    add_writers(commands)
    for command in commands.choices.values():
        add_folder(command, "where they are")
    return parser.parse_args(arguments)


def add_folder(parser: argparse.ArgumentParser, meaning: str) -> None:
    """The option that names a registry."""
    default = os.environ.get(FOLDER_VARIABLE) or str(RUNS / "versions")
    told = f"{meaning} (default %(default)s)"
    parser.add_argument("--versions", type=registry_folder, default=default, metavar="FOLDER", help=told)


def registry_folder(text: str) -> Path:
    """An argparse type: the folder of a registry."""
    from recsys.versions.promoted import folder_in

    try:
        return folder_in(text)
    except DataError as reason:
        raise argparse.ArgumentTypeError(f"{reason} (here, or in {FOLDER_VARIABLE})") from None


def add_readers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Options of what changes nothing."""
    reader = commands.add_parser("list", help="all versions, the newest first")
    reader.set_defaults(work=run_list)
    reader = commands.add_parser("show", help="all that is kept of one")
    reader.add_argument("version", metavar="V", help="or two with a + between, as lists of both are kept with")
    reader.set_defaults(work=run_show)


def add_writers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Options of what changes something."""
    writer = commands.add_parser("add", help="keep a copy of a model folder as the newest version")
    writer.add_argument("model", type=Path, metavar="MODEL", help="a folder, as eval.run leaves it below artifacts")
    writer.add_argument("--note", default="", metavar="TEXT", help="a sentence that is kept with it")
    writer.set_defaults(work=run_add)
    writer = commands.add_parser("promote", help="let a version answer from now on")
    writer.add_argument("version", metavar="V")
    writer.add_argument("--anyway", action="store_true", help="although the gate has refused it")
    add_hub(writer)
    writer.set_defaults(work=run_promote)
    writer = commands.add_parser("rollback", help="let the version answer again that did so before")
    writer.add_argument(
        "leaves", nargs="?", metavar="V", help="only if this version answers (default: the one that does now)"
    )
    add_hub(writer)
    writer.set_defaults(work=run_rollback)
    add_compare(commands)
    writer = commands.add_parser("push", help="publish a version on the Hub, without promoting it")
    writer.add_argument("version", metavar="V")
    add_hub(writer)
    writer.set_defaults(work=run_push)
    writer = commands.add_parser("prune", help="delete the models of old versions; what is kept of them stays")
    writer.add_argument("--keep", type=at_least_one, required=True, metavar="N", help="so many of the newest stay")
    writer.set_defaults(work=run_prune)


def add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Options of what compares two versions live."""
    writer = commands.add_parser("compare", help="let a version make lists beside the one that answers, for members")
    which = writer.add_mutually_exclusive_group(required=True)
    which.add_argument("version", nargs="?", metavar="V")
    which.add_argument("--end", action="store_true", help="compare nothing any more")
    writer.add_argument(
        "--by",
        choices=["list", "person"],
        default="list",
        help="whether each list is drafted from both, or each member sees one of both alone (default %(default)s)",
    )
    writer.add_argument("--anyway", action="store_true", help="although the gate has refused it")
    writer.set_defaults(work=run_compare)


def add_hub(parser: argparse.ArgumentParser) -> None:
    """The option of what also changes a repository."""
    parser.add_argument(
        "--hub",
        default=os.environ.get(HUB_VARIABLE) or None,
        metavar="USER/REPO",
        help=f"do so on the Hub too, before here (default: what {HUB_VARIABLE} names, else nowhere)",
    )


def at_least_one(text: str) -> int:
    """An argparse type: a number of versions."""
    if not text.isdecimal() or len(text) > LONGEST_NUMBER or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text[:80]!r} versions to keep; expected at least 1")
    return int(text)


def registry_of(options: argparse.Namespace) -> "Registry":
    """The registry that is meant; VersionError if there is none."""
    from recsys.versions.errors import VersionError
    from recsys.versions.registry import Registry

    if not options.versions.is_dir():
        raise VersionError(
            f"there are no versions in {options.versions}; name their folder by --versions, or begin with "
            "`python -m recsys.versions add MODEL`"
        )
    return Registry(options.versions)


def run_list(options: argparse.Namespace) -> None:
    """Print a table."""
    from recsys.versions.shown import compared, sentence, table

    registry = registry_of(options)
    print(table(registry.entries()))
    try:
        said = compared(registry.comparison())
    except DataError as reason:
        said = [sentence(str(reason))]
    for line in said:
        print(line)


def run_show(options: argparse.Namespace) -> None:
    """Print all that is kept of a version."""
    from recsys.versions.shown import all_details

    print(all_details(options.version, registry_of(options).version))


def run_add(options: argparse.Namespace) -> None:
    """Keep a model."""
    from recsys.versions.origin import origin_of
    from recsys.versions.registry import Registry

    origin = origin_of(options.model, options.note)
    added = Registry(options.versions).add_folder(options.model, origin.lineage, origin.gate)
    print(f"{options.model} is now {added}; `promote {added.number}` lets it answer.")
    for line in origin.sentences:
        print(line)


def run_promote(options: argparse.Namespace) -> None:
    """Promote, on the Hub first: what fails there leaves everything as it is."""
    from recsys.versions.promoting import promote
    from recsys.versions.shown import sentence

    registry = registry_of(options)
    number = registry.version(options.version).number
    found = promote(registry, number, repository_of(options), anyway=options.anyway)
    print(sentence(f"{found} answers from now on."))


def run_rollback(options: argparse.Namespace) -> None:
    """Roll back, on the Hub first, from the version that is named, or else from the one that answers now."""
    from recsys.versions.promoting import roll_back
    from recsys.versions.registry import called
    from recsys.versions.shown import sentence

    registry = registry_of(options)
    answers = registry.current_number()
    leaves = answers if options.leaves is None else registry.version(options.leaves).number
    found = roll_back(registry, repository_of(options), instead_of=leaves)
    print(sentence(f"{found} answers again, instead of {called(leaves)}."))


def run_compare(options: argparse.Namespace) -> None:
    """Begin a comparison, or end it."""
    from recsys.versions.shown import begun, compared

    registry = registry_of(options)
    if options.end:
        ended = registry.end_comparison()
        print("Nothing is compared any more." if ended else "Nothing was compared.")
        return
    number = registry.version(options.version).number
    comparison = registry.compare(number, options.by, anyway=options.anyway)
    for line in (*compared(comparison), *begun(comparison)):
        print(line)


def run_push(options: argparse.Namespace) -> None:
    """Publish a version."""
    from recsys.versions.errors import VersionError
    from recsys.versions.published import Repository
    from recsys.versions.shown import sentence

    if options.hub is None:
        raise VersionError(f"got no repository to push to; name one by --hub USER/REPO, or set {HUB_VARIABLE}")
    registry = registry_of(options)
    found = registry.promotable(registry.version(options.version).number, anyway=True)
    print(sentence(Repository(options.hub).publish(found)))


def repository_of(options: argparse.Namespace) -> "Repository | None":
    """The repository that is named, if one is."""
    from recsys.versions.published import Repository

    return None if options.hub is None else Repository(options.hub)


def run_prune(options: argparse.Namespace) -> None:
    """Prune, and say what is gone and what stays."""
    from recsys.versions.shown import why_kept

    registry = registry_of(options)
    gone = registry.prune(options.keep)
    told = ", ".join(str(one.number) for one in gone)
    print(f"The models of these versions were deleted: {told}." if gone else "There was nothing to delete.")
    for one in registry.versions()[options.keep :]:
        if one.has_model:
            print(f"Version {one.number} stays, since it {why_kept(one, registry.comparison())}.")


def main(arguments: Sequence[str]) -> int:
    """Do what is asked.

    Returns:
        The exit status: 0, 2 for what a sentence on stderr tells, 130 after Ctrl-C.
    """
    options = parse(arguments)
    try:
        options.work(options)
    except (DataError, OSError) as error:
        print(f"recsys.versions: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("recsys.versions: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
