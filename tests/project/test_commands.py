"""The command movie-vae, as `pip install .` installs it."""

import configparser
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import recsys
from recsys import cli
from recsys.cli import COMMANDS

ROOT = Path(__file__).parents[2]
HEAVY = ("keras", "jax", "gradio", "matplotlib", "pandas", "sklearn", "pooch", "rich", "optuna", "sqlalchemy")
RUN = f"""
import sys
from recsys.cli import script
try:
    status = script()
finally:
    print("loaded:", *(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)
sys.exit(status)
"""
MISTAKES = {  # what a person may get wrong, and a word of the sentence that says so
    "page": (["--dataset", "nothing"], "no data set or folder is called 'nothing'"),
    "eval": (["--dataset", "nothing"], "nothing"),
    "train": (["--model", "nothing"], "unknown model 'nothing'"),
    "retrain": (["--model", "nothing"], "unknown model 'nothing'"),
    "rehearse": (["--model", "nothing"], "unknown model 'nothing'"),
    "tune": (["--model", "nothing"], "unknown model 'nothing'"),
    "ablation": (["--splits", "nothing"], "nothing"),
    "members": (["--models", "nobody"], "unknown model 'nobody'"),
    "simulate": (["--truths", "nobody"], "unknown truth 'nobody'"),
    "versions": (["show", "9"], "there are no versions in"),
    "loop": (["report", "--database", "nothing.sqlite3"], "there is no database nothing.sqlite3"),
    "push": (["nothing", "USER/REPO", "--dry-run"], "nothing"),
    "pull": (["no reference"], "no reference"),
}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder with what the wheel installs, and nothing else of this one."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def movie_vae(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command out of the wheel, in an empty folder."""
    elsewhere = installed / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    given = {**os.environ, "PYTHONPATH": os.fspath(installed), "COLUMNS": "200"}
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, cwd=elsewhere, env=given, capture_output=True, text=True)


def test_the_wheel_installs_the_command(installed):
    (declared,) = installed.glob("*.dist-info/entry_points.txt")
    entries = configparser.ConfigParser()
    entries.read(declared)
    assert dict(entries["console_scripts"]) == {"movie-vae": "recsys.cli:script"}
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"movie-vae": "recsys.cli:script"}
    assert callable(cli.script)


def test_help_names_every_command_and_the_form_that_stays(installed):
    found = movie_vae(installed, "--help")
    assert found.returncode == 0, found.stderr
    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(command.summary)}$", found.stdout, re.MULTILINE)
    assert found.stderr.split() == ["loaded:"]


def test_it_says_which_version_it_is(installed):
    assert movie_vae(installed, "--version").stdout == f"movie-vae {recsys.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_at_once(name, installed):
    found = movie_vae(installed, name, "--help")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("usage: ")
    assert found.stderr.split() == ["loaded:"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_mistake_is_one_sentence_and_exits_with_2(name, installed):
    arguments, word = MISTAKES[name]
    found = movie_vae(installed, name, *arguments)
    assert found.returncode == 2
    assert word in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["--nothing"]])
def test_what_is_no_command_is_refused_with_the_list(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert "movie-vae: error: " in capsys.readouterr().err


def test_arguments_reach_the_command_as_they_are(monkeypatch):
    seen = []
    monkeypatch.setattr("recsys.hub.__main__.main", lambda arguments: seen.append(arguments) or 7)
    assert cli.main(["push", "FOLDER", "USER/REPO", "--message", "--help me"]) == 7
    assert cli.main(["pull", "--help"]) == 7
    assert seen == [["push", "FOLDER", "USER/REPO", "--message", "--help me"], ["pull", "--help"]]
