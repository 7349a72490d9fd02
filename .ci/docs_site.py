"""What mkdocs.yml asks for while the site is built: links into the code, and equations without a script."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.plugins import get_plugin_logger

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)+[^)#]+)\)")
EQUATION = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
LOG = get_plugin_logger(__name__)


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Name a file of the code where a page links to it, which lies beside the site; a warning if there is none."""
    here = Path(page.file.abs_src_path).parent

    def named(link: re.Match[str]) -> str:
        there = (here / link[2]).resolve()
        if there.is_relative_to(ROOT / "docs"):
            return link[0]
        if not there.exists():
            LOG.warning("%s links to %s, which is not there", page.file.src_path, link[2])
        name = link[1].replace("\\_", "_")
        path = there.relative_to(ROOT).as_posix()
        return f"`{path}`" if path.endswith(name) else f"{name} (`{path}`)"

    return LINK.sub(named, markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Turn equations in TeX into MathML, which browsers draw by themselves."""
    return EQUATION.sub(mathml, html)


def mathml(equation: re.Match[str]) -> str:
    """An equation in MathML."""
    return str(convert(unescape(equation[2]).strip(), display="block" if equation[1] == "div" else "inline"))
