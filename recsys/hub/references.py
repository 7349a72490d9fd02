"""How a model on the Hub is named: USER/REPO, or USER/REPO@REVISION with a branch, a tag or a commit."""

import re
from dataclasses import dataclass

from recsys.hub.errors import HubError

MAIN = "main"  # the branch that every repository of the Hub has
COMMIT = re.compile(r"[0-9a-f]{40}")
REVISION = re.compile(r"\w[\w.+-]*(/\w[\w.+-]*)*", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """A revision of a repository.

    Attributes:
        repo: USER/REPO.
        revision: a branch, a tag or a commit.
    """

    repo: str
    revision: str = MAIN

    @property
    def is_commit(self) -> bool:
        """Whether it means the same files for ever."""
        return COMMIT.fullmatch(self.revision) is not None

    def __str__(self) -> str:
        if self.is_commit:
            return f"{self.repo} at {self.revision[:7]}"
        return self.repo if self.revision == MAIN else f"{self.repo}@{self.revision}"


def parse(text: str) -> Reference:
    """Read USER/REPO or USER/REPO@REVISION; HubError if it is neither."""
    repo, at, revision = text.partition("@")
    require_repo(repo)
    if at and (not REVISION.fullmatch(revision) or ".." in revision):
        raise HubError(
            f"{repo}: got {revision[:99]!r} as a revision; expected the name of a branch or a tag, or a commit's number"
        )
    return Reference(repo, revision) if at else Reference(repo)


def parse_branch(repo: str, branch: str | None) -> Reference:
    """Where a push goes: USER/REPO and the name of a branch (None: main); HubError if they are something else."""
    if "@" in repo:
        raise HubError(f"got {repo[:99]!r} as a repository; expected USER/REPO, and a branch by --revision BRANCH")
    target = parse(repo if branch is None else f"{repo}@{branch}")
    if target.is_commit:
        raise HubError(f"{target}: got a commit to push to; expected the name of a branch, on which a new one is made")
    return target


def require_repo(repo: str) -> None:
    """Raise HubError unless it reads USER/REPO."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
        fits = repo.count("/") == 1
    except HFValidationError:
        fits = False
    if not fits:
        raise HubError(
            f"got {repo[:99]!r} as the name of a repository; expected USER/REPO or USER/REPO@REVISION, with "
            "letters, digits, '-', '_' and '.'"
        )
