"""A Campaign as 活动.xlsx: a sheet for each list, headings that explain themselves, lists to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.staff_files.twin.cells import joined
from service.doors.staff_files.twin.layout import (
    BY_GROUP,
    FACTS,
    FACTS_HEADINGS,
    FACTS_SHEET,
    NO_REMINDERS,
    NOTES_SHEET,
    SHEETS,
    Column,
    Kind,
    Leaf,
)
from service.doors.staff_files.twin.written import Branch, Node, written
from service.doors.workbook.seal import sealed
from service.office.campaign import Campaign

# The workbook is about no instant; a fixed one keeps its bytes the same while its facts are.
_NO_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
# Rows below the last that still offer their lists.
ROOM = 200
_INK, _LINE, _HEAD, _MUST = "1F2937", "BFC5CD", "E8EEF6", "B42318"
_FORMATS = {Kind.DAY: "yyyy-mm-dd", Kind.CLOCK: "hh:mm", Kind.WHOLE: "0", Kind.PERCENT: "0"}
_GUIDE = (
    "本工作簿与同一文件夹里的 campaign.yaml 写的是同样的事，改哪一份都可以，只留一份也可以。",
    "两份都在时必须一致；不一致的，lint 和 proof 逐项指出，改成一样之前不起草任何通知。",
    "以其中一份为准：运行 new 活动 --sync --keep xlsx（或 --keep yaml），另一份随之改写。",
    "表头、工作表名称不要改；表头上的批注说明怎么填，标 * 的必填。",
    "几个词用顿号“、”隔开；词里本来有顿号的，改为一行一个（Alt+回车换行）。",
    "日期写 2024-09-28、2024/9/28 或 2024年9月28日都可以，不能缺年份。",
    "不要合并单元格，不要用公式。自己的备忘请写在名称以“备注”开头的工作表里，程序不读。",
)


def book_of(campaign: Campaign) -> bytes:
    """The workbook's bytes, the same for the same campaign."""
    facts = written(campaign)
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    _draw_facts(book.create_sheet(FACTS_SHEET), facts)
    for leaf in SHEETS:
        _draw_rows(book.create_sheet(leaf.name), leaf, list(_rows_of(leaf, facts)))
    _draw_notes(book.create_sheet(NOTES_SHEET))
    return sealed(book, title=campaign.title, author=campaign.issuer, at=_NO_INSTANT)


def _rows_of(leaf: Leaf, facts: Branch) -> Iterator[tuple[str, Branch]]:
    """The rows of a sheet, each with the name of what it belongs to."""
    if not leaf.parent:
        for row in _branches(facts.get(leaf.key)):
            yield "", row
        return
    parents = list(_branches(facts.get(leaf.parent)))
    for name, parent in zip(_names(parents), parents, strict=True):
        if leaf.key == "reminders" and parent.get("reminders") == []:
            yield name, {"name": NO_REMINDERS}
        for row in _branches(parent.get(leaf.key)):
            yield name, row


def _branches(node: Node | None) -> Iterator[Branch]:
    for each in node if isinstance(node, list) else ():
        if isinstance(each, dict):
            yield each


def _names(parents: Sequence[Branch]) -> list[str]:
    """What rows of another sheet call each parent: its name, where only it is called so."""
    keys = [str(each.get("key", "")) for each in parents]
    names = [str(each.get("name", "")) for each in parents]
    return [
        name
        if names.count(name) == 1 and name not in keys and not name.startswith("第")
        else key or f"第{number}项"
        for number, (key, name) in enumerate(zip(keys, names, strict=True), 1)
    ]


def _at(branch: Branch, key: str) -> Node | None:
    node: Node | None = branch
    for part in key.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _value(branch: Branch, column: Column) -> str | int | date | time | None:
    node = _at(branch, column.key)
    if column.key == "obligation" and "scopes" in branch:
        return BY_GROUP
    match node:
        case None:
            return None
        case bool():
            return "是" if node else "否"
        case int():
            return node
        case list():
            words = [column.choices.get(str(each), str(each)) for each in node]
            return joined(words)
        case dict():
            return None
    if column.kind is Kind.DAY:
        return date.fromisoformat(node)
    if column.kind is Kind.CLOCK:
        return time.fromisoformat(node)
    return column.choices.get(node, node)


# --- drawing --------------------------------------------------------------------------------------


def _draw_facts(sheet: Worksheet, facts: Branch) -> None:
    rows: list[tuple[str, str | int | date | time | None, str]] = [
        (f"{each.heading} *" if each.is_required else each.heading, _value(facts, each), each.about)
        for each in FACTS
    ]
    _heading_row(sheet, FACTS_HEADINGS)
    for number, (column, row) in enumerate(zip(FACTS, rows, strict=True), 2):
        for index, value in enumerate(row, 1):
            _put(sheet, number, index, value, column if index == 2 else None)
        sheet.cell(number, 1).font = _font(bold=True, must=column.is_required)
        sheet.cell(number, 3).font = _font(colour="6B7280")
        if column.kind is Kind.FLAG:
            _offer(sheet, f"B{number}", ("是", "否"))
    for letter, width in zip("ABC", (20, 62, 56), strict=True):
        sheet.column_dimensions[letter].width = width
    _finish(sheet, "A2")


def _draw_rows(sheet: Worksheet, leaf: Leaf, rows: Sequence[tuple[str, Branch]]) -> None:
    parent = (Column(leaf.parent_heading, "", leaf.about, width=24, is_required=True),) if leaf.parent else ()
    columns = (*parent, *leaf.columns)
    _heading_row(sheet, [f"{each.heading} *" if each.is_required else each.heading for each in columns])
    for index, column in enumerate(columns, 1):
        about = column.about or leaf.about
        sheet.cell(1, index).comment = Comment(
            about, "回执", width=220, height=24 + 18 * (len(about) // 15 + 1)
        )
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    for number, (name, row) in enumerate(rows, 2):
        for index, column in enumerate(columns, 1):
            _put(sheet, number, index, _value(row, column) if column.key else name, column)
    last = max(len(rows), 1) + 1 + ROOM
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        words = ("是", "否") if column.kind is Kind.FLAG else tuple(column.choices.values())
        if column.key == "obligation" and leaf.key == "items":
            words = (*words, BY_GROUP)
        if column.kind in (Kind.FLAG, Kind.CHOICE):
            _offer(sheet, f"{letter}2:{letter}{last}", words)
        if column.kind is Kind.CHOICES:
            _offer(sheet, f"{letter}2:{letter}{last}", (*words, "、".join(words)))
    _finish(sheet, f"{get_column_letter(len(parent) + 1)}2" if parent else "C2")


def _heading_row(sheet: Worksheet, headings: Sequence[str]) -> None:
    for index, heading in enumerate(headings, 1):
        cell = sheet.cell(1, index, heading)
        cell.font = _font(bold=True, must=heading.endswith("*"))
        cell.fill = PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _border()
    sheet.row_dimensions[1].height = 28


def _put(
    sheet: Worksheet, row: int, index: int, value: str | int | date | time | None, column: Column | None
) -> None:
    cell = sheet.cell(row, index, value)
    if isinstance(value, str):
        # What begins with “=” is still text that somebody wrote.
        cell.data_type = "s"
    cell.font, cell.border = _font(), _border()
    cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal="left")
    if column is not None:
        cell.number_format = _FORMATS.get(column.kind, "@" if isinstance(value, str) else "General")


def _offer(sheet: Worksheet, cells: str, words: Sequence[str]) -> None:
    """A list to choose from; what is typed instead is judged by the reader, which can say more."""
    choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
    sheet.add_data_validation(choice)
    choice.add(cells)


def _finish(sheet: Worksheet, frozen: str) -> None:
    sheet.freeze_panes = frozen
    sheet.sheet_view.zoomScale = 100
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _draw_notes(sheet: Worksheet) -> None:
    for number, line in enumerate(_GUIDE, 1):
        cell = sheet.cell(number, 1, line)
        cell.font, cell.alignment = _font(), Alignment(wrap_text=True, vertical="center")
    sheet.column_dimensions["A"].width = 100


def _font(*, bold: bool = False, must: bool = False, colour: str = _INK) -> Font:
    return Font(name="宋体", size=10.5, bold=bold, color=_MUST if must else colour)


def _border() -> Border:
    edge = Side(style="thin", color=_LINE)
    return Border(left=edge, right=edge, top=edge, bottom=edge)
