"""催办记录 and 通讯录核对 — whom we have reminded, and which addresses somebody should look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.doors.workbook.columns import Column, Look, Page, Tone, Value
from service.office.board import AddressRow, Board, ChasedRow

Local = Callable[..., Value]

_ADDRESSES = (
    Column("序号", 6, Look.NUMBER),
    Column("单位", 28),
    Column("组别", 16),
    Column("上级/地区", 16),
    Column("联系人", 12),
    Column("电话", 20),
    Column("邮箱", 32),
    Column("邮箱状态", 18, Look.CENTRE),
    Column("请核对", 44),
)
_CHASED = (
    Column("序号", 6, Look.NUMBER),
    Column("单位", 28),
    Column("材料", 28),
    Column("步骤", 16, Look.CENTRE),
    Column("排定时间", 17, Look.MOMENT),
    Column("发出时间", 17, Look.MOMENT),
    Column("结果", 34),
    Column("收件人", 30),
)


def chased_page(board: Board, remarks: Sequence[str], local: Local) -> Page:
    """Every reminder, the newest first: who was chased when, and what did not go out."""
    rows = tuple(reversed(board.chased))
    sent = sum(row.sent_at is not None for row in rows)
    return Page(
        name="催办记录",
        title=f"催办记录（{len(rows)} 次，已发出 {sent} 次）",
        remarks=tuple(remarks),
        columns=_CHASED,
        rows=tuple((number, *_chased(row, board, local)) for number, row in enumerate(rows, start=1)),
        tab="B7791F",
        tones=tuple(_tone(row) for row in rows),
        if_empty="还没有催办过",
    )


def addresses_page(board: Board) -> Page:
    """Lines that somebody should look at stand first."""
    rows = sorted(board.addresses, key=lambda row: not row.advice)
    amiss = sum(bool(row.advice) for row in rows)
    said = f"有 {amiss} 行要核对，列在最前。" if amiss else "没有要核对的。"
    return Page(
        name="通讯录核对",
        title="通讯录核对",
        remarks=(f"{said}要改动，请改 config/units.xlsx；本页由系统生成。",),
        columns=_ADDRESSES,
        rows=tuple((number, *_address(row)) for number, row in enumerate(rows, start=1)),
        tab="3B5B8C",
        tones=tuple({"邮箱状态": Tone.BAD, "请核对": Tone.CARE} if row.advice else {} for row in rows),
        if_empty="通讯录是空的",
    )


def _chased(row: ChasedRow, board: Board, local: Local) -> tuple[Value, ...]:
    zone = board.at.tzinfo
    times = (local(row.queued_at, zone), local(row.sent_at, zone))
    return (row.unit, row.items, row.step, *times, row.outcome, row.rcpt)


def _tone(row: ChasedRow) -> dict[str, Tone]:
    if row.is_in_trouble:
        return {"结果": Tone.BAD}
    return {"结果": Tone.GOOD} if row.sent_at else {"结果": Tone.CARE}


def _address(row: AddressRow) -> tuple[Value, ...]:
    return (row.unit, row.groups, row.parent, row.contact, row.phone, row.address, row.state, row.advice)
