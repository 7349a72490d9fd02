"""What a file says of one film, before it is known which film of the data that is."""

import reprlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from recsys.store.people import MARKS, Mark

SHOWN = 40  # characters of a file that a message repeats at a time
LONGEST_NAME = 200  # characters of a film's name that the answer repeats
ONCE_AT_IMDB = "%a %b %d %H:%M:%S %Y"  # how its exports gave moments until 2017


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row of a table, or an entry of a list.

    Attributes:
        place: where it stands, as a message says it: "line 7".
        titles: what the film is called, the surest title first; none is "".
        year: of release; None: it is not said.
        needs_year: whether the file gives a year to every film that is out, so that no title counts without one.
        dataset: where item_id is from; "": the film goes by its titles alone.
        item_id: the film's id there; None: it is not said, or no id.
        is_film: whether it is one; not so for a series or a game.
        stars: as they are written; "" or None: there are none.
        out_of: the most stars that there are where the file comes from; None: as many as the data has.
        at: when the stars were given; None: it is not said.
        mark: None: there is none.
        marked_at: when it was put there, likewise.
    """

    place: str
    titles: tuple[str, ...] = ()
    year: int | None = None
    needs_year: bool = False
    dataset: str = ""
    item_id: int | None = None
    is_film: bool = True
    stars: object = None
    out_of: float | None = None
    at: datetime | None = None
    mark: Mark | None = None
    marked_at: datetime | None = None

    @property
    def name(self) -> str:
        """What the file calls the film, on one line."""
        if not self.titles:
            number = "" if self.item_id is None else f" {self.item_id}"
            return printable(f"{self.dataset}{number}".strip() or f"{self.place}, without a title")
        dated = self.year is not None and not self.titles[0].endswith(f"({self.year})")
        return printable(f"{self.titles[0]} ({self.year})" if dated else self.titles[0])


def printable(text: str) -> str:
    """One line of text that can be written anywhere, cut where it is long."""
    whole = " ".join(text[: 2 * LONGEST_NAME].encode("utf-8", "replace").decode("utf-8").split())
    return whole if len(whole) <= LONGEST_NAME else f"{whole[: LONGEST_NAME - 1]}…"


def shown(value: object) -> str:
    """What came, as a message repeats it: no more than SHOWN characters."""
    text = reprlib.repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def moment(text: object) -> datetime | None:
    """A moment in UTC, which is also the zone of what names none; a mere date is its midnight. None: it is no moment.

    >>> moment("2024-02-29"), moment("2024-03-01T01:30:00+02:00").isoformat()
    (datetime.datetime(2024, 2, 29, 0, 0, tzinfo=datetime.timezone.utc), '2024-02-29T23:30:00+00:00')
    """
    if not isinstance(text, str) or not text.strip():
        return None
    for read in (datetime.fromisoformat, lambda written: datetime.strptime(written, ONCE_AT_IMDB)):
        with suppress(ValueError, OverflowError):
            at = read(text.strip())
            return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    return None


def known_mark(text: object) -> Mark | None:
    """A mark of those that there are; None: it is none of them."""
    return next((mark for mark in MARKS if mark == text), None)
