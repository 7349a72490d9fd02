"""What a file says of one film, before it is known which film of the data that is; and why it may count for nothing."""

import reprlib
from dataclasses import dataclass
from typing import Literal

from recsys.films.catalog import Film, split_year
from recsys.rating_files.dates import Moment
from recsys.store.people import MARKS, Mark

SHOWN = 40  # characters of a file that a message repeats at a time
LONGEST_NAME = 200  # characters of a film's name that the answer repeats
Reason = Literal["unknown", "no film", "not rated", "rated again", "unreadable"]


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
        imdb: its id at IMDb, such as "tt0114709"; "": it is not said.
        tmdb: its id at TMDB; None: likewise.
        no_film: what it is if it is no film, such as "tv show"; "" if it is one.
        unreadable: why it cannot be read; "" if it can.
        stars: as they are written; "" or None: there are none.
        highest: the most stars that there are where the file comes from; None: as many as the data has.
        zero_is_rating: whether 0 stars are the fewest; else they are none.
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
    imdb: str = ""
    tmdb: int | None = None
    no_film: str = ""
    unreadable: str = ""
    stars: object = None
    highest: float | None = None
    zero_is_rating: bool = False
    at: Moment | None = None
    mark: Mark | None = None
    marked_at: Moment | None = None

    @property
    def released(self) -> int | None:
        """The year of release, which may stand in the title; None: it is not said."""
        return self.year or next((year for title in self.titles if (year := split_year(Film(title))[1])), None)

    @property
    def name(self) -> str:
        """What the file calls the film, on one line."""
        if not self.titles:
            number = "" if self.item_id is None else f" {self.item_id}"
            return printable(f"{self.dataset}{number}".strip() or f"{self.place}, without a title")
        dated = self.year is not None and not self.titles[0].endswith(f"({self.year})")
        return printable(f"{self.titles[0]} ({self.year})" if dated else self.titles[0])


@dataclass(frozen=True)
class LeftOut:
    """An entry that counts for nothing.

    Attributes:
        place: where it stands: "line 7".
        name: what the file calls the film.
        reason: "unknown": the data has no such film, or several; "no film"; "not rated"; "rated again": another rating
            of the film is later; "unreadable".
        detail: more about it, such as "tv show"; "" if there is nothing to say.
    """

    place: str
    name: str
    reason: Reason
    detail: str = ""


def printable(text: str) -> str:
    """One line of text that can be written anywhere, cut where it is long."""
    whole = " ".join(text[: 2 * LONGEST_NAME].encode("utf-8", "replace").decode("utf-8").split())
    return whole if len(whole) <= LONGEST_NAME else f"{whole[: LONGEST_NAME - 1]}…"


def shown(value: object) -> str:
    """What came, as a message repeats it: no more than SHOWN characters."""
    text = reprlib.repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def known_mark(text: object) -> Mark | None:
    """A mark of those that there are; None: it is none of them."""
    return next((mark for mark in MARKS if mark == text), None)
