"""目录.xlsx — what a parcel holds, one work a line, with links into it and fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook as Book
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.worksheet.hyperlink import Hyperlink

from service.doors.workbook.columns import Column, Look, Page, Tone
from service.doors.workbook.rollup import LINK, relative_link
from service.doors.workbook.sheet import draw_page
from service.office.parcel import ParcelRow
from service.office.tally import moment

_COLUMNS = (
    Column("序号", 6, Look.NUMBER),
    Column("材料", 22),
    Column("单位", 28),
    Column("组别", 16, Look.CENTRE),
    Column("件", 6, Look.NUMBER),
    Column("题目", 28),
    Column("状况", 12, Look.CENTRE),
    Column("评语", 30),
    Column("文件", 36),
    Column("SHA-256（前 16 位，全文见 SHA256SUMS）", 26),
)
_FILES = 9


def draw_index(book: Book, title: str, rows: Sequence[ParcelRow], at: datetime) -> None:
    """One sheet; a work of several files links to its folder."""
    values = tuple(
        (
            number,
            row.item_name,
            row.unit_name,
            row.group,
            row.entry,
            row.title,
            row.state,
            row.remark,
            "\n".join(each.path.rpartition("/")[2] for each in row.files) or "（没有文件）",
            "\n".join(each.sha256[:16] for each in row.files),
        )
        for number, row in enumerate(rows, start=1)
    )
    tones = tuple({} if row.state in {"有效", "零报告"} else {"状况": Tone.BAD} for row in rows)
    remarks = (f"制作于{moment(at)}，共 {len(rows)} 件，{sum(len(each.files) for each in rows)} 个文件。",)
    sheet = draw_page(book, Page("目录", f"{title}　目录", remarks, _COLUMNS, values, "3B5B8C", tones))
    for offset, row in enumerate(rows):
        cell = sheet.cell(len(remarks) + 3 + offset, _FILES)
        if row.files and isinstance(cell, Cell):
            path = row.files[0].path
            target = path if len(row.files) == 1 else path.rpartition("/")[0]
            cell.hyperlink = Hyperlink(ref=cell.coordinate, target=relative_link(target))
            cell.font = Font(name="宋体", size=10.5, color=LINK, underline="single")
