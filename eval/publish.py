"""What `eval.run` does with a model once everything is measured: fit it on all ratings, and push it to the Hub."""

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from eval.options import refuse_unknown
from recsys.errors import DataError
from recsys.hub import AS_SET_UP
from recsys.models import FLAGSHIP, MODELS

if TYPE_CHECKING:
    from rich.console import Console

HUB = AS_SET_UP


def add_publishing_options(parser: argparse.ArgumentParser) -> None:
    """What is to happen with a model once everything is measured."""
    parser.add_argument(
        "--fit-all", metavar="M", help="afterwards fit this model on all ratings, to be used: artifacts/all/M"
    )
    parser.add_argument(
        "--push-to-hub",
        metavar="USER/REPO",
        help=f"afterwards fit {FLAGSHIP}, or the model of --fit-all, on all ratings, and push it to the Hub",
    )
    parser.add_argument("--private", action="store_true", help="a repository that is made now is its owner's alone")
    parser.add_argument("--revision", metavar="BRANCH", help="branch to push to (default main)")
    parser.add_argument("--dry-run", action="store_true", help="write the card, list the files and push nothing")


def decide_publishing(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Settle which model is fitted on all ratings, and see to it that it is measured too; exits for a mistake."""
    given = {"--private": options.private, "--revision": options.revision, "--dry-run": options.dry_run}
    idle = [name for name, value in given.items() if value]
    if idle and not options.push_to_hub:
        parser.error(f"{idle[0]} says how to push; name the repository by --push-to-hub USER/REPO")
    if options.push_to_hub:
        options.fit_all = options.fit_all or FLAGSHIP
        check_repository(parser, options)
    if options.fit_all:
        refuse_unknown(parser, "model", [options.fit_all], MODELS)
        options.models = list(dict.fromkeys([*options.models, options.fit_all]))


def check_repository(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with a sentence if the name, or the token that a push needs, is missing: better now than after an hour."""
    from recsys.hub.references import parse_branch

    try:
        parse_branch(options.push_to_hub, options.revision)
        if not options.dry_run:
            HUB.require_token()
    except DataError as mistake:
        parser.error(str(mistake))


def publish(folder: Path, options: argparse.Namespace, console: "Console") -> None:
    """Push a model of this run, or show what a push would send; DataError if it fails: the folder stays."""
    from recsys.artifacts.runs import results_file, run_of
    from recsys.hub import plan, push
    from recsys.model_card import make_card

    repo = options.push_to_hub
    card = make_card(folder, repo, results_file(run_of(folder)))
    if options.dry_run:
        planned = plan(folder, repo, card, revision=options.revision)
        for name, size in planned.sizes.items():
            console.print(f"{size:>14,} bytes  {name}", markup=False)
        console.print(f"Nothing was sent to {repo}. The card is {planned.card}", markup=False)
        return
    try:
        pushed = push(folder, repo, card, HUB, private=options.private, revision=options.revision)
    except DataError as trouble:
        branch = ["--revision", options.revision] if options.revision else []
        private = ["--private"] * options.private
        again = shlex.join(["python", "-m", "recsys.hub", "push", str(folder), repo, *private, *branch])
        raise DataError(f"{trouble}. The model is in {folder}; to try again: {again}") from trouble
    console.print(pushed.sentence, markup=False)
