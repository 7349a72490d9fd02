"""What is read of one person, to be counted."""

from datetime import datetime
from typing import NamedTuple

Film = tuple[str, int]  # a data set, and the film's number there


class Version(NamedTuple):
    """What made a list: a model, and which one of its name."""

    model: str
    fingerprint: str


class KeptList(NamedTuple):
    """A list that was shown.

    Attributes:
        version: what made it.
        dataset: where its films are from.
        kind: of list, in the page's own words.
        at: when it was shown.
        films: item_id and expected stars, best first; None where the model expects none.
        comparison: of two versions, to which the list belongs; None: to none.
        picks: of each film, the version whose pick it was; None: that of the list, or neither's.
    """

    version: Version
    dataset: str
    kind: str
    at: datetime
    films: list[tuple[int, float | None]]
    comparison: str | None = None
    picks: tuple[str | None, ...] = ()


class Said(NamedTuple):
    """One film's stars or mark, changed; None for neither.

    Attributes:
        kind: "stars" or "mark", which of the two.
        at: when; of what was brought along, when it was given elsewhere, if that is known.
        after: what it is from then on.
        before: what it was until then.
        by_hand: whether no other film was changed by the same step, as when a file is imported.
    """

    kind: str
    at: datetime
    after: float | str | None
    before: float | str | None
    by_hand: bool


class Past(NamedTuple):
    """What is kept of one person who agrees.

    Attributes:
        registered_at: when.
        lists: that were shown in a period, in the order in which they were kept.
        said: of each film, in the order in which it was kept; what holds and whose change is no longer kept is first.
        said_long_ago: films that had stars or a mark before the oldest change of these that is kept.
    """

    registered_at: datetime
    lists: list[KeptList]
    said: dict[Film, list[Said]]
    said_long_ago: set[Film]
