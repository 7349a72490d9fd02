"""The page, whose model is not ready before a file is there.

    python tests/support/pages/slow_page.py FOLDER MODEL DATASET

It begins to look for a model at once; FOLDER/fail makes it fail, and FOLDER/go lets it be found. The accounts are not
open as long as there is FOLDER/closed, and as long as there is FOLDER/busy nobody who does something gets a turn.
"""

import os
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from recsys.errors import DataError
from recsys.serve.accounts.members import Members, open_default
from recsys.serve.engine import Engine
from recsys.serve.find_model import ModelRequest, find_model
from recsys.serve.security.shares import NoRoomError
from recsys.serve.security.turns import FairTurns
from recsys.ui import mounting as serving

POLL_SECONDS = 0.05


def main(folder: Path, model: str, dataset: str) -> None:
    """Serve until ended."""

    def find(on_progress, on_usable):
        on_progress("vae epoch", 1, 4)
        while not (folder / "go").exists():
            if (folder / "fail").exists():
                raise DataError("the disk is full: make room")
            time.sleep(POLL_SECONDS)
        return find_model(ModelRequest(model=model, dataset=dataset), on_progress=on_progress, on_usable=on_usable)

    def open_late():
        while (folder / "closed").exists():
            time.sleep(POLL_SECONDS)
        return open_default()

    has_turn = FairTurns.turn

    @asynccontextmanager
    async def turn_unless_busy(self, visitor):
        if (folder / "busy").exists():
            raise NoRoomError
        async with has_turn(self, visitor):
            yield

    FairTurns.turn = turn_unless_busy
    serving.Members = lambda: Members(open_late)
    serving.serve(Engine(find), dataset)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
