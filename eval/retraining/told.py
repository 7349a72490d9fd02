"""A decision in words: the table that people read."""

from collections.abc import Sequence

from eval.retraining.gate import Decision, Row

HEAD = ("for", "figure", "people", "champion", "challenger", "better by", "95 % interval", "margin", "")
TO_THE_LEFT = {0, 1, 8}


def table(decision: Decision) -> str:
    """A line for each figure, and the sentence."""
    return "\n".join([*aligned([HEAD, *map(cells, decision.rows)]), "", decision.reason])


def cells(row: Row) -> tuple[str, ...]:
    """A line of the table."""
    return (
        row.group,
        row.metric,
        f"{row.n_people:,}",
        f"{row.champion:.4f}",
        f"{row.challenger:.4f}",
        f"{row.gain:+.4f}",
        f"{row.low:+.4f} to {row.high:+.4f}",
        f"{row.margin:g}",
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
