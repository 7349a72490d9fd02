"""The command that starts the web page: `python app.py`, or `movie-vae page`."""

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path

from recsys.compiled import keep_compiled
from recsys.data.sources.names import NAMES
from recsys.errors import DataError
from recsys.extras import missing_explained, use_jax

VERSIONS_VARIABLE = "MOVIE_VAE_VERSIONS"
LONGEST_NUMBER = 9  # digits
LOOK_EVERY, SHORTEST_LOOK, LONGEST_LOOK = 20.0, 0.1, 3600.0  # seconds


def parse(arguments: Sequence[str], program: str) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(prog=program, description="Serve the recommender's web page.")
    parser.add_argument(
        "--dataset", default="ml-100k", metavar="D", help="a MovieLens name or folder (default %(default)s)"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--model",
        metavar="M",
        help="a model to serve: a folder, USER/REPO or USER/REPO@REVISION (default: what the variable MOVIE_VAE_MODEL "
        "names, else the newest that eval.run has left in runs/, else one that is trained now)",
    )
    which.add_argument(
        "--versions",
        metavar="V",
        help="answer with the version that was promoted last, and with the next within a minute of its promotion: the "
        "folder of a registry of versions, or its USER/REPO on the Hub (default: what the variable MOVIE_VAE_VERSIONS "
        "names, unless there is --model)",
    )
    parser.add_argument(
        "--look-every",
        type=seconds,
        default=LOOK_EVERY,
        metavar="SECONDS",
        help="look so often which version was promoted last (default %(default)g)",
    )
    parser.add_argument(
        "--min-film-ratings",
        type=number_of_ratings,
        metavar="N",
        help="serve a model that is told of films with so many ratings at least, where the means of their genres "
        "answer for the others: for large data (default: whatever there is, and all films where one is trained)",
    )
    return parser, parser.parse_args(arguments)


def number_of_ratings(text: str) -> int:
    """An argparse type: a whole number."""
    if not text.isdecimal() or len(text) > LONGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of ratings, 0 for all films")
    return int(text)


def seconds(text: str) -> float:
    """An argparse type: from a tenth of a second to an hour."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not SHORTEST_LOOK <= number <= LONGEST_LOOK:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no number of seconds from 0.1 to 3600")
    return number


def main(arguments: Sequence[str], program: str = "movie-vae page") -> int:
    """Serve until Ctrl-C.

    Args:
        arguments: of the command line, without the program's name.
        program: what the program is called in messages.

    Returns:
        The exit status 0; a person's mistake exits with 2 and one sentence.
    """
    parser, options = parse(arguments, program)
    use_jax(parser.prog)
    keep_compiled()
    looks_like_a_name = Path(options.dataset).name == options.dataset  # a folder further away may still be to come
    if looks_like_a_name and options.dataset not in NAMES and not Path(options.dataset).is_dir():
        parser.error(f"no data set or folder is called {options.dataset!r}; known: {', '.join(NAMES)}, or a folder")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by gradio at its import
    try:
        start(options)
    except DataError as mistake:
        parser.error(str(mistake))
    return 0


def start(options: argparse.Namespace) -> None:
    """Import what serves, and serve."""
    with missing_explained():
        from recsys.serve.address import check_environment

        check_environment()  # before gradio reads it
        from recsys.serve.engine import Engine
        from recsys.ui.mounting import serve
        from recsys.versions.promoted import promoted_in
    place = options.versions or (os.environ.get(VERSIONS_VARIABLE) if options.model is None else None)
    promoted = promoted_in(place) if place else None
    about = options.model, options.dataset, options.min_film_ratings
    serve(Engine.of(*about, promoted, options.look_every), options.dataset)
