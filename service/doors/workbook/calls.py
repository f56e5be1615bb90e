"""催办电话表.xlsx: whom to call about what, one line a unit, with room to write down what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.doors.workbook.columns import Column, Look, Page, Tone, Value
from service.office.board import AddressRow, Board, BoardRow
from service.office.ladder import Rung
from service.office.tally import (
    due_of,
    group_of,
    left_words,
    mailbox_sentence,
    moment,
    still_chased,
    to_be_called,
    unassigned_sentence,
)

# Wide enough to be written into by hand.
_COLUMNS = (
    Column("序号", 6, Look.NUMBER),
    Column("组别", 15),
    Column("单位", 25),
    Column("联系人", 10),
    Column("电话", 20),
    Column("还没有报的材料", 24),
    Column("截止", 17, Look.CENTRE),
    Column("剩余/逾期", 12, Look.CENTRE),
    Column("最近联系", 15, Look.CENTRE),
    Column("催到哪一步", 15, Look.CENTRE),
    Column("通话时间", 14),
    Column("答复", 26),
    Column("承诺日期", 13),
)
_HOW = (
    "请打印后填写；本表由系统随时更新，直接填在表里会被覆盖。"
    "说好日期的，用 huizhi record … --via promise 登记，此后到期前不再催。"
)


def calls_pages(board: Board) -> Sequence[Page]:
    """Whom to call now; and for reference, on a sheet of their own, whom the machine still reminds."""
    return (
        _page(board, "催办电话", "催办电话表", to_be_called(board), "B42318", "现在没有要打电话催办的单位"),
        _page(
            board, "仍在邮件催办", "仍在邮件催办的单位", still_chased(board), "6B7280", "没有邮件仍在催的单位"
        ),
    )


def _page(
    board: Board, name: str, title: str, units: Sequence[tuple[BoardRow, ...]], tab: str, if_empty: str
) -> Page:
    first = f"{board.title}　截至 {moment(board.at)}。{mailbox_sentence(board)}"
    people = _people(board.addresses)
    return Page(
        name=name,
        title=f"{title}（{len(units)} 个单位）",
        remarks=(first, unassigned_sentence(board), _HOW),
        columns=_COLUMNS,
        rows=tuple(_line(number, rows, board, people) for number, rows in enumerate(units, start=1)),
        tab=tab,
        tones=tuple({"剩余/逾期": Tone.BAD} if any(r.is_overdue for r in rows) else {} for rows in units),
        if_empty=if_empty,
    )


def _line(
    number: int, rows: Sequence[BoardRow], board: Board, people: dict[str, list[tuple[str, str]]]
) -> tuple[Value, ...]:
    first = rows[0]
    whom = people.get(first.unit_name, [])
    return (
        number,
        group_of(first),
        first.unit_name,
        "\n".join(name for name, _ in whom),
        "\n".join(phone for _, phone in whom) or "通讯录里没有电话",
        "\n".join(row.item_name for row in rows),
        "\n".join(_due(row, board) for row in rows),
        "\n".join(left_words(row) for row in rows),
        first.last_contact,
        _rung(rows),
        None,
        None,
        None,
    )


def _people(rows: Sequence[AddressRow]) -> dict[str, list[tuple[str, str]]]:
    """Name and telephone of everybody who may be called; a person of several addresses stands once."""
    people: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        known = people.setdefault(row.unit, [])
        if row.phone and (row.contact, row.phone) not in known:
            known.append((row.contact, row.phone))
    return people


def _due(row: BoardRow, board: Board) -> str:
    due = due_of(row, board.at.tzinfo)
    # The day alone, or the hour with it where one is set.
    if isinstance(due, datetime):
        return f"{due:%Y-%m-%d %H:%M}"
    return due.isoformat() if due else ""


def _rung(rows: Sequence[BoardRow]) -> str:
    urged = [row.climb.urged_at for row in rows if row.climb is not None and row.climb.urged_at is not None]
    if urged:
        return f"{max(urged):%-m月%-d日}已发催报函"
    if not rows[0].has_mail:
        return "没有可用的邮箱"
    is_past = any(row.climb is not None and row.climb.rung is not Rung.REMINDING for row in rows)
    return "催办邮件已发完" if is_past else "还有催办待发"
