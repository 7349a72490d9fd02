"""The report of the day: made once in a process, in the background, when an operator first asks for it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from recsys.errors import DataError
from recsys.serve.accounts.members import Members
from recsys.serve.background import Background
from recsys.serve.engine import Engine
from recsys.serve.sentences import without_folders

if TYPE_CHECKING:  # importing it takes a second, which the first answer of the page need not wait for
    from recsys.loop.report import Report
    from recsys.versions.comparison import Days

SINCE, WINDOW = 90, 7  # days, as Period has them: a week is long enough, and tells sooner than a month
RETRY_SECONDS = 60.0  # after which a report that could not be made is tried again
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Today:
    """What there is to show.

    Attributes:
        report: of today; of an earlier day while that is made, or None.
        is_making: whether it is being made.
        problem: why it could not be made; "" if it could.
    """

    report: "Report | None"
    is_making: bool
    problem: str = ""


class DailyReports:
    """Makes a report a day at most, however often it is asked for, and keeps the last."""

    def __init__(self, make: "Callable[[datetime], Report]", now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        """Make nothing yet.

        Args:
            make: makes the report of a moment's day.
            now: tells the time.
        """
        self._make, self._now = make, now
        self._made: dict[date, Report] = {}
        self._background: Background[date, Report] = Background(self._made)
        self._failed_at: datetime | None = None
        self._problem = ""

    def today(self) -> Today:
        """What there is; begins to make it if need be."""
        now = self._now()
        last = max(self._made, default=None)
        before = None if last is None else self._made[last]
        if self._failed_at is not None and (now - self._failed_at).total_seconds() < RETRY_SECONDS:
            return Today(before, is_making=False, problem=self._problem)
        try:
            report = self._background.ask(now.date(), lambda: self._make(now))
        except DataError as reason:
            self._failed_at, self._problem = now, without_folders(str(reason))
            return Today(before, is_making=False, problem=self._problem)
        self._failed_at = None
        if report is None:
            return Today(before, is_making=True)
        for day in [day for day in self._made if day < now.date()]:
            self._made.pop(day, None)
        return Today(report, is_making=False)


def reports_of(members: Members, engine: Engine) -> DailyReports:
    """Makes reports of what the members' store has, and of when versions were compared that the engine answers with."""

    def make(now: datetime) -> "Report":
        from recsys.loop.making import report_of
        from recsys.loop.outcomes import Period

        period = Period.until_today(now, since=SINCE, window=WINDOW)
        return report_of(members.store.evidence, period, now, gently=True, days=days_of(engine))

    return DailyReports(make)


def days_of(engine: Engine) -> "dict[str, Days]":
    """When comparisons were made, by their ids; none, and a line in the log, where nobody can tell."""
    try:
        return {} if engine.versions is None else engine.versions.promoted.compared_when()
    except (DataError, OSError) as reason:
        LOG.warning("On which days versions were compared is not known: %s", reason)
        return {}
