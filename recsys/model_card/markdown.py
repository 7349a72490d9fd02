"""Blocks of Markdown."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, text_last: bool = False) -> str:
    """A Markdown table: text flush left in the first column, and in the last if asked; numbers flush right."""
    alignment = [":--", *["--:"] * (len(headings) - 2), ":--" if text_last else "--:"]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, alignment, *rows))


def folded(title: str, text: str) -> str:
    """Markdown that shows when its title is clicked."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"
