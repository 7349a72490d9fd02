"""The model that the page answers with: found in the background, and replaced when a better one is ready."""

import logging
import re
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from recsys.errors import DataError
from recsys.progress import OnProgress
from recsys.recommend.recommender import Recommender
from recsys.serve.comparing import Trial
from recsys.serve.find_model import ModelRequest, ServedModel, find_model
from recsys.serve.versions import SECONDS, Versions
from recsys.versions.promoted import Promoted

STAGES = {
    "download": "Downloading",
    "pip download": "Downloading the ratings",
    "read": "Reading the films",
    "trial vae epoch": "Finding out what suits these ratings",
    "vae epoch": "Learning tastes",
    "normal rehearsal": "Finding out how stars are given",
    "ordinal rehearsal": "Finding out how stars are given",
    "normal epoch": "Learning to predict stars",
    "ordinal epoch": "Learning how sure to be of the stars",
    "epoch": "Learning",
}

ONE_OF_SEVERAL = re.compile(r"network \d+ of \d+ ")  # in a stage

Find = Callable[[OnProgress, Callable[[ServedModel], None]], ServedModel]
LOG = logging.getLogger(__name__)  # whoever runs the page need not open it to see which model answers, and why that one


class NotReadyError(DataError):
    """There is no model yet, or none at all."""


class Engine:
    """Runs `find` once in a thread, and again where it failed and somebody asks for it.

    Attributes:
        recommender: answers; None until there is one. It may become another, better one at any time.
        sentence: where the model came from.
        number: of the version that answers; None: of none.
        trial: what is compared with that version, for members; None: nothing is.
        versions: what replaces the model once another version is promoted; None: nothing does.
        problem: a sentence that says why there is none, or no better one; None unless that is so.
        improving: whether a better model is being trained.
        stage: what is being done, in a few words.
        done: how much of the stage is finished, in [0, 1]; None where that is not known.
    """

    def __init__(self, find: Find, versions: Versions | None = None):
        self.find, self.versions = find, versions
        self.recommender: Recommender | None = None
        self.sentence = ""
        self.number: int | None = None
        self.trial: Trial | None = None
        self.problem: str | None = None
        self.improving = False
        self.stage = "Starting"
        self.done: float | None = None
        self._lock, self._change = threading.Lock(), threading.Lock()  # of what begins, and of what answers
        self._thread: threading.Thread | None = None

    @classmethod
    def of(
        cls,
        model: str | None,
        dataset: str,
        min_film_ratings: int | None = None,
        promoted: Promoted | None = None,
        look_every: float = SECONDS,
    ) -> Self:
        """An engine for what somebody asked for, or for what the environment and the disk have (see find_model).

        Args:
            promoted: says which version answers, before all else.
            look_every: seconds between two looks which one that is.
        """
        request = ModelRequest.of_environment(model, dataset, min_film_ratings)
        versions = None if promoted is None else Versions(promoted, request.titles, look_every)

        def find(on_progress: OnProgress, on_usable: Callable[[ServedModel], None]) -> ServedModel:
            return find_model(request, on_progress=on_progress, on_usable=on_usable)

        return cls(find, versions)

    def ready(self) -> Recommender:
        """The model; NotReadyError while there is none."""
        if self.recommender is None:
            raise NotReadyError(self.problem or f"Not ready yet ({self.stage}): try again in a few seconds.")
        return self.recommender

    def start(self) -> None:
        """Begin, unless there is a model or one is on its way."""
        with self._lock:
            if self.recommender is None and not self.is_finding:
                self.problem = None
                self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
                self._thread.start()
        if self.versions is not None:
            self.versions.start(self)

    @property
    def is_finding(self) -> bool:
        """Whether a model is being found, or a better one trained."""
        return self._thread is not None and self._thread.is_alive()

    def replace(self, found: ServedModel) -> None:
        """Let a version answer from now on; whoever has begun with the model before ends with that."""
        with self._change:
            self._serve(found)
            self.problem, self.improving = None, False

    def _run(self) -> None:
        try:
            if self.versions is None or not self.versions.begin(self, self._note):
                self._serve_found(self.find(self._note, partial(self._serve_found, is_all=False)), is_all=True)
        except DataError as error:
            LOG.warning("No %smodel: %s", "better " if self.recommender else "", error)
            self._fail(str(error))
        except Exception as error:
            LOG.exception("the model could not be made ready")
            self._fail(f"The model could not be made ready ({type(error).__name__}): see the log of the server.")
        finally:
            self.improving = False

    def _fail(self, problem: str) -> None:
        """Tell why there is no model, or no better one; nobody misses it while a version answers."""
        with self._change:
            if self.number is None:
                self.problem = problem

    def _serve_found(self, found: ServedModel, *, is_all: bool) -> None:
        """Let a model answer that is no version, unless a version does by now; is_all: no better one is on its way."""
        with self._change:
            if self.number is not None:
                LOG.info("Version %d answers by now, so this does not: %s", self.number, found.sentence)
                return
            self.improving = not is_all
            if not is_all:
                self.stage, self.done = STAGES["epoch"], None  # what was done until now was for the one that answers
            self._serve(found)

    def _serve(self, found: ServedModel) -> None:
        LOG.debug("This is %s.", found.recommender.version)  # which is worked out here, before anybody waits for it
        self.sentence, self.number, self.recommender = found.sentence, found.number, found.recommender
        LOG.info("%s answers. %s", found.recommender.artifact.name, found.sentence)
        threading.Thread(target=found.recommender.titles.prepare, name="titles", daemon=True).start()

    def _note(self, stage: str, done: int, total: int | None, /, **figures: float) -> None:
        kind = ONE_OF_SEVERAL.sub("", stage)
        self.stage, self.done = STAGES.get(kind, kind), done / total if total else None
