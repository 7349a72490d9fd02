"""Versions on the Hugging Face Hub: a repository whose tags are versions, and whose main branch has what answers.

    v3-0123456789ab    tag: version 3, as it was when it was published
    versions           branch on which they are made, one commit each
    main               the files of the version that answers, as whoever names the repository alone gets them

A repository that is made here is private: the model has learned from people's ratings.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recsys.artifacts.manifest import MANIFEST, write_manifest
from recsys.hub import AS_SET_UP, Hub, push, tag
from recsys.hub.client import look_up
from recsys.hub.errors import RepositoryMissingError, RevisionMissingError
from recsys.hub.references import Reference, parse
from recsys.versions.entries import Version, copy_model
from recsys.versions.lineage import VERSION_FILE, written

BRANCH = "versions"


@dataclass(frozen=True)
class Repository:
    """Where versions are published.

    Attributes:
        name: USER/REPO.
        hub: where the Hub is, and as whom it is asked.
    """

    name: str
    hub: Hub = AS_SET_UP

    def publish(self, version: Version) -> str:
        """Push a version, unless it is there; returns sentences, one of which warns where everybody can read it.

        Raises:
            DataError: its model cannot be read, or the Hub gives no answer or refuses.
        """
        wanted = parse(f"{self.name}@{tag_of(version)}")
        if self._is_there(wanted):
            return f"{wanted} is there already.{self._warning(version)}"
        tag(self.name, wanted.revision, self._push(version, BRANCH, f"Add {version}"), self.hub)
        return f"{version} was pushed as {wanted}.{self._warning(version)}"

    def promote(self, version: Version) -> str:
        """Let a version be what main has; publishes it first if need be. Returns and raises as `publish`."""
        self.publish(version)
        self._push(version, None, f"Promote {version}")
        return f"{self.name} now has {version}.{self._warning(version)}"

    def _warning(self, version: Version) -> str:
        """What to think of where a version of people's ratings can be read by everybody; else nothing."""
        n_people = version.record.lineage.n_people
        if not n_people or look_up(self.hub.client(), parse(self.name)).private is not False:
            return ""
        return (
            f" WARNING: {self.name} is public, so everybody can read a model that has learned from the ratings of "
            f"{n_people:,} people; unless they were told so, make it private in its settings on the Hub."
        )

    def _push(self, version: Version, branch: str | None, message: str) -> str:
        """Push onto a branch (None: main); returns the commit."""
        from recsys.model_card import make_card

        with with_record(version) as folder:
            card = make_card(folder, self.name, None)
            return push(folder, self.name, card, self.hub, private=True, revision=branch, message=message).revision

    def _is_there(self, wanted: Reference) -> bool:
        try:
            return bool(look_up(self.hub.client(), wanted))
        except (RepositoryMissingError, RevisionMissingError):
            return False


def tag_of(version: Version) -> str:
    """What a version is called on the Hub."""
    return f"v{version.number}-{version.record.fingerprint}"


@contextmanager
def with_record(version: Version) -> Iterator[Path]:
    """A copy of a version's model folder whose manifest lists what is kept of the version, too."""
    with tempfile.TemporaryDirectory(prefix="version-") as place:
        folder = Path(place) / "model"
        copy_model(version.folder, folder)
        (folder / VERSION_FILE).write_bytes(written(version.record))
        (folder / MANIFEST).unlink()
        write_manifest(folder)
        yield folder
