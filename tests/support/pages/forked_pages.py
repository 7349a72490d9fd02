"""Pages whose imports, which take longer than most tests, are done once: `python tests/support/pages/forked_pages.py`.

Reads a line of JSON for every page that is wanted: the words of its command, its folder, its environment, and the file
for what it says. Forks, and answers with the number of the process, of which nothing is left once it has ended. It is
the page as it is, but that a password takes no work.
"""

import json
import os
import runpy
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

with suppress(ImportError):
    import matplotlib.pyplot  # noqa: F401  # Gradio does at the first event, where it is installed

import recsys.serve.engine
import recsys.store
import recsys.ui.mounting
from recsys.store import PasswordConfig, StoreConfig, open_store

CHEAP = StoreConfig(passwords=PasswordConfig(time_cost=1, memory_cost=8, parallelism=1))


def main() -> None:
    """Fork until nobody asks any more; in the child, be the page."""
    assert threading.active_count() == 1, "threads do not outlive a fork"
    recsys.store.open_store = partial(open_store, config=CHEAP)
    signal.signal(signal.SIGCHLD, let_go)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return become(**json.loads(line))
        print(child, flush=True)


def let_go(*_: object) -> None:
    """Forget every child that has ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def become(words: list[str], folder: str, environment: dict[str, str], log: str) -> None:
    """Run a program as if it had just been started."""
    os.chdir(folder)
    for stream, place, mode in ((0, os.devnull, os.O_RDONLY), (1, log, os.O_WRONLY), (2, log, os.O_WRONLY)):
        opened = os.open(place, mode | os.O_APPEND)
        os.dup2(opened, stream)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main()
