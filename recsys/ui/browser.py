"""What runs in the browser: files of JavaScript and CSS beside the modules that they belong to."""

from pathlib import Path

FOLDER = Path(__file__).parent


def read(*names: str) -> str:
    """The text of files, one after the other; scripts that are read together share their scope."""
    return "".join((FOLDER / name).read_text("utf-8") for name in names)


def styles(*names: str) -> str:
    """The text of files of CSS, without what only indents it."""
    return "\n".join(line.strip() for line in read(*names).splitlines())
