"""总览 — the first sheet: counts for every item, rates, and what the figures rest on."""

from __future__ import annotations

from openpyxl import Workbook as Book
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.formatting.rule import DataBar, FormatObject, Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.workbook.columns import INK, QUIET, TOTAL_FILL, Column, Look, Tone, Value
from service.doors.workbook.picking import shut
from service.doors.workbook.sheet import (
    draw_cell,
    draw_header,
    draw_heading,
    finish,
    height_of,
    new_sheet,
    put_text,
)
from service.office.board import Board
from service.office.tally import (
    Tally,
    board_sentence,
    count,
    count_by_item,
    mailbox_sentence,
    unassigned_sentence,
)

_COUNTS = (
    "应报",
    "已报",
    "按时",
    "迟报",
    "未报",
    "其中逾期",
    "待补正",
    "待人工",
    "未送达",
    "链接待取",
    "承诺",
    "未发出",
    "免报",
    "自愿已报",
)
_COLUMNS = (
    Column("材料", 34),
    *(Column(each, 8.5, Look.NUMBER) for each in _COUNTS),
    Column("报送率", 11, Look.RATE),
    Column("按时率", 11, Look.RATE),
)
_BARS = {
    "已报": "5B9A72",
    "待补正": "D9A93B",
    "待人工": "A98B5A",
    "链接待取": "7F9BC2",
    "承诺": "9AA5B1",
    "未送达": "8C4A75",
    "未发出": "D5DAE0",
    "未报": "C0504D",
}
_NOTES = (
    "应报＝已报＋未报＋待补正＋待人工＋未送达＋链接待取＋承诺＋未发出，不含免报；自愿报送和随时报送的材料不计入应报，也不会“未报”。",
    "报送率＝已报÷应报，按时率＝按时÷应报；是否按时以第一次有效报送的时间为准，此后的补正不影响。",
)


def draw_overview(book: Book, board: Board) -> None:
    """Add the first sheet."""
    sheet = new_sheet(book, "总览", "3B5B8C")
    title = f"{board.title}　报送情况"
    top = draw_heading(sheet, title, (board.issuer, board_sentence(board)), len(_COLUMNS))
    # The sentence is the sheet's most read line.
    sheet.cell(3, 1).font = Font(name="宋体", size=12, color=INK)
    sheet.row_dimensions[3].height = 40
    draw_header(sheet, top, _COLUMNS)
    row = top
    for name, tally in count_by_item(board):
        row += 1
        _draw_tally(sheet, row, name, tally)
    _draw_bars(sheet, top + 1, row)
    row += 1
    _draw_tally(sheet, row, "合计", count(board.rows))
    for column in range(1, len(_COLUMNS) + 1):
        cell = sheet.cell(row, column)
        cell.fill = PatternFill("solid", fgColor=TOTAL_FILL)
        cell.font = Font(name="黑体", size=10.5, color=INK)
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(_COLUMNS))}{row - 1}"
    _draw_notes(sheet, row + 2, board)
    _draw_chart(sheet, top, row - 1, f"A{row + 9}")
    shut(sheet)
    finish(sheet, top, board.title)


def _draw_tally(sheet: Worksheet, row: int, name: str, tally: Tally) -> None:
    numbers = (
        tally.expected,
        tally.returned,
        tally.on_time,
        tally.late,
        tally.missing,
        tally.overdue,
        tally.needs_correction,
        tally.in_review,
        tally.undelivered,
        tally.by_link,
        tally.promised,
        tally.not_sent,
        tally.exempt,
        tally.volunteered,
    )
    values: tuple[Value, ...] = (name, *numbers, _rate(tally.return_rate), _rate(tally.on_time_rate))
    for index, (column, value) in enumerate(zip(_COLUMNS, values, strict=True), start=1):
        tone = Tone.BAD if column.heading in {"未报", "其中逾期"} and value else Tone.PLAIN
        draw_cell(sheet, row, index, value, column.look, tone)
    # Joined boards have long names: a campaign's title and its item's.
    sheet.row_dimensions[row].height = max(24, height_of(_COLUMNS, values))


def _rate(rate: float | None) -> Value:
    return "—" if rate is None else rate


def _draw_bars(sheet: Worksheet, first: int, last: int) -> None:
    if last < first:
        return
    column = get_column_letter(len(_COLUMNS) - 1)
    ends = [FormatObject(type="num", val=0), FormatObject(type="num", val=1)]
    bar = Rule(type="dataBar", dataBar=DataBar(cfvo=ends, color="FF9CC3A5"))
    sheet.conditional_formatting.add(f"{column}{first}:{column}{last}", bar)


def _draw_chart(sheet: Worksheet, top: int, last: int, place: str) -> None:
    """One bar per item: how much of what is owed is in, half in, or out."""
    if last <= top:
        return
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 60
    headings = [column.heading for column in _COLUMNS]
    for heading, colour in _BARS.items():
        column = headings.index(heading) + 1
        series = Series(Reference(sheet, min_col=column, min_row=top + 1, max_row=last), title=heading)
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        chart.series.append(series)
    chart.set_categories(Reference(sheet, min_col=1, min_row=top + 1, max_row=last))
    chart.title = None
    chart.legend.position = "b"
    # The first item stands on top, as in the table; both axes are drawn, which openpyxl leaves out.
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "0"
    chart.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill="E3E7EC", w=6350))
    )
    chart.width, chart.height = 36, min(14, 4 + 1.2 * (last - top))
    sheet.add_chart(chart, place)


def _draw_notes(sheet: Worksheet, row: int, board: Board) -> None:
    notes = [unassigned_sentence(board), mailbox_sentence(board), *_NOTES]
    if board.head:
        notes.append(f"事件链校验值：{board.head}")
    for offset, note in enumerate(notes):
        cell = sheet.cell(row + offset, 1)
        put_text(cell, note)
        is_warning = offset == 0 and board.unassigned_letters > 0
        cell.font = Font(
            name="宋体", size=10.5, color=Tone.BAD.value if is_warning else QUIET, bold=is_warning
        )
        sheet.row_dimensions[row + offset].height = 18
