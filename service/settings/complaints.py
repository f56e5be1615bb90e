"""What staff are told when a value of office.yaml is refused: line, key and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service.doors.staff_files.page import Cell, Rows, Table, at_line
from service.doors.staff_files.section import unknown
from service.office.finding import Problem
from service.settings.model import Settings
from service.settings.sections import OFFICE_FILE, PREFIX

Place = tuple[str | int, ...]

_PATTERNS: Mapping[str, str] = {
    "name": "只能用英文字母、数字、“-”和“_”，以字母或数字开头，最多 32 个",
}
_BOUNDS: Mapping[str, str] = {
    "greater_than_equal": "不能小于 {ge:g}",
    "less_than_equal": "不能大于 {le:g}",
    "greater_than": "必须大于 {gt:g}",
    "less_than": "必须小于 {lt:g}",
    "string_too_long": "最多 {max_length} 个字",
    "string_too_short": "不能为空",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
}
_SHAPES: Mapping[str, str] = {
    "int": "应当是整数",
    "float": "应当是数字",
    "bool": "只能写 true（是）或 false（否）",
    "tuple": "应当是列表：每项以“- ”开头，或写成 [甲, 乙]",
    "model": "下面应当是缩进的“键: 值”",
    "string": "只能写一个值，不能是列表或下一级的键",
}


def complaints(error: ValidationError, table: Table, environment: Mapping[str, str]) -> Iterator[Problem]:
    """Every refusal as a Problem at its line, or at the environment variable it came from."""
    for detail in error.errors(include_url=False):
        place = tuple(part for part in detail["loc"] if not isinstance(part, str) or "[" not in part)
        say, code = _say(detail, place)
        variable = _variable_of(place, environment)
        key = str(place[-1]) if place else ""
        if variable:
            yield Problem("环境变量", variable, say, code=code, key=key)
        else:
            yield at_line(OFFICE_FILE, line_of(table, place), say, key=key, code=code)


def line_of(table: Table, place: Place) -> int:
    """The line of a value; of the nearest thing around it where it was not written at all."""
    cell: Cell = table
    line = 1
    for part in place:
        if isinstance(cell, Table) and part in cell.entries:
            entry = cell.entries[str(part)]
            line, cell = entry.line, entry.cell
        elif isinstance(cell, Rows) and isinstance(part, int) and part < len(cell.rows):
            cell = cell.rows[part]
            line = cell.line
        else:
            break
    return line


def _say(detail: ErrorDetails, place: Place) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    key = str(place[-1]) if place else ""
    if isinstance(place[-1] if place else "", int):
        key = str(place[-2]) if len(place) > 1 else key
    written = detail.get("input")
    now = f"，现在写的是“{written}”" if isinstance(written, str | int | float) else ""
    match kind:
        case "extra_forbidden":
            return unknown("键", key, _known_at(place[:-1])), "unknown-key"
        case "missing":
            return f"缺少必填的键“{key}”", "missing"
        case "value_error":
            return f"“{key}”：{context.get('error', '写法不对')}", "wrong"
        case "enum":
            return f"“{key}”：{unknown('写法', str(written), _choices(context))}", "wrong"
        case "string_pattern_mismatch":
            return f"“{key}”{_PATTERNS.get(key, '写法不对')}{now}", "wrong"
    if kind in _BOUNDS:
        return f"“{key}”{_BOUNDS[kind].format(**context)}{now}", "wrong"
    shape = next((words for start, words in _SHAPES.items() if kind.startswith(start)), "写法不对")
    return f"“{key}”{shape}{now}", "wrong"


def _choices(context: Mapping[str, Any]) -> Sequence[str]:
    return [word.strip("'") for word in str(context.get("expected", "")).replace(" or ", ", ").split(", ")]


def _known_at(place: Place) -> list[str]:
    model: type[BaseModel] = Settings
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            below = _model_in(model.model_fields[part].annotation)
            if below is None:
                break
            model = below
    return [name for name in model.model_fields if name != "password"]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)


def _variable_of(place: Place, environment: Mapping[str, str]) -> str:
    names = {name.upper(): name for name in environment}
    for length in range(len(place), 0, -1):
        wanted = PREFIX + "__".join(str(part) for part in place[:length]).upper()
        if wanted in names:
            return names[wanted]
    return ""
