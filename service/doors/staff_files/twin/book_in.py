"""活动.xlsx as the table that the same facts give in campaign.yaml; every value knows its cell."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import openpyxl
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.staff_files.page import Cell, Entry, Rows, Table, Word
from service.doors.staff_files.section import nearest
from service.doors.staff_files.sheets import SheetRefused, check_workbook
from service.doors.staff_files.twin.cells import BadCell, is_blank, text_of, words_of
from service.doors.staff_files.twin.layout import (
    BY_GROUP,
    BY_NAME,
    FACTS,
    FACTS_HEADINGS,
    FACTS_SHEET,
    NO_REMINDERS,
    OWN_SHEETS,
    SHEETS,
    Column,
    Kind,
    Leaf,
    folded,
)
from service.office.finding import Problem

# A campaign has some dozen rows a sheet; these stop a wrong file, not a long one.
ROWS_MAX = 2_000
COLUMNS_MAX = 100
SHEETS_MAX = 40
FAULTS_MAX = 200
# Stands where a day could not be read, late enough to break no other rule.
_NO_DAY = "2100-12-31"


# A column whose heading was refused: what stands below it is not looked at.
_NOT_READ = Column("", "")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands: 工作表“材料”D3, and what its heading calls each key."""

    place: str
    headings: Mapping[str, str]


@dataclass(slots=True)
class Book:
    """A workbook as read. Lines in `table` are numbers of `spots`, for a cell has no single line."""

    file: str
    table: Table | None = None
    problems: list[Problem] = field(default_factory=list)
    spots: dict[int, Spot] = field(default_factory=dict)

    def spot(self, place: str, headings: Mapping[str, str]) -> int:
        """A new number for a place."""
        number = len(self.spots) + 1
        self.spots[number] = Spot(place, headings)
        return number

    def add(self, place: str, say: str, *, code: str = "wrong", is_error: bool = True) -> None:
        """Note a fault; after so many the file is simply wrong."""
        if len(self.problems) < FAULTS_MAX:
            self.problems.append(Problem(self.file, place, say, code=code, is_error=is_error))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row below the headings: its values, whose it is, and where it stands."""

    table: Table
    parent: str
    parent_line: int


def read_book(data: bytes, file: str) -> Book:
    """Every sheet; `table` is None where the file cannot be understood at all."""
    book = Book(file)
    try:
        check_workbook(data)
        opened = openpyxl.load_workbook(io.BytesIO(data))
    except SheetRefused as error:
        book.add("", str(error), code="unreadable")
        return book
    except Exception:  # openpyxl raises whatever a damaged workbook makes it stumble on
        book.add("", "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 .xlsx", code="unreadable")
        return book
    sheets = {name: sheet for name, sheet in _known_sheets(opened, book)}
    if FACTS_SHEET not in sheets:
        say = f"缺少工作表“{FACTS_SHEET}”：请从样例复制，或运行 new --sync 由 campaign.yaml 写出"
        book.add("", say, code="missing")
        return book
    entries = _facts(sheets[FACTS_SHEET], book)
    rows = {each.key: _rows(sheets[each.name], each, book) for each in SHEETS if each.name in sheets}
    for leaf in SHEETS:
        if leaf.key in rows and not leaf.parent:
            tables = tuple(each.table for each in rows[leaf.key])
            entries[leaf.key] = Entry(_first_line(leaf, book), Rows(tables, _first_line(leaf, book)))
    for leaf in SHEETS:
        if leaf.parent and leaf.key in rows:
            _give_to_parents(leaf, rows[leaf.key], rows.get(leaf.parent, []), book)
    _settle_obligations(rows.get("items", []))
    book.table = Table(entries, book.spot(f"工作表“{FACTS_SHEET}”", _headings_of(FACTS)))
    return book


def _known_sheets(opened: openpyxl.Workbook, book: Book) -> Iterator[tuple[str, Worksheet]]:
    known = (FACTS_SHEET, *BY_NAME)
    for sheet in opened.worksheets[:SHEETS_MAX]:
        name = folded(sheet.title)
        if name.startswith(OWN_SHEETS):
            continue
        if sheet.max_row > ROWS_MAX or sheet.max_column > COLUMNS_MAX:
            say = f"超过 {ROWS_MAX} 行或 {COLUMNS_MAX} 列，没有读取；多为空白格带了格式，请删除多余的行列"
            book.add(f"工作表“{sheet.title}”", say, code="too-large")
        elif name in known:
            _refuse_merged(sheet, book)
            yield name, sheet
        elif any(not is_blank(cell) for row in sheet.iter_rows() for cell in row):
            like = nearest(name, known)
            hint = f"是不是“{like}”？" if like else f"可用的有：{'、'.join(known)}"
            say = f"不认识的工作表，{hint}自己的备忘请放在名称以“备注”开头的工作表里"
            book.add(f"工作表“{sheet.title}”", say, code="unknown-sheet")


def _refuse_merged(sheet: Worksheet, book: Book) -> None:
    for merged in sorted(sheet.merged_cells.ranges, key=str):
        say = "是合并单元格，看不出属于哪一行：请取消合并，每一行都写全"
        book.add(f"工作表“{sheet.title}”{merged.coord}", say, code="merged")


def _headings_of(columns: Sequence[Column]) -> dict[str, str]:
    """What the last part of each key is called on the sheet."""
    return {each.key.rpartition(".")[2]: each.heading for each in reversed(columns)}


# --- the sheet 活动: one fact a row ----------------------------------------------------------------


def _facts(sheet: Worksheet, book: Book) -> dict[str, Entry]:
    by_name = {folded(each.heading): each for each in FACTS}
    headings, values = _headings_of(FACTS), dict[str, Word | Rows]()
    lines: dict[str, int] = {}
    for row in sheet.iter_rows(max_col=max(2, sheet.max_column)):
        name, cell = row[0], row[1]
        place = f"工作表“{sheet.title}”{cell.coordinate}"
        if is_blank(name):
            if not is_blank(cell):
                book.add(place, "左边没有写项目名称，不知道这是什么，请补上或删去", code="no-heading")
            continue
        said = folded(str(name.value))
        if said == FACTS_HEADINGS[0]:
            continue
        column = by_name.get(said)
        if column is None:
            _unknown(f"工作表“{sheet.title}”{name.coordinate}", "项目", str(name.value), FACTS, book)
        elif column.key in values:
            book.add(place, f"“{column.heading}”前面已经写过，请删去一处", code="duplicate")
        else:
            lines[column.key] = book.spot(place, headings)
            values[column.key] = _value(cell, column, lines[column.key], place, book)
    return _nested(values, FACTS, book.spot(f"工作表“{sheet.title}”", headings))


def _unknown(place: str, what: str, text: str, columns: Sequence[Column], book: Book) -> None:
    names = [each.heading for each in columns]
    like = nearest(text.strip(), names, alike=0.5)
    hint = f"是不是“{like}”？" if like else f"可用的有：{'、'.join(names)}"
    book.add(place, f"不认识的{what}“{text.strip()}”，{hint}", code="unknown-key")


# --- sheets with one row for each thing ------------------------------------------------------------


def _rows(sheet: Worksheet, leaf: Leaf, book: Book) -> list[_Row]:
    lines = list(sheet.iter_rows())
    start = next((i for i, row in enumerate(lines) if any(not is_blank(c) for c in row)), None)
    if start is None:
        return []
    parent = Column(leaf.parent_heading, "", is_required=True) if leaf.parent else None
    columns = _columns(sheet, lines[start], leaf, parent, book)
    found: list[_Row] = []
    skipped: int | None = None
    for number, row in enumerate(lines[start + 1 :], start + 2):
        if all(is_blank(cell) for cell in row):
            skipped = skipped or number
            continue
        if skipped is not None:
            say = "空行，已跳过；多余的请删去"
            book.add(f"工作表“{sheet.title}”第 {skipped} 行", say, code="blank-row", is_error=False)
            skipped = None
        found.append(_row(sheet, number, row, columns, leaf, book))
    return found


def _columns(
    sheet: Worksheet,
    row: Sequence[BookCell | MergedCell],
    leaf: Leaf,
    parent: Column | None,
    book: Book,
) -> dict[int, Column]:
    known = (*((parent,) if parent else ()), *leaf.columns)
    by_name = {folded(each.heading): each for each in known}
    found: dict[int, Column] = {}
    for index, cell in enumerate(row):
        place = f"工作表“{sheet.title}”{cell.coordinate}"
        if is_blank(cell):
            continue
        column = by_name.get(folded(str(cell.value)))
        if column is None:
            _unknown(place, "表头", str(cell.value), known, book)
            found[index] = _NOT_READ
        elif column in found.values():
            book.add(place, f"表头“{column.heading}”前面已经有了，请删去一列", code="duplicate")
        else:
            found[index] = column
    for column in known:
        if column.is_required and column not in found.values():
            say = f"缺少表头“{column.heading}”（第一行），请补上这一列"
            book.add(f"工作表“{sheet.title}”", say, code="missing")
    return found


def _row(
    sheet: Worksheet,
    number: int,
    row: Sequence[BookCell | MergedCell],
    columns: Mapping[int, Column],
    leaf: Leaf,
    book: Book,
) -> _Row:
    headings = _headings_of(leaf.columns)
    values: dict[str, Word | Rows] = {}
    parent, parent_line = "", 0
    for index, cell in enumerate(row):
        place = f"工作表“{sheet.title}”{get_column_letter(index + 1)}{number}"
        column = columns.get(index)
        if column is _NOT_READ:
            continue
        if column is None:
            if not is_blank(cell):
                book.add(place, "这一列没有表头，不知道这是什么，请补上表头或删去", code="no-heading")
            continue
        line = book.spot(place, headings)
        value = _value(cell, column, line, place, book)
        if column.key:
            values[column.key] = value
        else:
            parent, parent_line = (value.text if isinstance(value, Word) else ""), line
    whole = book.spot(f"工作表“{sheet.title}”第 {number} 行", headings)
    for each in leaf.columns:
        if each.is_required and each not in columns.values():
            # The heading is missing, which was said once; its cells need not be missed one by one.
            known = values.get("key")
            name = known.text if isinstance(known, Word) and known.text else f"x{number}"
            values[each.key] = Word(next(iter(each.choices), name), whole)
    return _Row(Table(_nested(values, leaf.columns, whole), whole), parent, parent_line)


def _value(cell: BookCell | MergedCell, column: Column, line: int, place: str, book: Book) -> Word | Rows:
    if is_blank(cell):
        return Word("", line, is_empty=True)
    try:
        text = text_of(cell, column)
        if column.kind in (Kind.LIST, Kind.CHOICES):
            return Rows(tuple(Word(each, line) for each in words_of(text, column)), line)
    except BadCell as error:
        book.add(place, str(error), code="wrong")
        # Something must stand here, or the reader would also say that nothing does.
        stand_in = _NO_DAY if column.kind is Kind.DAY else next(iter(column.choices), "")
        return Word(stand_in, line, is_empty=not stand_in)
    return Word(text, line)


def _nested(values: Mapping[str, Word | Rows], columns: Sequence[Column], line: int) -> dict[str, Entry]:
    """due.on and due.at become a table `due`, unless nothing is written in either."""
    entries: dict[str, Entry] = {}
    below: dict[str, dict[str, Entry]] = {}
    for column in columns:
        value = values.get(column.key)
        if value is None:
            continue
        over, _, own = column.key.rpartition(".")
        if over:
            below.setdefault(over, {})[own] = Entry(value.line, value)
        else:
            entries[own] = Entry(value.line, value)
    for over, inside in below.items():
        first = next(iter(inside.values())).line
        is_empty = all(isinstance(e.cell, Word) and e.cell.is_empty for e in inside.values())
        cell: Cell = Word("", first, is_empty=True) if is_empty else Table(inside, first or line)
        entries[over] = Entry(first, cell)
    return entries


# --- rows that belong to a row of another sheet -----------------------------------------------------


def _give_to_parents(leaf: Leaf, rows: Sequence[_Row], parents: Sequence[_Row], book: Book) -> None:
    given: dict[int, list[_Row]] = {}
    for row in rows:
        index = _parent(row.parent, parents)
        if index is not None:
            given.setdefault(index, []).append(row)
            continue
        names = [_text(each.table, "name") for each in parents]
        like = nearest(row.parent, names, alike=0.5) if row.parent else ""
        place = book.spots[row.parent_line or row.table.line].place
        if not row.parent:
            say = f"没有填写“{leaf.parent_heading}”：请写明这一行属于哪一项"
        else:
            hint = f"是不是“{like}”？" if like else f"可填的有：{'、'.join(names) or '（还没有）'}"
            say = f"没有名为“{row.parent}”的{leaf.parent_heading}，{hint}"
        book.add(place, say, code="unknown-parent")
    for index, own in given.items():
        is_none = leaf.key == "reminders" and all(_text(each.table, "name") == NO_REMINDERS for each in own)
        tables = () if is_none else tuple(each.table for each in own)
        parents[index].table.entries[leaf.key] = Entry(own[0].table.line, Rows(tables, own[0].table.line))


def _parent(said: str, parents: Sequence[_Row]) -> int | None:
    said = said.strip()
    for key in ("key", "name"):
        for index, each in enumerate(parents):
            if said and _text(each.table, key) == said:
                return index
    number = said.removeprefix("第").removesuffix("项") if said.startswith("第") else ""
    index = int(number) - 1 if number.isdecimal() and len(number) < 5 else -1
    return index if 0 <= index < len(parents) else None


def _text(table: Table, key: str) -> str:
    entry = table.entries.get(key)
    return entry.cell.text.strip() if entry and isinstance(entry.cell, Word) else ""


def _settle_obligations(items: Sequence[_Row]) -> None:
    """分组 in 要求 means that the rows of 各组要求 hold, also where there are none."""
    for item in items:
        entry = item.table.entries.get("obligation")
        if entry and isinstance(entry.cell, Word) and entry.cell.text == BY_GROUP:
            del item.table.entries["obligation"]
            item.table.entries.setdefault("scopes", Entry(entry.line, Rows((), entry.line)))


def _first_line(leaf: Leaf, book: Book) -> int:
    return book.spot(f"工作表“{leaf.name}”", _headings_of(leaf.columns))
