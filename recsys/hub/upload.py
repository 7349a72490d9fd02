"""Push a model to the Hub: its files and its card in one commit."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.artifacts.manifest import MANIFEST, ArtifactError, check_manifest, read_manifest
from recsys.hub.client import AS_SET_UP, Hub, ask, look_up
from recsys.hub.errors import HubError, RepositoryMissingError, RevisionMissingError, on_disk
from recsys.hub.references import MAIN, Reference, parse_branch

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, ModelInfo

CARD = "README.md"
MESSAGE = "Push a model"
NEVER_DELETED = {CARD, ".gitattributes"}


@dataclass(frozen=True)
class Pushed:
    """What a push has led to.

    Attributes:
        repo: USER/REPO.
        url: page of the branch.
        revision: its newest commit, 40 hexadecimal digits.
        changed: whether that commit was made by this push; otherwise the Hub had the same files already.
        sentence: all this for people, and whether a repository is private that should be public, or vice versa.
    """

    repo: str
    url: str
    revision: str
    changed: bool
    sentence: str


@dataclass(frozen=True)
class Planned:
    """What a push would send.

    Attributes:
        sizes: bytes of every file, by its name in the repository.
        card: where the card was written, to be looked at.
    """

    sizes: dict[str, int]
    card: Path


def push(
    folder: Path,
    repo: str,
    card: str,
    hub: Hub = AS_SET_UP,
    *,
    private: bool = False,
    revision: str | None = None,
    message: str = MESSAGE,
) -> Pushed:
    """Make one commit of a model and its card; none if the Hub has the very same already.

    The repository and the branch are made if they are not there. What an earlier push has left and the model no longer
    has is deleted by the same commit; other files stay.

    Args:
        folder: a model folder, as recsys.artifacts.artifact writes it.
        repo: USER/REPO.
        card: text of the model card.
        hub: where it is, and whose token is used.
        private: whether a repository that is made now can be read by its owner only.
        revision: the branch; None: main.
        message: of the commit, one line.

    Raises:
        ArtifactError: a file of the folder is missing or altered.
        HubError: repo or revision is not a name; there is no token, or it lacks the right; or the Hub gives no answer.
    """
    target = parse_branch(repo, revision)
    listed = files_of(folder)
    hub.require_token()
    client = hub.client()
    head = opened(client, target, private)
    stale = left_over(target, head, hub) - listed
    commit = ask(
        target,
        lambda: client.create_commit(
            repo,
            [*additions(folder, listed, card), *deletions(stale)],
            commit_message=message,
            revision=target.revision,
            parent_commit=head.sha,
        ),
    )
    return reported(client, target, head, commit.oid, private)


def tag(repo: str, name: str, commit: str, hub: Hub = AS_SET_UP) -> None:
    """Give a commit a name that stays; one that is there already stays as it is.

    Args:
        repo: USER/REPO.
        name: of the tag.
        commit: 40 hexadecimal digits.
        hub: where it is, and whose token is used.

    Raises:
        HubError: there is no token, or it lacks the right; or the Hub gives no answer.
    """
    hub.require_token()
    client = hub.client()
    ask(f"{repo}@{name}", lambda: client.create_tag(repo, tag=name, revision=commit, exist_ok=True))


def files_of(folder: Path) -> set[str]:
    """Names of the files of a model, its manifest included; checks them."""
    listed = check_manifest(folder)
    if CARD in listed:
        raise HubError(f"{folder / MANIFEST}: lists {CARD}, which is the card's name on the Hub; save the model again")
    return {*listed, MANIFEST}


def opened(client: "HfApi", target: Reference, private: bool) -> "ModelInfo":
    """The newest commit of a branch; makes the repository and the branch if they are not there."""
    try:
        return look_up(client, target)
    except RepositoryMissingError:
        ask(target.repo, lambda: client.create_repo(target.repo, private=private, exist_ok=True))
    except RevisionMissingError:
        pass
    if target.revision != MAIN:
        ask(target, lambda: client.create_branch(target.repo, branch=target.revision, exist_ok=True))
    return look_up(client, target)


def additions(folder: Path, listed: set[str], card: str) -> list["CommitOperationAdd"]:
    """The files of a model and its card; the client leaves out what the Hub has already."""
    from huggingface_hub import CommitOperationAdd

    files = [CommitOperationAdd(name, folder / name) for name in sorted(listed)]
    return [*files, CommitOperationAdd(CARD, card.encode())]


def deletions(names: Iterable[str]) -> list["CommitOperationDelete"]:
    """The removal of files."""
    from huggingface_hub import CommitOperationDelete

    return [CommitOperationDelete(name, is_folder=False) for name in sorted(names)]


def left_over(target: Reference, head: "ModelInfo", hub: Hub) -> set[str]:
    """Names of files that an earlier push has brought: its manifest lists them."""
    present = {file.rfilename for file in head.siblings or ()}
    if MANIFEST not in present:
        return set()
    fetch_file, commit = hub.client().hf_hub_download, head.sha
    manifest = ask(target, lambda: fetch_file(target.repo, MANIFEST, revision=commit, cache_dir=hub.cache))
    try:
        return (present & read_manifest(Path(manifest)).keys()) - NEVER_DELETED
    except ArtifactError:  # somebody else's file of that name
        return set()


def reported(client: "HfApi", target: Reference, head: "ModelInfo", commit: str, private: bool) -> Pushed:
    """What came of a push onto `head`."""
    url = f"{client.endpoint}/{target.repo}" + ("" if target.revision == MAIN else f"/tree/{target.revision}")
    changed = commit != head.sha
    done = f"has a new commit, {commit[:7]}" if changed else f"has the same files already, at {commit[:7]}"
    sentence = f"{target} {done}: {url}"
    if head.private is not None and head.private != private:
        now, wanted = ("private", "public") if head.private else ("public", "private")
        sentence += f" (it was {now} before and stays so; its settings on the Hub make it {wanted})"
    return Pushed(target.repo, url, commit, changed, sentence)


def plan(folder: Path, repo: str, card: str, *, revision: str | None = None, card_to: Path | None = None) -> Planned:
    """Write the card beside the model and list what a push would send; the Hub is not asked.

    Args:
        folder: a model folder.
        repo: where to, as for a push.
        revision: likewise.
        card: text of the model card.
        card_to: where it is written; None: README.md in the folder.

    Raises:
        ArtifactError: a file of the folder is missing or altered.
        HubError: repo or revision is not a name, or the card cannot be written.
    """
    parse_branch(repo, revision)
    listed, path = files_of(folder), card_to or folder / CARD
    try:
        path.write_text(card, encoding="utf-8")
    except OSError as failure:
        raise HubError(f"the card cannot be written: {on_disk(failure)}") from failure
    sizes = {name: (folder / name).stat().st_size for name in sorted(listed)}
    return Planned({CARD: len(card.encode()), **sizes}, path)
