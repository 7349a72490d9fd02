"""Versions in words: what `list` and `show` print."""

import json
from collections.abc import Callable, Iterator, Sequence

from recsys.versions.comparison import WINDOW, Comparison, first_day
from recsys.versions.entries import Damaged, Version
from recsys.versions.lineage import told_at

COLUMNS = ("version", "fingerprint", "made (UTC)", "model", "parent", "people", "ratings", "gate", "state")
BESIDE = "+"  # what stands between the two of a drafted list
TO_THE_LEFT = {"fingerprint", "made (UTC)", "model", "gate", "state"}


def table(entries: Sequence[Version | Damaged]) -> str:
    """A line for each version, and below them what is wrong with those that are damaged."""
    rows = [COLUMNS, *map(row, entries)]
    widths = [max(len(one[place]) for one in rows) for place in range(len(COLUMNS))]
    lines = ["  ".join(cells(one, widths)).rstrip() for one in rows]
    damaged = [f"Version {one.number} is damaged: {one.reason}" for one in entries if isinstance(one, Damaged)]
    return "\n".join([*lines, *damaged])


def cells(texts: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """The cells of a line, numbers to the right."""
    for name, text, width in zip(COLUMNS, texts, widths, strict=True):
        yield text.ljust(width) if name in TO_THE_LEFT else text.rjust(width)


def row(version: Version | Damaged) -> tuple[str, ...]:
    """What a line says of a version."""
    if isinstance(version, Damaged):
        return (str(version.number), *["-"] * (len(COLUMNS) - 2), "damaged")
    record, lineage = version.record, version.record.lineage
    return (
        str(version.number),
        record.fingerprint,
        told_at(record.made_at),
        record.model,
        str(lineage.parent or "-"),
        f"{lineage.n_people:,}",
        f"{lineage.n_ratings:,}",
        verdict(version),
        version.state if version.has_model else f"{version.state}, pruned",
    )


def verdict(version: Version) -> str:
    """What the gate said, in a word."""
    gate = version.record.gate
    return "-" if gate is None else "passed" if gate.passed else "refused"


def compared(comparison: Comparison | None) -> list[str]:
    """What is compared live, in a sentence; none where nothing is."""
    if comparison is None:
        return []
    challenger, champion, since = comparison.challenger, comparison.champion, told_at(comparison.began)
    return [f"Version {challenger} is compared with version {champion} by {comparison.by}, since {since} UTC."]


def begun(comparison: Comparison) -> list[str]:
    """What comes next once a comparison has begun, a sentence each."""
    day = first_day(comparison.began)
    return [
        f"`python -m recsys.loop report --window {WINDOW}` can tell something of it from {day} (UTC) on, once ten "
        "people have seen its lists.",
        "Choose now on which day it is to end, such as in four weeks, and go by the report of that day: who looks "
        "every day until a winner is sure finds one too often where there is none.",
        "`compare --end` ends it, and so does a promotion or a rollback.",
    ]


def ended(comparison: Comparison) -> str:
    """What came to an end with a promotion or a rollback."""
    return f"{comparison} ends with that; `python -m recsys.loop report` tells what came of it."


def why_kept(version: Version, comparison: Comparison | None) -> str:
    """Why a version's model is not deleted."""
    if comparison is not None and comparison.challenger == version.number:
        return "is compared with the one that answers"
    return "answers" if version.state == "current" else "is what a rollback leads to"


def all_details(version: str, find: Callable[[str], Version]) -> str:
    """All that is kept of a version, or of the two that have drafted a list.

    Args:
        version: its number, the beginning of its fingerprint, or two with a + between, as drafted lists have them.
        find: (one of these) -> the version.
    """
    both = version.split(BESIDE)
    drafted = ["A list of these two was drafted from both, by `compare --by list`."] if len(both) > 1 else []
    return "\n\n".join([*drafted, *(details(find(each)) for each in both)])


def details(version: Version) -> str:
    """All that is kept of a version, a line each."""
    record, lineage = version.record, version.record.lineage
    said = {
        "version": f"{version.number}, {version.state}",
        "fingerprint": record.fingerprint,
        "model": record.model,
        "model folder": str(version.folder) if version.has_model else "pruned",
        "data set": record.dataset or "-",
        "data digest": lineage.data_sha256 or "-",
        "people added": f"{lineage.n_people:,}",
        "ratings added": f"{lineage.n_ratings:,}",
        "people read": "-" if lineage.read_at is None else f"{told_at(lineage.read_at)} UTC",
        "fitted with": figures(lineage.fit and lineage.fit.model_dump(exclude_none=True)),
        "parent": str(lineage.parent or "-"),
        "made (UTC)": told_at(record.made_at),
        "made by": ", ".join(f"{name} {number}" for name, number in record.code.items()) or "-",
        "note": one_line(lineage.note) or "-",
        "metrics": figures(lineage.metrics),
        "gate": verdict(version),
    }
    if record.gate is not None:
        said |= {"reason": one_line(record.gate.reason), "figures": figures(record.gate.figures)}
    width = max(map(len, said))
    return "\n".join(f"{name.ljust(width)}  {text}" for name, text in said.items())


def figures(named: object) -> str:
    """Figures as JSON in one line."""
    return json.dumps(named, ensure_ascii=False) if named else "-"


def sentence(words: str) -> str:
    """Words that begin with a capital letter.

    >>> sentence("version 3 answers.")
    'Version 3 answers.'
    """
    return words[:1].upper() + words[1:]


def one_line(words: str) -> str:
    """Words without line breaks."""
    return " ".join(words.split())
