"""Promotions and rollbacks that also reach the Hub, before the folder: one at a time, so that both end up alike."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.versions.entries import Version
from recsys.versions.errors import VersionError
from recsys.versions.promotions import read_promotions
from recsys.versions.registry import UNDONE, OnEnded, Registry, Whichever, require_current
from recsys.versions.shown import ended
from recsys.versions.writing import PATIENCE, holding, told

if TYPE_CHECKING:
    from recsys.versions.published import Repository

PUBLISHING = "publishing"  # a file whose lock is held meanwhile
Tell = Callable[[str], object]


def promote(
    registry: Registry,
    number: int,
    repository: "Repository | None",
    tell: Tell = print,
    *,
    anyway: bool = False,
    instead_of: int | Whichever | None = "whichever",
) -> Version:
    """Let a version answer, on the Hub first; raises as `Registry.promote`, and DataError if the Hub refuses.

    Args:
        registry: of the version.
        number: of it.
        repository: where it is promoted first; None: nowhere.
        tell: is given what was done on the Hub, and which comparison that has ended.
        anyway: as Registry.promote.
        instead_of: likewise.
    """
    on_ended = telling(tell)
    if repository is None:
        return registry.promote(number, anyway=anyway, instead_of=instead_of, on_ended=on_ended)
    found = registry.promotable(number, anyway=anyway)
    with publishing(registry.folder):
        promotions = read_promotions(registry.folder)
        if promotions.current != number:
            require_current(promotions, instead_of, f"version {number} was not promoted")
        with on_hub(registry, found, repository, tell):
            return registry.promote(number, anyway=anyway, instead_of=instead_of, on_ended=on_ended)


def roll_back(
    registry: Registry,
    repository: "Repository | None",
    tell: Tell = print,
    *,
    instead_of: int | Whichever | None = "whichever",
) -> Version:
    """Let the version before answer again, on the Hub first; raises as `Registry.rollback`, and as `promote`."""
    if repository is None:
        return registry.rollback(instead_of=instead_of, on_ended=telling(tell))
    with publishing(registry.folder):
        promotions = read_promotions(registry.folder)
        require_current(promotions, instead_of, UNDONE)
        with on_hub(registry, registry.before(), repository, tell):
            return registry.rollback(instead_of=promotions.current, on_ended=telling(tell))


def telling(tell: Tell) -> OnEnded:
    """Who hears of a comparison that has ended, in a sentence."""
    return lambda comparison: tell(ended(comparison))


@contextmanager
def on_hub(registry: Registry, version: Version, repository: "Repository", tell: Tell) -> Iterator[None]:
    """Let a version be what a repository has, unless the block finds that another is to be; then that one."""
    tell(repository.promote(version))
    try:
        yield
    except VersionError:
        answers = registry.current()
        if answers is not None and answers.has_model:
            tell(repository.promote(answers))
        raise


@contextmanager
def publishing(folder: Path) -> Iterator[None]:
    """Let nobody else promote on the Hub meanwhile; VersionError if somebody does for too long."""
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with holding(folder / PUBLISHING, PATIENCE):
        yield
