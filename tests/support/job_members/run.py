"""Jobs of several real processes on this machine, that end in bounded time."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 300.0  # seconds for a job to end by itself; a machine may be busy
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its status, below 0 for a signal, and what it said."""

    status: int
    said: str


def run_job(
    module: str, count: int, *arguments: str, environments: Sequence[dict[str, str]] = (), by_options: bool = True
) -> list[Ended]:
    """Run a module in so many processes, which find each other on a free port.

    by_options: whether they are told by the options of a job; else the environment of each tells.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{listener.getsockname()[1]}"
    processes = []
    for number in range(count):
        job = ["--coordinator", place, "--process-id", str(number), "--num-processes", str(count)]
        command = [sys.executable, "-m", module, *arguments, *(job if by_options else [])]
        given = os.environ | (dict(environments[number]) if environments else {})
        processes.append(
            subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        )
    try:
        return [ended(process) for process in processes]
    finally:
        for process in processes:
            process.kill()


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a process."""
    said, _ = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, said)
