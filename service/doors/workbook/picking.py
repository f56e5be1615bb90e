"""Drop-downs for the columns in which staff write, and a lock on the sheets in which they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openpyxl import Workbook as Book
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.protection import SheetProtection
from openpyxl.worksheet.worksheet import Worksheet

from service.doors.workbook.columns import Column, Pick

CHOICES = "选项"
# The lists on the hidden sheet, each in a column of its own.
_LISTS = (Pick.UNIT, Pick.ITEM, Pick.HOW, Pick.STAFF)
# A choice outside the list is refused at once where nothing else could be taken over.
_STRICT = (Pick.HOW, Pick.STAFF, Pick.YES)
_PROMPTS = {
    Pick.UNIT: "从名单里选；名单外的单位请用 assign 命令",
    Pick.ITEM: "报送的是哪一项",
    Pick.HOW: "这件事怎样处理",
    Pick.STAFF: "谁办的；不填经办人的不办理",
    Pick.YES: "免报的填“是”；撤回的清空",
    Pick.DAY: "写成 2024-09-30",
}


def lay_choices(book: Book, lists: Mapping[Pick, Sequence[str]]) -> None:
    """The hidden sheet that the drop-downs refer to; lists written into a cell hold 255 signs only."""
    sheet: Worksheet = book.create_sheet(CHOICES)
    sheet.sheet_state = "hidden"
    for column, pick in enumerate(_LISTS, start=1):
        for row, word in enumerate((pick.value, *lists.get(pick, ())), start=1):
            cell = sheet.cell(row, column)
            cell.value = word
            cell.data_type = "s"


def offer(
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: tuple[int, int],
    lists: Mapping[Pick, Sequence[str]],
) -> None:
    """Every open column of a sheet with what it offers; sorting and filtering stay possible."""
    first, last = rows
    for index, column in enumerate(columns, start=1):
        if column.pick is None:
            continue
        rule = _rule(column.pick, lists)
        letter = get_column_letter(index)
        rule.promptTitle, rule.prompt = column.heading, _PROMPTS[column.pick]
        rule.errorTitle = column.heading
        rule.errorStyle = "stop" if column.pick in _STRICT else "warning"
        rule.showErrorMessage = rule.showInputMessage = True
        rule.add(f"{letter}{first}:{letter}{last}")
        sheet.add_data_validation(rule)


def shut(sheet: Worksheet) -> None:
    """What is typed here would be lost at the next writing, so the program says so at once; no password."""
    sheet.protection = SheetProtection(
        sheet=True,
        autoFilter=False,
        sort=False,
        formatColumns=False,
        formatRows=False,
        formatCells=False,
        insertHyperlinks=True,
    )


def _rule(pick: Pick, lists: Mapping[Pick, Sequence[str]]) -> DataValidation:
    if pick is Pick.DAY:
        # Days before this were never meant: 2000-01-01.
        rule = DataValidation("date", operator="greaterThan", formula1="36526", allow_blank=True)
        rule.error = "请填日期，如 2024-09-30"
        return rule
    if pick is Pick.YES:
        rule = DataValidation("list", formula1='"是"', allow_blank=True)
        rule.error = "请填“是”，或者空着"
        return rule
    column = get_column_letter(_LISTS.index(pick) + 1)
    last = 1 + max(1, len(lists.get(pick, ())))
    span = f"'{CHOICES}'!${column}$2:${column}${last}"
    rule = DataValidation("list", formula1=span, allow_blank=True)
    rule.error = "请从列表里选"
    return rule
