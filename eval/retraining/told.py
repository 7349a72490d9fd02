"""A decision in words: the table that people read."""

from collections.abc import Callable, Sequence
from itertools import groupby

from eval.retraining.gate import Decision, Row

Tell = Callable[[str], object]  # is given a line for people, now and then
HEAD = ("for", "figure", "people", "rival", "challenger", "better by", "95 % interval", "margin", "")
TO_THE_LEFT = {0, 1, 8}


def table(decision: Decision) -> str:
    """A line for each figure, by whom the version is compared with, and the sentence."""
    lines: list[str] = []
    for rival, rows in groupby(decision.rows, lambda row: row.against):
        lines += [f"Against {rival}:", *aligned([HEAD, *map(cells, rows)]), ""]
    return "\n".join([*lines, decision.reason])


def cells(row: Row) -> tuple[str, ...]:
    """A line of the table."""
    return (
        row.group,
        row.metric,
        f"{row.n_people:,}",
        f"{row.rival:.4f}",
        f"{row.challenger:.4f}",
        f"{row.gain:+.4f}",
        f"{row.low:+.4f} to {row.high:+.4f}",
        f"{row.margin:.4f}",
        row.verdict,
    )


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines whose cells stand below each other; numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def one(line: Sequence[str]) -> str:
        padded = (
            text.ljust(width) if place in TO_THE_LEFT else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    return [one(line) for line in lines]
