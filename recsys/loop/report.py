"""The report: what people did with what they were shown, by version and for all together."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from recsys.loop.comparing import Comparison
from recsys.loop.intervals import Figure
from recsys.loop.outcomes import Period
from recsys.loop.privacy import LEAST_PEOPLE
from recsys.store.evidence.pasts import Version

FORMAT = 1


@dataclass(frozen=True)
class Row:
    """A line of a table, with its figures by name; None: of too few people."""

    name: str
    figures: dict[str, Figure | None]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What there is to say of a version, or of all together. Whatever is None is of too few people.

    Attributes:
        version: None: of all together, or of all older versions.
        is_older: whether it is of the versions that have no part of their own.
        people: who were shown a film whose window is over; the tens that are full.
        lists: that showed them one for the first time, rounded.
        films: that they were shown so, rounded; one that two people were shown counts twice.
        pending: such films whose window is not over, rounded.
        figures: by name: hits, given, expected, bias, rmse, coverage, returned.
        outcomes: shares of films, by name.
        places: by the place in the list: liked, said.
        kinds: by the kind of list, likewise.
        calibration: by the stars that were expected: given, expected.
    """

    version: Version | None
    is_older: bool
    people: int | None
    lists: int | None
    films: int | None
    pending: int | None
    figures: dict[str, Figure | None]
    outcomes: list[Row]
    places: list[Row]
    kinds: list[Row]
    calibration: list[Row]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it.

    Attributes:
        period: that it is about.
        made_at: when.
        together: all versions.
        versions: each, the newest first.
        comparisons: of two versions, live, the newest first.
    """

    period: Period
    made_at: datetime
    together: Part
    versions: list[Part]
    comparisons: list[Comparison] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same in JSON values."""
        period = {"until": self.period.ends.isoformat(), "since": self.period.since, "window": self.period.window}
        found = {"format": FORMAT, "made_at": self.made_at.isoformat(), **period, "least_people": LEAST_PEOPLE}
        parts = [{**asdict(part), "version": _version_as_json(part)} for part in (self.together, *self.versions)]
        return found | {
            "together": parts[0],
            "versions": parts[1:],
            "comparisons": [each.as_json() for each in self.comparisons],
        }


def _version_as_json(part: Part) -> dict[str, str] | None:
    return None if part.version is None else part.version._asdict()
