"""What a registry's folder tells: its versions, which of them answers, and where a rollback leads."""

import logging
import re
from pathlib import Path

from recsys.artifacts.manifest import MANIFEST, cut
from recsys.errors import DataError
from recsys.versions.comparison import Comparison, Days, read_comparison, read_ended
from recsys.versions.entries import Damaged, Version, problem_of, state_of, undamaged
from recsys.versions.errors import VersionError
from recsys.versions.lineage import VERSION_FILE, Record, read
from recsys.versions.promotions import Promotions, read_promotions

MODEL = "model"
NUMBERED = re.compile(r"\d{4,9}")
NUMBER_DIGITS = 9
FEWEST_DIGITS = 4  # of a fingerprint that a person names
LOG = logging.getLogger(__name__)


class Reader:
    """Reads the versions in a folder.

    Attributes:
        folder: where they are.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def versions(self) -> list[Version]:
        """All versions that are not damaged, the newest first; DataError if nobody can tell which one answers."""
        return undamaged(self.entries())

    def entries(self) -> list[Version | Damaged]:
        """All that there is, the newest first; raises as `versions`."""
        promotions = read_promotions(self.folder)
        return [self._entry(number, promotions) for number in self._numbers()]

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

    def current_number(self) -> int | None:
        """The number of the version that answers; None before the first promotion."""
        return read_promotions(self.folder).current

    def current(self) -> Version | None:
        """The version that answers; None before the first promotion."""
        promotions = read_promotions(self.folder)
        return None if promotions.current is None else self._version(promotions.current, promotions)

    def way_back(self) -> list[Version]:
        """Those that answered before the version that does, as rollbacks would lead to them, without damaged ones."""
        promotions = read_promotions(self.folder)
        return undamaged([self._entry(number, promotions) for number in reversed(promotions.way[:-1])])

    def before(self) -> Version:
        """The version that a rollback leads to: the latest that answered before, and loads.

        Raises:
            VersionError: there is none; those that do not load are told.
        """
        problems: list[str] = []
        promotions = read_promotions(self.folder)
        for entry in (self._entry(number, promotions) for number in reversed(promotions.way[:-1])):
            problem = problem_of(entry)
            if isinstance(entry, Version) and problem is None:
                return entry
            problems.append(f"version {entry.number} cannot be used ({problem})")
            LOG.warning("A rollback passes over version %d: %s", entry.number, problem)
        told = "".join(f"; {one}" for one in problems)
        raise VersionError(f"there is no version in {self.folder} that answered before{told}; promote one")

    def comparison(self) -> Comparison | None:
        """What is compared live; None: nothing, or that has ended since another version answers or a model is gone."""
        found, promotions = read_comparison(self.folder), read_promotions(self.folder)
        if found is None or found.champion != promotions.current:
            return None
        challenger = self._entry(found.challenger, promotions)
        return found if isinstance(challenger, Version) and challenger.has_model else None

    def compared_when(self) -> dict[str, Days]:
        """When each comparison that is known was made, by its id; DataError if nobody can tell."""
        known = {each.comparison.id: Days(each.comparison.began, each.ended, False) for each in read_ended(self.folder)}
        found = read_comparison(self.folder)
        if found is not None:
            known[found.id] = Days(found.began, None, self.comparison() == found)
        return known

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

    def _entry(self, number: int, promotions: Promotions) -> Version | Damaged:
        try:
            return self._version(number, promotions)
        except (DataError, OSError) as reason:
            return Damaged(number, str(reason))
