"""Whether the tests beside a module notice a fault in it: plants some, one at a time, in a copy of the tree.

    python tests/project/planted_faults.py --modules eval/measures/metrics.py recsys/data/scale.py --number 20 --seed 0

A fault is another operator, comparison or constant, a condition turned round, a lost minus, the opposite of a function
(min and max), or a statement left out. Docstrings, annotations and what an error says are left alone. The tests beside
a module are its doctests and the file called after it, such as test_metrics.py, or else those test files that import it
by the fewest steps; unless --tests names others.
Who survives is a hole in the tests, or makes no difference; which of them, a person has to say.
"""

import argparse
import ast
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPPOSITES = {  # operator or comparison -> what is planted in its place
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
PAIRS = [
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("any", "all"),
    ("ones", "zeros"),
    ("sum", "mean"),
]
SWAPPED = dict(PAIRS) | {second: first for first, second in PAIRS}
LEFT_ALONE = (ast.Raise, ast.Assert, ast.JoinedStr)
SHOWN = 72  # characters of a fault in the table


@dataclass(frozen=True)
class Fault:
    """Where it is planted: the `choice`th of the faults that the `place`th node of a module's tree can have."""

    module: Path  # below the root of the tree
    place: int
    choice: int
    line: int
    what: str  # "before -> after"


def faults_of(module: Path, source: str) -> list[Fault]:
    """Every fault that can be planted in a module.

    >>> for fault in faults_of(Path("m.py"), "def f(a: int = 2) -> int:\\n    return -a if a < 1.5 else a"):
    ...     print(fault.line, fault.what)
    1 2 -> 3
    1 2 -> 1
    1 2 -> 4
    2 -a if a < 1.5 else a -> a if a < 1.5 else -a
    2 a < 1.5 -> a <= 1.5
    2 a < 1.5 -> a >= 1.5
    2 -a -> a
    2 1.5 -> 2.5
    2 1.5 -> 0.5
    2 1.5 -> 3.0
    """
    return [
        Fault(module, place, choice, node.lineno, f"{ast.unparse(node)} -> {ast.unparse(planted)}")
        for place, node in enumerate(nodes_of(ast.parse(source)))
        for choice, planted in enumerate(planted_in(node))
    ]


def with_fault(source: str, fault: Fault) -> str:
    """The source of a module with a fault in it.

    >>> source = "a = b + 1"
    >>> [with_fault(source, fault) for fault in faults_of(Path("m.py"), source)]
    ['a = b - 1', 'a = b + 2', 'a = b + 0']
    """
    tree = ast.parse(source)
    node = list(nodes_of(tree))[fault.place]
    return ast.unparse(Replaced(node, list(planted_in(node))[fault.choice]).visit(tree))


class Replaced(ast.NodeTransformer):
    """A tree with one node in the place of another."""

    def __init__(self, before: ast.AST, after: ast.AST):
        self.before, self.after = before, after

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self.after, node) if node is self.before else super().visit(node)


def nodes_of(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """The expressions and statements of a module where a fault can make a difference, breadth first."""
    queue = [tree]
    for node in queue:
        if isinstance(node, (ast.expr, ast.stmt)):
            yield node
        queue.extend(child for child in children_of(node) if not isinstance(child, LEFT_ALONE))


def children_of(node: ast.AST) -> Iterator[ast.AST]:
    """What a node is made of, but for annotations, decorators and docstrings."""
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not is_docstring(child):
                    yield child


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def planted_in(node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
    """The node with one fault, in every way that there is."""
    match node:
        case ast.BinOp(left, operator, right):
            yield from (ast.BinOp(left, other(), right) for other in OPPOSITES.get(type(operator), ()))
        case ast.AugAssign(target, operator, value):
            yield from (ast.AugAssign(target, other(), value) for other in OPPOSITES.get(type(operator), ()))
            yield ast.Pass()
        case ast.BoolOp(operator, values):
            yield from (ast.BoolOp(other(), values) for other in OPPOSITES[type(operator)])
        case ast.Compare(left, operators, values):
            for place, operator in enumerate(operators):
                for other in OPPOSITES[type(operator)]:
                    yield ast.Compare(left, [*operators[:place], other(), *operators[place + 1 :]], values)
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.If(test, body, orelse) if not isinstance(test, ast.Compare):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Constant(value) if isinstance(value, (bool, int, float)):
            yield from map(ast.Constant, other_constants(value))
        case ast.Call(ast.Attribute(value, name, context), arguments, keywords) if name in SWAPPED:
            yield ast.Call(ast.Attribute(value, SWAPPED[name], context), arguments, keywords)
        case ast.Call(ast.Name(name, context), arguments, keywords) if name in SWAPPED:
            yield ast.Call(ast.Name(SWAPPED[name], context), arguments, keywords)
        case ast.Expr() | ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()


def other_constants(value: bool | float) -> list[bool | float]:
    """Constants to take for another: one more, one less, twice as much."""
    if isinstance(value, bool):
        return [not value]
    return [other for other in dict.fromkeys([value + 1, value - 1, value * 2]) if other != value]


def files_of(root: Path) -> list[Path]:
    """Every file of the working tree that git does not ignore, below its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [path for path in map(Path, listed.split("\0")) if (root / path).is_file()]


def copy_tree(root: Path, target: Path) -> None:
    for path in files_of(root):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / path, target / path)


def dotted(path: Path) -> str:
    """recsys/models/__init__.py -> recsys.models."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(source: str) -> set[str]:
    """Dotted names that a module imports, or names in a string as "module:Class"; some are no modules."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(str(module), aliases):
                names |= {module} | {f"{module}.{alias.name}" for alias in aliases}
            case ast.Constant(str(text)) if re.fullmatch(r"[\w.]+:\w+", text):
                names.add(text.partition(":")[0])
    return names


def files_beside(module: Path, root: Path) -> list[Path]:
    """The test file that imports a module and is called after it, or else those that import it by the fewest steps."""
    imports = {path: imported_by((root / path).read_text(encoding="utf-8")) for path in python_files(root)}
    name = f"test_{module.stem}.py"
    called_after = [path for path, names in imports.items() if path.name == name and dotted(module) in names]
    if called_after:
        return called_after
    reached = {module}
    while True:
        names = {dotted(path) for path in reached}
        further = reached | {path for path, imported in imports.items() if imported & names}
        tests = sorted(path for path in further if path.name.startswith("test_"))
        if tests or further == reached:
            return tests
        reached = further


def python_files(root: Path) -> list[Path]:
    return [path.relative_to(root) for folder in ("recsys", "eval", "tests") for path in root.glob(f"{folder}/**/*.py")]


def failure(tree: Path, tests: Iterable[Path], module: Path, options: list[str], limit: float | None) -> str:
    """The first test that fails, "more than ... s", or nothing."""
    Path(cache_from_source(str(tree / module))).unlink(missing_ok=True)  # two faults may be of one second and size
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *options]
    try:
        run = subprocess.run(
            [*command, str(module), *map(str, tests)],
            cwd=tree,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # beside other programs more threads cost minutes
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return f"more than {limit:.0f} s"
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    return "" if run.returncode in (0, 5) else found[1] if found else f"exit status {run.returncode}"


@dataclass
class Trial:
    """What is tried on every fault."""

    tree: Path  # the copy
    tests: dict[Path, list[Path]]  # by module
    options: list[str]  # of pytest
    limits: dict[Path, float]  # seconds, by module

    def run(self, fault: Fault) -> str:
        """What noticed a fault; empty if nothing did."""
        path = self.tree / fault.module
        source = path.read_text(encoding="utf-8")
        try:
            path.write_text(with_fault(source, fault), encoding="utf-8")
            return failure(self.tree, self.tests[fault.module], fault.module, self.options, self.limits[fault.module])
        finally:
            path.write_text(source, encoding="utf-8")


def begin(tree: Path, arguments: argparse.Namespace) -> Trial:
    """Check that the tests pass without a fault, and see how long they take."""
    trial = Trial(tree, {}, ["-m", "not browser and not data", *arguments.pytest], {})
    for module in arguments.modules:
        trial.tests[module] = arguments.tests or files_beside(module, tree)
        began = time.monotonic()
        failed = failure(tree, trial.tests[module], module, trial.options, None)
        if failed:
            sys.exit(f"{module}: {failed} fails without any fault; mend it first")
        seconds = time.monotonic() - began
        trial.limits[module] = 30 + 5 * seconds
        print(f"{module}: {' '.join(map(str, trial.tests[module]))}, {seconds:.0f} s", file=sys.stderr, flush=True)
    return trial


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=Path, nargs="+", required=True, help="paths below the root of the project")
    parser.add_argument("--number", type=int, default=20, help="how many faults, drawn from all modules together")
    parser.add_argument("--seed", type=int, default=0, help="of the drawing")
    parser.add_argument("--tests", type=Path, nargs="+", help="test files, instead of those beside each module")
    parser.add_argument("--pytest", type=shlex.split, default=[], metavar="WORDS", help='for pytest: "-k als"')
    return parser.parse_args(arguments)


def main() -> None:
    arguments = parsed()
    possible = [
        fault
        for module in arguments.modules
        for fault in faults_of(module, (ROOT / module).read_text(encoding="utf-8"))
    ]
    drawn = random.Random(arguments.seed).sample(possible, min(arguments.number, len(possible)))
    survived = 0
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy_tree(ROOT, Path(folder))
        trial = begin(Path(folder), arguments)
        for fault in sorted(drawn, key=lambda fault: (fault.module, fault.line)):
            noticed = trial.run(fault)
            survived += not noticed
            what = " ".join(fault.what.split())
            print(f"{f'{fault.module}:{fault.line}':40} {what:{SHOWN}} {noticed or 'SURVIVED'}", flush=True)
    print(f"{len(drawn) - survived} of {len(drawn)} noticed; {len(possible)} possible, seed {arguments.seed}")


if __name__ == "__main__":
    main()
