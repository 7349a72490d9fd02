"""What became of the films that somebody was shown.

An impression is a film that a version showed to a person who had said nothing about it: its first list counts, with the
film's place in it, and whatever list shows it again within the window is the same impression. What the person had said
at the end of the window is its outcome, one of five. Of that, only what they said by hand counts, one film at a time:
where the first that is said of a film came with others at once (a file, ratings that are taken over, a guest's that
are brought along), nobody knows whether the list had to do with it, so it is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from recsys.errors import DataError
from recsys.store.evidence.pasts import Film, Past, Said, Version

OUTCOMES = ("rated", "seen", "saved", "hidden", "ignored")  # who has rated a film needs no mark on it
OF_MARK = {"seen": "seen", "later": "saved", "hidden": "hidden"}
DAY = timedelta(days=1)
LONGEST = 3_650  # days
RATED, IGNORED = OUTCOMES[0], OUTCOMES[-1]


@dataclass(frozen=True, kw_only=True)
class Period:
    """Which impressions count: those whose window is over, and of the others, that there are some.

    Attributes:
        ends: a midnight (UTC); what came later is left out, so that reports of one day are about the same.
        since: days before the end in which films were shown.
        window: days after a film was shown in which something may become of it.
    """

    ends: datetime
    since: int = 90
    window: int = 30

    def __post_init__(self) -> None:
        if not 1 <= self.window < self.since <= LONGEST:
            raise DataError(
                f"got a window of {self.window} days in a period of {self.since}; expected a window of 1 day or more, "
                f"and a longer period of at most {LONGEST:,} days"
            )

    @classmethod
    def until_today(cls, now: datetime, *, since: int = since, window: int = window) -> "Period":
        """The period that ends with the last day (UTC) that is over."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(ends=midnight, since=since, window=window)

    @property
    def begins(self) -> datetime:
        """When the first films were shown that count."""
        return self.ends - self.since * DAY

    @property
    def lasts(self) -> timedelta:
        """How long something may become of a film."""
        return self.window * DAY

    @property
    def reads_from(self) -> datetime:
        """When the first list was shown that must be known: what it showed may be the same impression still."""
        return self.begins - self.lasts

    def is_over(self, at: datetime) -> bool:
        """Whether the window of a film that was shown at a moment lies in the period."""
        return at + self.lasts <= self.ends


class Impression(NamedTuple):
    """A film that a person was shown.

    Attributes:
        version: what made its list.
        kind: of list.
        place: the number of its list, of those of the person that are known.
        rank: in the list, from 0.
        film: which.
        expected: stars, as the model expected them; None: it expected none.
        outcome: one of OUTCOMES; None: its window is not over.
        stars: that it was given; None unless the outcome is "rated".
    """

    version: Version
    kind: str
    place: int
    rank: int
    film: Film
    expected: float | None
    outcome: str | None
    stars: float | None


def impressions(past: Past, period: Period) -> Iterator[Impression]:
    """Yield the impressions of a person that began in a period."""
    last_shown: dict[tuple[Version, Film], datetime] = {}
    for place, shown in enumerate(past.lists):
        for rank, (item_id, expected) in enumerate(shown.films):
            film = (shown.dataset, item_id)
            said = past.said.get(film, ())
            before = last_shown.get((shown.version, film))
            is_same = before is not None and shown.at < before + period.lasts
            if is_same or film in past.said_long_ago or was_known(said, shown.at):
                continue
            last_shown[shown.version, film] = shown.at
            if shown.at < period.begins:
                continue
            within = [change for change in said if change.at < shown.at + period.lasts]
            if not within or within[0].by_hand:
                outcome, stars = outcome_of(within) if period.is_over(shown.at) else (None, None)
                yield Impression(shown.version, shown.kind, place, rank, film, expected, outcome, stars)


def was_known(said: Sequence[Said], at: datetime) -> bool:
    """Whether somebody had said something about a film at a moment."""
    return bool(said) and (said[0].before is not None or any(change.at < at for change in said))


def outcome_of(said: Sequence[Said]) -> tuple[str, float | None]:
    """What somebody has said in the end, of all that they said by hand; and the stars, if it is these."""
    held: dict[str, float | str | None] = {"stars": None, "mark": None}
    held |= {change.kind: change.after for change in said if change.by_hand}
    stars, mark = held["stars"], held["mark"]
    if isinstance(stars, float | int):
        return RATED, float(stars)
    return OF_MARK.get(str(mark), IGNORED), None


def returned(past: Past, period: Period) -> bool | None:
    """Whether a newcomer came back after the day on which they registered, as `came_again`."""
    return came_again(past, past.registered_at, period)


def came_again(past: Past, since: datetime, period: Period) -> bool | None:
    """Whether somebody came on another day (UTC) than that of a moment, within a week of that day.

    A list that was shown or something that was said is evidence of a day; nothing else that is kept is.

    Args:
        past: somebody's.
        since: the moment.
        period: that counts.

    Returns:
        None: the moment lies before the period, or the week is not over.
    """
    first = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if since < period.begins or first + 8 * DAY > period.ends:
        return None
    shown = (each.at for each in past.lists)
    by_hand = (change.at for said in past.said.values() for change in said if change.by_hand)
    return any(first + DAY <= at < first + 8 * DAY for at in (*shown, *by_hand))
