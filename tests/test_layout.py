"""The shape of the code: which module may import which, and what an import may cost."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# a module imports to its left
ORDER = [
    *(
        "limits",
        "config",
        "progress",
        "streams",
        "errors",
        "films",
        "data",
        "testing",
        "extras",
        "split",
        "liking",
        "stated_genres",
        "models",
        "ranking",
    ),
    *(
        "artifacts",
        "model_card",
        "hub",
        "recommend",
        "film_keys",
        "startup",
        "store",
        "rating_files",
        "ui",
    ),
]
FILES = sorted([*ROOT.glob("recsys/**/*.py"), *ROOT.glob("eval/**/*.py"), ROOT / "app.py"])


def imported_modules(path: Path) -> set[str]:
    """Absolute names of all modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
    return names


def layer(module: str) -> str:
    """The part of recsys that a module belongs to: recsys.data.scale -> data."""
    return module.split(".")[1]


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parts[-2] != "main"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_imports_point_one_way(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    modules = imported_modules(path)
    packages = {module.split(".")[0] for module in modules}
    assert "eval" not in modules, "`import eval` shadows a builtin"
    assert parts[0] == "eval" or "eval" not in packages
    assert parts[:2] == ("recsys", "ui") or "gradio" not in packages
    if parts[0] == "recsys" and parts[1] != "__init__":
        own = ORDER.index(parts[1])
        for module in modules:
            if module.startswith("recsys."):
                assert ORDER.index(layer(module)) <= own, f"{path} imports {module}"


def test_the_start_of_the_page_wires_and_nothing_else():
    ours = {module for module in imported_modules(ROOT / "app.py") if module.startswith(("recsys", "eval"))}
    # what the command line needs
    allowed = {"recsys.data.sources.names", "recsys.errors", "recsys.extras", "recsys.streams"}
    assert all(module.startswith("recsys.ui.") for module in ours - allowed)


def loaded_after(statement: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after a statement."""
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


HEAVY = {"keras", "jax", "gradio", "matplotlib", "pandas", "scipy", "sklearn", "pooch", "rich", "optuna"}


def test_importing_recsys_loads_nothing_heavy():
    assert not loaded_after("import recsys") & (HEAVY | {"numpy"})


@pytest.mark.parametrize("command", ["eval.run", "eval.tune", "eval.ablation"])
def test_importing_the_command_line_loads_nothing_heavy_so_that_help_answers_at_once(command):
    assert not loaded_after(f"import {command}") & (HEAVY - {"scipy"})


def test_importing_recsys_chooses_jax_unless_told_otherwise():
    show = "import os; print(os.environ['KERAS_BACKEND'])"
    code = f"import recsys; {show}"
    for prefix, expected in (("", "jax"), ("import os; os.environ['KERAS_BACKEND'] = 'torch'; ", "torch")):
        run = subprocess.run([sys.executable, "-c", prefix + code], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected
