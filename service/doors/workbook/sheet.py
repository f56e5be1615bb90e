"""How one sheet is drawn: title, remarks, header, rows, widths, filter, frozen panes, A4 landscape."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from datetime import datetime

from openpyxl import Workbook as Book
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins, PrintPageSetup
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.workbook.columns import (
    HEAD_FILL,
    INK,
    LINE,
    OPEN,
    OPEN_FILL,
    OPEN_HEAD_FILL,
    QUIET,
    Column,
    Look,
    Page,
    Tone,
    Value,
)
from service.doors.workbook.links import lead
from service.doors.workbook.picking import offer, shut

# Excel's own limit of characters in a cell.
TEXT_LENGTH_MAX = 32_767
# Excel's own limit of a row's height, in points, and a line's at our size of type.
ROW_HEIGHT_MAX = 400.0
SHEET_NAME_MAX = 31
LINE_HEIGHT = 14.5
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
# A spreadsheet takes a text for a formula by its first sign; units type what they like.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def add_styles(book: Book) -> None:
    """Register every style once, so that cells only name them."""
    edge = Side(style="thin", color=LINE)
    box = Border(left=edge, right=edge, top=edge, bottom=edge)
    font = Font(name="宋体", size=10.5, color=INK)
    formats = {
        Look.TEXT: ("left", "General"),
        Look.CENTRE: ("center", "General"),
        Look.NUMBER: ("center", "0"),
        Look.DAY: ("center", "yyyy-mm-dd"),
        Look.MOMENT: ("center", "yyyy-mm-dd hh:mm"),
        Look.RATE: ("center", "0.0%"),
    }
    for look, (side, number_format) in formats.items():
        style = NamedStyle(look.value, font=font, border=box, number_format=number_format)
        indent = 1 if side == "left" else 0
        style.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True, indent=indent)
        book.add_named_style(style)
        # Where staff may write: the same, on a ground that says so.
        opened = NamedStyle(look.value + OPEN, font=font, border=box, number_format=number_format)
        opened.alignment = style.alignment
        opened.fill = PatternFill("solid", fgColor=OPEN_FILL)
        opened.protection = Protection(locked=False)
        book.add_named_style(opened)
    head = NamedStyle("回执表头", font=Font(name="黑体", size=10.5, bold=True, color=INK), border=box)
    head.fill = PatternFill("solid", fgColor=HEAD_FILL)
    head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    book.add_named_style(head)
    for_writing = NamedStyle("回执可填表头", font=head.font, border=box, alignment=head.alignment)
    for_writing.fill = PatternFill("solid", fgColor=OPEN_HEAD_FILL)
    book.add_named_style(for_writing)


def draw_page(book: Book, page: Page) -> Worksheet:
    """Add a sheet: title, remarks, header, rows; an empty list says that it is empty."""
    sheet = new_sheet(book, page.name, page.tab)
    top = draw_heading(sheet, page.title, page.remarks, len(page.columns))
    draw_header(sheet, top, page.columns)
    for offset, values in enumerate(page.rows):
        tones = page.tones[offset] if page.tones else {}
        links = page.links[offset] if page.links else {}
        row = top + 1 + offset
        for index, (column, value) in enumerate(zip(page.columns, values, strict=True), start=1):
            cell = draw_cell(
                sheet,
                row,
                index,
                value,
                column.look,
                tones.get(column.heading, Tone.PLAIN),
                is_open=column.is_open,
            )
            if target := links.get(column.heading):
                lead(cell, target)
        sheet.row_dimensions[row].height = height_of(page.columns, values)
    if not page.rows:
        cell = sheet.cell(top + 1, 1, page.if_empty)
        cell.font = Font(name="宋体", size=10.5, color=QUIET, italic=True)
    last = top + max(1, len(page.rows))
    if any(column.is_open for column in page.columns):
        offer(sheet, page.columns, (top + 1, last), page.lists)
    else:
        shut(sheet)
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(page.columns))}{last}"
    finish(sheet, top, page.title)
    return sheet


def height_of(columns: Sequence[Column], values: Sequence[Value]) -> float:
    """Room for the tallest cell; programs that do not fit rows by themselves would cut it off."""
    lines = 1
    for column, value in zip(columns, values, strict=True):
        if isinstance(value, str) and not column.is_hidden:
            # One sign of Chinese is as wide as two letters; two letters are lost to the indent and the edges.
            widths = (sum(1 if ord(ch) < 0x2E80 else 2 for ch in line) for line in value.split("\n"))
            lines = max(lines, sum(max(1, math.ceil(width / (column.width - 2))) for width in widths))
    return min(ROW_HEIGHT_MAX, 7 + LINE_HEIGHT * lines)


def new_sheet(book: Book, name: str, tab: str) -> Worksheet:
    """An empty sheet with the office's defaults."""
    sheet: Worksheet = book.create_sheet(name)
    sheet.sheet_properties.tabColor = tab
    sheet.sheet_view.showGridLines = False
    sheet.sheet_format.defaultRowHeight = 18
    return sheet


def sheet_name(text: str, taken: Collection[str]) -> str:
    """A name that Excel takes for a sheet: 31 characters, no signs of its own, and not there yet."""
    plain = re.sub(r"[\[\]:*?/\\]", "_", _CONTROL.sub("", text)).strip("' ")[:SHEET_NAME_MAX] or "表"
    name, number = plain, 1
    while name.lower() in {each.lower() for each in taken}:
        number += 1
        name = f"{plain[: SHEET_NAME_MAX - 4]}（{number}）"
    return name


def draw_heading(sheet: Worksheet, title: str, remarks: Sequence[str], width: int) -> int:
    """The title and the remarks below it, each across the whole table; returns the header's row."""
    for row, text in enumerate([title, *remarks], start=1):
        cell = sheet.cell(row, 1)
        put_text(cell, text)
        is_title = row == 1
        cell.font = (
            Font(name="黑体", size=16, bold=True, color=INK)
            if is_title
            else Font(name="宋体", size=10, color=QUIET)
        )
        side = "center" if is_title else "left"
        cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        # A merged cell never grows with its text, so its height is given.
        sheet.row_dimensions[row].height = 34 if is_title else 18
    return len(remarks) + 2


def draw_header(sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
    """The header row and the widths of its columns."""
    for index, column in enumerate(columns, start=1):
        cell = sheet.cell(row, index, column.heading)
        cell.style = "回执可填表头" if column.is_open else "回执表头"
        sheet.column_dimensions[get_column_letter(index)].width = column.width
        sheet.column_dimensions[get_column_letter(index)].hidden = column.is_hidden
    sheet.row_dimensions[row].height = 24


def draw_cell(
    sheet: Worksheet, row: int, column: int, value: Value, look: Look, tone: Tone, *, is_open: bool = False
) -> Cell:
    """One cell; a text stays a text whatever it begins with."""
    cell = sheet.cell(row, column)
    # Merged cells stand in headings only.
    assert isinstance(cell, Cell)
    cell.style = look.value + (OPEN if is_open else "")
    if isinstance(value, str):
        put_text(cell, value)
    elif value is not None:
        cell.value = value
        if look is Look.DAY and isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"
    if tone is not Tone.PLAIN:
        cell.font = Font(name="宋体", size=10.5, color=tone.value, bold=tone is Tone.BAD)
    return cell


def put_text(cell: object, text: str) -> None:
    """A text as a text: never a formula, never an error value, nothing that Excel refuses."""
    assert isinstance(cell, Cell)
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:TEXT_LENGTH_MAX]
    if not plain:
        return
    cell.value = plain
    cell.data_type = "s"
    if text.startswith(_FORMULA_SIGNS):
        # So that typing into the cell again does not make it a formula either.
        cell.quotePrefix = True


def finish(sheet: Worksheet, top: int, title: str) -> None:
    """Frozen header, A4 landscape, one page wide, the header on every page, page numbers."""
    # A plain reference; openpyxl does not take a cell that stands beside a merged one.
    sheet.freeze_panes = f"A{top + 1}"
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_setup = PrintPageSetup(paperSize=9, orientation="landscape", fitToWidth=1, fitToHeight=0)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.print_options.horizontalCentered = True
    footer = HeaderFooterItem(
        left=_HeaderFooterPart(text=title.replace("&", "&&")[:100], size=9),
        right=_HeaderFooterPart(text="第 &P 页  共 &N 页", size=9),
    )
    sheet.HeaderFooter.oddFooter = footer
