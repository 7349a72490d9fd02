"""Write the list of all models into docs/shelf.md: `PYTHONPATH=. python .ci/shelf.py`, after new recipes or figures."""

import re
from pathlib import Path

from recsys.results.found import PUBLISHED
from recsys.results.measurements import Measurements
from recsys.results.metrics import NDCG, RMSE
from recsys.results.reading import read_results
from recsys.results.shelf import OnShelf, shelf

PAGE = Path(__file__).parents[1] / "docs/shelf.md"
MARKED = re.compile(r"(<!-- shelf:[^\n]*-->\n).*?(<!-- /shelf -->)", re.DOTALL)
HEAD = "| model | what it does | from | {error} | {lists} |\n| :-- | :-- | :-- | --: | --: |\n"


def row(each: OnShelf) -> str:
    """One model."""
    star = " ★" if each.about.in_paper else ""
    cells = (f"`{each.name}`{star}", each.about.sentence, each.about.origin or "–", each.rmse, each.ndcg)
    return f"| {' | '.join(cells)} |\n"


def with_list(page: str) -> str:
    """The page with the list as recipes and published figures have it."""
    measured = Measurements(read_results(PUBLISHED))
    table = HEAD.format(error=RMSE.heading, lists=NDCG.at(max(measured.results.k)).heading) + "".join(
        map(row, shelf(measured))
    )
    return MARKED.sub(lambda mark: f"{mark[1]}\n{table}\n{mark[2]}", page)


if __name__ == "__main__":
    PAGE.write_text(with_list(PAGE.read_text("utf-8")), encoding="utf-8")
