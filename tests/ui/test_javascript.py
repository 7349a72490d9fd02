"""The page's scripts and styles: what is pure in them under node, how they are written and put together."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from recsys.ui import browser
from recsys.ui.account import bar
from recsys.ui.acts import film_actions
from recsys.ui.addresses import restoring
from recsys.ui.explore import film_map
from recsys.ui.my_films import tab as my_films_tab
from tests.support.unavailable import unavailable

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "tests" / "front").rglob("*.test.js"))
BIOME = ROOT / "node_modules" / ".bin" / "biome"


def output_of(*command):
    """What a command says, and whether it is content."""
    run = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    return run.stdout + run.stderr, run.returncode == 0


@pytest.fixture(scope="module")
def node():
    """The program that runs JavaScript outside a browser."""
    executable = shutil.which("node")
    if executable is None:
        unavailable("no program called node is installed, so the page's scripts cannot be tried outside a browser")
    return executable


def test_what_is_pure_passes_its_tests(node):
    said, is_content = output_of(node, "--test", "--test-reporter=tap", *TESTS)
    assert is_content, said
    assert int(re.search(r"^# pass (\d+)$", said, re.MULTILINE)[1]) >= len(TESTS)


def test_whatever_a_script_exports_has_tests():
    exporting = {path for path in browser.FOLDER.rglob("*.js") if "module.exports" in path.read_text("utf-8")}
    required = {
        (test.parent / path).resolve()
        for test in TESTS
        for path in re.findall(r'require\("(\.[^"]+)"\)', test.read_text("utf-8"))
    }
    assert exporting
    assert exporting <= required


def test_scripts_and_styles_are_written_as_biome_says(node):
    if not BIOME.is_file():
        unavailable("biome is not installed in this folder: npm ci")
    said, is_content = output_of(BIOME, "check", "--error-on-warnings")
    assert is_content, said


@pytest.mark.parametrize(
    "scripts",
    [film_actions.SCRIPTS, bar.SCRIPTS, restoring.SCRIPTS, film_map.SCRIPTS, my_films_tab.BRING],
    ids=lambda each: each[-1],
)
def test_scripts_that_share_a_scope_give_no_name_twice(scripts):
    given = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", browser.read(*scripts), re.MULTILINE)
    assert given
    assert sorted({name for name in given if given.count(name) > 1}) == []


def test_tools_have_one_version_and_a_hash_and_come_from_no_given_place():
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert "dependencies" not in wanted, "the page needs nothing that npm installs"
    for name, version in wanted["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name}: {version} is not one version"
        assert locked[f"node_modules/{name}"]["version"] == version, f"{name}: run npm install"
    for place, package in locked.items():
        assert not place or re.fullmatch(r"sha512-[\w+/]+=*", package["integrity"]), place
        assert "resolved" not in package, f"{place}: npm install --omit-lockfile-registry-resolved"
