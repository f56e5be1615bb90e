"""A member of staff who opens 台账.xlsx, types into its yellow cells, saves and closes."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from openpyxl import load_workbook

# A book just saved is left alone for some seconds; nobody waits for them in a rehearsal.
CLOSED_SINCE_SECONDS = 120
_SHEET = "登记"


def write_paper(path: Path, unit: str, item: str, on: date, reason: str, by: str) -> str:
    """The day a unit's paper came, with reason and name; why it could not be typed, or nothing."""
    book = load_workbook(path)
    sheet = book[_SHEET]
    heads = next((row for row in sheet.iter_rows() if {"单位", "材料"} <= {cell.value for cell in row}), ())
    columns = {str(cell.value): cell.column for cell in heads if cell.value}
    first = (heads[0].row or 0) + 1 if heads else 1
    for row in range(first, (sheet.max_row or 0) + 1):
        if heads and (sheet.cell(row, columns["单位"]).value, sheet.cell(row, columns["材料"]).value) == (
            unit,
            item,
        ):
            for head, value in (("纸质收到", on), ("理由", reason), ("经办人", by)):
                sheet.cell(row, columns[head]).value = value
            book.save(path)
            at = path.stat().st_mtime - CLOSED_SINCE_SECONDS
            os.utime(path, (at, at))
            return ""
    return f"{path.name} 的“{_SHEET}”里没有 {unit}《{item}》这一行"
