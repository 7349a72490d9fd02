"""The pages of docs/: they build without a warning, fetch nothing, and say of the code what is so."""

import ast
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from recsys.results.schema import Results

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
CODE = sorted([*ROOT.glob("recsys/**/*.py"), *ROOT.glob("eval/**/*.py"), ROOT / "app.py"])
FETCHED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("use", "href")}
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site as CI builds it."""
    out = tmp_path_factory.mktemp("site")
    given = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "ALL_PROXY": "http://127.0.0.1:9"}  # whoever fetches, fails
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", os.fspath(out)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=given)
    assert run.returncode == 0, run.stdout + run.stderr
    return out


class Fetched(HTMLParser):
    """What a browser fetches to show a page."""

    def __init__(self, page: Path):
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses of a tag; a link that says only where a page lies is not fetched."""
        given = dict(attrs)
        if given.get("rel") not in ("canonical", "prev", "next"):
            self.addresses += [value for name, value in attrs if (tag, name) in FETCHED and value]


def test_every_page_is_in_the_site(site):
    built = {path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html")}
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md")}
    assert pages
    assert pages <= built


def test_the_site_fetches_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        addresses = Fetched(page).addresses
        assert addresses, page
        assert not [one for one in addresses if re.match(r"(\w+:)?//", one)], page
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"(url\(|@import)\s*[\"']?(\w+:)?//", styles)


def test_equations_are_drawn_by_the_browser_itself(site):
    page = (site / "explanation/models.html").read_text(encoding="utf-8")
    assert page.count("<math") > 10
    assert "arithmatex" not in page


def test_the_reference_has_what_the_readme_promises(site):
    page = (site / "reference/python.html").read_text(encoding="utf-8")
    for name in ("from_pretrained", "recommend", "predict", "similar", "for_genres", "sample"):
        assert f'id="recsys.recommend.recommender.Recommender.{name}"' in page
    assert 'id="recsys.rating_files.read_rating_file"' in page


# ---- what pages say of the code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s#]+)", text):
        assert re.match(r"\w+:", link) or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_are_named_are_there(page):
    spans = re.findall(r"`((?:recsys|eval|tests|docs|\.ci|\.github)/[\w./*-]*)`", page.read_text(encoding="utf-8"))
    for path in spans:
        is_to_come = "FAMILY" in path or "most_watched" in path  # of the model that is added
        assert is_to_come or [*ROOT.glob(path.rstrip("/"))], path


def names_of_variables(path: Path) -> set[str]:
    """Strings that are names of environment variables, in a file that looks at the environment."""
    source = path.read_text(encoding="utf-8")
    if not re.search(r"\benviron(ment)?\b", source):
        return set()
    strings = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {value for value in strings if isinstance(value, str) and VARIABLE.fullmatch(value)}


def test_every_environment_variable_of_the_code_is_in_the_table_and_no_other():
    table = (ROOT / "docs/reference/environment.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(listed) == len({*listed})
    assert {*listed} == set().union(*map(names_of_variables, CODE))


def fields_of(schema: type[BaseModel]) -> set[str]:
    """The keys of a part of results.json and of all parts of it."""
    found = set(schema.model_fields)
    for field in schema.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            one = waiting.pop()
            if isinstance(one, type) and issubclass(one, BaseModel):
                found |= fields_of(one)
            waiting += get_args(one)
    return found


def test_every_field_of_results_json_is_described():
    page = (ROOT / "docs/reference/results-json.md").read_text(encoding="utf-8")
    fields = fields_of(Results)
    assert {"splits", "n_cells", "metrics", "observed", "p_value"} <= fields
    assert not [name for name in sorted(fields) if f"`{name}`" not in page]
