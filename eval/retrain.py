"""The next version of the model that a page answers with, if it is no worse: `python -m eval.retrain --help`."""

import argparse
import math
import os
import re
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eval.options import (
    add_fitting_options,
    add_rating_options,
    add_vocabulary_option,
    exit_status,
    load,
    refuse_unknown,
    whole_number,
)
from recsys.errors import DataError
from recsys.models import FLAGSHIP, MODELS
from recsys.streams import run
from recsys.versions.__main__ import HUB_VARIABLE, add_folder

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from eval.retraining.order import Order
    from recsys.data.movielens import Dataset
    from recsys.store.store import Store
    from recsys.store.turns import Turn

PROGRAM = "eval.retrain"
TURN = "retraining"  # what the lock in the database is called
PRIVATE_MODEL = "dp-vae"
MOST_EPSILON = 1e3  # beyond which nothing is hidden
EVERY = re.compile(r"(\d{1,4})(m|h|d)")
SECONDS = {"m": 60, "h": 3600, "d": 86_400}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {PROGRAM}",
        description="Train a model on a data set and on what consenting people of a page rated, keep it as a version, "
        "measure it against the version that answers, and let it answer if it is no worse. One at a time: where "
        "another process is at it, this one says so and ends.",
    )
    parser.add_argument(
        "--model", metavar="M", help=f"which model (default {FLAGSHIP}; with --private, {PRIVATE_MODEL})"
    )
    add_rating_options(parser)
    add_fitting_options(parser)
    add_vocabulary_option(parser)
    add_places(parser)
    add_rules(parser)
    options = parser.parse_args(arguments)
    if options.model is None:
        options.model = FLAGSHIP if options.private is None else PRIVATE_MODEL
    refuse_unknown(parser, "model", [options.model], MODELS)
    return options


def add_places(parser: argparse.ArgumentParser) -> None:
    """Where ratings come from, where versions go, and when."""
    parser.add_argument(
        "--database",
        metavar="URL",
        help="of the page's people, or its file of SQLite (default: as the page, what DATABASE_URL names, else the "
        "file of this user)",
    )
    add_folder(parser, "the registry")
    parser.add_argument(
        "--hub",
        default=os.environ.get(HUB_VARIABLE) or None,
        metavar="USER/REPO",
        help=f"promote there too, before here (default: what {HUB_VARIABLE} names, else nowhere)",
    )
    parser.add_argument(
        "--no-promote", action="store_true", help="keep and judge the version, but do not let it answer"
    )
    parser.add_argument(
        "--private",
        type=epsilon,
        metavar="EPSILON",
        help="make a version of a model with privacy, which hides each person within so much; every such version "
        "spends it anew",
    )
    parser.add_argument(
        "--every", type=span, metavar="TIME", help="do it again and again, such as 24h, 30m or 7d (default: once)"
    )


def add_rules(parser: argparse.ArgumentParser) -> None:
    """What is worse, and what counts."""
    parser.add_argument(
        "--ndcg-margin",
        type=share,
        default=0.025,
        metavar="X",
        help="a loss of nDCG@10 that is none, as a share of what there was (default 0.025)",
    )
    parser.add_argument(
        "--rmse-margin",
        type=share,
        default=0.01,
        metavar="X",
        help="a rise of the RMSE that is none, in stars of a scale from 1 to 5 (default 0.01)",
    )
    parser.add_argument(
        "--least-ratings",
        type=whole_number(1),
        default=5,
        metavar="N",
        help="of somebody whose ratings count (default %(default)s)",
    )
    parser.add_argument(
        "--most-per-day",
        type=whole_number(1),
        default=200,
        metavar="N",
        help="of somebody's ratings of one day count (default %(default)s)",
    )


def epsilon(text: str) -> float:
    """An argparse type: how much of a person may be told, above 0.

    >>> epsilon("2.5")
    2.5
    """
    number = float_of(text)
    if not 0 < number <= MOST_EPSILON:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no number above 0 and up to {MOST_EPSILON:g}, such as 8")
    return number


def float_of(text: str) -> float:
    """A number; NaN of what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def span(text: str) -> float:
    """An argparse type: a time such as 24h, in seconds.

    >>> span("24h")
    86400
    """
    found = EVERY.fullmatch(text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no time such as 24h, 30m or 7d")
    return int(found[1]) * SECONDS[found[2]]


def share(text: str) -> float:
    """An argparse type: a number from 0 to 1."""
    number = float_of(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is no number from 0 to 1")
    return number


def main(arguments: Sequence[str]) -> int:
    """Make the next version, once or again and again.

    Returns:
        The exit status: 0, whatever the gate said; 2 for what a sentence on stderr tells, 130 after Ctrl-C.
    """
    options = parse(arguments)

    def work() -> int:
        require_affordable(options)
        return once(options) if options.every is None else forever(options)

    return exit_status(PROGRAM, work)


def require_affordable(options: argparse.Namespace) -> None:
    """DataError if a model with privacy would spend its epsilon without somebody asking for it each time.

    Nothing is kept that tells whether there is anything new to learn: whether people rated is theirs to hide, too.
    """
    from recsys.data.scale import WHOLE_STARS
    from recsys.models import create
    from recsys.models.base import PrivateModel

    if not isinstance(create(options.model, WHOLE_STARS), PrivateModel):
        if options.private is not None:
            raise DataError(
                f"{options.model} hides nobody within an epsilon; leave out --private, or name --model {PRIVATE_MODEL} "
                "or dp-popularity"
            )
        return
    spends = f"every version of {options.model} spends its epsilon anew, of all who are in it"
    if options.every is not None:
        raise DataError(f"{spends}, so it is not made by --every; make one seldom, with --private EPSILON alone")
    if options.private is None:
        raise DataError(f"{spends}; say how much that may be by --private EPSILON, such as 8")


def once(options: argparse.Namespace) -> int:
    """Make the next version; the exit status."""
    from eval.console import make_console

    with opened(options.database) as store, store.turns.of(TURN) as turn:
        if not turn:
            print("Another process is retraining with this database; nothing was done.")
            return 0
        retrain(options, load(options, make_console(stderr=True)), store, turn)
    return 0


def forever(options: argparse.Namespace) -> int:
    """Make version after version; what goes wrong with one is said, and the next is tried at its time."""
    while True:
        ends = time.monotonic() + options.every
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", flush=True)
        try:
            once(options)
        except DataError as error:
            print(f"{PROGRAM}: {error}", file=sys.stderr, flush=True)
        except Exception:  # a full disk, too little memory: the next may find it mended
            traceback.print_exc()
        time.sleep(max(0.0, ends - time.monotonic()))


def retrain(options: argparse.Namespace, dataset: "Dataset", store: "Store", turn: "Turn") -> None:
    """Make a version of what there is now, and promote it only while it is still this process's turn."""
    from dataclasses import replace
    from functools import partial

    from eval.console import bar, make_console
    from eval.retraining.making import retrained
    from recsys.versions.registry import Registry

    order = replace(order_of(options), before_promoting=turn.require)
    with bar(make_console(stderr=True), options.model) as on_progress:
        retrained(dataset, store, Registry(options.versions), order, partial(print, flush=True), on_progress)


def order_of(options: argparse.Namespace) -> "Order":
    """What a command line asks for."""
    from eval.retraining.gate import GateConfig
    from eval.retraining.limits import LimitsConfig
    from eval.retraining.order import Order

    return Order(
        model=options.model,
        seed=options.seed,
        epochs=options.epochs,
        min_film_ratings=options.min_film_ratings,
        epsilon=options.private,
        promotes=not options.no_promote,
        hub=options.hub,
        limits=LimitsConfig(least_ratings=options.least_ratings, most_per_day=options.most_per_day),
        gate=GateConfig(ndcg_margin=options.ndcg_margin, rmse_margin=options.rmse_margin),
    )


def opened(database: str | None) -> "Store":
    """The store of the page's people; DataError if there is none, since nobody can have rated anything there."""
    from recsys.serve.accounts.members import default_place
    from recsys.store import database_place, file_of, open_store

    place = database_place(default_place()) if database is None else database
    if isinstance(place, str) and "://" not in place:
        place = Path(place)
    file = file_of(place)
    if file is not None and not file.is_file():
        raise DataError(f"there is no database {file}; name the one that the page has by --database")
    return open_store(place)


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
