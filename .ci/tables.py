"""Write the tables of a run into docs/results.md, and their rows into the README: `python .ci/tables.py runs/NAME`.

Of the official folds docs/results.md has between its two marks what report.md has, and the README keeps its own choice
of rows and columns. A run of another protocol that the page asks about (such as `<!-- tables of cold-items: -->`)
fills that place alone: the command, the two figures that lead, or what was measured along a number.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MARKED = re.compile(r"(<!-- tables:[^\n]*-->\n).*?(<!-- /tables -->)", re.DOTALL)
TABLE = re.compile(r"^#+ (?:Rating accuracy|Top-N lists)[^\n]*\n\n(?:\|[^\n]*\n)+(?:\n(?:[^\n#]+\n)+)?", re.MULTILINE)
ROWS = re.compile(r"(?:^\|[^\n]*\n)+", re.MULTILINE)
ALONG = re.compile(r"^## ([^\n]* by [^\n]*)\n\n((?:\|[^\n]*\n)+)", re.MULTILINE)
OF_PROTOCOL = r"(<!-- tables of {}:[^\n]*-->\n).*?(<!-- /tables of {} -->)"
LEADING = ("RMSE", "nDCG@10")
MAIN = "folds"

Row = dict[str, str]  # heading -> cell


def cells(line: str) -> list[str]:
    """The cells of a row."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(text: str) -> list[str]:
    """Both tables of a text in Markdown, each with its title and notes."""
    found = [match[0] for match in TABLE.finditer(text)]
    if len(found) != 2:
        raise SystemExit(f"found {len(found)} tables; expected one of rating accuracy and one of lists")
    return found


def by_model(table: str) -> dict[str, Row]:
    """The rows of a table by the name of the model."""
    headings, _, *rows = [cells(line) for line in table.splitlines() if line.startswith("|")]
    return {row[0]: dict(zip(headings, row, strict=True)) for row in rows}


def in_results(page: str, report: str) -> str:
    """docs/results.md with the tables of a report."""
    found = "\n".join(re.sub(r"^#+", "###", table) for table in tables(report))
    return MARKED.sub(lambda mark: f"{mark[1]}\n{found}\n{mark[2]}", page)


def leading_table(report: str) -> str:
    """A table of the two figures that lead, of every model that has one."""
    rows: dict[str, Row] = {}
    for match in TABLE.finditer(report):
        for name, row in by_model(match[0]).items():
            rows.setdefault(name, {}).update(row)
    shown = [heading for heading in LEADING if any(heading in row for row in rows.values())]
    lines = [f"| model | {' | '.join(shown)} |", f"| :-- |{' --: |' * len(shown)}"]
    lines += [f"| {name} | {' | '.join(row.get(each, '–') for each in shown)} |" for name, row in rows.items()]
    return "\n".join(lines) + "\n"


def in_protocols_place(page: str, report: str, protocol: str, command: str) -> str:
    """docs/results.md with what a run of a protocol found, in the place of that protocol."""
    place = re.compile(OF_PROTOCOL.format(re.escape(protocol), re.escape(protocol)), re.DOTALL)
    if not place.search(page):
        raise SystemExit(
            f"docs/results.md has no place for tables of {protocol}; put <!-- tables of {protocol}: --> in"
        )
    along = [f"{title}:\n\n{rows}" for title, rows in ALONG.findall(report)]
    found = "\n".join(along or [leading_table(report)])
    return place.sub(lambda mark: f"{mark[1]}\n    {command}\n\n{found}\n{mark[2]}", page)


def in_readme(readme: str, report: str) -> str:
    """The README with cells of a report in the rows and columns that it has."""
    for table, source in zip(tables(readme), tables(report), strict=True):
        known = by_model(source)
        headings, line, *rows = ROWS.search(table)[0].splitlines()
        names = [cells(row)[0] for row in rows]
        if strangers := [name for name in names if name not in known]:
            raise SystemExit(f"the run has no {', '.join(strangers)}; run python -m eval.run --models all --splits all")
        written = [f"| {' | '.join(known[name][heading] for heading in cells(headings))} |" for name in names]
        readme = readme.replace("\n".join([headings, line, *rows]), "\n".join([headings, line, *written]))
    return readme


def main(folder: Path) -> None:
    """Write both files, or the place of a protocol."""
    report = (folder / "report.md").read_text(encoding="utf-8")
    run = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    if run["protocol"] != MAIN:
        path, command = ROOT / "docs/results.md", run["command"].partition(" --out ")[0]
        page = in_protocols_place(path.read_text(encoding="utf-8"), report, run["protocol"], command)
        path.write_text(page, encoding="utf-8")
        return
    for path, changed in ((ROOT / "docs/results.md", in_results), (ROOT / "README.md", in_readme)):
        path.write_text(changed(path.read_text(encoding="utf-8"), report), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
