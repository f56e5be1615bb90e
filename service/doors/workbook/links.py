"""Cells that lead to the filed documents, relative to where the workbook lies."""

from __future__ import annotations

from urllib.parse import quote

from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.worksheet.hyperlink import Hyperlink

from service.doors.workbook.columns import LINK_INK

# Excel's own limit of links on one sheet is 65,530; beyond it the whole workbook is called damaged.
LINKS_MAX = 60_000


def relative(path: str, depth: int) -> str:
    """A path of the exchange folder as seen from a workbook that lies `depth` folders below it."""
    return "../" * depth + quote(path, safe="/")


def lead(cell: Cell, target: str) -> None:
    """Let a cell lead somewhere; its words stay what they are."""
    cell.hyperlink = Hyperlink(ref=cell.coordinate, target=target)
    cell.font = Font(name="宋体", size=10.5, color=LINK_INK, underline="single")
