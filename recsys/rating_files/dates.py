"""Moments as files write them. Where day and month may be either, both readings are kept."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LONGEST_DATE = 60  # characters
WORDED = (  # how dates with words are written; the first is IMDb's of until 2017
    "%a %b %d %H:%M:%S %Y",
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%d. %B %Y"),
)
NUMBERS = re.compile(
    r"(\d{1,2})(?P<sign>[./-])(\d{1,2})(?P=sign)(\d{4}|\d{2})"
    r"(?:,?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m\.?)?)?",
    re.ASCII | re.IGNORECASE,
)
YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(.*)", re.ASCII | re.DOTALL)
Order = Literal["day", "month"]  # which of them comes first


@dataclass(frozen=True)
class Moment:
    """A moment in UTC, or two, if it is not known which number is the day.

    Attributes:
        day_first: as it is if the day comes first.
        month_first: as it is if the month does; the same wherever that is sure.
        text: as it is written.
    """

    day_first: datetime
    month_first: datetime
    text: str = ""

    @property
    def at(self) -> datetime | None:
        """The moment; None: there are two."""
        return self.day_first if self.day_first == self.month_first else None


def is_later(new: Moment, before: Moment) -> bool | None:
    """Whether a moment is as late as another, or later; None: in one reading only."""
    readings = {new.day_first >= before.day_first, new.month_first >= before.month_first}
    return readings.pop() if len(readings) == 1 else None


def moment(text: object, order: Order | None = None) -> Moment | None:
    """A moment; a mere date is its midnight, and what names no zone is in UTC. None: it is no moment.

    Args:
        text: "2024-02-29", "29.02.2024 21:50", "2/29/24", "Feb 29, 2024" and the like.
        order: which comes first in 2/3/2024 and 2-3-2024; None: it is not known. In 2.3.2024 it is the day.

    >>> moment("2024-02-29").at, moment("2024-03-01T01:30:00+02:00").at.isoformat()
    (datetime.datetime(2024, 2, 29, 0, 0, tzinfo=datetime.timezone.utc), '2024-02-29T23:30:00+00:00')
    >>> str(moment("2/3/2024").day_first.date()), str(moment("2/3/2024").month_first.date())
    ('2024-03-02', '2024-02-03')
    """
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_DATE:
        return None
    written = text.strip()
    if numbers := NUMBERS.fullmatch(written):
        return _of_numbers(numbers, order)
    sure = _sure(written)
    return None if sure is None else Moment(sure, sure, written)


def order_of(texts: Iterable[str]) -> Order | None:
    """Which comes first in a column, day or month, as far as a number above 12 tells; None: none does, or both do."""
    found = [numbers for text in texts if (numbers := NUMBERS.fullmatch(text.strip()[:LONGEST_DATE]))]
    is_day = any(int(numbers[1]) > 12 for numbers in found)
    is_month = any(int(numbers[3]) > 12 for numbers in found if numbers["sign"] != ".")
    if is_day == is_month:
        return None
    return "day" if is_day else "month"


def _sure(text: str) -> datetime | None:
    """The moment of a text that can be read in one way only."""
    if dated := YEAR_FIRST.fullmatch(text):
        text = f"{dated[1]}-{dated[2]:0>2}-{dated[3]:0>2}{dated[4]}"
    for read in (datetime.fromisoformat, *(_reader(form) for form in WORDED)):
        with suppress(ValueError, OverflowError):
            at = read(text)
            return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    return None


def _reader(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)


def _of_numbers(numbers: re.Match[str], order: Order | None) -> Moment | None:
    first, _, second, year, *clock = numbers.groups()
    order = "day" if numbers["sign"] == "." else order
    by_day = _date(year, second, first, *clock) if order != "month" else None
    by_month = _date(year, first, second, *clock) if order != "day" else None
    day_first, month_first = by_day or by_month, by_month or by_day
    return Moment(day_first, month_first, numbers[0]) if day_first and month_first else None


def _date(year: str, month: str, day: str, hour: str, minute: str, second: str, half: str) -> datetime | None:
    """The moment of some numbers; None: there is no such day."""
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + 12 * (half.lower() == "p")
    century = {True: 2000, False: 1900}[int(year) < 70] if len(year) == 2 else 0
    with suppress(ValueError):
        return datetime(
            century + int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=UTC
        )
    return None
