"""Push a model to the Hugging Face Hub, or pull one: `python -m recsys.hub --help`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys.artifacts.runs import RESULTS, results_file, run_of
from recsys.errors import DataError
from recsys.hub import AS_SET_UP, copy_to, plan, pull, push
from recsys.hub.download import require_replaceable
from recsys.hub.upload import MESSAGE
from recsys.streams import run

EXIT_USAGE, EXIT_INTERRUPTED = 2, 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(prog="python -m recsys.hub", description="Models on the Hugging Face Hub.")
    commands = parser.add_subparsers(required=True, metavar="push|pull")
    add_push(commands.add_parser("push", help="make one commit of a model folder and its card"))
    add_pull(commands.add_parser("pull", help="fetch a model into the cache, and copy it into a folder"))
    return parser.parse_args(arguments)


def add_push(parser: argparse.ArgumentParser) -> None:
    """Options of push."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a model, as eval.run leaves it below artifacts")
    parser.add_argument("repo", metavar="USER/REPO", help="where to; made if it is not there")
    parser.add_argument("--private", action="store_true", help="if it is made now, for its owner's eyes only")
    parser.add_argument("--revision", metavar="BRANCH", help="branch, made if it is not there (default main)")
    parser.add_argument("--message", default=MESSAGE, metavar="TEXT", help="of the commit (default %(default)r)")
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help=f"results.json for the card (default FOLDER/../../../{RESULTS}, if it is there)",
    )
    parser.add_argument("--dry-run", action="store_true", help="write the card, list the files and send nothing")
    parser.add_argument(
        "--card-to", type=Path, metavar="FILE", help="where a dry run writes the card (default FOLDER/README.md)"
    )
    parser.set_defaults(work=run_push)


def add_pull(parser: argparse.ArgumentParser) -> None:
    """Options of pull."""
    parser.add_argument("reference", metavar="USER/REPO[@REVISION]", help="a branch, a tag or a commit (default main)")
    parser.add_argument("--to", type=Path, metavar="DIR", help="copy it there too; a model that is there is replaced")
    parser.set_defaults(work=run_pull)


def run_push(options: argparse.Namespace) -> None:
    """Push, or tell what a push would do."""
    from recsys.model_card import make_card

    card = make_card(options.folder, options.repo, options.results or results_of(options.folder))
    if options.dry_run:
        return show_plan(options, card)
    pushed = push(
        options.folder,
        options.repo,
        card,
        AS_SET_UP,
        private=options.private,
        revision=options.revision,
        message=options.message,
    )
    print(pushed.sentence)


def results_of(folder: Path) -> Path | None:
    """The results of the run that made a model; None if they are not where eval.run writes them."""
    path = results_file(run_of(folder.resolve()))
    return path if path.is_file() else None


def show_plan(options: argparse.Namespace, card: str) -> None:
    """Print what a push would send."""
    planned = plan(options.folder, options.repo, card, revision=options.revision, card_to=options.card_to)
    for name, size in planned.sizes.items():
        print(f"{size:>14,} bytes  {name}")
    print(f"Nothing was sent; a push would commit these {len(planned.sizes)} files to {options.repo}.")
    print(f"The card is {planned.card}")


def run_pull(options: argparse.Namespace) -> None:
    """Pull; the last line that is printed is the folder."""
    if options.to is not None:
        require_replaceable(options.to)
    pulled = pull(options.reference, AS_SET_UP)
    if options.to is not None:
        copy_to(pulled, options.to)
    print(pulled.sentence)
    print(options.to or pulled.folder)


def be_brief() -> None:
    """Let the client say nothing about its tries: what came of them is told in one sentence."""
    from huggingface_hub.utils.logging import set_verbosity_error

    set_verbosity_error()


def main(arguments: Sequence[str]) -> int:
    """Push or pull.

    Returns:
        The exit status: 0, 2 for what a sentence on stderr tells, 130 after Ctrl-C.
    """
    options = parse(arguments)
    try:
        be_brief()
        options.work(options)
    except (DataError, OSError) as error:
        print(f"recsys.hub: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("recsys.hub: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
