"""Small faults put into the judging rooms, one at a time: does a test of the room see each?

    python benchmarks/mutants.py [--count 60] [--seed 1] [--minutes 10] [FILE ...]

Works on a copy of the repository. A mutant swaps a comparison, a boolean operator or an arithmetic operator, drops a
``not``, or moves a number by one; ``--count`` of all possible ones are drawn by ``--seed``. Prints each survivor and
the score. A mutant whose tests take over 120 s counts as seen.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    "reading/csv_source.py": ["tests/reading/test_csv_source.py"],
    "facts/relations.py": ["tests/plugin/test_resilience.py::test_every_kind_of_fault_at_once", "tests/checks"],
    "facts/copies.py": ["tests/plugin/test_resilience.py::test_every_kind_of_fault_at_once", "tests/checks"],
    "similarity/stars.py": ["tests/similarity"],
    "judging/judge.py": ["tests/judging"],
    "judging/answers.py": ["tests/judging"],
}
SWAPS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


def places(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every place that can be mutated: the number of its node in the walk, and the kind."""
    hints = {id(part) for node in ast.walk(tree) if isinstance(node, (ast.AnnAssign, ast.arg, ast.FunctionDef))
             for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)) if hint
             for part in ast.walk(hint)}  # fmt: skip
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in hints:
            continue
        operator = node.ops[0] if isinstance(node, ast.Compare) else getattr(node, "op", None)
        if type(operator) in SWAPS:
            yield number, "operator"
        elif isinstance(operator, ast.Not):
            yield number, "not"
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield number, "number"
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            yield number, "bool"


def mutate(tree: ast.Module, number: int, kind: str) -> tuple[ast.Module, str]:
    mutant = copy.deepcopy(tree)
    node = list(ast.walk(mutant))[number]
    before = ast.unparse(node)
    if kind == "operator" and isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif kind == "operator":
        node.op = SWAPS[type(node.op)]()  # type: ignore[attr-defined]
    elif kind == "not":
        node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)  # type: ignore[attr-defined]
    elif kind == "number":
        node.value += 1  # type: ignore[attr-defined]
    else:
        node.value = not node.value  # type: ignore[attr-defined]
    return mutant, f"line {getattr(node, 'lineno', '?')}: {before} -> {ast.unparse(node)}"


def tests_of(path: Path) -> list[str]:
    if path.parent.name == "checks":
        own = f"tests/checks/test_{path.name}"
        return [own if (ROOT / own).exists() else "tests/smoke/test_suspect_labels.py"]
    return ROOMS[path.relative_to(ROOT / "pytest_clipdata").as_posix()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    package = ROOT / "pytest_clipdata"
    files = [path.resolve() for path in asked.files] or [
        *(
            path
            for path in sorted((package / "checks").glob("*.py"))
            if path.stem not in ("__init__", "check", "registry")
        ),
        *(package / name for name in ROOMS),
    ]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    every = [(path, *place) for path, tree in trees.items() for place in places(tree)]
    chosen = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    seen = tried = 0
    stop = time.monotonic() + 60 * asked.minutes
    with tempfile.TemporaryDirectory() as name:
        copied = Path(name, "copy")
        ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "docs")
        shutil.copytree(ROOT, copied, ignore=ignored)
        environment = os.environ | {"PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1"}
        for path, number, kind in chosen:
            if time.monotonic() > stop:
                break
            mutant, words = mutate(trees[path], number, kind)
            target = copied / path.relative_to(ROOT)
            target.write_text(ast.unparse(mutant), encoding="utf-8")
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
            try:
                done = subprocess.run(
                    [*command, *tests_of(path)],
                    cwd=copied,
                    env=environment,
                    capture_output=True,
                    timeout=120,
                    check=False,
                )
                survived = done.returncode == 0
            except subprocess.TimeoutExpired:
                survived = False
            shutil.copy(path, target)
            tried, seen = tried + 1, seen + (not survived)
            if survived:
                print(f"survived: {path.relative_to(package)} {words}", flush=True)
    print(f"{seen} of {tried} seen ({seen / max(tried, 1):.0%}), drawn from {len(every)} places")


if __name__ == "__main__":
    main()
