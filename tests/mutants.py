"""Change one operator or number in the code and see whether a test fails: ``make mutants``.

Mutants of `models` and `models/check`: a comparison turned or moved by one, ``+`` and ``-``, ``and``
and ``or``, a number by one, a condition reversed. Each of a sample is run against the tests of its
area, in a copy of the tree; what survives is printed with its place.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
#: Tests of each area, the quickest first.
AREAS = {
    "models/check/placement.py": ("placement_checker", "mutations", "places"),
    "models/check/world.py": ("placement_checker", "mutations", "places"),
    "models/check/home_proofs.py": ("placement_checker", "mutations", "places", "placement"),
    "models/check/trade": ("proofs", "redistribution", "mutations"),
    "models/check/deals.py": ("redistribution", "mutations"),
    "models/check/redistribution.py": ("redistribution", "mutations"),
    "models/check/replay.py": ("checker", "rules", "textbook"),
    "models/check/": ("checker", "proofs", "textbook", "mutations"),
    "models/redistribution/": ("redistribution", "proofs", "wishes"),
    "models/": ("norms", "ledger", "textbook", "apportionment", "checker", "proofs", "rules"),
}
#: Modules whose score is measured.
MEASURED = (
    "norms.py", "allocation.py", "holdings.py", "levels.py", "certificate.py", "units.py",
    "compensation.py", "redistribution/*.py", "check/*.py",
)  # fmt: skip
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
}  # fmt: skip


def main() -> int:
    """Run as a command: 1 if fewer than 95 of 100 mutants are killed."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of the module's path")
    options = parser.parse_args()
    paths = sorted({p for glob in MEASURED for p in (ROOT / "models").glob(glob)})
    every = [
        (path, number)
        for path in paths
        if options.only in str(path.relative_to(ROOT))
        for number in range(len(list(_places(ast.parse(path.read_text(encoding="utf-8"))))))
    ]
    chosen = Random(options.seed).sample(every, min(options.sample, len(every)))
    survived = 0
    with tempfile.TemporaryDirectory() as where:
        tree = Path(where) / "tree"
        shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv"))
        for done, (path, number) in enumerate(chosen, 1):
            name = path.relative_to(ROOT)
            text = path.read_text(encoding="utf-8")
            mutant, what = changed(text, number)
            (tree / name).write_text(mutant, encoding="utf-8")
            if not is_killed(tree, str(name)):
                survived += 1
                print(f"survived: {name}:{what}")
            (tree / name).write_text(text, encoding="utf-8")
            print(f"{done - survived} of {done} killed", end="\r", flush=True)
    killed = len(chosen) - survived
    print(f"{killed} of {len(chosen)} mutants killed ({100 * killed / max(1, len(chosen)):.1f} %)")
    return int(killed < 0.95 * len(chosen))


def is_killed(tree: Path, name: str) -> bool:
    """Whether a test of the area fails, or does not come to an end."""
    tests = next(files for prefix, files in AREAS.items() if name.startswith(prefix))
    environment = os.environ | {"PYTHONPATH": str(tree / ".typing"), "PYTHONDONTWRITEBYTECODE": "1"}
    for test in tests:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
                   f"tests/test_{test}.py"]  # fmt: skip
        try:
            run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=600)
        except subprocess.TimeoutExpired:
            return True
        if run.returncode:
            return True
    return False


def changed(text: str, number: int) -> tuple[str, str]:
    """The source with one thing changed, and what: line, before and after."""
    tree = ast.parse(text)
    node, k = list(_places(tree))[number]
    before = ast.unparse(node)
    if isinstance(node, ast.Compare):
        node.ops[k] = _COMPARED[type(node.ops[k])]()
    elif isinstance(node, ast.BinOp):
        node.op = _COUNTED[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else int(str(node.value)) + 1
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return ast.unparse(tree), f"{node.lineno}: if {before.splitlines()[0]} reversed"
    return ast.unparse(tree), f"{getattr(node, 'lineno', 0)}: {before} -> {ast.unparse(node)}"


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """Everything in a module that can be changed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from ((node, k) for k, op in enumerate(node.ops) if type(op) in _COMPARED)
        elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
            if not any(isinstance(x, ast.JoinedStr) for x in (node.left, node.right)):
                yield node, 0
        elif isinstance(node, ast.BoolOp | ast.If | ast.IfExp) or _is_number(node):
            yield node, 0


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


if __name__ == "__main__":
    sys.exit(main())
