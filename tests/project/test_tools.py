"""What a contributor's tools run: the justfile, pre-commit, the workflow of the tests and .ci/run agree."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests import conftest

ROOT = Path(__file__).parents[2]
TEST_COMMAND = "python -m pytest"
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
CI = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
CHECKS = ("ruff check", "ruff format --check", "mypy")  # that CI runs by themselves; the tests run the others
ALL_CHECKS = (*CHECKS, "lint-imports", "npx --no-install biome check")


# ---- .ci/run and the workflow


def test_ci_runs_the_tests_as_the_readme_says_and_ends_with_them():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"    pip install -r requirements-dev.txt && {TEST_COMMAND}\n" in readme
    assert CI[-1] == TEST_COMMAND
    assert all(any(check in line for line in CI) for check in CHECKS)


def test_the_workflow_runs_ci_on_every_version_of_python_that_is_promised():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    (job,) = WORKFLOW["jobs"].values()
    assert job["strategy"]["matrix"] == {"python": promised}
    assert job["container"] == "python:${{ matrix.python }}-trixie"
    assert job["steps"][-1]["run"] == ".ci/run"
    assert job["env"]["CI"] == "true"
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "secrets" not in (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")


def test_the_workflow_runs_for_whatever_may_land():
    assert {"push", "pull_request"} <= WORKFLOW[True].keys()  # YAML 1.1 takes `on` for true


# ---- pre-commit


def test_hooks_before_a_commit_fetch_nothing_and_check_what_ci_checks():
    assert [repo["repo"] for repo in HOOKS["repos"]] == ["local"]
    hooks = HOOKS["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    for check in ALL_CHECKS:
        assert any(hook["entry"].startswith(check.removesuffix(" --check")) for hook in hooks), check


def test_pre_commit_understands_its_file():
    run = subprocess.run(["pre-commit", "validate-config"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


# ---- just


@pytest.fixture(scope="module")
def just():
    """What the justfile would run: a function of a recipe and its arguments."""
    if shutil.which("just") is None:
        pytest.fail("just is not installed: pip install -r requirements-dev.txt")

    def commands(*arguments: str) -> str:
        run = subprocess.run(["just", "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stderr.strip()  # where a dry run says it

    return commands


@pytest.mark.parametrize("recipe", ["check", "test", "quick", "docs", "page", "eval"])
def test_a_recipe_is_one_line(recipe, just):
    assert len(just(recipe).splitlines()) == 1


def test_recipes_run_what_the_pages_say(just):
    assert just("test", "-k", "titles") == f"{TEST_COMMAND} -k titles"
    assert just("page", "--dataset", "ml-1m") == "python app.py --dataset ml-1m"
    assert just("eval", "--models", "ease") == "python -m eval.run --models ease"
    assert just("docs") == "python -m mkdocs build --strict"
    assert all(check in just("check") for check in ALL_CHECKS)


def test_what_the_quick_recipe_tests_is_there(just):
    command = just("quick")
    folders = re.findall(r"tests/\S+", command)
    assert {"tests/data", "tests/models/contract/test_contract.py", "tests/project/test_layout.py"} <= {*folders}
    assert all((ROOT / path).exists() for path in folders)
    assert "not slow" in command


def test_every_file_that_tests_begin_with_is_there():
    assert all((ROOT / path).exists() for path in conftest.LONGEST)
    assert len({*conftest.LONGEST}) == len(conftest.LONGEST)
