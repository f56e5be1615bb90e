"""A returned form's fields: what is missing, and what cannot be what its label asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from service.office.campaign import FieldKind, FormField, Item, Strictness
from service.office.day import read_day
from service.office.finding import Finding, Severity

_NUMBER = re.compile(r"^[约共]?\s*-?[\d,]+(?:\.\d+)?\s*(?:[\u4e00-\u9fff%％]{0,4})$")
_TICKED = ("是", "☑", "☒", "■", "√", "✓", "✔", "true", "已承诺", "承诺", "同意", "yes", "1")
_NO_VALUE = re.compile(r"^(?:/|无|-+|—+|\.+|暂无|请填写|请选择)?$")


def severity(strictness: Strictness) -> Severity:
    """A check's strictness as a finding's severity."""
    return Severity.MUST if strictness is Strictness.MUST else Severity.ADVICE


def check_fields(item: Item, values: dict[str, str], form_name: str) -> tuple[Finding, ...]:
    """Findings on a form's answers; `values` by field key."""
    findings = []
    for field in item.fields:
        if field.is_unit_name and not values.get(field.key):
            continue  # who it is we know from the witnesses; nobody is bothered for that
        value = unicodedata.normalize("NFKC", values.get(field.key, "")).strip()
        if _NO_VALUE.match(value) and field.is_required:
            say = f"{form_name}中“{field.label}”未填写"
            findings.append(Finding("field-missing", item.key, field.label, say, severity(field.strictness)))
        elif value and (why := _WRONG[field.kind](value, field)):
            say = f"{form_name}中“{field.label}”{why}（所填为“{_short(value)}”）"
            findings.append(Finding("field-wrong", item.key, field.label, say, severity(field.strictness)))
    return tuple(findings)


def _text(value: str, field: FormField) -> str:
    return ""


def _choice(value: str, field: FormField) -> str:
    marked = [each for each in field.choices if each in value]
    if not field.choices or marked:
        return ""
    return f"应从“{'、'.join(field.choices)}”中选择"


def _date(value: str, field: FormField) -> str:
    found = read_day(value)
    if found is None:
        return "应填写日期，如 2024年8月20日"
    return "" if found.exists else "不是存在的日期"


def _phone(value: str, field: FormField) -> str:
    # Local numbers, extensions and several numbers are all usual; only too few digits are surely wrong.
    digits = re.sub(r"\D", "", value)
    return "" if len(digits) >= 5 else "不像电话号码，请写明区号或手机号"


def _number(value: str, field: FormField) -> str:
    return "" if _NUMBER.match(value.replace("，", ",")) else "应填写数字"


def _checkbox(value: str, field: FormField) -> str:
    if not field.is_required:
        return ""
    return "" if any(mark in value.lower() for mark in _TICKED) else "应勾选"


def _short(value: str) -> str:
    return value if len(value) <= 20 else value[:20] + "…"


_WRONG: dict[FieldKind, Callable[[str, FormField], str]] = {
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.DATE: _date,
    FieldKind.PHONE: _phone,
    FieldKind.NUMBER: _number,
    FieldKind.CHECKBOX: _checkbox,
}
