"""Which two versions are compared live: comparison.json of a registry, which is replaced whole, or not there.

It ends by itself once another version answers than did when it began, or the other one's model is gone. What has ended
is kept in comparisons.json, so that a report can say when it was.
"""

import logging
import secrets
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import AwareDatetime, Field

from recsys.errors import DataError
from recsys.versions.errors import VersionError
from recsys.versions.lineage import FORMAT, Number, Part, read, told_at, written
from recsys.versions.writing import replace_file, sync

COMPARISON, ENDED = "comparison.json", "comparisons.json"
MOST_ENDED = 200  # that are kept, the newest
STOOD_IN = ":stood-in"  # behind the label of a list by the champion in place of the challenger, by person
WINDOW = 7  # days after which the first report can tell something
ID_SIZE = 6  # bytes
By = Literal["list", "person"]
WAYS: tuple[By, ...] = get_args(By)
LOG = logging.getLogger(__name__)


class Comparison(Part):
    """What comparison.json holds.

    Attributes:
        id: random; whom and what it decides about is drawn anew with each comparison.
        by: "list": each list is drafted from both; "person": each member sees one of both, all the time.
        champion: the version that answers, and has to go on doing so.
        challenger: the version that is compared with it.
        began: when.
    """

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    by: By
    champion: Number
    challenger: Number
    began: AwareDatetime

    def __str__(self) -> str:
        """In words, at the beginning of a sentence."""
        sides = f"The comparison of version {self.challenger} with version {self.champion}"
        return f"{sides} by {self.by}, begun {told_at(self.began)} UTC,"

    def label(self, champion: str, challenger: str, stood_in: bool = False) -> str:
        """What lists of the comparison are kept with, which tells all that a report needs.

        Args:
            champion: its fingerprint.
            challenger: likewise.
            stood_in: whether the champion made the list in place of the challenger, which had none.
        """
        return ":".join((self.by, self.id, champion, challenger)) + STOOD_IN * stood_in


class Ended(Part):
    """A comparison that goes on no more.

    Attributes:
        comparison: as it was begun.
        ended: when; None: nobody knows, since it ended by itself.
    """

    comparison: Comparison
    ended: AwareDatetime | None = None


class History(Part):
    """What comparisons.json holds: what has ended, the oldest first."""

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    ended: tuple[Ended, ...] = ()


class Days(NamedTuple):
    """When a comparison was made.

    Attributes:
        began: when it began.
        ended: when it ended; None: it goes on, or nobody knows.
        goes_on: whether it does.
    """

    began: datetime
    ended: datetime | None
    goes_on: bool


def new_comparison(by: By, champion: int, challenger: int, began: datetime) -> Comparison:
    """A comparison that nobody has made before."""
    return Comparison(id=secrets.token_hex(ID_SIZE), by=by, champion=champion, challenger=challenger, began=began)


def read_comparison(folder: Path) -> Comparison | None:
    """That of a registry; None: nothing is compared. VersionError if the file cannot be used."""
    path = folder / COMPARISON
    try:
        return read(Comparison, path) if path.exists() else None
    except DataError as reason:
        if not path.exists():  # it has just ended
            return None
        raise VersionError(f"nobody can tell what is compared ({reason}); `compare --end` removes the file") from None


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Keep that of a registry, with its lock held."""
    replace_file(folder / COMPARISON, written(comparison))


def end_comparison(folder: Path, at: datetime | None) -> None:
    """Keep none any more, but that there was one, with the lock of the registry held.

    Args:
        folder: of the registry.
        at: when it ends; None: nobody knows.
    """
    found = None
    with suppress(VersionError):  # what nobody can read ends all the same
        found = read_comparison(folder)
    if found is not None:
        keep_ended(folder, Ended(comparison=found, ended=at))
    (folder / COMPARISON).unlink(missing_ok=True)
    sync(folder)


def keep_ended(folder: Path, ended: Ended) -> None:
    """Keep that a comparison has ended; a line in the log where what was kept before cannot be read."""
    try:
        before = tuple(each for each in read_ended(folder) if each.comparison.id != ended.comparison.id)
    except DataError as reason:
        LOG.warning("It is not kept when the comparison ended: %s", reason)
        return
    replace_file(folder / ENDED, written(History(ended=(*before, ended)[-MOST_ENDED:])))


def read_ended(folder: Path) -> tuple[Ended, ...]:
    """The comparisons of a registry that have ended, the oldest first; DataError if nobody can tell."""
    path = folder / ENDED
    return read(History, path).ended if path.exists() else ()


def first_day(began: datetime) -> date:
    """The first day (UTC) on which a report with a window of a week can tell something of a comparison.

    Reports end with the last day that is over, and tell of a list once its week is.

    >>> first_day(datetime.fromisoformat("2026-03-01T12:30:00+00:00")).isoformat()
    '2026-03-09'
    """
    return (began.astimezone(UTC) + timedelta(days=WINDOW + 1, microseconds=-1)).date()
