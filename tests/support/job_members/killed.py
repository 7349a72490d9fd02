"""A process of `eval.train` in small steps: `python -m tests.support.job_members.killed N ARGUMENTS`.

Process 1 kills itself at its N-th sum, as kill -9 does; with 0 nobody does.
"""

import os
import signal
import sys
from typing import Any

from eval.train import main
from recsys.models.linear import grams
from recsys.training import jax_processes


class Mortal(jax_processes.JaxProcesses):
    """Dies at its last sum, if it is process 1."""

    sums_left = 0

    def sum(self, values: Any) -> Any:
        self.sums_left -= 1
        if self.sums_left == 0 and self.number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().sum(values)


if __name__ == "__main__":
    Mortal.sums_left = int(sys.argv[1])
    jax_processes.JaxProcesses = Mortal  # type: ignore[misc]
    grams.BLOCK = 4
    sys.exit(main(sys.argv[2:]))
