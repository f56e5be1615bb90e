"""发放清单 — the whole of a draft on one sheet: a row for each unit and recipient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from service.doors.workbook.columns import Column, Look, Page, Tone, Value
from service.office.share import Share

_COLUMNS = (
    Column("序号", 6, Look.NUMBER),
    Column("组别", 14),
    Column("单位", 26),
    Column("方式", 10, Look.CENTRE),
    Column("收件人", 30),
    Column("联系人", 18),
    Column("编号", 12, Look.CENTRE),
    Column("收到什么", 34),
    Column("要报什么、到什么时候", 46),
    Column("何时催办", 30),
    Column("与同组不同", 22),
)


def shares_page(title: str, shares: Sequence[Share], at: datetime) -> Page:
    """The sheet; units without a mailbox, and those that differ, are set apart by colour."""
    rows = [(share, row) for share in shares for row in _rows(share, at)]
    return Page(
        name="发放清单",
        title=f"{title} 发放清单",
        remarks=(f"校样制作于 {at:%Y-%m-%d %H:%M}。一个单位一个收件人一行；没有邮箱的打印送达。",),
        columns=_COLUMNS,
        rows=tuple((number, *row) for number, (_, row) in enumerate(rows, 1)),
        tab="B42318",
        tones=tuple(_tones(share) for share, _ in rows),
        if_empty="没有单位",
    )


def _rows(share: Share, at: datetime) -> Iterator[tuple[Value, ...]]:
    owed = "\n".join(f"{each.name}（{each.obligation}）：{each.due}" for each in share.owed)
    again = "\n".join(
        f"{each.at.astimezone(at.tzinfo):%Y-%m-%d %H:%M} {each.step}" for each in share.reminders
    )
    for rcpt in share.rcpts or ("",):
        yield (
            "抄送" if share.is_copy else "、".join(share.groups),
            share.name,
            share.how,
            rcpt,
            "\n".join(share.contacts),
            share.code,
            "\n".join(share.files),
            owed,
            again,
            "\n".join(share.differs),
        )


def _tones(share: Share) -> dict[str, Tone]:
    tones = {"与同组不同": Tone.CARE} if share.differs else {}
    return tones if share.rcpts else {**tones, "方式": Tone.BAD}
