"""A job of several processes, as a command line asks for it."""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eval.options import whole_number

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from recsys.training.processes import Processes

MOST_PROCESSES = 10_000


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Which process this is, of how many, and how the others are found."""
    group = parser.add_argument_group(
        "several processes", "the same command in each, on one machine or several; without these, one process alone"
    )
    group.add_argument(
        "--coordinator",
        type=address,
        metavar="HOST:PORT",
        help="where the first process can be reached; the port is free there",
    )
    group.add_argument(
        "--process-id", type=whole_number(0, MOST_PROCESSES), metavar="N", help="of this process, from 0"
    )
    group.add_argument(
        "--num-processes", type=whole_number(1, MOST_PROCESSES), metavar="N", help="of all processes of the job"
    )
    group.add_argument(
        "--cluster",
        action="store_true",
        help="in place of these three: as Slurm, Open MPI or Kubernetes tell (jax.distributed finds out)",
    )


def address(text: str) -> str:
    """An argparse type: a host and a port."""
    found = re.fullmatch(r"([^\s:/]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", text)
    if not found or not 0 < int(found[2]) < 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT such as 10.0.0.5:1234")
    return text


def refuse_half_a_job(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with a sentence if the options of a job do not go together."""
    given = [options.coordinator, options.process_id, options.num_processes]
    n_given = sum(each is not None for each in given)
    if options.cluster and n_given:
        parser.error("--cluster tells --coordinator, --process-id and --num-processes; leave it out, or these")
    if n_given not in (0, len(given)):
        parser.error("a job needs --coordinator, --process-id and --num-processes together")
    if n_given and options.process_id >= options.num_processes:
        parser.error(
            f"--process-id {options.process_id} of --num-processes {options.num_processes}: expected a number from 0 "
            f"to {options.num_processes - 1}"
        )


def is_job(options: argparse.Namespace) -> bool:
    """Whether this process is one of a job."""
    return options.cluster or options.coordinator is not None


@contextmanager
def processes_of(options: argparse.Namespace) -> "Iterator[Processes]":
    """The processes that options ask for: a job, joined until the block ends, or one alone.

    Raises:
        DataError: the job cannot be joined, or a process of it has gone.
    """
    if not is_job(options):
        from recsys.training.processes import ALONE

        yield ALONE
        return
    from recsys.training.jax_processes import Job, joined

    job = Job(coordinator=options.coordinator, number=options.process_id, count=options.num_processes)
    with joined(job) as processes:
        yield processes


def ended(status: int, options: argparse.Namespace) -> int:
    """The exit status of a command; where one process of a job has failed, it ends at once.

    In good order it would wait for the others, which wait for it.
    """
    if status and is_job(options):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status
