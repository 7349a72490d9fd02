"""What goes into the store and comes out of it."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple

from recsys.store.errors import StoreError

Mark = Literal["hidden", "later", "seen"]  # not interested; watch later; seen, whatever it was worth
MARKS: tuple[Mark, ...] = ("hidden", "later", "seen")
Kind = Literal["stars", "mark"]  # what a change is about
FIRST_FILMS = 3  # of a list, which tell it from others
LONGEST_LABEL = 200  # characters of the name of a data set, a model, a version or a kind
HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Person:
    """Who is signed in; comes from `Store.person_of` and from nowhere else.

    Every use is checked against the session that it came from, so that it is worth nothing once that has ended, nor
    with another person's number in it.

    Attributes:
        id: number of the account; not used twice in a database, unless a backup takes its place.
        name: as it is shown; written by the person, so a page must escape it.
        session: SHA-256 of the token.
        registered_at: when the account was made.
    """

    id: int
    name: str
    session: bytes = field(repr=False)
    registered_at: datetime = field(repr=False)


@dataclass(frozen=True)
class Rating:
    """What a person gave a film, and when."""

    stars: float
    at: datetime


@dataclass(frozen=True)
class Change:
    """One film's stars or mark, changed.

    Attributes:
        dataset: where the film is from.
        item_id: the film's number there.
        kind: which of the two was changed.
        at: when.
        before: what it was; None: nothing.
        after: what it became, likewise.
    """

    dataset: str
    item_id: int
    kind: Kind
    at: datetime
    before: float | str | None
    after: float | str | None


@dataclass(frozen=True, kw_only=True)
class Recommendations:
    """A list of recommendations, to be recorded.

    Attributes:
        dataset: where the films are from.
        model: its name.
        version: which one of that name.
        kind: what sort of list it is, in the page's own words.
        request: what was asked for (genres, a slider's position); JSON values.
        films: item_id and expected stars, best first; None where the model expects none.
        comparison: of two versions, to which the list belongs; None: to none.
        picks: the version that chose each film, where several did; None for a film that none did; (): only one did.
    """

    dataset: str
    model: str
    version: str
    kind: str
    request: Mapping[str, Any]
    films: Sequence[tuple[int, float | None]]
    comparison: str | None = None
    picks: Sequence[str | None] = ()


@dataclass(frozen=True, kw_only=True)
class ShownList:
    """A list of recommendations that was shown, without its films.

    Attributes:
        id: what `History.open_list` takes; useless to anybody else.
        shown_at: when.
        dataset: as in Recommendations, and so are the next four.
        model: key of MODELS.
        version: which model of this name.
        kind: of list.
        request: what was asked for.
        n_films: how many it has.
        first: item_id of its first FIRST_FILMS.
    """

    id: str
    shown_at: datetime
    dataset: str
    model: str
    version: str
    kind: str
    request: dict[str, Any]
    n_films: int
    first: tuple[int, ...] = ()


@dataclass(frozen=True)
class ShownFilm:
    """A film of a list.

    Attributes:
        item_id: the data's own.
        expected: stars that the model expected; None if it expects none.
        stars: that the person gave it since, as they are now; None if there are none.
        mark: that the person put on it since, likewise.
    """

    item_id: int
    expected: float | None
    stars: float | None
    mark: Mark | None


@dataclass(frozen=True)
class OpenedList:
    """A list of recommendations that was shown, with its films, best first."""

    shown: ShownList
    films: tuple[ShownFilm, ...]


@dataclass(frozen=True)
class Gone:
    """How much of a person's past is no longer kept.

    Attributes:
        changes: how many changes, the oldest.
        lists: how many lists, the oldest.
        most_changes: how many changes are kept at most.
        most_lists: how many lists are kept at most.
    """

    changes: int
    lists: int
    most_changes: int
    most_lists: int


class FilmName(NamedTuple):
    """What a film is called, and where it is from.

    Attributes:
        title: as a person writes it, without the year.
        year: of release; None where the data has none.
        imdb: its id at IMDb, such as "tt0114709"; likewise.
        tmdb: its id at TMDB; likewise.
        highest: the most stars that its data set gives.
    """

    title: str
    year: int | None
    imdb: str | None
    tmdb: int | None
    highest: float

    @property
    def dated(self) -> str:
        """The title with its year."""
        return self.title if self.year is None else f"{self.title} ({self.year})"


class FilmRow(NamedTuple):
    """What a person said of one film, as a row of a table; moments are in ISO 8601, and "" stands for nothing.

    The film is what it is called; None where that is not known.
    """

    dataset: str
    item_id: int
    stars: float | Literal[""]
    rated_at: str
    mark: str
    marked_at: str
    film: FilmName | None = None


def checked_stars(stars: object) -> float:
    """A rating that can be kept.

    Raises:
        StoreError: it is no finite number.
    """
    if isinstance(stars, Real) and not isinstance(stars, bool):
        with suppress(OverflowError):  # a whole number beyond all floats
            if math.isfinite(stars):
                return float(stars)
    raise StoreError(f"stars: got {shortened(stars)}; expected a finite number")


def checked_item(item_id: object) -> int:
    """An item_id that can be kept.

    Raises:
        StoreError: it is no whole number, or does not fit into 64 bits.
    """
    if isinstance(item_id, Integral) and not isinstance(item_id, bool) and abs(int(item_id)) <= HIGHEST_ID:
        return int(item_id)
    raise StoreError(f"item_id: got {shortened(item_id)}; expected a whole number of at most 64 bits")


def checked_label(what: str, text: object) -> str:
    """The name of a data set, a model, a version or a kind of list.

    Raises:
        StoreError: it is no text of a line, or too long.
    """
    if isinstance(text, str) and 0 < len(text) <= LONGEST_LABEL and text.isprintable():
        return text
    raise StoreError(f"{what}: got {shortened(text)}; expected one line of 1 to {LONGEST_LABEL} characters")


def checked_mark(mark: object) -> Mark:
    """A mark of those that there are.

    Raises:
        StoreError: it is none of them.
    """
    for known in MARKS:
        if isinstance(mark, str) and mark == known:
            return known
    raise StoreError(f"mark: got {shortened(mark)}; expected one of {', '.join(MARKS)}")


def checked_moment(moment: object) -> datetime:
    """A moment that says in which time zone it is.

    Raises:
        StoreError: it is none, or does not say.
    """
    if isinstance(moment, datetime) and moment.utcoffset() is not None:
        return moment
    raise StoreError(f"when: got {shortened(moment)}; expected a datetime with a time zone")


def shortened(value: object) -> str:
    """What came, as far as a message needs it."""
    text = value[:40] if isinstance(value, str) else value if isinstance(value, int | float) else type(value).__name__
    try:
        return ascii(text)[:60]
    except ValueError:  # a whole number with thousands of digits
        return "a number beyond all bounds"
