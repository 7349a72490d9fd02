"""The version that a page answers with: found when it starts, and replaced once another is promoted."""

import logging
import math
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from recsys.errors import DataError
from recsys.free_memory import give_back, keep_large_apart
from recsys.progress import OnProgress, silent
from recsys.recommend.recommender import Recommender
from recsys.serve.comparing import Trials
from recsys.serve.concurrency import GIVING_WAY
from recsys.serve.find_model import ServedModel

if TYPE_CHECKING:
    from recsys.serve.engine import Engine
    from recsys.versions.promoted import Answering, Promoted

SECONDS = 20.0  # between two looks, unless somebody says otherwise
AGAIN_SECONDS = 300.0  # before a version that could not be had is tried once more
FIRST_LIST = 10  # films
LOG = logging.getLogger(__name__)


class Versions:
    """Looks which version is to answer, and lets it.

    Attributes:
        promoted: says which one.
        titles: the data set that names the films; None: the one that the model was fitted on.
        seconds: between two looks.
        trials: what is compared with it.
        key: of the version that answers; None: none does.
        problem: a sentence for strangers that says why not the one that was promoted; None: it does.
    """

    def __init__(self, promoted: "Promoted", titles: str | None = None, seconds: float = SECONDS):
        self.promoted, self.titles, self.seconds = promoted, titles, seconds
        self.key: str | None = None
        self.problem: str | None = None
        self.trials = Trials(promoted, lambda answering: ready(answering, titles, silent).recommender)
        self._failed: dict[str, float] = {}  # keys of versions that could not be had, and when
        self._holds_more = False
        self._turn = threading.Lock()  # held while a version is looked for, until it answers
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def begin(self, engine: "Engine", on_progress: OnProgress = silent) -> bool:
        """Let the version answer that was promoted last, else the latest before it that can be had.

        Returns:
            Whether a version answers now; False: there is none.
        """
        keep_large_apart()
        with self._turn:
            if engine.number is None:
                found = next(self._usable(on_progress), None)
                if found is not None:
                    self._let(engine, *found)
            return engine.number is not None

    def start(self, engine: "Engine") -> None:
        """Look again and again, in a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(engine,), name="versions", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def look(self, engine: "Engine") -> None:
        """Let another version answer if one was promoted, and if it can be had; else all stays as it is.

        Then likewise for what is compared with it.
        """
        if self._holds_more:  # by now, whatever was begun with the version before is done
            give_back()
            self._holds_more = False
        with self._turn:
            answering = self._newest()
            if answering is not None and answering.key == self.key:
                self.problem = None
            elif answering is not None and self._may_try(answering):
                self._holds_more |= engine.trial is not None
                engine.trial = None  # two versions at once take memory enough
                self._swap(engine, answering)
            self._holds_more |= self.trials.look(engine, self.key)

    def _newest(self) -> "Answering | None":
        """The version that was promoted last; None, and a line in the log, if there is none or nobody can tell."""
        try:
            answering = self.promoted.look()
        except Exception as reason:
            self._note(f"Nobody can tell which version is to answer ({words_of(reason)}).", unforeseen(reason))
            return None
        if answering is None:
            self.problem = None
        return answering

    def _may_try(self, answering: "Answering") -> bool:
        return time.monotonic() - self._failed.get(answering.key, -math.inf) >= AGAIN_SECONDS

    def _swap(self, engine: "Engine", answering: "Answering") -> None:
        found = self._found(answering, silent, engine.recommender)
        if found is not None:
            self._let(engine, answering, found)
            self.problem = None
            self._holds_more = True

    def _let(self, engine: "Engine", answering: "Answering", found: ServedModel) -> None:
        """Let a version answer."""
        engine.replace(found)
        self.key = answering.key

    def _run(self, engine: "Engine") -> None:
        """Look until the end, whatever a look comes to: libraries may raise what is no Exception."""
        while not self._ended.wait(self.seconds):
            try:
                self.look(engine)
            except BaseException as reason:
                self._note(f"A look for another version failed ({words_of(reason)}).", reason)

    def _usable(self, on_progress: OnProgress) -> "Iterator[tuple[Answering, ServedModel]]":
        """The version that was promoted last, and those before it, as far as they can be had."""
        for answering in self._in_turn():
            found = self._found(answering, on_progress)
            if found is not None:
                yield answering, found

    def _in_turn(self) -> "Iterator[Answering]":
        newest = self._newest()
        if newest is not None:
            yield newest
        try:
            yield from self.promoted.way_back()
        except Exception as reason:
            self._note(f"Nobody can tell which version is to answer ({words_of(reason)}).", unforeseen(reason))

    def _found(
        self, answering: "Answering", on_progress: OnProgress, instead_of: Recommender | None = None
    ) -> ServedModel | None:
        """A version, whose first list is made; None, and a line in the log, if it cannot be had."""
        try:
            found = ready(answering, self.titles, on_progress)
            require_titles(found.recommender, instead_of)
        except Exception as reason:
            self._failed[answering.key] = time.monotonic()
            sentence = f"{answering.name} was promoted, but cannot be used here: {words_of(reason)}"
            self._note(sentence, unforeseen(reason))
            return None
        return found

    def _note(self, sentence: str, trace: BaseException | None = None) -> None:
        """Keep what is wrong, and write it into the log if that is news; where there is a trace, with that."""
        if self.problem != sentence:
            LOG.warning("%s", sentence, exc_info=trace)
        self.problem = sentence


def unforeseen(reason: BaseException) -> BaseException | None:
    """What went wrong, if no sentence was made for it, so that a log has to tell where it was."""
    return None if isinstance(reason, DataError | OSError) else reason


def words_of(reason: BaseException) -> str:
    """What strangers may read of what went wrong: its sentence, or only its kind where nobody has foreseen it."""
    return str(reason) if unforeseen(reason) is None else type(reason).__name__


def ready(answering: "Answering", titles: str | None, on_progress: OnProgress) -> ServedModel:
    """A version that has answered a first time; DataError if it cannot be had."""
    folder, record = answering.fetch(on_progress)
    with GIVING_WAY:
        recommender = Recommender.from_pretrained(folder, titles=titles, on_progress=on_progress)
        recommender.version = record.fingerprint  # by which it is known for good; a later program may work out another
        recommender.titles.prepare()
        recommender.recommend({}, FIRST_LIST)
    return ServedModel(recommender, f"It is version {record.number}. {recommender.source}", record.number)


def require_titles(found: Recommender, instead_of: Recommender | None) -> None:
    """Raise DataError if films would be called by their ids where they are called by titles now."""
    if instead_of is not None and instead_of.films_from is not None and found.films_from is None:
        raise DataError(f"the titles of its films could not be had: {found.source}")
