"""Where a page looks which version it is to answer with: a registry's folder, or a repository on the Hub."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recsys.artifacts.manifest import MANIFEST
from recsys.hub import AS_SET_UP, Hub, HubError, pull
from recsys.hub.client import look_up
from recsys.hub.download import cached_snapshot
from recsys.hub.errors import RepositoryMissingError, UnreachableError
from recsys.hub.references import MAIN, parse
from recsys.progress import OnProgress
from recsys.versions.comparison import Comparison, Days
from recsys.versions.entries import Version
from recsys.versions.errors import VersionError
from recsys.versions.lineage import VERSION_FILE, Record, read
from recsys.versions.registry import Registry

DEFAULT_FOLDER = "runs/versions"  # a folder even before the first version is in it, and no repository


@dataclass(frozen=True)
class Answering:
    """A version that a page may answer with.

    Attributes:
        key: tells it from others of its place.
        name: in words, at the beginning of a sentence.
        fetch: brings its model here if need be, and gives the folder, and what is kept of the version; DataError if
            that cannot be had.
    """

    key: str
    name: str
    fetch: Callable[[OnProgress], tuple[Path, Record]]


@dataclass(frozen=True)
class Compared:
    """What is compared live.

    Attributes:
        comparison: as it was begun.
        champion: key of the version that answers meanwhile.
        challenger: the other one.
    """

    comparison: Comparison
    champion: str
    challenger: Answering


class Promoted(Protocol):
    """What says which version answers."""

    def look(self) -> Answering | None:
        """The version that was promoted last; None: there was none yet. DataError if nobody can tell."""

    def way_back(self) -> list[Answering]:
        """Those that answered before it, the latest first."""

    def compared(self) -> Compared | None:
        """What is compared with it; None: nothing is. DataError if nobody can tell."""

    def compared_when(self) -> dict[str, Days]:
        """When each comparison that is known was made, by its id; DataError if nobody can tell."""


@dataclass(frozen=True)
class InFolder:
    """The versions of a registry, which all pages that are to answer with the same can read.

    Attributes:
        registry: of the folder.
    """

    registry: Registry

    def look(self) -> Answering | None:
        """The version that was promoted last."""
        found = self.registry.current()
        return None if found is None else answering(found)

    def way_back(self) -> list[Answering]:
        """Those that a rollback leads to."""
        return [answering(version) for version in self.registry.way_back() if version.has_model]

    def compared(self) -> Compared | None:
        """What `compare` has begun."""
        found = self.registry.comparison()
        if found is None:
            return None
        champion, challenger = (answering(self.registry.version(each)) for each in (found.champion, found.challenger))
        return Compared(found, champion.key, challenger)

    def compared_when(self) -> dict[str, Days]:
        """As the folder keeps it."""
        return self.registry.compared_when()


def answering(version: Version) -> Answering:
    """A version of a folder."""
    key, name = f"{version.number}-{version.record.fingerprint}", f"Version {version.number}"
    return Answering(key, name, lambda _: (version.folder, version.record))


@dataclass(frozen=True)
class OnHub:
    """The versions of a repository, whose main branch is the one that answers.

    Attributes:
        repo: USER/REPO.
        hub: where the Hub is, and as whom it is asked.
    """

    repo: str
    hub: Hub = AS_SET_UP

    def look(self) -> Answering | None:
        """What main has; where the Hub gives no answer, what it had when it was last asked."""
        wanted = parse(self.repo)
        try:
            info = look_up(self.hub.client(), wanted)
        except UnreachableError:
            kept = cached_snapshot(wanted, self.hub)
            if kept is None:
                raise
            return self._at(kept.name)
        except RepositoryMissingError as reason:
            raise RepositoryMissingError(f"{reason}; nor is there a folder {self.repo} here") from None
        names = {file.rfilename for file in info.siblings or ()}
        return self._at(str(info.sha)) if MANIFEST in names else None

    def way_back(self) -> list[Answering]:
        """None: what main had before is not looked for."""
        return []

    def compared(self) -> Compared | None:
        """Nothing: a repository tells what answers, and no more."""
        return None

    def compared_when(self) -> dict[str, Days]:
        """Likewise."""
        return {}

    def _at(self, commit: str) -> Answering:
        return Answering(commit, f"Version {commit}", self._fetch)

    def _fetch(self, on_progress: OnProgress) -> tuple[Path, Record]:
        """What main has by now, which the cache is told of."""
        pulled = pull(self.repo, self.hub, on_progress)
        path = pulled.folder / VERSION_FILE
        if not path.exists():
            raise HubError(
                f"{self.repo} at {pulled.revision[:7]}: there is no {VERSION_FILE}; expected a version that `python -m "
                "recsys.versions promote V --hub` has pushed"
            )
        return pulled.folder, read(Record, path)


def promoted_in(place: str) -> Promoted:
    """Where versions are, as a person names it.

    Args:
        place: a folder that is there, or the usual one, or USER/REPO.

    Raises:
        DataError: it is neither.
    """
    folder = Path(place).expanduser()
    if folder.is_dir() or place == DEFAULT_FOLDER:
        return InFolder(Registry(folder))
    try:
        found = parse(place)
    except HubError:
        raise VersionError(
            f"there is no folder {folder}; expected one of `python -m recsys.versions`, or USER/REPO on the Hub"
        ) from None
    if found.revision != MAIN:
        raise VersionError(f"got {place!r} for versions; expected USER/REPO, whose main branch has what answers")
    return OnHub(place)


def folder_in(place: str) -> Path:
    """The folder of a registry, as a person names it, for those who may make one.

    Args:
        place: a folder that is there, or the usual one, or a path that cannot be taken for USER/REPO.

    Raises:
        VersionError: it is nowhere here, and means a repository to a page.
    """
    folder = Path(place).expanduser()
    if folder.exists() or place == DEFAULT_FOLDER:
        return folder
    try:
        parse(place)
    except HubError:
        return folder
    raise VersionError(
        f"got {place!r} for the folder of versions, which is not there and may mean a repository on the Hub; expected "
        f"a folder, such as ./{place} if that is one to be made, and the repository by --hub"
    )
