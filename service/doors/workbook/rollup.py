"""汇总表.xlsx — a sheet an item, every field of every return, doubts marked, 推荐 and 评语 to fill."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from openpyxl import Workbook as Book
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PrintPageSetup
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.workbook.columns import TOTAL_FILL, Column, Look, Page, Tone, Value
from service.doors.workbook.sheet import (
    draw_cell,
    draw_header,
    draw_heading,
    draw_page,
    finish,
    height_of,
    new_sheet,
    sheet_name,
)
from service.office.campaign import FieldKind, FormField
from service.office.rollup import RollRow, RollSheet, Rollup, RowKey, number_of, sums
from service.office.tally import moment

RECOMMENDED, REMARK = "推荐", "评语"
# Hidden, and read back: which row it is, and what we had written into the two columns.
ROW_KEY, WAS_RECOMMENDED, WAS_REMARK = "行号（请勿改动）", "原推荐", "原评语"

DOUBT_FILL, OPEN_FILL = "FFF2CC", "EAF4E6"
LINK = "0B5CAD"
_ESCAPED = re.compile(r'[ %#?"<>|^`{}\[\]\\]')
# The title stands over the first columns only: across forty it would lie out of sight.
_HEADING_COLUMNS = 9
# So wide a sheet is printed on A3.
_A4_WIDTH = 190
# Each remark is a box of its own in the file; more would make Excel slow to open.
COMMENTS_MAX = 20_000
_FIELD_WIDTHS = {
    FieldKind.TEXT: 22.0,
    FieldKind.CHOICE: 14.0,
    FieldKind.DATE: 14.0,
    FieldKind.PHONE: 16.0,
    FieldKind.NUMBER: 12.0,
    FieldKind.CHECKBOX: 9.0,
}
_FILL_IN = "绿色的“推荐”“评语”两栏可以填写，保存后自动读入，不会丢；其他各栏由系统生成，请勿改动。"


def draw_rollup(book: Book, rollup: Rollup) -> None:
    """Every sheet; a campaign that nothing came for has only the sheet that says so."""
    taken: list[str] = []
    for each in rollup.sheets:
        name = sheet_name(each.name, taken)
        taken.append(name)
        _draw_item(book, name, each, rollup)
    if rollup.sheets:
        _draw_sums(book, sheet_name("分组合计", taken), rollup)
    else:
        draw_page(
            book,
            Page(
                "汇总",
                f"{rollup.title}　汇总表",
                (),
                (Column("单位", 60),),
                (),
                "3B5B8C",
                (),
                "还没有收到材料",
            ),
        )
    if rollup.unplaced:
        _draw_unplaced(book, sheet_name("没有读入的填写", [*taken, "分组合计"]), rollup)


def _draw_item(book: Book, name: str, each: RollSheet, rollup: Rollup) -> None:
    columns = tuple(_columns(each))
    sheet = new_sheet(book, name, "1E6B3A")
    title = f"{each.name}　汇总表（{len(each.rows)} 件）"
    heading = min(len(columns) - 3, _HEADING_COLUMNS)
    top = draw_heading(sheet, title, tuple(_remarks(each, rollup)), heading)
    draw_header(sheet, top, columns)
    first_field = next((i for i, c in enumerate(columns, 1) if c.heading == "状况"), 0) + 1
    comments = 0
    for offset, row in enumerate(each.rows):
        line = top + 1 + offset
        values = tuple(_values(offset + 1, row, each, rollup.campaign))
        for index, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
            draw_cell(sheet, line, index, value, column.look, _tone(column, row))
        sheet.row_dimensions[line].height = height_of(columns[:-3], values[:-3])
        for index, answer in enumerate(row.cells):
            if answer.doubt or _is_odd_number(each.fields[index], answer.value):
                doubt = answer.doubt or _ODD_NUMBER
                _mark(sheet.cell(line, first_field + index), doubt if comments < COMMENTS_MAX else "")
                comments += 1
        _link(sheet, line, columns, row)
    _finish(sheet, top, columns, len(each.rows), f"{rollup.title} {each.name}")


_ODD_NUMBER = "不是一个数，没有计入分组合计，请核对"


def _is_odd_number(asked: FormField, value: str) -> bool:
    return asked.kind is FieldKind.NUMBER and bool(value) and number_of(value) is None


def _columns(each: RollSheet) -> Iterator[Column]:
    yield Column("序号", 6, Look.NUMBER)
    yield Column("单位", 27)
    yield Column("组别", 16, Look.CENTRE)
    if each.is_many:
        yield Column("件", 6, Look.NUMBER)
    if not each.fields:
        yield Column("题目", 30)
    yield Column("版次", 6, Look.NUMBER)
    yield Column("收到时间", 17, Look.MOMENT)
    yield Column("按时与否", 10, Look.CENTRE)
    yield Column("状况", 15, Look.CENTRE)
    for asked in each.fields:
        look = Look.TEXT if asked.kind is FieldKind.TEXT else Look.CENTRE
        yield Column(asked.label, _FIELD_WIDTHS[asked.kind], look)
    if not each.fields:
        yield Column("字数", 9, Look.NUMBER)
    yield Column("文件", 34)
    yield Column(RECOMMENDED, 11, Look.CENTRE)
    yield Column(REMARK, 34)
    yield Column(ROW_KEY, 12)
    yield Column(WAS_RECOMMENDED, 12)
    yield Column(WAS_REMARK, 12)


def _values(number: int, row: RollRow, each: RollSheet, campaign: str) -> Iterator[Value]:
    yield from (number, row.unit_name, row.group)
    if each.is_many:
        yield row.key.entry
    if not each.fields:
        yield row.title
    yield row.version
    yield _wall(row.received_at)
    yield from (row.timely, row.state)
    for asked, answer in zip(each.fields, row.cells, strict=True):
        yield _answer(asked, answer.value)
    if not each.fields:
        yield row.words
    yield "\n".join(row.files)
    yield from (row.choice.word, row.choice.remark)
    yield written_key(campaign, row.key)
    yield from (row.choice.word, row.choice.remark)


def _wall(at: datetime) -> datetime:
    """As the clock on the wall shows it; a workbook knows no zones."""
    return at.replace(tzinfo=None, second=0, microsecond=0)


def _answer(asked: FormField, value: str) -> Value:
    """A number as a number; 12人 stays as it was written, and is counted all the same."""
    read = number_of(value) if asked.kind is FieldKind.NUMBER else None
    if read is None or read[1]:
        return value
    return plain_number(read[0])


def plain_number(number: Decimal) -> int | float:
    """A whole number where it is one."""
    return int(number) if number == number.to_integral_value() else float(number)


def written_key(campaign: str, key: RowKey) -> str:
    """Which row it is, as the hidden column holds it."""
    return json.dumps([campaign, key.item, key.unit, key.entry], ensure_ascii=False)


def _remarks(each: RollSheet, rollup: Rollup) -> Iterator[str]:
    waiting = (
        f"还有 {rollup.unassigned_letters} 封来信没有归属到单位，本表可能因此变动。"
        if rollup.unassigned_letters
        else "没有未归属的来信。"
    )
    yield f"截至{moment(rollup.at)}，只列各单位现行有效的一版。{waiting}"
    odd = (
        not cell.doubt and _is_odd_number(asked, cell.value)
        for row in each.rows
        for asked, cell in zip(each.fields, row.cells, strict=True)
    )
    doubts = each.doubts + sum(odd)
    if doubts:
        yield f"黄色的格子（{doubts} 处）请核对：不是从本表栏目里直接读出的，鼠标指上去看出处。"
    yield _FILL_IN


def _tone(column: Column, row: RollRow) -> Tone:
    if column.heading == "按时与否":
        return {"迟报": Tone.CARE, "按时": Tone.GOOD}.get(row.timely, Tone.PLAIN)
    if column.heading == "状况" and row.is_doubtful:
        return Tone.BAD
    return Tone.PLAIN


def _mark(cell: object, doubt: str) -> None:
    assert isinstance(cell, Cell)
    cell.fill = PatternFill("solid", fgColor=DOUBT_FILL)
    if doubt:
        remark = Comment(doubt, "回执")
        remark.width, remark.height = 260, 40 + 18 * (len(doubt) // 18)
        cell.comment = remark


def _link(sheet: Worksheet, line: int, columns: Sequence[Column], row: RollRow) -> None:
    index = next(
        i for i, column in enumerate(columns, 1) if column.heading == "文件" and i > len(columns) - 6
    )
    cell = sheet.cell(line, index)
    assert isinstance(cell, Cell)
    # As Excel itself writes them: Chinese as it is, what would end or change an address escaped.
    target = relative_link(f"../../{row.link}")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, target=target, tooltip="打开归档的文件")
    cell.font = Font(name="宋体", size=10.5, color=LINK, underline="single")
    if not row.files:
        cell.value = "（没有文件，见说明）"


def relative_link(path: str) -> str:
    """A path as Excel itself writes it into a link."""
    return _ESCAPED.sub(lambda found: quote(found[0]), path)


def _finish(sheet: Worksheet, top: int, columns: Sequence[Column], count: int, title: str) -> None:
    last = max(top + 1, top + count)
    wide = len(columns)
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(wide)}{last}"
    finish(sheet, top, title)
    # The unit stays in sight beside forty fields.
    sheet.freeze_panes = f"C{top + 1}"
    if sum(column.width for column in columns[:-3]) > _A4_WIDTH:
        sheet.page_setup = PrintPageSetup(paperSize=8, orientation="landscape", fitToWidth=1, fitToHeight=0)
    for index in range(wide - 2, wide + 1):
        sheet.column_dimensions[get_column_letter(index)].hidden = True
    sheet.print_area = f"A1:{get_column_letter(wide - 3)}{last}"
    for index in (wide - 4, wide - 3):
        sheet.cell(top, index).fill = PatternFill("solid", fgColor="CFE3C6")
        for line in range(top + 1, last + 1):
            sheet.cell(line, index).fill = PatternFill("solid", fgColor=OPEN_FILL)
    asked = DataValidation(type="list", formula1='"推荐,不推荐"', allow_blank=True, errorStyle="warning")
    asked.errorTitle, asked.error = "推荐", "请填“推荐”或“不推荐”，或空着。"
    letter = get_column_letter(wide - 4)
    asked.add(f"{letter}{top + 1}:{letter}{last}")
    sheet.add_data_validation(asked)


def _draw_sums(book: Book, name: str, rollup: Rollup) -> None:
    columns = (
        Column("材料", 34),
        Column("栏目", 26),
        Column("组别", 26),
        Column("合计", 14, Look.NUMBER),
        Column("计入件数", 11, Look.NUMBER),
        Column("没有计入", 11, Look.NUMBER),
    )
    rows: list[tuple[Value, ...]] = []
    totals: list[int] = []
    for each in rollup.sheets:
        found = sums(each, rollup.groups)
        for field in dict.fromkeys(one.field for one in found):
            ones = [one for one in found if one.field == field]
            rows += [
                (each.name, field, one.group, plain_number(one.total), one.counted, one.left_out)
                for one in ones
            ]
            whole = sum((one.total for one in ones), Decimal(0))
            counted, left = sum(one.counted for one in ones), sum(one.left_out for one in ones)
            totals.append(len(rows))
            rows.append((each.name, field, "合计", plain_number(whole), counted, left))
    remarks = (
        f"截至{moment(rollup.at)}。数字栏按组别相加；“约300”“1.2万”之类不是一个数的没有计入，请在各表中核对。",
    )
    tones = tuple({"没有计入": Tone.BAD} if row[5] else {} for row in rows)
    page = Page(name, f"{rollup.title}　分组合计", remarks, columns, tuple(rows), "8A5A00", tones)
    sheet = draw_page(book, page)
    top = len(remarks) + 2
    for offset in range(len(rows)):
        # A sum may have decimals; the look for counts would round them away.
        sheet.cell(top + 1 + offset, 4).number_format = "General"
        if offset in totals:
            for index in range(1, len(columns) + 1):
                cell = sheet.cell(top + 1 + offset, index)
                cell.fill = PatternFill("solid", fgColor=TOTAL_FILL)
                cell.font = Font(name="黑体", size=10.5, color=cell.font.color)


def _draw_unplaced(book: Book, name: str, rollup: Rollup) -> None:
    columns = (
        Column("单位", 28),
        Column("材料", 24),
        Column("填写的内容", 46),
        Column("为什么没有读入", 46),
        Column("何时读到", 17, Look.MOMENT),
    )
    rows = tuple(
        (each.unit_name, each.item_name, each.typed, each.why, _wall(each.at)) for each in rollup.unplaced
    )
    remarks = ("请核对后在各表重新填写，或用 choose 命令登记；登记后这里自动消去。",)
    draw_page(book, Page(name, f"没有读入的填写（{len(rows)} 处）", remarks, columns, rows, "B42318"))
