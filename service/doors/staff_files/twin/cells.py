"""One cell of 活动.xlsx as the word a YAML page would hold, or the sentence that says what to type."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from openpyxl.cell.cell import Cell as BookCell
from openpyxl.cell.cell import MergedCell

from service.doors.staff_files.section import nearest
from service.doors.staff_files.twin.layout import BY_GROUP, Column, Kind

# Days that Excel counts from 1899-12-30; these are the years 2000 to 2100.
_SERIALS = range(36526, 73416)
_EXCEL_ZERO = date(1899, 12, 30)
_SEPARATORS = r"[、,，;；]"


class BadCell(Exception):
    """What stands in the cell cannot be read; the message says what to type instead."""


def is_blank(cell: BookCell | MergedCell) -> bool:
    """Whether nobody would see anything in the cell."""
    return cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())


def text_of(cell: BookCell | MergedCell, column: Column) -> str:
    """The cell as the text that the same key holds in YAML; raises BadCell."""
    if cell.data_type == "f":
        raise BadCell("这一格是公式，程序不计算公式：请改填结果（复制后“选择性粘贴—数值”）")
    if cell.data_type == "e":
        raise BadCell(f"这一格是错误值“{cell.value}”，请改填内容")
    match column.kind:
        case Kind.DAY:
            return _day(cell.value)
        case Kind.CLOCK:
            return _clock(cell.value)
        case Kind.PERCENT:
            return _percent(cell.value)
        case Kind.CHOICE:
            return _choice(_plain(cell.value).strip(), column)
    return _plain(cell.value)


def words_of(text: str, column: Column) -> list[str]:
    """Several words in one cell: one a line, or, on a single line, parted by 、，；."""
    parts = text.split("\n") if "\n" in text else re.split(_SEPARATORS, text)
    words = [each.strip() for each in parts if each.strip()]
    return [_choice(each, column) for each in words] if column.kind is Kind.CHOICES else words


def joined(words: list[str]) -> str:
    """The same back: a word that itself holds a separator makes it one a line."""
    if any(re.search(_SEPARATORS, each) for each in words):
        return "\n".join(words) + ("\n" if len(words) == 1 else "")
    return "、".join(words)


def _plain(value: object) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))  # a telephone number that Excel took for a number
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
    return str(value).replace("\r\n", "\n")


def _day(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # A date in a cell that is formatted as a number.
        if int(value) in _SERIALS:
            return (_EXCEL_ZERO + timedelta(days=int(value))).isoformat()
        eight = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", str(int(value)))
        return "-".join(eight.groups()) if eight else _plain(value)
    text = _plain(value).strip()
    eight = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", unicodedata.normalize("NFKC", text))
    return "-".join(eight.groups()) if eight else text


def _clock(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%H:%M}"
    if isinstance(value, float) and 0 <= value < 1:
        minutes = round(value * 24 * 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return _plain(value)


def _percent(value: object) -> str:
    if isinstance(value, float) and 0 < value < 1:
        return _plain(round(value * 100, 6))  # typed as 20%
    text = unicodedata.normalize("NFKC", _plain(value)).strip()
    return text.removesuffix("%").strip()


def _choice(text: str, column: Column) -> str:
    """The key's own word for the word on the sheet; the key's word itself is understood too."""
    for value, word in column.choices.items():
        if text in (word, value):
            return value
    if text == BY_GROUP and column.key == "obligation":
        return BY_GROUP
    words = list(column.choices.values())
    like = nearest(text, words, alike=0.5)
    remedy = f"是不是“{like}”？" if like else f"可填的有：{'、'.join(words)}"
    raise BadCell(f"“{column.heading}”不认识“{text}”，{remedy}")
