"""From a file to ratings and marks of films that the data has."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from recsys.data.scale import RatingScale
from recsys.errors import DataError
from recsys.rating_files.choices import ColumnChoice
from recsys.rating_files.contents import check_size
from recsys.rating_files.dates import Moment, is_later
from recsys.rating_files.entries import Entry, LeftOut, Reason, shown
from recsys.rating_files.films import FilmFinder
from recsys.rating_files.sources import entries_in
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.store.people import Mark

NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")  # also with the comma that many countries write
MOST_EXAMPLES = 6
ALMOST = 1e-9  # steps of a scale; nearer than that is on the step
Said = TypeVar("Said", float, Mark)


@dataclass(frozen=True, kw_only=True)
class Example:
    """What became of one rating.

    Attributes:
        name: what the file calls the film.
        item_id: the film.
        given: as the file has it.
        highest: out of how many.
        stars: on the data's scale.
    """

    name: str
    item_id: int
    given: float
    highest: float
    stars: float


@dataclass(frozen=True, kw_only=True)
class RatingFile:
    """What a file holds of interest here.

    Attributes:
        source: where the file comes from: "Letterboxd", "IMDb", "a file of this page", "a table of titles and stars".
        stars: item_id -> stars, on the data's scale.
        when: item_id -> the moment, in UTC, of those stars of which the file tells it; a mere date is its midnight.
        marks: item_id -> mark.
        rounded: how many of the stars were between two steps of the scale, or below it, and went to the nearest.
        n_films: how many films the file tells of, each counted once.
        n_newer: how many of them are unknown, and came out after the data's newest films.
        left_out: every entry that counts for nothing, in the file's order.
        notes: what else there is to say of the file, in sentences.
        examples: what became of its first ratings.
    """

    source: str
    stars: dict[int, float]
    when: dict[int, datetime]
    marks: dict[int, Mark]
    rounded: int
    n_films: int = 0
    n_newer: int = 0
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Films that the data lacks, as the file calls them, each once and in the file's order."""
        return tuple(dict.fromkeys(left.name for left in self.left_out if left.reason == "unknown"))


def read_rating_file(
    content: bytes,
    model: Recommender,
    dataset: str | None = None,
    *,
    choice: ColumnChoice | None = None,
    name: str = "",
) -> RatingFile:
    """Read ratings, and marks if there are any; whose file it is is seen from the file itself.

    Those of this page are read, as CSV and as JSON; those of Letterboxd, also as the ZIP that it gives (its watchlist
    becomes the mark "later"), IMDb, TMDB, Simkl, movielens.org and Trakt, the latter as CSV, JSON and ZIP. Any other
    table of titles and ratings is read if it says itself out of how many its ratings are ("rating /10", "8/10"), or if
    somebody says it. Stars out of any number become as many of the data's highest, and go to the nearest step of its
    scale, half a step up; 0 is no rating, but where a choice says so. Where a film occurs twice, the later moment
    counts, or the later row if one of them has none, or if it cannot be told which is later.

    Args:
        content: the file.
        model: knows the films and the scale.
        dataset: where its films are from, as the store calls it; None: as it calls those of the model.
        choice: which columns hold what, for a table that is not known here.
        name: of the file, which tells Letterboxd's watchlist from its films that were watched.

    Raises:
        UnclearTableError: it is a table that is not known here, and it does not say what its columns are: a choice is
            needed.
        DataError: it is none of these files, is damaged or too large, or a rating or mark in it is none; says where.
    """
    check_size(content)
    finder = FilmFinder(model, dataset or keys_of(model).label)
    said = _Said()
    source, entries = entries_in(content, name, finder, choice, said.notes)
    return _gathered(source, entries, finder, model.scale, said)


@dataclass
class _Said:
    """What counts of what was read so far; films by item_id."""

    rated: dict[int, tuple[float, Entry]] = field(default_factory=dict)
    marked: dict[int, tuple[Mark, Moment | None]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    films: set[str] = field(default_factory=set)  # as the file calls them
    newer: set[str] = field(default_factory=set)  # of which the data ends too early

    def leave(self, entry: Entry, reason: Reason, detail: str = "") -> None:
        """Leave an entry out."""
        self.left_out.append(LeftOut(entry.place, entry.name, reason, detail))


def _gathered(source: str, entries: Iterable[Entry], finder: FilmFinder, scale: RatingScale, said: _Said) -> RatingFile:
    for entry in _counting(entries, said):
        item = finder.find(entry)
        said.films.add(entry.name)
        is_elsewhere = item is None and entry.dataset not in ("", finder.dataset)  # on a scale that is not known here
        given = None if _is_nothing(entry.stars) else _given(entry, scale.highest, is_elsewhere)
        if given == 0 and not entry.zero_is_rating and not is_elsewhere:
            given = None
        if item is None:
            if finder.ends_before(entry.released):
                said.newer.add(entry.name)
            said.leave(entry, "unknown", "without a year" if entry.needs_year and entry.year is None else "")
        elif given is None and entry.mark is None:
            said.leave(entry, "not rated", "0")
        elif given is not None:
            _keep_later(said, item, given, entry)
        if item is not None and entry.mark is not None:
            _mark_later(said.marked, item, (entry.mark, entry.marked_at))
    return _file(source, said, scale)


def _counting(entries: Iterable[Entry], said: _Said) -> Iterator[Entry]:
    """Yield those that say something of a film; leave the others out."""
    is_empty = True
    for entry in entries:
        is_empty = False
        if entry.no_film:
            said.leave(entry, "no film", entry.no_film)
        elif entry.unreadable:
            said.leave(entry, "unreadable", entry.unreadable)
        elif entry.mark is None and _is_nothing(entry.stars):
            said.leave(entry, "not rated")
        else:
            yield entry
    if is_empty and not said.notes:
        said.notes.append("The file has no films.")


def _file(source: str, said: _Said, scale: RatingScale) -> RatingFile:
    exact = {
        item: given * scale.highest / (entry.highest or scale.highest) for item, (given, entry) in said.rated.items()
    }
    stars = {item: nearest(value, scale) for item, value in exact.items()}
    dated = {item: entry.at for item, (_, entry) in said.rated.items() if entry.at is not None}
    if doubtful := [at.text for at in dated.values() if at.at is None]:
        said.notes.append(
            f"Day and month cannot be told apart in {len(doubtful):,} of the dates, such as {doubtful[0]}: the ratings "
            "are kept without them."
        )
    return RatingFile(
        source=source,
        stars=stars,
        when={item: at.at for item, at in dated.items() if at.at is not None},
        marks={item: mark for item, (mark, _) in said.marked.items()},
        rounded=sum(abs(stars[item] - value) > ALMOST * scale.width for item, value in exact.items()),
        n_films=len(said.films),
        n_newer=len(said.newer),
        left_out=tuple(said.left_out),
        notes=tuple(said.notes),
        examples=tuple(
            Example(
                name=entry.name,
                item_id=item,
                given=given,
                highest=entry.highest or scale.highest,
                stars=stars[item],
            )
            for item, (given, entry) in list(said.rated.items())[:MOST_EXAMPLES]
        ),
    )


def nearest(stars: float, scale: RatingScale) -> float:
    """The step of the scale that is next to some stars, the upper one of two that are as near.

    >>> nearest(3.5, RatingScale()), nearest(0.2, RatingScale())
    (4.0, 1.0)
    """
    if scale.is_continuous:
        return min(max(stars, scale.lowest), scale.highest)
    levels = scale.levels
    step = math.floor((stars - scale.lowest) / scale.step + 0.5 + ALMOST)
    return float(levels[min(max(step, 0), len(levels) - 1)])


def _keep_later(said: _Said, item: int, given: float, entry: Entry) -> None:
    """Put a rating in place of the film's rating before, unless that is known to be later; the other is left out."""
    if item not in said.rated:
        said.rated[item] = (given, entry)
        return
    before = said.rated[item][1]
    later = is_later(entry.at, before.at) if entry.at and before.at else True
    if later is None and entry.at and before.at:
        said.notes.append(
            f"{entry.name}, {entry.place}: day and month cannot be told apart, so it is not known whether "
            f"{entry.at.text} is later than {before.at.text} ({before.place}); the later row counts."
        )
    kept, out = (before, entry) if later is False else (entry, before)
    if kept is entry:
        said.rated[item] = (given, entry)
    said.leave(out, "rated again", kept.place)


def _mark_later(kept: dict[int, tuple[Mark, Moment | None]], item: int, new: tuple[Mark, Moment | None]) -> None:
    """Put a mark in place of the film's mark before, unless that is known to be later."""
    at, before = new[1], kept.get(item, new)[1]
    if at is None or before is None or is_later(at, before) is not False:
        kept[item] = new


def _is_nothing(stars: object) -> bool:
    return stars is None or (isinstance(stars, str) and not stars.strip())


def _given(entry: Entry, highest: float, is_elsewhere: bool) -> float:
    """Stars as they are given; no more is asked of those on another data set's scale than to be a number."""
    most = entry.highest or highest
    given = _number(entry.stars)
    if given is None or not 0 <= given < math.inf or (given > most and not is_elsewhere):
        raise DataError(
            f"{entry.place}: the rating is {shown(entry.stars)}; expected a number from 0 to {most:g}, or nothing: "
            "correct or delete it."
        )
    return given


def _number(stars: object) -> float | None:
    """Stars as a number, also one without bounds; None: they are none."""
    if isinstance(stars, str):
        return float(stars.strip().replace(",", ".")) if NUMBER.fullmatch(stars.strip()) else None
    return stars if isinstance(stars, int | float) and not isinstance(stars, bool) else None
