"""What is installed and what is published: requirements.txt, pyproject.toml, the wheel, and the Hugging Face Space."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from functools import cache
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from click.testing import CliRunner
from huggingface_hub import HfApi, SpaceCard
from huggingface_hub.utils import filter_repo_objects
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import recsys
from tests.support.unavailable import unavailable

ROOT = Path(__file__).parents[2]
CODE = sorted([*ROOT.glob("recsys/**/*.py"), *ROOT.glob("eval/**/*.py"), ROOT / "app.py"])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(section: int) -> dict[str, Requirement]:
    """One section of requirements.txt, by canonical name."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    _, *sections = re.split(r"^# \d\. ", text, flags=re.MULTILINE)
    lines = (line.partition("#")[0].strip() for line in sections[section - 1].splitlines()[1:])
    return by_name(line for line in lines if line)


def by_name(lines: Iterable[str]) -> dict[str, Requirement]:
    """Requirements by canonical name."""
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


DIRECT, INDIRECT = pins(1), pins(2)
PINS = DIRECT | INDIRECT


def pinned_version(name: str) -> str:
    """The one version that requirements.txt allows."""
    (specifier,) = PINS[name].specifier
    return specifier.version


def declared(*extras: str) -> dict[str, Requirement]:
    """What pyproject.toml asks for, by canonical name, with these extras and those that they name in turn."""
    wanted = by_name(PROJECT["dependencies"])
    for extra in extras:
        wanted |= by_name(PROJECT["optional-dependencies"][extra])
    own = wanted.pop(PROJECT["name"], None)
    return wanted | declared(*own.extras) if own else wanted


@cache
def asked_by(name: str) -> list[Requirement]:
    """All that an installed package may need; nothing for one that this machine has no use for."""
    try:
        return [*map(Requirement, metadata.requires(name) or [])]
    except metadata.PackageNotFoundError:
        return []


def holds(requirement: Requirement, environment: dict[str, str], extras: Iterable[str] = ()) -> bool:
    """Whether a requirement's marker is true there, with or without one of the extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate(environment | {"extra": extra}) for extra in ("", *extras))


def closure(names: Iterable[str], environment: dict[str, str]) -> set[str]:
    """The packages and all that they need there, by canonical name."""
    found: set[str] = set()
    waiting = {*names}
    while waiting:
        name = waiting.pop()
        found.add(name)
        needed = {canonicalize_name(other.name) for other in asked_by(name) if holds(other, environment)}
        waiting |= needed - found
    return found


# --- requirements.txt


def test_every_requirement_has_one_version_and_stands_once():
    for requirement in PINS.values():
        operators = [(specifier.operator, specifier.version.endswith("*")) for specifier in requirement.specifier]
        assert operators == [("==", False)], f"{requirement}: expected name==version"
    assert not DIRECT.keys() & INDIRECT.keys(), "section 2 repeats what section 1 has"


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize(
    ("sys_platform", "platform_system", "platform_machine"),
    [("linux", "Linux", "x86_64"), ("darwin", "Darwin", "arm64"), ("win32", "Windows", "AMD64")],
)
def test_section_2_holds_what_section_1_needs_and_nothing_else(python, sys_platform, platform_system, platform_machine):
    environment = default_environment() | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "platform_machine": platform_machine,
    }
    listed = {name for name, requirement in PINS.items() if holds(requirement, environment)}
    assert listed == closure(DIRECT, environment), "write section 2 anew, with the command above it"


def test_no_pin_contradicts_a_package_nor_what_the_builder_of_a_space_adds_to_gradio():
    for name in filter(is_as_pinned, PINS):
        extras = ("oauth", "mcp") if name == "gradio" else ()
        for other in asked_by(name):
            needed = canonicalize_name(other.name)
            if needed in PINS and holds(other, default_environment(), extras):
                assert other.specifier.contains(pinned_version(needed)), f"{name} wants {other}, not {PINS[needed]}"


def is_as_pinned(name: str) -> bool:
    """Whether the version that requirements.txt names is the one installed here."""
    try:
        return Version(metadata.version(name)) == Version(pinned_version(name))
    except metadata.PackageNotFoundError:
        return False


def test_what_is_tested_is_what_is_pinned():
    here = {name for name, requirement in PINS.items() if holds(requirement, default_environment())}
    if strangers := sorted(name for name in here if not is_as_pinned(name)):
        unavailable(f"not installed as pinned: {', '.join(strangers)}; pip install -r requirements-dev.txt")


# --- pyproject.toml


def test_section_1_agrees_with_pyproject():
    wanted = declared("page", "eval")  # the builder of a Space adds what the extra oauth has
    assert wanted.keys() == DIRECT.keys()
    for name, requirement in wanted.items():
        assert requirement.specifier.contains(pinned_version(name)), f"{requirement} leaves out {PINS[name]}"


def test_a_light_installation_has_neither_what_trains_nor_what_shows():
    assert not closure(declared(), default_environment()) & {"keras", "jax", "gradio", "rich", "matplotlib", "optuna"}
    assert declared("eval").keys() & declared("page").keys() >= declared("train").keys() >= {"keras", "jax"}


DISTRIBUTIONS = metadata.packages_distributions()  # by the name of what is imported


def third_party_imports(path: Path) -> set[str]:
    """Canonical names of the packages that a file imports from, wherever in it, but not only for type annotations."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        only_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        waiting += node.orelse if only_for_types else ast.iter_child_nodes(node)
    packages = {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"recsys", "eval"}
    return {canonicalize_name(name) for package in packages for name in DISTRIBUTIONS.get(package, [package])}


def extras_for(path: Path) -> tuple[str, ...]:
    """The extras with which a file is meant to be used."""
    folders = path.relative_to(ROOT).parts
    if folders[0] == "eval":
        return ("eval",)
    if path.name == "openid.py":
        return ("page", "oauth")
    of_page = (
        folders[:2] in {("recsys", part) for part in ("ui", "serve", "loop", "store", "rating_files")}
        or path.name == "app.py"
    )
    return ("page",) if of_page else ("train",)


def test_whatever_is_imported_is_asked_for_in_pyproject():
    for path in CODE:
        strangers = third_party_imports(path) - declared(*extras_for(path)).keys()
        assert not strangers, f"{path} imports {strangers}: expected them in pyproject.toml, for {extras_for(path)}"


NEEDS_TRAIN = {
    "models.factors.svd",
    "models.vae.paper_vae",
    "models.networks.keras_settings",
    "models.networks.adam",
    "models.networks.sparse_product",
    "models.mult_vae.learning",
    "models.mult_vae.network",
    "models.mult_vae.steps",
    "models.mult_vae.training",
    "training.jax_processes",
}  # of recsys
IMPORT_ALL = """
import importlib, sys
for extra in ("keras", "jax", "gradio", "sqlalchemy", "alembic", "argon2", "rich", "matplotlib", "optuna"):
    sys.modules[extra] = None
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        print(name)
"""


def test_a_light_installation_can_import_all_but_what_trains_and_the_page():
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in CODE if path.name != "__main__.py"]
    light = [name.removesuffix(".__init__") for name in modules if name.startswith("recsys")]
    command = [sys.executable, "-c", IMPORT_ALL, *light]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    of_page = ("recsys.ui.", "recsys.serve.", "recsys.loop.", "recsys.store", "recsys.rating_files")
    failed = {name for name in run.stdout.split() if not name.startswith(of_page)}
    assert failed == {f"recsys.{name}" for name in NEEDS_TRAIN}


# --- the wheel


def test_the_wheel_holds_every_file_of_both_packages_and_no_others(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path for name in ("recsys", "eval") for path in (ROOT / name).rglob("*") if path.is_file())
    assert packed == {path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"}


def test_the_wheel_says_which_version_it_is_and_what_it_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = message_from_bytes(archive.read(name))
    requirements = [Requirement(text) for text in about.get_all("Requires-Dist")]
    always = {canonicalize_name(requirement.name) for requirement in requirements if requirement.marker is None}
    assert about["Version"] == recsys.__version__
    assert always == declared().keys()
    assert {*about.get_all("Provides-Extra")} == {"train", "page", "oauth", "eval"}


# --- the front matter of README.md

DOCUMENTED = {  # huggingface.co/docs/hub/spaces-config-reference, and license, which every repository has
    *(
        "title",
        "emoji",
        "colorFrom",
        "colorTo",
        "sdk",
        "sdk_version",
        "python_version",
        "app_file",
        "app_build_command",
    ),
    *("app_port", "base_path", "fullWidth", "header", "short_description", "models", "datasets", "tags", "thumbnail"),
    *("pinned", "hf_oauth", "hf_oauth_scopes", "hf_oauth_expiration_minutes", "hf_oauth_authorized_org"),
    *("disable_embedding", "startup_duration_timeout", "custom_headers", "preload_from_hub", "suggested_hardware"),
    *("suggested_storage", "license"),
}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


@pytest.fixture(scope="module")
def card() -> dict[str, object]:
    """The front matter as the Hub reads it."""
    return SpaceCard.load(ROOT / "README.md").data.to_dict()


def test_the_hub_knows_every_key_of_the_front_matter(card):
    assert card.keys() <= DOCUMENTED
    assert card["title"]
    assert card["sdk"] == "gradio"


def test_the_space_runs_what_is_pinned_and_tested(card):
    assert card["sdk_version"] == pinned_version("gradio")
    assert SpecifierSet(PROJECT["requires-python"]).contains(card["python_version"])
    assert (ROOT / card["app_file"]).is_file()


def test_the_python_version_is_quoted_because_3_10_would_be_3_1_otherwise(card):
    front_matter = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    assert re.search(r'^python_version: "3\.\d+"$', front_matter, flags=re.MULTILINE)
    assert isinstance(card["python_version"], str)


def test_the_space_is_shown_as_the_hub_allows(card):
    assert {card["colorFrom"], card["colorTo"]} <= COLOURS
    assert len(card["short_description"]) <= 60
    assert len(card["emoji"]) == 1
    assert unicodedata.category(card["emoji"]) == "So"


def test_licence_tags_and_patience_are_of_the_form_that_the_hub_expects(card):
    assert card["license"] == PROJECT["license"].lower()
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tag) for tag in card["tags"])
    assert re.fullmatch(r"\d+[mh]", card["startup_duration_timeout"])


# --- .github/workflows/space.yml

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/space.yml").read_text(encoding="utf-8"))
(JOB,) = WORKFLOW["jobs"].values()
SHOW_UPLOAD = 'pip() { :; }\nhf() { printf "%s\\0" "$@"; }\n'  # in front of a script: the arguments of hf, nothing done
JUNK = (
    ".git/config",
    ".ci/run",
    ".venv/lib/recsys/x.py",
    "recsys/__pycache__/ranking.cpython-311.pyc",
    "runs/first/results.json",
    "tests/conftest.py",
    "requirements-dev.txt",
    "package.json",
    "node_modules/@biomejs/biome/package.json",
)


def arguments_of_hf(script: str) -> list[str]:
    """What a shell script tells the command hf."""
    if shutil.which("bash") is None:
        unavailable("no program called bash is installed")
    given = {**os.environ, "HF_SPACE": "USER/NAME", "GITHUB_SHA": "0" * 40}
    run = subprocess.run(["bash", "-euc", SHOW_UPLOAD + script], capture_output=True, text=True, check=True, env=given)
    return run.stdout.split("\0")[:-1]


@pytest.fixture
def upload(monkeypatch) -> dict[str, object]:
    """What the Hub's own command makes of the workflow's upload; nothing is sent."""
    from huggingface_hub.cli.hf import app

    asked: dict[str, object] = {}
    monkeypatch.setattr(
        HfApi, "create_repo", lambda _, *, repo_id, repo_type, **__: SimpleNamespace(repo_id=f"{repo_type} {repo_id}")
    )
    monkeypatch.setattr(HfApi, "upload_folder", lambda _, **options: asked.update(options) or "done")
    outcome = CliRunner().invoke(app, arguments_of_hf(JOB["steps"][-1]["run"]))
    assert outcome.exit_code == 0, outcome.output
    return asked


def chosen(upload: dict[str, object], paths: Iterable[str]) -> set[str]:
    """Those of the paths that the upload takes."""
    wanted, unwanted = upload["allow_patterns"], upload["ignore_patterns"]
    return {*filter_repo_objects(paths, allow_patterns=wanted, ignore_patterns=unwanted)}


def test_the_upload_replaces_the_space_as_a_whole(upload):
    assert upload["repo_id"] == "space USER/NAME"
    assert upload["repo_type"] == "space"
    assert (upload["folder_path"], upload["path_in_repo"]) == (".", ".")
    assert upload["delete_patterns"] == ["*"]


def test_the_upload_holds_what_runs_and_what_the_readme_shows_and_no_more(upload, card):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#]+)", readme) if "://" not in link}
    code = {path.relative_to(ROOT).as_posix() for path in CODE}
    needed = {*links, *code, card["app_file"], "README.md", "LICENSE", "requirements.txt", "pyproject.toml"}
    assert links
    assert chosen(upload, needed) == needed
    assert not chosen(upload, JUNK)


def test_the_command_that_people_type_uploads_the_same():
    *arguments, option, _ = arguments_of_hf(JOB["steps"][-1]["run"])
    assert option == "--commit-message"
    page = (ROOT / "docs/operate/space.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^    (hf upload .*)$", page, re.MULTILINE)
    assert arguments_of_hf(command) == arguments


def test_without_a_space_or_a_token_the_workflow_only_says_so():
    notice, *steps = JOB["steps"]
    assert notice["if"] == "env.HF_SPACE == '' || env.HAS_TOKEN != 'true'"
    assert notice["run"].startswith('echo "::notice::')
    assert {step["if"] for step in steps} == {"env.HF_SPACE != '' && env.HAS_TOKEN == 'true'"}
    assert JOB["env"] == {"HF_SPACE": "${{ vars.HF_SPACE }}", "HAS_TOKEN": "${{ secrets.HF_TOKEN != '' }}"}
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in JOB


def test_only_the_step_that_uploads_is_given_the_token_and_it_installs_nothing():
    *others, upload = JOB["steps"]
    assert upload["env"] == {"HF_TOKEN": "${{ secrets.HF_TOKEN }}"}
    assert "pip" not in upload["run"]
    assert not any("secrets" in str(step) for step in others)


@pytest.mark.parametrize("workflow", ["space", "tests"])
def test_every_action_is_one_commit_and_says_which_version_that_is(workflow):
    text = (ROOT / f".github/workflows/{workflow}.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one) for one in used)


# --- .ci

LOCKED = (".ci/requirements.txt", ".ci/hub.txt", ".ci/node.txt")


def locked(file: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Requirements of a file with hashes, and the hashes of each, by canonical name."""
    text = re.sub(r"^#.*\n", "", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", "")
    lines = [line.split(" --hash=") for line in text.splitlines()]
    return {canonicalize_name(Requirement(line).name): (Requirement(line), hashes) for line, *hashes in lines}


@pytest.mark.parametrize("file", LOCKED)
def test_what_is_installed_with_hashes_has_one_version_and_sha256_each(file):
    for requirement, hashes in locked(file).values():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one.strip()) for one in hashes), requirement


@pytest.mark.parametrize("file", LOCKED)
def test_it_is_what_is_pinned(file):
    for name, (requirement, _) in locked(file).items():
        if name in PINS:
            assert requirement.specifier.contains(pinned_version(name)), f"{requirement} is not pinned: run .ci/lock"


def test_what_the_tests_need_is_all_there_with_hashes():
    found = locked(".ci/requirements.txt")
    lines = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    wanted = by_name(line.partition("#")[0] for line in lines if line[:1].isalnum())
    for name, requirement in {**PINS, **wanted}.items():
        assert name in found, f"run .ci/lock: {name} is missing"
        (one,) = found[name][0].specifier
        assert requirement.specifier.contains(one.version), f"run .ci/lock: {found[name][0]}, not {requirement}"


@pytest.mark.parametrize("file", LOCKED)
def test_it_names_no_index_and_no_folder(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links| @ ", text)


def test_the_checks_and_the_workflows_install_with_hashes_alone():
    scripts = [ROOT / ".ci/run", *ROOT.glob(".github/workflows/*.yml")]
    lines = [line for script in scripts for line in script.read_text(encoding="utf-8").splitlines()]
    installs = [line for line in lines if re.search(r"\bpip\"? install", line)]
    assert len(installs) == 5
    assert all("--require-hashes -r .ci/" in line for line in installs)
