"""A version of a registry as it is found: whole, or damaged; and whether its model can be used."""

import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recsys.artifacts.artifact import Artifact, load_artifact, rebuilt_from
from recsys.artifacts.manifest import MANIFEST, check_manifest
from recsys.errors import DataError
from recsys.versions.errors import VersionError
from recsys.versions.lineage import Record
from recsys.versions.promotions import Promotions

State = Literal["candidate", "refused", "promoted before", "current"]
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Version:
    """A version of a registry.

    Attributes:
        record: what is kept of it.
        state: what has become of it.
        folder: of its model.
        has_model: whether that is still there.
    """

    record: Record
    state: State
    folder: Path
    has_model: bool

    @property
    def number(self) -> int:
        """Its number."""
        return self.record.number

    def __str__(self) -> str:
        return f"version {self.number} ({self.record.fingerprint})"


@dataclass(frozen=True)
class Damaged:
    """A version of which nothing is known, since what was kept of it cannot be read.

    Attributes:
        number: as its folder has it.
        reason: in a sentence.
    """

    number: int
    reason: str


def undamaged(entries: Iterable[Version | Damaged]) -> list[Version]:
    """Those of which something is known; the log has a line for each of the others."""
    found = []
    for entry in entries:
        if isinstance(entry, Version):
            found.append(entry)
        else:
            LOG.warning("Version %d is damaged, and left out: %s", entry.number, entry.reason)
    return found


def problem_of(entry: Version | Damaged) -> str | None:
    """Why a version cannot answer, in a sentence; None: it can."""
    if isinstance(entry, Damaged):
        return entry.reason
    if not entry.has_model:
        return "its model is gone"
    try:
        loaded(entry.folder)
    except (DataError, OSError) as reason:
        return str(reason)
    return None


def state_of(record: Record, promotions: Promotions) -> State:
    """What has become of a version."""
    if record.number == promotions.current:
        return "current"
    if record.number in promotions.ever:
        return "promoted before"
    return "refused" if record.gate is not None and not record.gate.passed else "candidate"


def loaded(folder: Path) -> Artifact:
    """The model in a folder, checked; VersionError if it consists of ratings, which no folder may hold."""
    check_manifest(folder)
    if rebuilt_from(folder) is not None:
        raise VersionError(f"{folder}: the model consists of its training ratings, so no version can be made of it")
    return load_artifact(folder)


def copy_model(folder: Path, to: Path) -> None:
    """Copy a model's files, and nothing that lies beside them."""
    to.mkdir()
    for name in (*check_manifest(folder), MANIFEST):
        shutil.copyfile(folder / name, to / name)
