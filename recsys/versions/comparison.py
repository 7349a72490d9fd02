"""Which two versions are compared live: comparison.json of a registry, which is replaced whole, or not there.

It ends by itself once another version answers than did when it began, or the other one's model is gone.
"""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, Field

from recsys.errors import DataError
from recsys.versions.errors import VersionError
from recsys.versions.lineage import FORMAT, Number, Part, read, written
from recsys.versions.writing import replace_file, sync

COMPARISON = "comparison.json"
ID_SIZE = 6  # bytes
By = Literal["list", "person"]
WAYS: tuple[By, ...] = get_args(By)


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

    def label(self, champion: str, challenger: str) -> str:
        """What lists of the comparison are kept with, which tells all that a report needs.

        Args:
            champion: its fingerprint.
            challenger: likewise.
        """
        return ":".join((self.by, self.id, champion, challenger))


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


def end_comparison(folder: Path) -> None:
    """Keep none any more, with the lock of the registry held."""
    (folder / COMPARISON).unlink(missing_ok=True)
    sync(folder)
