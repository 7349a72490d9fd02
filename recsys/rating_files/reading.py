"""From a file to ratings and marks of films that the data has."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TypeVar

from recsys.data.errors import DataError
from recsys.data.scale import RatingScale
from recsys.rating_files.contents import ARCHIVE, check_size, text_of, unpacked
from recsys.rating_files.entries import Entry, shown
from recsys.rating_files.films import FilmFinder
from recsys.rating_files.own import THIS_PAGE, entries_of_export
from recsys.rating_files.tables import RATED, WATCHLIST, entries_of_table
from recsys.recommender import Recommender
from recsys.store.people import Mark

NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")  # also with the comma that many countries write
Said = TypeVar("Said", float, Mark)
ALMOST = 1e-9  # steps of a scale; nearer than that is on the step


@dataclass(frozen=True, kw_only=True)
class RatingFile:
    """What a file holds of interest here.

    Attributes:
        source: where the file comes from: "Letterboxd", "IMDb", "a file of this page", "a table of titles and stars".
        stars: item_id -> stars, on the data's scale.
        when: item_id -> the moment, in UTC, of those stars of which the file tells it; a mere date is its midnight.
        marks: item_id -> mark.
        unknown: films that the data lacks, as the file calls them, each once and in the file's order.
        rounded: how many of the stars were between two steps of the scale, or below it, and went to the nearest.
    """

    source: str
    stars: dict[int, float]
    when: dict[int, datetime]
    marks: dict[int, Mark]
    unknown: tuple[str, ...]
    rounded: int


def read_rating_file(content: bytes, model: Recommender, dataset: str) -> RatingFile:
    """Read ratings, and marks if there are any; whose file it is is seen from the file itself.

    Those of this page are read, as CSV and as JSON, those of IMDb and Letterboxd, the latter also as the ZIP that
    Letterboxd gives (its watchlist becomes the mark "later"), and any CSV with columns of titles and stars. Stars that
    are out of 10 or 5 become as many of the data's highest, and go to the nearest step of its scale, half a step up.
    Where a film occurs twice, the later moment counts, or the later row if one of them has none.

    Args:
        content: the file.
        model: knows the films and the scale.
        dataset: where its films are from, as the store calls it.

    Raises:
        DataError: it is none of these files, is damaged or too large, or a rating or mark in it is none; says where.
    """
    check_size(content)
    finder = FilmFinder(model, dataset)
    if content.startswith(ARCHIVE):
        source, entries = _of_archive(content)
    else:
        text = text_of(content)
        is_json = text.lstrip().startswith(("{", "["))
        source, entries = (THIS_PAGE, entries_of_export(text)) if is_json else entries_of_table(text)
    return _gathered(source, entries, finder, model.scale)


def _of_archive(content: bytes) -> tuple[str, Iterable[Entry]]:
    """Letterboxd's ratings and watchlist, as far as an archive has them."""
    layouts = {"ratings.csv": RATED, "watchlist.csv": (WATCHLIST,)}
    sources, tables = zip(
        *(
            entries_of_table(text_of(table, name), layouts[name], name)
            for name, table in unpacked(content, tuple(layouts)).items()
        ),
        strict=True,
    )
    return sources[0], chain(*tables)


@dataclass
class _Said:
    """What counts of what was read so far; films by item_id."""

    rated: dict[int, tuple[float, datetime | None]] = field(default_factory=dict)
    marked: dict[int, tuple[Mark, datetime | None]] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)


def _gathered(source: str, entries: Iterable[Entry], finder: FilmFinder, scale: RatingScale) -> RatingFile:
    said = _Said()
    for entry in entries:
        if entry.mark is None and _is_nothing(entry.stars):
            continue
        item = finder.find(entry)
        is_elsewhere = item is None and entry.dataset not in ("", finder.dataset)  # on a scale that is not known here
        stars = None if _is_nothing(entry.stars) else _stars(entry, scale.highest, is_elsewhere)
        if item is None:
            said.unknown.setdefault(entry.name)
            continue
        if stars is not None:
            _keep_later(said.rated, item, (stars, entry.at))
        if entry.mark is not None:
            _keep_later(said.marked, item, (entry.mark, entry.marked_at))
    return _file(source, said, scale)


def _file(source: str, said: _Said, scale: RatingScale) -> RatingFile:
    exact = {item: stars for item, (stars, _) in said.rated.items()}
    stars = {item: nearest(given, scale) for item, given in exact.items()}
    return RatingFile(
        source=source,
        stars=stars,
        when={item: at for item, (_, at) in said.rated.items() if at is not None},
        marks={item: mark for item, (mark, _) in said.marked.items()},
        unknown=tuple(said.unknown),
        rounded=sum(abs(stars[item] - given) > ALMOST * scale.step for item, given in exact.items()),
    )


def nearest(stars: float, scale: RatingScale) -> float:
    """The step of the scale that is next to some stars, the upper one of two that are as near.

    >>> nearest(3.5, RatingScale()), nearest(0.2, RatingScale())
    (4.0, 1.0)
    """
    levels = scale.levels
    step = math.floor((stars - scale.lowest) / scale.step + 0.5 + ALMOST)
    return float(levels[min(max(step, 0), len(levels) - 1)])


def _keep_later(kept: dict[int, tuple[Said, datetime | None]], item: int, new: tuple[Said, datetime | None]) -> None:
    """Put what is said of a film in place of what was said before, unless that is known to be later."""
    at, before = new[1], kept.get(item, new)[1]
    if at is None or before is None or at >= before:
        kept[item] = new


def _is_nothing(stars: object) -> bool:
    return stars is None or (isinstance(stars, str) and not stars.strip())


def _stars(entry: Entry, highest: float, is_elsewhere: bool) -> float:
    """Stars out of the data's highest; no more is asked of those on another data set's scale than to be a number."""
    most = entry.out_of or highest
    given = _number(entry.stars)
    if given is None or not 0 <= given < math.inf or (given > most and not is_elsewhere):
        raise DataError(
            f"{entry.place}: the rating is {shown(entry.stars)}; expected a number from 0 to {most:g}, or nothing: "
            "correct or delete it."
        )
    return 0.0 if is_elsewhere else given * highest / most


def _number(stars: object) -> float | None:
    """Stars as a number, also one without bounds; None: they are none."""
    if isinstance(stars, str):
        return float(stars.strip().replace(",", ".")) if NUMBER.fullmatch(stars.strip()) else None
    return stars if isinstance(stars, int | float) and not isinstance(stars, bool) else None
