"""What the program imports is installed with it, not only beside its tests."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_is_locked_for_the_program() -> None:
    locked = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text("utf-8"))
    }
    where = packages_distributions()
    missing = set()
    for path in sorted((ROOT / "service").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in {each.partition(".")[0] for each in names} - sys.stdlib_module_names - {"service"}:
                dists = {re.sub(r"[-_.]+", "-", each).lower() for each in where.get(name, ())}
                if not dists & locked:
                    missing.add(f"{path.relative_to(ROOT)}: {name}")
    assert not missing
