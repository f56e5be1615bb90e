"""A blank form on official paper: questions, room for answers, the code, and how to fill it in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.doors.press.paper import Format, blank, mm, paragraph, rule, sheet
from service.office.campaign import FieldKind, FormField, Item

_LONG = re.compile(r"简介|说明|意见|理由|内容|情况|效果|案例|备注|地址|措施|经过")
_WIDTHS = (mm(29), mm(49), mm(29), mm(49))


def blank_form(item: Item, number: int | None = None, notes: Sequence[str] = ()) -> bytes:
    """The form of an item: two questions a row, long answers across, the code above, advice below."""
    rows = "".join(_row(cells) for cells in _in_rows(item.fields))
    widths = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    borders = "".join(
        rule(side, "single", 6, 0, "000000")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    table = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(_WIDTHS)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{widths}</w:tblGrid>{rows}</w:tbl>"
    )
    head = paragraph(f"附件{number}", "AnnexMark") if number else ""
    title = item.name if item.name.endswith("表") else f"{item.name}登记表"
    body = (
        head
        + blank()
        + paragraph(title, "Title2")
        + paragraph("编号：{{ code }}", "Code")
        + table
        + "".join(paragraph(note, "Small") for note in notes or FORM_NOTES)
    )
    return sheet(body, Format.ANNEX, title=title)


FORM_NOTES = (
    "填表说明：",
    "1.请直接在右边各格填写，带*的为必填；一件一表，多件请分别填写。",
    "2.填好后作为附件回复通知邮件即可，不要删改编号。不便填表的，也可在回信里逐行写明各项。",
)


def _in_rows(fields: Sequence[FormField]) -> list[tuple[FormField, ...]]:
    """Two short fields a row; a field that asks for prose has a row to itself."""
    rows: list[tuple[FormField, ...]] = []
    pending: list[FormField] = []
    for field in fields:
        if _is_long(field):
            if pending:
                rows.append(tuple(pending))
                pending = []
            rows.append((field,))
            continue
        pending.append(field)
        if len(pending) == 2:
            rows.append(tuple(pending))
            pending = []
    return rows + ([tuple(pending)] if pending else [])


def _is_long(field: FormField) -> bool:
    return field.kind is FieldKind.TEXT and bool(_LONG.search(field.label))


def _row(fields: tuple[FormField, ...]) -> str:
    height = 2200 if _is_long(fields[0]) else 640
    cells = ""
    for field in fields:
        mark = "*" if field.is_required else ""
        across = 3 if len(fields) == 1 else 1
        cells += _cell(paragraph(field.label + mark, "CellLabel"), 1) + _cell(paragraph("", "Cell"), across)
    return (
        f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="{height}" w:hRule="atLeast"/></w:trPr>{cells}</w:tr>'
    )


def _cell(inside: str, across: int) -> str:
    width = _WIDTHS[0] if across == 1 and "CellLabel" in inside else sum(_WIDTHS[1 : 1 + across])
    span = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
    look = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}<w:vAlign w:val="center"/>'
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{inside}</w:tc>"
