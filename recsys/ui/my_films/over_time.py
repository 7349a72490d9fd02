"""Somebody's stars over time: what they gave on average in every month, quarter or year, drawn as a line."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.ui.acts.controls import note
from recsys.ui.markup import joined

WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN = 400, 200, 30, 28, 10  # of the plot, in units of 1 px
MOST_LINES = 11
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LENGTHS = (1, 3, 12)  # months of a period
MOST_PERIODS = 24  # from the first to the last; more, and the next length is taken


@dataclass(frozen=True)
class Period:
    """A month, a quarter or a year in which somebody rated films.

    Attributes:
        place: how many such periods after the first.
        name: such as "Nov 2026", "Oct to Dec 2026" or "2026".
        n_rated: films.
        mean: of the stars.
    """

    place: int
    name: str
    n_rated: int
    mean: float


def periods(given: Iterable[tuple[datetime, float]]) -> list[Period]:
    """The periods in which something was rated, the earliest first, by what each film has now: moment and stars."""
    months = [(at.year * 12 + at.month - 1, stars) for at, stars in given]
    if not months:
        return []
    first, last = min(month for month, _ in months), max(month for month, _ in months)
    length = next((each for each in LENGTHS if last // each - first // each < MOST_PERIODS), LENGTHS[-1])
    by_place: dict[int, list[float]] = {}
    for month, stars in sorted(months):
        by_place.setdefault(month // length, []).append(stars)
    return [
        Period(at - first // length, name_of(at * length, length), len(stars), sum(stars) / len(stars))
        for at, stars in by_place.items()
    ]


def name_of(month: int, length: int) -> str:
    """What a period is called that begins with a month, counted from the year 0.

    >>> name_of(2026 * 12 + 9, 3)
    'Oct to Dec 2026'
    """
    year, first = divmod(month, 12)
    names = {1: f"{MONTHS[first]} {year}", 12: f"{year}"}
    return names.get(length) or f"{MONTHS[first]} to {MONTHS[first + length - 1]} {year}"


def over_time(given: Iterable[tuple[datetime, float]], scale: RatingScale) -> Markup:
    """What somebody gave on average as time went by; a sentence where there is no time to speak of."""
    found = periods(given)
    if len(found) < 2:
        when = f"All your ratings are of {found[0].name}: a line is" if found else "A line is"
        return note(f"{when} drawn here as soon as there are some of two months.")
    drawing = Markup(
        '<svg class="over-time" viewBox="0 0 {width} {height}" role="img" aria-label="{said}">{inside}</svg>'
    )
    parts = [*level_lines(scale), line(found, scale), *dots(found, scale), ends(found[0], found[-1])]
    return drawing.format(width=WIDTH, height=HEIGHT, said="; ".join(map(in_words, found)), inside=joined(parts))


def in_words(period: Period) -> str:
    """What a dot says."""
    return f"{period.name}: ★ {period.mean:.1f} on average, {period.n_rated} rating{'s' * (period.n_rated != 1)}"


def across(period: Period, last: Period) -> float:
    """From the left."""
    return LEFT + MARGIN + (WIDTH - LEFT - 2 * MARGIN) * period.place / max(last.place, 1)


def down(stars: float, scale: RatingScale) -> float:
    """From the top."""
    share = (stars - scale.lowest) / (scale.highest - scale.lowest)
    return MARGIN + (HEIGHT - BOTTOM - 2 * MARGIN) * (1 - share)


def marks(scale: RatingScale) -> list[int]:
    """Whole stars of a scale to draw a line at, a few of them if there are many."""
    whole = range(math.ceil(scale.lowest), math.floor(scale.highest) + 1)
    given = [stars for stars in whole if scale.holds(np.array(stars))]
    return given[:: 1 + (len(given) - 1) // MOST_LINES]


def level_lines(scale: RatingScale) -> Iterator[Markup]:
    """The line of every star level, and its number."""
    html = Markup(
        '<line x1="{left}" x2="{right}" y1="{at:.0f}" y2="{at:.0f}"/>'
        '<text x="{text}" y="{under:.0f}" text-anchor="end">{level:g}</text>'
    )
    for level in marks(scale):
        at = down(level, scale)
        yield html.format(left=LEFT, right=WIDTH, at=at, text=LEFT - 8, under=at + 4, level=level)


def line(found: Sequence[Period], scale: RatingScale) -> Markup:
    """From dot to dot."""
    points = " ".join(f"{across(each, found[-1]):.1f},{down(each.mean, scale):.1f}" for each in found)
    return Markup('<polyline points="{}"/>').format(points)


def dots(found: Sequence[Period], scale: RatingScale) -> Iterator[Markup]:
    """A dot for each period, the larger the more was rated."""
    html = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>')
    most = max((period.n_rated for period in found), default=1)
    for each in found:
        size = 3 + 4 * math.sqrt(each.n_rated / max(most, 1))
        yield html.format(across(each, found[-1]), down(each.mean, scale), size, in_words(each))


def ends(first: Period, last: Period) -> Markup:
    """What the first period and the last are called."""
    html = Markup('<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>')
    return html.format(LEFT, HEIGHT - 6, first.name, WIDTH, HEIGHT - 6, last.name)
