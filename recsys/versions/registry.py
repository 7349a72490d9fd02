"""A registry of versions in a folder.

    FOLDER/promotions.json        which version answers, and which did before
    FOLDER/comparison.json        which other one is compared with it live; only while that goes on
    FOLDER/comparisons.json       what was compared before, and when
    FOLDER/0003/version.json      what is kept of version 3
    FOLDER/0003/model/            its model, as recsys.artifacts.artifact has it; not there any more once it was pruned
    FOLDER/lock                   held by whoever changes something
    FOLDER/publishing             held by whoever promotes on the Hub, too

Any number of programs may read and write at once, and be killed at any moment: a version is there whole or not at all,
and once one was promoted, there is always one that answers.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from recsys import __version__
from recsys.artifacts.artifact import VERSIONS_OF, Artifact, installed, save_artifact
from recsys.artifacts.runs import RUNS
from recsys.errors import DataError
from recsys.versions.comparison import COMPARISON, By, Comparison, end_comparison, new_comparison, write_comparison
from recsys.versions.entries import Version, copy_model, loaded
from recsys.versions.errors import VersionError
from recsys.versions.lineage import VERSION_FILE, Gate, Lineage, Record, written
from recsys.versions.promotions import Event, Promotions, read_promotions, write_promotions
from recsys.versions.reading import MODEL, Reader
from recsys.versions.writing import draft_in, locked, put_in_place, remove, replace_file

VERSIONS = RUNS / "versions"

Whichever = Literal["whichever"]
UNDONE = "nothing was rolled back"
OnEnded = Callable[[Comparison], object]


def unheard(_: Comparison) -> None:
    """Let nobody know."""


class Registry(Reader):
    """The versions in a folder.

    Attributes:
        folder: where they are; made by the first that is added.
        now: tells the time, with its zone.
    """

    def __init__(self, folder: Path = VERSIONS, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        super().__init__(folder)
        self.now = now

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

    def promote(
        self,
        number: int,
        *,
        anyway: bool = False,
        instead_of: int | Whichever | None = "whichever",
        on_ended: OnEnded = unheard,
    ) -> Version:
        """Let a version answer from now on, which ends a comparison; nothing changes if it does already.

        Args:
            number: of the version.
            anyway: whether it may be one that the gate has refused.
            instead_of: the only version that it may take the place of; None: of none.
            on_ended: is given the comparison that this has ended.

        Raises:
            VersionError: there is no such version, its model is gone, or the gate has refused it; or another answers
                than it is to take the place of.
            ArtifactError: its model does not load.
        """
        found = self.promotable(number, anyway=anyway)
        ended = None
        with locked(self.folder):
            promotions, found = read_promotions(self.folder), self.promotable(number, anyway=anyway, tries=False)
            if promotions.current != found.number:
                require_current(promotions, instead_of, f"version {number} was not promoted")
                event = Event(number=found.number, at=self.now(), how="promoted")
                ended = self._end_comparison()
                write_promotions(self.folder, promotions.promoted(event))
        if ended is not None:
            on_ended(ended)
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
            why = gate.reason.removeprefix("Refused: ").rstrip(".")
            raise VersionError(f"{found} was refused: {why}. --anyway promotes it all the same")
        if tries:
            loaded(found.folder)
        return found

    def rollback(self, *, instead_of: int | Whichever | None = "whichever", on_ended: OnEnded = unheard) -> Version:
        """Let the version answer that did so before the one that does, the latest that loads; it ends a comparison.

        Args:
            instead_of: the only version that it may take the place of.
            on_ended: as promote.

        Raises:
            VersionError: there is none; or another version answers than it is to take the place of, or by the time
                when that which it leads to was loaded.
        """
        seen = read_promotions(self.folder)
        require_current(seen, instead_of, UNDONE)
        found = self.before()
        with locked(self.folder):
            promotions = read_promotions(self.folder)
            if promotions.way != seen.way:
                raise VersionError(f"somebody else has promoted or rolled back meanwhile; {UNDONE}, look at `list`")
            event = Event(number=found.number, at=self.now(), how="rolled back to")
            ended = self._end_comparison()
            write_promotions(self.folder, promotions.rolled_back(event))
        if ended is not None:
            on_ended(ended)
        return self.version(found.number)

    def prune(self, keep: int) -> list[Version]:
        """Delete the models of old versions; what is kept of them stays.

        Args:
            keep: so many of the newest stay, and always that which answers, that which is compared with it, and that
                which a rollback leads to.

        Returns:
            Those whose models were deleted, the newest first.

        Raises:
            VersionError: keep is below 1.
        """
        if keep < 1:
            raise VersionError(f"got {keep} versions to keep; expected at least 1")
        usable = self._usable_before()
        with locked(self.folder):
            promotions = read_promotions(self.folder)
            comparison = self.comparison()
            compared = None if comparison is None else comparison.challenger
            stay = {promotions.current, promotions.before, usable, compared}
            gone = [one for one in self.versions()[keep:] if one.has_model and one.number not in stay]
            if gone:
                write_promotions(self.folder, promotions.without({one.number for one in gone}))
            for one in gone:
                remove(one.folder, self.folder)
        return gone

    def compare(self, number: int, by: By = "list", *, anyway: bool = False) -> Comparison:
        """Compare a version with the one that answers, live, until that is ended or another one answers.

        Args:
            number: of the version.
            by: "list" or "person", as in Comparison.
            anyway: also a version that the gate has refused.

        Raises:
            VersionError: as promote; or no version answers, or it is this one, or another comparison goes on.
            ArtifactError: its model does not load.
        """
        found = self.promotable(number, anyway=anyway)
        with locked(self.folder):
            current, goes_on = self.current_number(), self.comparison()
            if current is None or current == found.number:
                raise VersionError(f"{called(current)} answers; {found} can be compared only with another that does")
            if self.version(current).record.fingerprint == found.record.fingerprint:
                raise VersionError(f"{found} is the same model as {called(current)}, which answers; nobody could win")
            if goes_on is not None:
                raise VersionError(f"version {goes_on.challenger} is compared already; end that by `compare --end`")
            self._end_comparison()  # of which something may be left that goes on no more
            begun = new_comparison(by, current, found.number, self.now())
            write_comparison(self.folder, begun)
        return begun

    def end_comparison(self) -> bool:
        """Compare nothing any more; whether there was something to end."""
        with locked(self.folder):
            there_was = (self.folder / COMPARISON).exists()
            self._end_comparison()
        return there_was

    # ---- within

    def _end_comparison(self) -> Comparison | None:
        """Compare nothing any more, with the lock held; what went on until now."""
        went_on = None
        with suppress(DataError):  # what nobody can read ends all the same
            went_on = self.comparison()
        end_comparison(self.folder, None if went_on is None else self.now())
        return went_on

    def _usable_before(self) -> int | None:
        """The number of the version that a rollback leads to; None: to none."""
        with suppress(VersionError):
            return self.before().number
        return None

    def _add(self, write: Callable[[Path], None], artifact: Artifact, lineage: Lineage, gate: Gate | None) -> Version:
        with draft_in(self.folder) as draft:
            write(draft / MODEL)
            with locked(self.folder):
                promotions = read_promotions(self.folder)
                number = self._next_number(lineage, promotions)
                record = record_of(artifact, number, self.now(), lineage, gate)
                (draft / VERSION_FILE).write_bytes(written(record))
                write_promotions(self.folder, promotions.numbered(number))
                put_in_place(draft, self._place(number))
        return self.version(number)

    def _next_number(self, lineage: Lineage, promotions: Promotions) -> int:
        """The number of a version that is added now, which none had before; VersionError if its parent is none."""
        numbers = self._numbers()
        if lineage.parent is not None and lineage.parent not in numbers:
            raise VersionError(f"got version {lineage.parent} for a parent, which is not in {self.folder}")
        parents = (version.record.lineage.parent or 0 for version in self.versions())
        return max(promotions.highest, *numbers, *parents, 0) + 1


def require_current(promotions: Promotions, instead_of: int | Whichever | None, undone: str) -> None:
    """VersionError if another version answers by now than that which is expected to.

    Args:
        promotions: as they are now.
        instead_of: its number; None: none does.
        undone: what then is not done, in words.
    """
    if instead_of not in ("whichever", promotions.current):
        now, expected = called(promotions.current), called(instead_of)
        raise VersionError(
            f"{now} answers by now, and {expected} was expected to; {undone}: look at `list`, and promote or roll back "
            "again if it is to be so"
        )


def called(number: int | str | None) -> str:
    """A version in words.

    >>> called(3), called(None)
    ('version 3', 'no version')
    """
    return "no version" if number is None else f"version {number}"


def code_now() -> dict[str, str]:
    """The version of this package, and of the packages that models are fitted with."""
    return {"movie-vae": __version__, **installed(VERSIONS_OF)}


def record_of(artifact: Artifact, number: int, made_at: datetime, lineage: Lineage, gate: Gate | None) -> Record:
    """What is kept of a model."""
    return Record(
        number=number,
        fingerprint=artifact.fingerprint(),
        model=artifact.name,
        dataset=str(artifact.facts.get("dataset") or ""),
        made_at=made_at,
        code=code_now(),
        lineage=lineage,
        gate=gate,
    )
