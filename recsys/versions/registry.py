"""A registry of versions in a folder.

    FOLDER/promotions.json        which version answers, and which did before
    FOLDER/0003/version.json      what is kept of version 3
    FOLDER/0003/model/            its model, as recsys.artifacts.artifact has it; not there any more once it was pruned
    FOLDER/lock                   held by whoever changes something

Any number of programs may read and write at once, and be killed at any moment: a version is there whole or not at all,
and once one was promoted, there is always one that answers.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from recsys import __version__
from recsys.artifacts.artifact import VERSIONS_OF, Artifact, installed, load_artifact, rebuilt_from, save_artifact
from recsys.artifacts.description import DESCRIPTION, read_description
from recsys.artifacts.manifest import MANIFEST, check_manifest, cut
from recsys.artifacts.runs import RUNS
from recsys.versions.errors import VersionError
from recsys.versions.lineage import VERSION_FILE, Gate, Lineage, Record, read, written
from recsys.versions.promotions import Event, Promotions, read_promotions, write_promotions
from recsys.versions.writing import draft_in, locked, put_in_place, remove, replace_file

VERSIONS = RUNS / "versions"
MODEL = "model"
NUMBERED = re.compile(r"\d{4,9}")
NUMBER_DIGITS = 9
DIGEST = re.compile(r"[0-9a-f]{64}")
FEWEST_DIGITS = 4  # of a fingerprint that a person names

State = Literal["candidate", "refused", "promoted before", "current"]


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


class Registry:
    """The versions in a folder.

    Attributes:
        folder: where they are; made by the first that is added.
        now: tells the time, with its zone.
    """

    def __init__(self, folder: Path = VERSIONS, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self.folder, self.now = folder, now

    # ---- reading

    def versions(self) -> list[Version]:
        """All versions, the newest first; DataError if what is kept of one cannot be read."""
        promotions = read_promotions(self.folder)
        return [self._version(number, promotions) for number in self._numbers()]

    def version(self, said: int | str) -> Version:
        """A version by its number, or by the beginning of its fingerprint, of which the newest is taken.

        Raises:
            VersionError: there is none.
        """
        numbers = self._numbers()
        text = str(said).strip()
        if text.isdecimal() and int(text[:NUMBER_DIGITS]) in numbers:
            return self._version(int(text), read_promotions(self.folder))
        if len(text) >= FEWEST_DIGITS:
            for found in self.versions():
                if found.record.fingerprint.startswith(text.lower()):
                    return found
        there = f"the newest is {numbers[0]}" if numbers else "there are none yet"
        raise VersionError(f"there is no version {cut(text)!r} in {self.folder}: {there}; `list` shows them")

    def current(self) -> Version | None:
        """The version that answers; None before the first promotion."""
        promotions = read_promotions(self.folder)
        return None if promotions.current is None else self._version(promotions.current, promotions)

    def way_back(self) -> list[Version]:
        """The version that answers, and those that rollbacks lead to, one after the other."""
        promotions = read_promotions(self.folder)
        return [self._version(number, promotions) for number in reversed(promotions.way)]

    def before(self) -> Version:
        """The version that a rollback leads to; VersionError if there is none."""
        promotions = read_promotions(self.folder)
        if promotions.before is None:
            raise VersionError(f"there is no version in {self.folder} that answered before; promote one")
        return self._version(promotions.before, promotions)

    # ---- writing

    def add(self, artifact: Artifact, lineage: Lineage, gate: Gate | None = None) -> Version:
        """Keep a model as the newest version, which answers once it is promoted.

        For titles, and for what people have said of its films, its facts are those of the data set that names the
        films (`dataset`, `dataset_sha256`, `films_sha256`), whatever was added to its ratings.

        Args:
            artifact: the model.
            lineage: where it came from.
            gate: what was decided, if that is known already.

        Raises:
            VersionError: the parent is no version, or the folder cannot be written.
        """
        return self._add(partial(save_artifact, artifact=artifact), artifact, lineage, gate)

    def add_folder(self, folder: Path, lineage: Lineage, gate: Gate | None = None) -> Version:
        """Keep a copy of a model folder as the newest version. Raises as `add`, and if there is no such model."""
        return self._add(partial(copy_model, folder), loaded(folder), lineage, gate)

    def judge(self, number: int, gate: Gate) -> Version:
        """Keep what the gate has decided about a version, in place of what it decided before."""
        with locked(self.folder):
            record = self.version(number).record.model_copy(update={"gate": gate})
            replace_file(self._place(number) / VERSION_FILE, written(record))
        return self.version(number)

    def promote(self, number: int, *, anyway: bool = False) -> Version:
        """Let a version answer from now on; nothing changes if it does already.

        Args:
            number: of the version.
            anyway: whether it may be one that the gate has refused.

        Raises:
            VersionError: there is no such version, its model is gone, or the gate has refused it.
            ArtifactError: its model does not load.
        """
        found = self.promotable(number, anyway=anyway)
        with locked(self.folder):
            promotions, found = read_promotions(self.folder), self.promotable(number, anyway=anyway, tries=False)
            if promotions.current != found.number:
                event = Event(number=found.number, at=self.now(), how="promoted")
                write_promotions(self.folder, promotions.promoted(event))
        return self.version(number)

    def promotable(self, number: int, *, anyway: bool = False, tries: bool = True) -> Version:
        """A version that may be promoted; raises as `promote`.

        Args:
            number: of the version.
            anyway: as promote.
            tries: whether it is loaded.
        """
        found = self.version(number)
        if not found.has_model:
            raise VersionError(f"the model of {found} was pruned; promote another version, or train it again")
        gate = found.record.gate
        if gate is not None and not gate.passed and not anyway:
            raise VersionError(f"{found} was refused: {gate.reason.rstrip('.')}. --anyway promotes it all the same")
        if tries:
            loaded(found.folder)
        return found

    def rollback(self) -> Version:
        """Let the version answer that did so before the one that does; VersionError if there is none."""
        with locked(self.folder):
            event = Event(number=self.before().number, at=self.now(), how="rolled back to")
            write_promotions(self.folder, read_promotions(self.folder).rolled_back(event))
        return self.version(event.number)

    def prune(self, keep: int) -> list[Version]:
        """Delete the models of old versions; what is kept of them stays.

        Args:
            keep: so many of the newest stay, and always that which answers and that which a rollback leads to.

        Returns:
            Those whose models were deleted, the newest first.

        Raises:
            VersionError: keep is below 1.
        """
        if keep < 1:
            raise VersionError(f"got {keep} versions to keep; expected at least 1")
        with locked(self.folder):
            promotions = read_promotions(self.folder)
            stay = {promotions.current, promotions.before}
            gone = [one for one in self.versions()[keep:] if one.has_model and one.number not in stay]
            if gone:
                write_promotions(self.folder, promotions.without({one.number for one in gone}))
            for one in gone:
                remove(one.folder, self.folder)
        return gone

    # ---- within

    def _numbers(self) -> list[int]:
        """Of all versions, the highest first."""
        if not self.folder.is_dir():
            return []
        found = (path.name for path in self.folder.iterdir() if NUMBERED.fullmatch(path.name) and path.is_dir())
        return sorted(map(int, found), reverse=True)

    def _place(self, number: int) -> Path:
        return self.folder / f"{number:04}"

    def _version(self, number: int, promotions: Promotions) -> Version:
        place = self._place(number)
        record = read(Record, place / VERSION_FILE)
        return Version(record, state_of(record, promotions), place / MODEL, (place / MODEL / MANIFEST).is_file())

    def _add(self, write: Callable[[Path], None], artifact: Artifact, lineage: Lineage, gate: Gate | None) -> Version:
        with draft_in(self.folder) as draft:
            write(draft / MODEL)
            with locked(self.folder):
                number = self._next_number(lineage)
                record = record_of(artifact, number, self.now(), lineage, gate)
                (draft / VERSION_FILE).write_bytes(written(record))
                put_in_place(draft, self._place(number))
        return self.version(number)

    def _next_number(self, lineage: Lineage) -> int:
        """The number of a version that is added now; VersionError if its parent is none."""
        numbers = self._numbers()
        if lineage.parent is not None and lineage.parent not in numbers:
            raise VersionError(f"got version {lineage.parent} for a parent, which is not in {self.folder}")
        return max(numbers, default=0) + 1


def record_of(artifact: Artifact, number: int, made_at: datetime, lineage: Lineage, gate: Gate | None) -> Record:
    """What is kept of a model."""
    return Record(
        number=number,
        fingerprint=artifact.fingerprint(),
        model=artifact.name,
        dataset=str(artifact.facts.get("dataset") or ""),
        made_at=made_at,
        code={"movie-vae": __version__, **installed(VERSIONS_OF)},
        lineage=lineage,
        gate=gate,
    )


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


def lineage_of(folder: Path, note: str = "") -> Lineage:
    """What a model folder says of where it came from: the ratings of its data set, and nobody's beside them."""
    digest = str(read_description(folder / DESCRIPTION)["facts"].get("dataset_sha256", ""))
    return Lineage(data_sha256=digest if DIGEST.fullmatch(digest) else None, note=note)
