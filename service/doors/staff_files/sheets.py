"""A workbook or CSV as plain rows of text that know their cell; merged cells filled downwards."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.office.finding import Problem

# A roster of a whole province is some thousand rows; these stop a wrong or hostile file.
BOOK_BYTES_MAX = 20_000_000
UNPACKED_BYTES_MAX = 200_000_000
SHEETS_MAX = 20
ROWS_MAX = 60_000
COLUMNS_MAX = 60
FILLED_CELLS_MAX = 200_000
# A title or a subheading is one cell over at least so many columns.
WIDE_COLUMNS = 3


@dataclass(slots=True)
class Sheet:
    """Rows of text. `filled` are cells that only repeat a merged cell above, `wide` rows one cell spans."""

    name: str  # empty for a CSV
    rows: list[list[str]]
    lines: list[int]  # the row's number as staff see it
    filled: set[tuple[int, int]] = field(default_factory=set)
    wide: set[int] = field(default_factory=set)

    def text(self, row: int, column: int) -> str:
        """What stands in a cell, without blanks at its ends."""
        cells = self.rows[row]
        return cells[column].strip() if column < len(cells) else ""

    def place(self, row: int, column: int | None = None) -> str:
        """工作表“通讯录”C7, or 第 7 行 of a CSV."""
        line = self.lines[row]
        if column is None:
            return f"工作表“{self.name}”第 {line} 行" if self.name else f"第 {line} 行"
        if self.name:
            return f"工作表“{self.name}”{get_column_letter(column + 1)}{line}"
        return f"第 {line} 行第 {column + 1} 列"


class SheetRefused(Exception):
    """The file cannot be read at all; the message is a Chinese sentence."""


def read_workbook(data: bytes, file: str) -> tuple[tuple[Sheet, ...], tuple[Problem, ...]]:
    """Every sheet of an .xlsx; raises SheetRefused."""
    check_workbook(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:  # openpyxl raises whatever a damaged workbook makes it stumble on
        raise SheetRefused("工作簿已损坏，请用 Excel 或 WPS 打开后另存为 .xlsx") from error
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for worksheet in book.worksheets[:SHEETS_MAX]:
        if worksheet.max_row > ROWS_MAX or worksheet.max_column > COLUMNS_MAX:
            say = f"超过 {ROWS_MAX} 行或 {COLUMNS_MAX} 列，没有读取；多为空白格带了格式，请删除多余的行列"
            problems.append(Problem(file, f"工作表“{worksheet.title}”", say, code="too-large"))
            continue
        sheets.append(_sheet(worksheet))
    if len(book.worksheets) > SHEETS_MAX:
        say = f"工作表超过 {SHEETS_MAX} 个，后面的没有读取"
        problems.append(Problem(file, "", say, code="too-large"))
    if b"<f" in _sheet_xml(data):
        problems.extend(_blank_formulas(data, file, sheets))
    return tuple(sheets), tuple(problems)


def read_csv(data: bytes) -> Sheet:
    """A CSV as Excel, WPS or a database writes it; raises SheetRefused."""
    if len(data) > BOOK_BYTES_MAX:
        raise SheetRefused(f"文件超过 {BOOK_BYTES_MAX // 1_000_000} MB，没有读取")
    text = _decode(data)
    head = [line for line in text.splitlines()[:20] if line.strip()]
    delimiter = max(",\t;，", key=lambda sign: sum(line.count(sign) for line in head))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    sheet = Sheet("", [], [])
    start = 1
    try:
        for row in reader:
            if len(sheet.rows) >= ROWS_MAX or len(row) > 10 * COLUMNS_MAX:
                raise SheetRefused(f"超过 {ROWS_MAX} 行或 {COLUMNS_MAX} 列，没有读取")
            sheet.rows.append(row)
            sheet.lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise SheetRefused(f"第 {start} 行附近的引号没有成对，请用 Excel 或 WPS 另存为 .xlsx") from error
    return sheet


def check_workbook(data: bytes) -> None:
    """Whether this is a workbook of a size that a person makes; raises SheetRefused."""
    if len(data) > BOOK_BYTES_MAX:
        raise SheetRefused(f"文件超过 {BOOK_BYTES_MAX // 1_000_000} MB，没有读取")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetRefused("这是旧版 .xls，或者加了密码；请用 Excel 或 WPS 另存为 .xlsx，不设密码")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise SheetRefused("不是 .xlsx 文件，请用 Excel 或 WPS 另存为 .xlsx") from error
    if unpacked > UNPACKED_BYTES_MAX:
        raise SheetRefused("展开后过大，没有读取；请把内容复制到新的工作簿再保存")


def _sheet(worksheet: Worksheet) -> Sheet:
    rows = [[_text(value) for value in row] for row in worksheet.iter_rows(values_only=True)]
    sheet = Sheet(worksheet.title, rows, list(range(1, len(rows) + 1)))
    for row, column, last_row, last_column in _merged(worksheet):
        if last_column - column + 1 >= WIDE_COLUMNS:
            sheet.wide.update(range(row, min(last_row + 1, len(rows))))
        value = sheet.text(row, column)
        for below in range(row + 1, min(last_row + 1, len(rows))):
            if len(sheet.filled) >= FILLED_CELLS_MAX:
                break
            rows[below][column] = value
            sheet.filled.add((below, column))
    return sheet


def _merged(worksheet: Worksheet) -> Iterator[tuple[int, int, int, int]]:
    for merged in worksheet.merged_cells.ranges:
        yield merged.min_row - 1, merged.min_col - 1, merged.max_row - 1, merged.max_col - 1


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))  # a telephone number that Excel took for a number
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
    return str(value)


def _sheet_xml(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return b"".join(archive.read(name) for name in names)


def _blank_formulas(data: bytes, file: str, sheets: list[Sheet]) -> Iterator[Problem]:
    # A formula that no spreadsheet program has computed yet reads as an empty cell.
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    for sheet in sheets:
        for row, cells in enumerate(book[sheet.name].iter_rows(values_only=True)):
            for column, value in enumerate(cells):
                at = (row, column)
                if isinstance(value, str) and value.startswith("=") and not sheet.text(*at):
                    say = "这一格是没有算出结果的公式，读不到内容；请用 Excel 打开保存一次，或改填文字"
                    yield Problem(file, sheet.place(*at), say, code="formula")


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused("文字编码不认识，请用 Excel 或 WPS 另存为 .xlsx")
