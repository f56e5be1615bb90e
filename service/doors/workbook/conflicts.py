"""冲突 — what staff wrote into a workbook and could not be taken over, with everything they typed."""

from __future__ import annotations

from collections.abc import Sequence

from service.doors.workbook.columns import Column, Look, Page, Tone
from service.office.order import NotTakenOver

_COLUMNS = (
    Column("序号", 6, Look.NUMBER),
    Column("何时", 17, Look.CENTRE),
    Column("在哪里", 30),
    Column("单位", 26),
    Column("材料", 20),
    Column("栏", 11, Look.CENTRE),
    Column("原来", 16),
    Column("填写的", 26),
    Column("台账现在", 18),
    Column("经办人", 11, Look.CENTRE),
    Column("为什么没有办", 40),
)


def conflicts_page(day: str, rows: Sequence[NotTakenOver]) -> Page:
    """In the order in which they were found."""
    return Page(
        name="冲突",
        title=f"{day} 没有办成的填写（{len(rows)} 处）",
        remarks=("这些内容填在表里，没有办成：请看原因，改好后在新的表里重填，或用命令办理。",),
        columns=_COLUMNS,
        rows=tuple(
            (
                number,
                row.at,
                row.where,
                row.unit,
                row.item,
                row.column,
                row.was,
                row.typed,
                row.now,
                row.by,
                row.why,
            )
            for number, row in enumerate(rows, start=1)
        ),
        tab="B42318",
        tones=tuple({"为什么没有办": Tone.BAD} for _ in rows),
    )
