"""Every one of the ninety-three intake cases has a test of its own number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

INTAKE = Path(__file__).parents[1] / "intake"
SECTIONS = {
    "a": range(1, 13),
    "b": range(13, 22),
    "c": range(22, 32),
    "d": range(32, 38),
    "e": range(38, 45),
    "f": range(45, 52),
    "g": range(52, 56),
    "h": range(56, 67),
    "i": range(67, 74),
    "j": range(74, 83),
    "k": range(83, 94),
}


def cases_in(path: Path) -> list[int]:
    """The numbers of the cases tested in a file, in order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [int(found[1]) for name in names if (found := re.match(r"test_case_(\d\d)_", name))]


def test_every_case_has_its_test_in_its_section() -> None:
    for section, numbers in SECTIONS.items():
        (path,) = INTAKE.glob(f"test_{section}_*.py")
        assert sorted(set(cases_in(path))) == list(numbers), path.name
    assert sum(len(numbers) for numbers in SECTIONS.values()) == 93


def test_cases_stand_in_the_order_of_the_list() -> None:
    for path in INTAKE.glob("test_?_*.py"):
        assert cases_in(path) == sorted(cases_in(path)), path.name
