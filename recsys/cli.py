"""Every command of the project under one name: `movie-vae page`, `movie-vae eval`, and so on.

A command is found by the name of its module when it is asked for, so that `movie-vae --help` answers at once and this
package imports neither the page nor the harness.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

from recsys import __version__, streams


class Command(NamedTuple):
    """A command, and where it is."""

    module: str  # with a `main(arguments) -> exit status`
    summary: str
    first: tuple[str, ...] = ()  # arguments that stand before a person's own


COMMANDS = {
    "page": Command("recsys.ui.command", "serve the web page (python app.py)"),
    "eval": Command("eval.run", "train models, measure them and print the tables (python -m eval.run)"),
    "train": Command("eval.train", "train a model on all ratings and save it (python -m eval.train)"),
    "retrain": Command("eval.retrain", "the next version of a page's model (python -m eval.retrain)"),
    "rehearse": Command("eval.rehearse", "let made-up people use real pages, for rounds (python -m eval.rehearse)"),
    "tune": Command("eval.tune", "look for better settings of a model (python -m eval.tune)"),
    "ablation": Command("eval.ablation", "take the flagship apart (python -m eval.ablation)"),
    "members": Command("eval.members", "try other models beside it (python -m eval.members)"),
    "simulate": Command("eval.simulate", "let simulated people visit recommenders (python -m eval.simulate)"),
    "versions": Command("recsys.versions.__main__", "versions of a page's model (python -m recsys.versions)"),
    "loop": Command("recsys.loop.__main__", "what people did with their lists (python -m recsys.loop report)"),
    "push": Command("recsys.hub.__main__", "publish a model on the Hub (python -m recsys.hub push)", ("push",)),
    "pull": Command("recsys.hub.__main__", "fetch a model from the Hub (python -m recsys.hub pull)", ("pull",)),
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read which command is asked for; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="movie-vae",
        description="A movie recommender, and a harness whose numbers can be trusted.",
        epilog="\n".join(["commands:", *(f"  {name:<10}{command.summary}" for name, command in COMMANDS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"movie-vae {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="its own; --help lists them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit status."""
    options = parse(arguments)
    command = COMMANDS[options.command]
    status: int = importlib.import_module(command.module).main([*command.first, *options.arguments])
    return status


def script() -> int:
    """What pyproject.toml installs as `movie-vae`."""
    return streams.run(lambda: main(sys.argv[1:]))
