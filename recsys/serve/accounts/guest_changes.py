"""What a guest's browser has kept of changes, so that they can be undone: read with care, since it may be anything."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from recsys.recommend.answers import MOST_RATINGS

MARKS = {"hidden": "not interested", "later": "watch later", "seen": "seen"}
MOST_UNDONE = 50  # changes that a guest can take back
MOST_MARKS = 2000  # of a guest
MOST_TAKEN = MOST_RATINGS  # ratings, and marks, that a guest takes from a file
MOST_STARS, MOST_PLACES = 100, 10**6  # what is more was not kept by this page
TAKEN = "taken"  # a change of many films at once
WHERE = ("ratings", "marks")
TIMES = "times"  # beside ratings: title -> when they were given, in ms since EPOCH
EPOCH, MOST_TIME = datetime(1970, 1, 1, tzinfo=UTC), 10**13  # the latter in ms: in the year 2286


def now() -> int:
    """The present moment, in ms since EPOCH."""
    return int(1000 * time.time())


def ms_of(moment: datetime) -> int:
    """A moment, in ms since EPOCH.

    >>> ms_of(datetime(2020, 1, 2, tzinfo=UTC))
    1577923200000
    """
    return (moment - EPOCH) // timedelta(milliseconds=1)


def moment_of(ms: int) -> datetime:
    """The moment that is so many ms after EPOCH."""
    return EPOCH + timedelta(milliseconds=ms)


def times_in(stored: object, titles: Iterable[str]) -> dict[str, int]:
    """When some titles were rated, as far as a browser has kept it; what is no moment is left out."""
    kept = stored if isinstance(stored, dict) else {}
    return {title: kept[title] for title in titles if is_time(kept.get(title))}


def changes_in(stored: object) -> list[Any]:
    """The changes that a browser has kept; what is none of these is left out."""
    return [*filter(is_change, stored[-MOST_UNDONE:])] if isinstance(stored, list) else []


def with_change(changes: list[Any], change: list[Any]) -> list[Any]:
    """The changes with one more; of those of many films, which take much room, only the last can be undone."""
    last = max((at for at, each in enumerate(changes) if each[0] == TAKEN), default=-1) if change[0] == TAKEN else -1
    return [*changes[last + 1 :], change][-MOST_UNDONE:]


def is_number(value: object) -> bool:
    """Whether it can be stars."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MOST_STARS


def is_time(value: object) -> bool:
    """Whether it can be ms since EPOCH."""
    return type(value) is int and 0 <= value < MOST_TIME


def is_mark(value: object) -> bool:
    """Whether it is a key of MARKS."""
    return isinstance(value, str) and value in MARKS


def is_change(value: object) -> bool:
    """Whether it is what a guest can undo: a change of one film, or of many."""
    return is_of_one(value) or is_of_many(value)


def is_of_one(value: object) -> bool:
    """Whether it is of ratings or marks, of a title, with what was before, at which place, and since when if known."""
    if not isinstance(value, list) or not 4 <= len(value) <= 5 or not all(map(is_time, value[4:])):
        return False
    where, title, before, place = value[:4]
    return (
        isinstance(where, str)
        and where in WHERE
        and isinstance(title, str)
        and is_value(where, before)
        and type(place) is int
        and 0 <= place < MOST_PLACES
    )


def is_of_many(value: object) -> bool:
    """Whether it is [TAKEN, {"ratings": title -> what was before, "marks": likewise}], perhaps with TIMES of before."""
    if not isinstance(value, list) or len(value) != 2 or value[0] != TAKEN or not isinstance(value[1], dict):
        return False
    before = value[1]
    are_known = before.keys() - {TIMES} == {*WHERE} and all(are_before(where, before[where]) for where in WHERE)
    return are_known and are_before(TIMES, before.get(TIMES, {}))


def are_before(where: str, values: object) -> bool:
    """Whether these are values that titles had before, not too many."""
    few = isinstance(values, Mapping) and len(values) <= MOST_TAKEN
    return few and all(is_value(where, value) for value in values.values())  # type: ignore[attr-defined]


def is_value(where: str, value: object) -> bool:
    """Whether it can be the stars of a film, when they were given, or its mark; or None for none."""
    return value is None or {"ratings": is_number, "marks": is_mark, TIMES: is_time}[where](value)
