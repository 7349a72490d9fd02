"""Pull a model from the Hub: one commit, checked file by file, kept in the client's cache."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys.artifacts.manifest import MANIFEST, ArtifactError, being_written, check_manifest, read_manifest
from recsys.data.sources.cache import sha256_of
from recsys.hub.client import AS_SET_UP, Hub, ask, look_up
from recsys.hub.errors import FileMissingError, HubError, UnreachableError, on_disk
from recsys.hub.references import Reference, parse
from recsys.limits import MOST_BYTES
from recsys.progress import OnProgress, silent

TRIES = 2  # of a download whose files turn out to be damaged
BESIDE = {"README.md", ".gitattributes"}  # what a model folder may hold that its manifest does not list


@dataclass(frozen=True)
class Pulled:
    """A model that lies in the cache, as its manifest says it should.

    Attributes:
        folder: where, inside the cache; not to be written to.
        repo: USER/REPO.
        revision: the commit, 40 hexadecimal digits.
        from_cache: whether the Hub was not asked, or gave no answer.
        sentence: where it came from.
    """

    folder: Path
    repo: str
    revision: str
    from_cache: bool
    sentence: str


def pull(reference: str, hub: Hub = AS_SET_UP, on_progress: OnProgress = silent) -> Pulled:
    """Fetch a model; what the cache has of it is not fetched again, and a commit that it has whole needs no network.

    If the Hub gives no answer, the commit that a branch or a tag had at the last pull is taken from the cache.

    Args:
        reference: USER/REPO or USER/REPO@REVISION: a branch, a tag or a commit.
        hub: where to ask, as whom, and where the cache is.
        on_progress: called with ("download", bytes so far, bytes in all) after every file that was fetched.

    Raises:
        HubError: the reference is not one; nothing is found there, or nothing of this project; the Hub refuses, or
            gives no answer and the cache has no whole copy; a file is damaged on the Hub too; or the disk is full.
    """
    wanted = parse(reference)
    if wanted.is_commit and (folder := cached_snapshot(wanted, hub)):
        return in_cache(wanted, folder, f"{wanted} was read from the cache, {folder}.")
    try:
        return fetch(wanted, hub, on_progress)
    except UnreachableError as trouble:
        folder = cached_snapshot(wanted, hub)
        if folder is None:
            raise HubError(f"{trouble}; the cache has no whole copy of it") from trouble
        copy = f"the copy of {Reference(wanted.repo, folder.name)} in the cache, {folder}, is used"
        return in_cache(wanted, folder, f"The Hub could not be reached ({trouble.reason}), so {copy}.")


def cached_snapshot(wanted: Reference, hub: Hub) -> Path | None:
    """Folder of a revision in the cache; None if it is not there or not whole."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(wanted.repo, MANIFEST, cache_dir=hub.cache, revision=wanted.revision)
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    with suppress(ArtifactError):
        check_manifest(folder)
        return folder
    return None


def in_cache(wanted: Reference, folder: Path, sentence: str) -> Pulled:
    """A model that took no answer of the Hub; the client names its folder by the commit."""
    return Pulled(folder, wanted.repo, folder.name, True, sentence)


def fetch(wanted: Reference, hub: Hub, on_progress: OnProgress) -> Pulled:
    """Ask which commit a revision is now, and fetch what the cache lacks of it."""
    info = look_up(hub.client(), wanted)
    commit = Reference(wanted.repo, str(info.sha))
    folder, came = cached_snapshot(commit, hub), "is what the Hub has, and was in the cache already"
    if folder is None:
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        folder, came = download(commit, hub, sizes, on_progress), "came from the Hub and is now in the cache"
    remember(wanted, folder)
    return Pulled(folder, commit.repo, commit.revision, False, f"{commit} {came}, {folder}.")


def download(commit: Reference, hub: Hub, sizes: dict[str, int], on_progress: OnProgress) -> Path:
    """Fetch a model's files, and those that are damaged once more; returns their folder in the cache."""
    damage = ""
    for attempt in range(TRIES):
        folder = download_file(commit, MANIFEST, hub, anew=attempt > 0).parent
        try:
            download_listed(commit, folder, hub, sizes, on_progress)
            return folder
        except ArtifactError as error:
            discard_damaged(folder)
            damage = str(error)
    raise HubError(f"{commit}: the files on the Hub are not those of its {MANIFEST} ({damage}); push the model again")


def download_listed(commit: Reference, folder: Path, hub: Hub, sizes: dict[str, int], on_progress: OnProgress) -> None:
    """Fetch what a manifest lists and nothing else.

    Raises:
        ArtifactError: it is none, or a file is damaged. HubError: the files are larger than a model may be.
    """
    names = list(read_manifest(folder / MANIFEST))
    total, done = sum(sizes.get(name, 0) for name in names), 0
    if total > MOST_BYTES:
        raise HubError(f"{commit}: its files have {total:,} bytes; expected at most {MOST_BYTES:,} for a model")
    for name in names:
        download_file(commit, name, hub)
        done += sizes.get(name, 0)
        on_progress("download", done, total)
    check_manifest(folder)


def download_file(commit: Reference, name: str, hub: Hub, *, anew: bool = False) -> Path:
    """Where the cache has a file, which is fetched if it has not, or if it is wanted anew."""

    def work() -> str:
        return hub.client().hf_hub_download(
            commit.repo, name, revision=commit.revision, cache_dir=hub.cache, force_download=anew
        )

    try:
        return Path(ask(commit, work))
    except FileMissingError:
        if name == MANIFEST:
            fix = "it is not a model of this project, expected one that `python -m recsys.hub push` has pushed"
            raise HubError(f"{commit}: there is no {MANIFEST}; {fix}") from None
        raise HubError(f"{commit}: {name} is not there, though {MANIFEST} lists it; push the model again") from None


def discard_damaged(folder: Path) -> None:
    """Delete from the cache what is damaged in a folder, so that nobody takes it for good.

    The rest stays: the client keeps a file that two commits share only once.
    """
    try:
        listed = read_manifest(folder / MANIFEST)
    except ArtifactError:
        return discard(folder / MANIFEST)
    for name, digest in listed.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != digest:
            discard(folder / name)


def discard(path: Path) -> None:
    """Delete a file of the cache, and what it is a link to."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def remember(wanted: Reference, folder: Path) -> None:
    """Note which commit a branch or a tag is, where the client looks for it too.

    The client would do so before the files are there; a failed download then hid the good copy of an earlier commit.
    """
    if wanted.is_commit:
        return
    ref = folder.parent.parent / "refs" / wanted.revision
    draft = ref.with_name(f"{ref.name}.{os.getpid()}.tmp")
    with suppress(OSError):  # a cache that cannot be written serves as it is
        ref.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(folder.name, encoding="ascii")
        os.replace(draft, ref)


# ---- a copy elsewhere


def copy_to(pulled: Pulled, folder: Path) -> None:
    """Copy a model out of the cache, whole or not at all; a model that was in the folder before is replaced.

    Raises:
        HubError: the folder holds something else, or cannot be written.
        ArtifactError: a file in the cache was altered meanwhile.
    """
    require_replaceable(folder)
    try:
        with being_written(folder.resolve()) as draft:
            for name in (MANIFEST, *read_manifest(pulled.folder / MANIFEST)):
                shutil.copyfile(pulled.folder / name, draft / name)
            check_manifest(draft)
    except OSError as failure:
        raise HubError(f"{folder}: the copy failed: {on_disk(failure)}") from failure


def require_replaceable(folder: Path) -> None:
    """Raise HubError if a copy in a folder's place would destroy anything but a model."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise HubError(f"{folder}: got a file; expected the name of a new folder, or of one that holds a model")
    model = model_files(folder)
    foreign = sorted({path.name for path in folder.iterdir()} - model - (BESIDE if model else set()))
    if foreign:
        raise HubError(
            f"{folder}: holds {foreign[0]!r}, which is no part of a model; expected a new or empty folder, or a model's"
        )


def model_files(folder: Path) -> set[str]:
    """Names of the files of the model in a folder; empty if there is none."""
    with suppress(ArtifactError):
        return {MANIFEST, *read_manifest(folder / MANIFEST)}
    return set()
