"""A process of `eval.train` in small steps: `python -m tests.support.job_members.killed FILE ARGUMENTS`.

Process 1 kills itself, as kill -9 does, when it is to sum and that file is there.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from eval.train import main
from recsys.models.linear import grams
from recsys.training import jax_processes


class Mortal(jax_processes.JaxProcesses):
    """Dies where it is told to, if it is process 1."""

    dies_at = Path()

    def sum(self, values: Any) -> Any:
        if self.number == 1 and self.dies_at.is_file():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().sum(values)


if __name__ == "__main__":
    Mortal.dies_at = Path(sys.argv[1])
    jax_processes.JaxProcesses = Mortal  # type: ignore[misc]
    grams.BLOCK = 4
    sys.exit(main(sys.argv[2:]))
