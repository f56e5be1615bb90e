"""A blank form on official paper: questions, room for answers, the code, and how to fill it in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.doors.press.paper import Format, blank, mm, paragraph, rule, sheet
from service.office.campaign import FieldKind, FormField, Item

_LONG = re.compile(r"简介|说明|意见|理由|内容|情况|效果|案例|备注|措施|经过|做法|建议|总结|事迹")
_WIDE = re.compile(r"单位|机构|名称|地址|题目|标题|网址")
# Twips of the table on a page that also holds head, title, code and notes; one page is what people print.
_TABLE_HEIGHT = 8300
_SHORT, _TALL_AT_LEAST, _TALL_AT_MOST = 600, 850, 2600
_WIDTHS = (mm(29), mm(49), mm(29), mm(49))


def blank_form(item: Item, number: int | None = None, notes: Sequence[str] = ()) -> bytes:
    """The form of an item: two questions a row, long answers across, the code above, advice below."""
    cut = _in_rows(item.fields)
    tall = _tall([_is_long(cells[0]) for cells in cut])
    rows = "".join(_row(cells, tall if _is_long(cells[0]) else _SHORT) for cells in cut)
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
    """Two short fields a row; one that asks for prose or a long name has a row to itself."""
    rows: list[tuple[FormField, ...]] = []
    pending: list[FormField] = []
    for field in fields:
        if _is_long(field) or _is_wide(field):
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


def _is_wide(field: FormField) -> bool:
    return field.kind is FieldKind.TEXT and (
        field.is_unit_name or field.is_title or bool(_WIDE.search(field.label))
    )


def _tall(rows: Sequence[bool]) -> int:
    """The height of rows for prose (True): what the others leave of one page, shared out."""
    if not any(rows):
        return _SHORT
    room = (_TABLE_HEIGHT - _SHORT * rows.count(False)) // rows.count(True)
    return max(_TALL_AT_LEAST, min(room, _TALL_AT_MOST))


def _row(fields: tuple[FormField, ...], height: int) -> str:
    cells = ""
    for field in fields:
        mark = "*" if field.is_required else ""
        across = 3 if len(fields) == 1 else 1
        cells += _cell(paragraph(field.label + mark, "CellLabel"), 1) + _cell(
            paragraph("", "Cell"), across, is_tall=height > _SHORT
        )
    return (
        f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="{height}" w:hRule="atLeast"/></w:trPr>{cells}</w:tr>'
    )


def _cell(inside: str, across: int, *, is_tall: bool = False) -> str:
    width = _WIDTHS[0] if across == 1 and "CellLabel" in inside else sum(_WIDTHS[1 : 1 + across])
    span = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
    look = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}<w:vAlign w:val="{"top" if is_tall else "center"}"/>'
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{inside}</w:tc>"
