"""The shape of the code: which module may import which, and what an import may cost."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_FILES = 15  # of code, side by side in a folder
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_are_absolute_and_gradio_is_for_the_page_alone(path):
    parts, modules = path.relative_to(ROOT).with_suffix("").parts, imported_modules(path)
    assert "eval" not in modules, "`import eval` shadows a builtin"
    assert parts[:2] == ("recsys", "ui") or "gradio" not in {module.split(".")[0] for module in modules}


def test_rooms_import_downwards_and_in_no_circle():
    """As pyproject.toml has it, under tool.importlinter."""
    run = subprocess.run(["lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_no_folder_has_too_many_files_side_by_side():
    code = [path for root in ("recsys", "eval", "tests") for path in (ROOT / root).rglob("*")]
    n_files = Counter(path.parent for path in code if path.suffix in {".py", ".js", ".css"} and path.stem != "__init__")
    assert {str(folder.relative_to(ROOT)): n for folder, n in n_files.items() if n > MOST_FILES} == {}


def test_the_start_of_the_page_wires_and_nothing_else():
    ours = {module for module in imported_modules(ROOT / "app.py") if module.startswith(("recsys", "eval"))}
    assert ours == {"recsys.streams", "recsys.ui.command"}


def loaded_after(statement: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after a statement."""
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


HEAVY = {"keras", "jax", "gradio", "matplotlib", "pandas", "scipy", "sklearn", "pooch", "rich", "optuna"}


def test_importing_recsys_loads_nothing_heavy():
    assert not loaded_after("import recsys") & (HEAVY | {"numpy"})


@pytest.mark.parametrize("command", ["run", "train", "tune", "ablation", "members", "simulate", "rehearse"])
def test_importing_the_command_line_loads_nothing_heavy_so_that_help_answers_at_once(command):
    assert not loaded_after(f"import eval.{command}") & (HEAVY - {"scipy"})


def test_importing_recsys_chooses_jax_unless_told_otherwise():
    show = "import os; print(os.environ['KERAS_BACKEND'])"
    code = f"import recsys; {show}"
    for prefix, expected in (("", "jax"), ("import os; os.environ['KERAS_BACKEND'] = 'torch'; ", "torch")):
        run = subprocess.run([sys.executable, "-c", prefix + code], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected
