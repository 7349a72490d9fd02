"""What axe-core finds wrong with a page as it stands, for those who do not see it or do not use a mouse."""

from functools import cache
from pathlib import Path

from tests.support.unavailable import unavailable

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(" | ")}`);
}"""


@cache
def axe() -> str:
    """The script; where it is not installed, whoever asks for it is skipped."""
    if not AXE.is_file():
        unavailable("axe-core is not installed in this folder: npm ci")
    return AXE.read_text("utf-8")


def broken_rules(page) -> list[str]:
    """Each as what it breaks, how bad it is, and the elements that do."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe() + "; undefined")
    return page.evaluate(RUN)
