"""The laws of the house that a syntax tree can see: first lines, sizes, names, a world kept at the door."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "service"
MODULES = sorted(SERVICE.rglob("*.py"))

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# The official words of 发文, 收文 and 催办; a stage's first line begins with its own.
STAGE_WORDS = {
    "outgoing/plan": "拟办",
    "outgoing/draft": "起草",
    "outgoing/proof": "复核",
    "outgoing/release": "签发",
    "outgoing/send": "核发",
    "incoming/receive": "签收",
    "incoming/sort": "分拣",
    "incoming/match": "登记",
    "incoming/check": "初审",
    "incoming/file": "归档",
    "incoming/acknowledge": "答复",
    "followup/remind": "催办",
    "followup/report": "汇总",
    "followup/rollup": "汇总",
}

FORBIDDEN_CLASS = re.compile(r"Manager|Handler|Helper|Util|Processor|^Base(?![a-z])|Base$")
FORBIDDEN_MODULE = re.compile(r"^(common|misc|utils?|helpers?|base|managers?|handlers?)$")
FORBIDDEN_NAMES_CALLED = {"open", "print", "input", "eval", "exec"}
FORBIDDEN_METHODS_CALLED = {"now", "today", "utcnow"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_pure(path: Path) -> bool:
    """Whether this module belongs to the rooms that think and never touch the world."""
    room = path.relative_to(SERVICE).parts[0]
    return room in {"office", "outgoing", "incoming", "followup", "journey", "journey.py"}


PURE_MODULES = [path for path in MODULES if is_pure(path)]


def test_there_is_a_house_to_inspect() -> None:
    assert len(MODULES) > 20
    assert len(PURE_MODULES) > 10


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_first_line_says_what_the_module_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, f"{name_of(path)} has no docstring"
    assert text.startswith('"""'), f"{name_of(path)} does not begin with its docstring"
    # A source may follow the sentence: [条例24].
    first = re.sub(r"\s*\[[^\]]+\]$", "", docstring.splitlines()[0])
    assert first.endswith((".", "。", "?", "!")), (
        f"{name_of(path)}: the first line is not a whole sentence: {first}"
    )


@pytest.mark.parametrize(("stage", "word"), STAGE_WORDS.items(), ids=list(STAGE_WORDS))
def test_a_stage_begins_with_its_official_word(stage: str, word: str) -> None:
    if stage == "outgoing/plan" and not any((SERVICE / "outgoing").glob("plan*")):
        return  # 拟办 comes later; the day it exists, it keeps the law too
    module = SERVICE / f"{stage}.py"
    path = module if module.exists() else SERVICE / stage / "__init__.py"
    docstring = ast.get_docstring(tree_of(path)) or ""
    assert docstring.startswith(f"{word} — "), f"{name_of(path)} should begin with “{word} — ”"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES_MAX, f"{name_of(path)} has {lines} lines; split it by what each part answers"
    for function in functions_of(tree_of(path)):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        assert length <= FUNCTION_LINES_MAX, (
            f"{name_of(path)}:{function.lineno} {function.name} has {length} lines"
        )


@pytest.mark.parametrize("path", PURE_MODULES, ids=name_of)
def test_pure_rooms_touch_no_disk_clock_or_screen(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=called) if called in FORBIDDEN_NAMES_CALLED:
                pytest.fail(f"{name_of(path)}:{node.lineno} calls {called}(); only doors touch the world")
            case ast.Attribute(attr=called) if called in FORBIDDEN_METHODS_CALLED:
                pytest.fail(f"{name_of(path)}:{node.lineno} calls .{called}(); time is an argument")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_names_say_what_a_thing_is(path: Path) -> None:
    for part in path.relative_to(SERVICE).with_suffix("").parts:
        assert not FORBIDDEN_MODULE.search(part), (
            f"{name_of(path)}: “{part}” says nothing about what lives there"
        )
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            assert not FORBIDDEN_CLASS.search(node.name), f"{name_of(path)}:{node.lineno} class {node.name}"


def comments_of(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


SILENCED = re.compile(r"#\s*(?:type:\s*ignore(?:\[[^\]]*\])?|noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?)")


def reason_in(comment: str) -> str:
    return SILENCED.sub("", comment).strip(" #—-:")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_whoever_silences_a_check_says_why(path: Path) -> None:
    for line, comment in comments_of(path):
        if SILENCED.search(comment):
            assert reason_in(comment), f"{name_of(path)}:{line} silences a check without a reason: {comment}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_left_for_later(path: Path) -> None:
    for line, comment in comments_of(path):
        left = re.search(r"\b(TODO|FIXME|XXX|HACK)\b", comment)
        assert not left, f"{name_of(path)}:{line} {comment}"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Raise) and node.exc is not None:
            assert "NotImplementedError" not in ast.unparse(node.exc), f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_broad_except_stands_in_the_clerk_or_beside_its_reason(path: Path) -> None:
    if path.relative_to(SERVICE).parts[0] in {"clerk.py", "clerk"}:
        return
    comments = dict(comments_of(path))
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = "Exception" if node.type is None else ast.unparse(node.type)
        last = node.body[-1]
        passes_on = isinstance(last, ast.Raise) and last.exc is None  # cleans up and hides nothing
        if re.search(r"\b(Base)?Exception\b", caught) and not passes_on:
            head = range(node.lineno, node.body[0].lineno)
            said = " ".join(reason_in(comments[line]) for line in head if line in comments)
            assert said.strip(), f"{name_of(path)}:{node.lineno} catches everything without a reason"
