"""A library made in the background, and where that stands."""

import logging
import threading
from collections.abc import Callable

from recsys.data.errors import DataError
from recsys.progress import OnProgress
from recsys.ui.library import Library

STAGES = {
    "download": "Downloading the ratings",
    "read": "Reading the ratings",
    "rank": "Learning which films go together",
    "epoch": "Learning to predict stars",
}


class Preparation:
    """Runs `make` once in a thread, and again where it failed and somebody asks for it.

    Attributes:
        library: what was made; None until then.
        problem: a sentence that says why it failed; None unless it did.
        stage: what is being done, in a few words.
        done: how much of the stage is finished, in [0, 1]; None where that is not known.
    """

    def __init__(self, make: Callable[[OnProgress], Library]):
        self.make = make
        self.library: Library | None = None
        self.problem: str | None = None
        self.stage = "Starting"
        self.done: float | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless the library is there or being made."""
        with self._lock:
            if self.library is None and not (self._thread and self._thread.is_alive()):
                self.problem = None
                self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            self.library = self.make(self._note)
        except DataError as error:
            self.problem = str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("the models could not be trained")
            self.problem = f"The models could not be trained ({type(error).__name__}): see the log of the server."

    def _note(self, stage: str, done: int, total: int | None, /, **figures: float) -> None:
        self.stage, self.done = STAGES.get(stage, stage), done / total if total else None
