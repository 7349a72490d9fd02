"""What is kept of a fit under way, so that one that was interrupted goes on where it was.

    FOLDER/job.json                        which fit it is: settings, seed, digests of ratings and films
    FOLDER/PIECE.safetensors               arrays of a piece of work: finished, or as far as it has come

Files are written aside and renamed. Each says which fit it is of; what another fit has left is refused.
"""

import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from recsys.errors import DataError
from recsys.training.processes import ALONE, Processes

JOB, ENDING = "job.json", ".safetensors"
DONE, ROLL = "steps done", "random"  # what is kept beside a loop's own arrays
LEAST_SECONDS = 60.0  # between two times that a loop is kept

Arrays = dict[str, np.ndarray]
State = Arrays | Callable[[], Arrays]  # arrays, or what makes them, which is asked only when they are kept


class Checkpoints(Protocol):
    """What the pieces of a fit are kept in, and found again; all processes call the same, in the same order."""

    def kept(self, piece: str, make: Callable[[], Arrays]) -> Arrays:
        """What `make` gives, or gave before the fit was interrupted.

        Args:
            piece: its name; pieces of one name are told apart by their order.
            make: called in all processes or in none; what it gives is the same in all.
        """

    def loop(self, piece: str, state: Arrays, rng: np.random.Generator | None = None) -> "Loop":
        """A piece of work made of steps, which goes on after the last step that was kept.

        Args:
            piece: its name; pieces of one name are told apart by their order.
            state: arrays before the first step; what is found is written into them.
            rng: what steps draw from; it is set to where it was.
        """

    def of_part(self, name: str) -> "Checkpoints":
        """Those of a part of the model."""


class Loop(Protocol):
    """Steps of which the state is kept now and then."""

    @property
    def done(self) -> int:
        """Steps that were done before."""

    @property
    def found(self) -> Arrays:
        """The state after those steps, until others are done; empty if none was kept."""

    def reached(self, n_steps: int, state: State) -> None:
        """Take note of the state after so many steps, and keep it if it is time to; a `State` is made in all."""


class NothingKept:
    """No checkpoints: every piece is made, every loop begins at its first step."""

    done = 0

    @property
    def found(self) -> Arrays:
        """Nothing."""
        return {}

    def kept(self, piece: str, make: Callable[[], Arrays]) -> Arrays:
        """See `Checkpoints`."""
        return make()

    def loop(self, piece: str, state: Arrays, rng: np.random.Generator | None = None) -> Self:
        """See `Checkpoints`."""
        return self

    def reached(self, n_steps: int, state: State) -> None:
        """See `Loop`."""

    def of_part(self, name: str) -> Self:
        """See `Checkpoints`."""
        return self


NOTHING_KEPT = NothingKept()


@dataclass(frozen=True)
class KeptOnDisk:
    """Checkpoints in a folder, which the first process alone reads and writes.

    Attributes:
        folder: of this fit alone.
        digest: of the facts of the fit.
        processes: that fit together.
        seconds: at least so many pass between two times that a loop is kept.
        prefix: of the names of pieces.
    """

    folder: Path
    digest: str
    processes: Processes = ALONE
    seconds: float = LEAST_SECONDS
    prefix: str = ""
    begun: Counter[str] = field(default_factory=Counter)  # by names of pieces: a second one of a name has a number

    def kept(self, piece: str, make: Callable[[], Arrays]) -> Arrays:
        """See `Checkpoints`.

        Raises:
            DataError: what lies there is damaged or of another fit, or the folder cannot be written.
        """
        path = self.path_of(piece)
        found = self.found(path)
        if found is None:
            found = make()
            self.write(path, found)
        return found

    def loop(self, piece: str, state: Arrays, rng: np.random.Generator | None = None) -> "LoopOnDisk":
        """See `Checkpoints`; raises what `kept` raises."""
        path = self.path_of(piece)
        found = self.found(path) or {}
        for name, array in state.items():
            if found:
                array[...] = found[name]
        if rng is not None and found:
            rng.bit_generator.state = json.loads(found[ROLL].tobytes())
        return LoopOnDisk(self, path, int(found.pop(DONE, 0)), found, rng)

    def of_part(self, name: str) -> Self:
        """See `Checkpoints`."""
        return replace(self, prefix=f"{self.prefix}{name} ")

    def found(self, path: Path) -> Arrays | None:
        """What was kept of a piece; None: nothing."""
        from safetensors.numpy import load

        return load(told) if (told := told_in_all(self.processes, lambda: self.read(path))) else None

    def read(self, path: Path) -> bytes:
        """The file of a piece; empty if there is none."""
        from safetensors import SafetensorError, safe_open

        if not path.exists():
            return b""
        try:
            with safe_open(path, framework="numpy") as opened:
                digest = (opened.metadata() or {}).get("fit")
            content = path.read_bytes()
        except (OSError, SafetensorError) as error:
            raise DataError(
                f"{path}: cannot be read ({error}); delete it, and its part of the work is done again"
            ) from None
        if digest != self.digest:
            raise DataError(f"{path}: was kept of another fit; delete the folder {self.folder} to begin anew")
        return content

    def write(self, path: Path, arrays: Arrays) -> None:
        """Keep arrays of a piece, in place of what was kept of it before; nothing in any process but the first."""
        from safetensors.numpy import save

        if self.processes.number == 0:
            contiguous = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()}
            write_durably(path, save(contiguous, {"fit": self.digest}))

    def path_of(self, piece: str) -> Path:
        """Where the next piece of a name is kept."""
        name = re.sub("[^a-z0-9]+", "-", f"{self.prefix}{piece}".lower())
        self.begun[name] += 1
        n_begun = self.begun[name]
        return self.folder / (f"{name}.{n_begun}{ENDING}" if n_begun > 1 else f"{name}{ENDING}")

    def forget(self) -> None:
        """Delete all of it, when the fit has ended and its model is saved."""
        if self.processes.number == 0:
            for path in (*self.folder.glob(f"*{ENDING}*"), self.folder / JOB):  # with what was left aside
                path.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()
                self.folder.parent.rmdir()


@dataclass
class LoopOnDisk:
    """A loop of `KeptOnDisk`."""

    checkpoints: KeptOnDisk
    path: Path
    done: int
    found: Arrays
    rng: np.random.Generator | None
    kept_at: float = field(default_factory=time.monotonic)

    def reached(self, n_steps: int, state: State) -> None:
        """See `Loop`."""
        self.found = {}
        if not self.is_due(in_all=callable(state)):
            return
        arrays = state() if callable(state) else state
        beside = {DONE: np.array(n_steps)}
        if self.rng is not None:
            beside[ROLL] = np.frombuffer(json.dumps(self.rng.bit_generator.state).encode(), dtype=np.uint8)
        self.checkpoints.write(self.path, arrays | beside)
        self.kept_at = time.monotonic()

    def is_due(self, in_all: bool) -> bool:
        """Whether it is time to; if all processes have to make what is kept, by the clock of the first."""
        is_due = time.monotonic() - self.kept_at >= self.checkpoints.seconds
        processes = self.checkpoints.processes
        if not in_all or processes.count == 1:
            return is_due
        return bool(processes.sum(int(is_due and processes.number == 0)))


def open_checkpoints(
    folder: Path, facts: Mapping[str, Any], processes: Processes = ALONE, seconds: float = LEAST_SECONDS
) -> KeptOnDisk:
    """The checkpoints of a fit: those that are there, or an empty folder.

    Args:
        folder: of this fit alone.
        facts: JSON values on which the model depends.
        processes: that fit together.
        seconds: see `KeptOnDisk`.

    Raises:
        DataError: the folder holds what another fit has left, or cannot be used.
    """
    told_in_all(processes, lambda: prepare(folder, facts))
    text = json.dumps(facts, sort_keys=True)
    return KeptOnDisk(folder, hashlib.sha256(text.encode()).hexdigest(), processes, seconds)


def prepare(folder: Path, facts: Mapping[str, Any]) -> bytes:
    """See to it that a folder is that of a fit with these facts; nothing to tell."""
    path = folder / JOB
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = json.loads(path.read_bytes()) if path.exists() else None
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: cannot be used ({error}); delete the folder {folder}, or name another --out"
        ) from None
    if there is None:
        write_durably(path, json.dumps(facts, indent=1).encode())
    elif there != facts:
        raise DataError(f"{folder} {of_another_fit(there, facts)}")
    return b""


def of_another_fit(there: Any, facts: Mapping[str, Any]) -> str:
    """In which facts two fits differ, and what to do."""
    known = there if isinstance(there, dict) else {}
    differing = [name for name in facts if known.get(name) != facts[name]] or ["facts"]
    said = "; ".join(f"{name} {known.get(name)} there, {facts.get(name)} here" for name in differing)
    return (
        f"holds what is left of another fit ({said}); go on with that one by its own command, delete the folder, or "
        "name another --out"
    )


def told_in_all(processes: Processes, work: Callable[[], bytes]) -> bytes:
    """What the first process finds, in all; a mistake that it finds is raised in all.

    Raises:
        DataError: of `work`.
    """
    message = b""
    if processes.number == 0:
        try:
            message = b"+" + work()
        except DataError as error:
            message = b"-" + str(error).encode()
    told = processes.told_by_first(message)
    if told[:1] == b"-":
        raise DataError(told[1:].decode())
    return told[1:]


def write_durably(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: aside, to disk, renamed.

    Raises:
        DataError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}); name another --out") from None
    finally:
        aside.unlink(missing_ok=True)
