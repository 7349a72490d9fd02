"""Versions in words: what `list` and `show` print."""

import json
from collections.abc import Iterator, Sequence

from recsys.versions.comparison import Comparison
from recsys.versions.entries import Damaged, Version
from recsys.versions.lineage import told_at

COLUMNS = ("version", "fingerprint", "made (UTC)", "model", "parent", "people", "ratings", "gate", "state")
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
