"""The report in words and plain tables, for a terminal and a page alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from recsys.loop.comparing import BY_LIST, GIVEN, HITS, PREFERENCE, RETURNED, Comparison
from recsys.loop.intervals import Figure
from recsys.loop.outcomes import Period
from recsys.loop.privacy import LEAST_PEOPLE
from recsys.loop.report import Part, Report, Row
from recsys.results.metrics import RMSE
from recsys.versions.comparison import Days

TITLE = "What people did with what they were shown"
TOO_FEW, UNKNOWN = "Too few people so far.", "–"
TOGETHER, OLDER = "All versions together", "All older versions"
FINGERPRINT, BESIDE = 12, "+"  # characters of it that are shown; what stands between two
FIGURES: dict[str, str] = {
    "hits": "Lists with a film that was liked or saved",
    "given": "Stars given to films of these lists",
    "expected": "Stars expected for these films",
    "bias": "Expected more than given, on average",
    RMSE.key: "Expected and given apart, typically",
    "coverage": "Of all films that are known, shown to somebody",
    "returned": "Newcomers who came back within a week",
}
IN_STARS = ("given", "expected", "bias", RMSE.key)
OUTCOMES = {
    "rated": "Rated",
    "seen": "Marked as seen, without stars",
    "saved": "Saved to watch later",
    "hidden": "Marked as not interesting",
    "ignored": "Nothing",
}
COMPARED = {
    PREFERENCE: "Lists that it wins, less those that the other one does",
    HITS: "Its lists with a film that was liked or saved, less the other’s",
    GIVEN: "Stars given to its films, less those of the other’s",
    RETURNED: "Its people who came again within a week, less the other’s",
}
GOES_ON = (
    "It still goes on: who looks every day until the interval leaves 0 out finds a winner where there is none in more "
    "than 5 of 100 comparisons, so choose beforehand on which day it ends, and go by the report of that day."
)
KINDS = {"for you": "For you", "genres": "By genre", "side by side": "Side by side"}


@dataclass(frozen=True)
class Table:
    """A plain table, whose first column names the rows."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def about(period: Period) -> str:
    """What a report is about, and who."""
    last = period.ends - timedelta(days=1)
    return (
        f"Films that people were shown since {day(period.begins)}, and what had become of each {days(period.window)} "
        f"later, at the end of {day(last)} (UTC). Only members count who have said that their ratings may improve "
        f"everybody’s recommendations. Numbers are rounded, and none is shown of fewer than {LEAST_PEOPLE} people "
        f"({UNKNOWN}), nor where one could be worked out from the others. In brackets: where a figure would lie, in 95 "
        "of 100 cases, had other people come."
    )


def day(moment: datetime) -> str:
    """Such as 3 Mar 2026."""
    return f"{moment.day} {moment:%b %Y}"


def days(number: int) -> str:
    """Such as 30 days."""
    return "a day" if number == 1 else f"{number} days"


def parts(report: Report) -> list[tuple[str, Part]]:
    """What the parts of a report are called, and these; all together first, where there is more than one version."""
    versions = [(name_of(part), part) for part in report.versions]
    return versions if len(versions) == 1 else [(TOGETHER, report.together), *versions]


def name_of(part: Part) -> str:
    """What a part is called."""
    if part.version is not None:
        both = part.version.fingerprint.split(BESIDE)  # of a list that two versions made
        return f"{part.version.model}, {' and '.join(each[:FINGERPRINT] for each in both)}"
    return OLDER if part.is_older else TOGETHER


def tables(part: Part) -> list[Table]:
    """All that a part says; nothing where it is of too few people."""
    found = [in_short(part), outcomes(part), *map(told, (by_place(part), by_kind(part), calibration(part)))]
    return [table for table in found if any(map(is_told, table.rows))]


def told(table: Table) -> Table:
    """The rows of a table that say something."""
    return replace(table, rows=[*filter(is_told, table.rows)])


def is_told(row: tuple[str, ...]) -> bool:
    """Whether a row has a figure."""
    return any(cell != UNKNOWN for cell in row[1:])


def in_short(part: Part) -> Table:
    """The figures that stand alone."""
    numbers = [
        ("People", "" if part.people is None else f"{part.people:,} or more"),
        ("Lists that showed them something new", approximately(part.lists)),
        ("Films that were new to them", approximately(part.films)),
        ("Further films, whose time is not over", approximately(part.pending)),
    ]
    figures = [(words, in_words(part.figures[name], name in IN_STARS)) for name, words in FIGURES.items()]
    rows = [(words, value or UNKNOWN) for words, value in [*numbers, *figures]]
    return Table("In short", "Liked is four stars of five or more.", ("What", "Figure"), rows)


def outcomes(part: Part) -> Table:
    """What became of films."""
    rows = [(OUTCOMES[row.name], in_words(row.figures["share"])) for row in part.outcomes]
    return Table("What became of the films", "", ("Within the time", "Share of films"), rows)


def by_place(part: Part) -> Table:
    """By the place in the list."""
    said = "The first film is the one that was thought best."
    return Table("By place in the list", said, ("Place", *SHARES), [shares(row, row.name) for row in part.places])


def by_kind(part: Part) -> Table:
    """By the kind of list."""
    rows = [shares(row, KINDS.get(row.name, row.name.capitalize())) for row in part.kinds]
    return Table("By kind of list", "", ("List", *SHARES), rows)


SHARES = ("Liked or saved", "Anything said")


def shares(row: Row, name: str) -> tuple[str, ...]:
    """A row of these."""
    return name, in_words(row.figures["liked"]), in_words(row.figures["said"])


def calibration(part: Part) -> Table:
    """Whether as many stars are given as were expected."""
    rows = [
        (row.name, *(in_words(row.figures[what], in_stars=True) for what in ("expected", "given")))
        for row in part.calibration
    ]
    said = "Films that were rated, by the stars that were expected. Both columns should be alike."
    return Table("Expected and given stars", said, ("Expected", "Mean expected", "Mean given"), rows)


def approximately(number: int | None) -> str:
    """A rounded number; nothing if it is not shown."""
    return "" if number is None else f"about {number:,}"


def in_words(figure: Figure | None, in_stars: bool = False) -> str:
    """A figure with its interval.

    >>> in_words(Figure(0.12, 0.06, 0.2)), in_words(Figure(-0.05, -0.1, 0.05), in_stars=True)
    ('12 % (6 to 20)', '−0.05 ★ (−0.10 to 0.05)')
    """
    if figure is None:
        return UNKNOWN
    written: Callable[[float], str] = stars if in_stars else percent
    unit = " ★" if in_stars else " %"
    return f"{written(figure.value)}{unit} ({written(figure.low)} to {written(figure.high)})"


def percent(share: float) -> str:
    """Such as 12."""
    return f"{100 * share:.0f}"


def stars(number: float) -> str:
    """Such as 3.85."""
    return f"{number:.2f}".replace("-", "−")


def comparisons(report: Report) -> list[tuple[str, list[Table]]]:
    """What comparisons of two versions are called, and what there is to say of each."""
    return [(compared_name(each), [compared(each)]) for each in report.comparisons]


def compared_name(comparison: Comparison) -> str:
    """Such as Version 0a1b2c compared with 3d4e5f, by list, since 3 Mar 2026."""
    sides, when = comparison.sides, "" if comparison.days is None else f", {when_made(comparison.days)}"
    return f"Version {sides.challenger[:FINGERPRINT]} compared with {sides.champion[:FINGERPRINT]}, by {sides.by}{when}"


def when_made(days: Days) -> str:
    """From which day to which (UTC) a comparison went on.

    >>> began = datetime(2026, 3, 3, tzinfo=UTC)
    >>> when_made(Days(began, None, True)), when_made(Days(began, None, False)), when_made(Days(began, began, False))
    ('since 3 Mar 2026', 'begun on 3 Mar 2026', 'on 3 Mar 2026')
    """
    began = day(days.began.astimezone(UTC))
    if days.ended is None:
        return f"since {began}" if days.goes_on else f"begun on {began}"
    ended = day(days.ended.astimezone(UTC))
    return f"on {began}" if ended == began else f"{began} to {ended}"


def compared(comparison: Comparison) -> Table:
    """Who wins, and how sure that is."""
    figures = [
        (COMPARED[name], in_words(figure, name == GIVEN).replace("-", "−"))
        for name, figure in comparison.figures.items()
    ]
    people = UNKNOWN if comparison.people is None else f"{comparison.people:,} or more"
    rows = [("People who tell something", people), *figures]
    goes_on = comparison.days is not None and comparison.days.goes_on
    said = f"{verdict(comparison)} {GOES_ON}" if goes_on else verdict(comparison)
    return Table("Who wins", said, ("What", "Figure"), rows)


def verdict(comparison: Comparison) -> str:
    """That in a sentence."""
    figure, by_list = comparison.main, comparison.sides.by == BY_LIST
    if figure is None:
        return TOO_FEW
    if comparison.preferred is None:
        more = comparison.more_people
        rest = "" if more is None else f" If it is as it seems, about {more:,} more people would be needed to tell."
        return f"No difference that is sure.{rest}"
    sign = 1 if comparison.preferred == comparison.sides.challenger else -1
    ends = sorted(100 * sign * end for end in (figure.low, figure.high))
    what = "it wins more of a person’s lists than the other" if by_list else "it has more lists with a film that counts"
    return (
        f"Version {comparison.preferred[:FINGERPRINT]} is preferred: {what}, by {100 * sign * figure.value:.0f} "
        f"percentage points (95 % interval {ends[0]:.0f} to {ends[1]:.0f})."
    )


def as_text(report: Report) -> str:
    """All of it, for a terminal."""
    pieces = [f"{TITLE}\n\n{about(report.period)}"]
    for name, part in parts(report):
        shown = [table_as_text(table) for table in tables(part)]
        pieces.append("\n\n".join([f"{name}\n{'=' * len(name)}", *(shown or [TOO_FEW])]))
    for name, found in comparisons(report):
        pieces.append("\n\n".join([f"{name}\n{'=' * len(name)}", *map(table_as_text, found)]))
    if not report.versions:
        pieces.append("Nobody who counts was shown a list.")
    return "\n\n".join(pieces)


def table_as_text(table: Table) -> str:
    """A table, its columns side by side."""
    rows = [table.head, *table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"{table.title}. {table.about}".rstrip(), *(f"  {line}" for line in lines)])
