"""读回 — what staff wrote into a workbook of ours, whichever program saved it and however rows were moved.

A row is known by its hidden key, a column by its heading. Whatever the bytes are, nothing is raised and
memory stays bounded; a book that cannot be read says why.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import openpyxl

from service.doors.workbook import desk_book, entry
from service.doors.workbook.keys import KEY, read_key, shown_print
from service.doors.workbook.picking import CHOICES
from service.office.order import DeskWritten, Field, SavedBook, SavedLine, Typed, is_touched, plain_words

# 50,000 units with three items are some 10 MB; these stop a wrong or hostile file.
BOOK_BYTES_MAX = 60_000_000
UNPACKED_BYTES_MAX = 600_000_000
MEMBERS_MAX = 500
ROWS_MAX = 400_000
COLUMNS_MAX = 60
# Staff may lay rows of their own above the table.
HEADING_WITHIN = 40
# More lines than a day's work; the rest stays in the file that is laid aside.
LINES_MAX = 20_000

_FIELDS = {each.value: each for each in Field}
# Columns of ours that staff may change as they like, for nothing hangs on them.
_IDLE = {"序号", "自何时起", KEY}
_DECLARATION_WITHIN = 2048


class _Unreadable(Exception):
    """Why a book cannot be read, as a sentence for staff."""


def read_back(data: bytes) -> SavedBook:
    """The rows in which somebody wrote something."""
    try:
        _check(data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        try:
            tables = [_of_sheet(sheet) for sheet in book.worksheets]
            lines = [line for table in tables if table is not None for line in table]
            if all(table is None for table in tables) and not _is_older(book.sheetnames):
                raise _Unreadable(f"认不出：表头或隐藏的“{KEY}”栏不见了，或者不是系统写的表")
        finally:
            book.close()
    except _Unreadable as error:
        return SavedBook(trouble=str(error))
    except Exception:  # openpyxl raises whatever a damaged workbook makes it stumble on
        return SavedBook(trouble="工作簿已损坏，读不出来：请用 Excel 或 WPS 打开看看")
    return SavedBook(tuple(lines))


def _check(data: bytes) -> None:
    if len(data) > BOOK_BYTES_MAX:
        raise _Unreadable(f"文件超过 {BOOK_BYTES_MAX // 1_000_000} MB，没有读取")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _Unreadable("存成了旧版 .xls，或者加了密码：请另存为 .xlsx，不设密码")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MEMBERS_MAX or sum(each.file_size for each in entries) > UNPACKED_BYTES_MAX:
                raise _Unreadable("展开后过大，没有读取")
            for each in entries:
                # No program that makes workbooks declares a document type; an entity may be a bomb.
                if each.filename.endswith((".xml", ".rels")) and _declares(archive, each):
                    raise _Unreadable("里面有工作簿不该有的声明，没有读取")
    except zipfile.BadZipFile as error:
        raise _Unreadable("不是 .xlsx 文件，或者没有存完") from error


def _declares(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    with archive.open(member) as file:
        head = file.read(_DECLARATION_WITHIN)
    return b"<!DOCTYPE" in head.replace(b"\x00", b"") or b"<!ENTITY" in head.replace(b"\x00", b"")


def _is_older(names: Sequence[str]) -> bool:
    """A book of an earlier edition, in which there was nothing to fill in."""
    return CHOICES not in names and (names[:1] == ["总览"] or names == [desk_book.DESK])


def _of_sheet(sheet: Any) -> list[SavedLine] | None:
    """The rows of a sheet in which somebody wrote; None for a sheet that is none of ours to fill in."""
    # What a program says of a sheet's size may be wrong; the rows themselves tell.
    sheet.reset_dimensions()
    rows = islice(sheet.iter_rows(max_col=COLUMNS_MAX), ROWS_MAX)
    headings: list[str] = []
    found: list[SavedLine] = []
    for number, cells in enumerate(rows, start=1):
        if not headings:
            headings = _headings(cells)
            if not headings and number >= HEADING_WITHIN:
                break
            continue
        line = _line(f"工作表“{sheet.title}”第 {number} 行", headings, cells)
        if line is not None and is_touched(line):
            found.append(line)
        if len(found) > LINES_MAX:
            raise _Unreadable(f"填写的超过 {LINES_MAX} 行，没有读取")
    return found if headings else None


def _headings(cells: Sequence[Any]) -> list[str]:
    """The row that names the columns, or nothing: one of ours has a key and a column to write in."""
    found = [plain_words(str(cell.value)) if cell.value is not None else "" for cell in cells]
    if KEY not in found or not _FIELDS.keys() & set(found):
        return []
    twice = next((each for each in found if each and found.count(each) > 1), None)
    if twice is not None:
        raise _Unreadable(f"有两栏都叫“{twice}”，不知道看哪一栏")
    return found


def _line(where: str, headings: list[str], cells: Sequence[Any]) -> SavedLine | None:
    by_heading = {heading: cell for heading, cell in zip(headings, cells, strict=False) if heading}
    typed = {field: _typed(by_heading[name]) for name, field in _FIELDS.items() if name in by_heading}
    key = read_key(_words(by_heading[KEY])) if KEY in by_heading else None
    foreign = [
        ("", _words(cell))
        for heading, cell in zip([*headings, *[""] * len(cells)], cells, strict=False)
        if not heading and _words(cell)
    ]
    if key is None:
        shown = _shown(by_heading, tuple(dict.fromkeys((*entry.SHOWN, *desk_book.SHOWN))))
        said = "，".join(each for each in shown if each)
        if not said and not any(each.words or each.fault for each in typed.values()) and not foreign:
            return None
        # Our own word for an empty list stands in its first cell, and is nobody's.
        if said in _EMPTY and not any(each.words or each.fault for each in typed.values()):
            return None
        return SavedLine(where, None, typed, (*([("整行", said)] if said else []), *foreign))
    written, print_of = key
    names = desk_book.SHOWN if isinstance(written, DeskWritten) else entry.SHOWN
    present = all(name in by_heading for name in names)
    shown = _shown(by_heading, names)
    is_itself = present and shown_print(shown) == print_of
    if present and not is_itself:
        foreign.append((f"{'、'.join(names)}", "，".join(shown)))
    others = ((heading, cell) for heading, cell in by_heading.items() if heading not in _IDLE)
    known = {*names, *_FIELDS}
    foreign += [(heading, _words(cell)) for heading, cell in others if heading not in known and _words(cell)]
    return SavedLine(where, written, typed, tuple(foreign), is_itself)


_EMPTY = ("没有要登记的", "没有需要人工处理的事")


def _shown(by_heading: dict[str, Any], names: Sequence[str]) -> list[str]:
    return [plain_words(_words(by_heading[name])) if name in by_heading else "" for name in names]


def _words(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(getattr(value, "text", value))


def _typed(cell: Any) -> Typed:
    words = plain_words(_words(cell))
    if cell.data_type == "f":
        return Typed(words, fault="是公式，没有读取：请填内容本身")
    if cell.data_type == "e":
        return Typed(words, fault="是错误值，没有读取：日期请写成 2024-09-30 这样")
    match cell.value:
        case bool():
            return Typed("是" if cell.value else "否")
        case datetime():
            return Typed(words, cell.value.date())
        case date():
            return Typed(words, cell.value)
    return Typed(words)
