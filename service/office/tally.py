"""统计 — counts over a board, and the sentences that stand on every list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from service.office.board import Board, BoardRow
from service.office.campaign import Obligation
from service.office.docket import STATE_WORDS, DocketState, MediumState
from service.office.ladder import Rung
from service.office.needs.ledger import DocketCount

OBLIGATION_WORDS = {
    Obligation.REQUIRED: "应报",
    Obligation.VOLUNTARY: "自愿",
    Obligation.ROLLING: "随时报",
}
UNGROUPED, OUTSIDE = "未分组", "名单以外"
MEDIUM_WORDS = {MediumState.AWAITED: "未到", MediumState.RETURNED: "已到"}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over dockets. Every one but `exempt` and `volunteered` is of required dockets only.

    `expected` is the sum of returned, missing, needs_correction, in_review, undelivered, by_link, promised
    and not_sent; `returned` that of on_time and late: a list whose parts do not add up would be no list.
    """

    expected: int = 0  # 应报, the exempt ones not counted
    returned: int = 0
    on_time: int = 0
    late: int = 0
    missing: int = 0
    overdue: int = 0  # of the missing
    needs_correction: int = 0
    in_review: int = 0
    undelivered: int = 0
    by_link: int = 0
    promised: int = 0
    not_sent: int = 0
    exempt: int = 0
    volunteered: int = 0  # voluntary and rolling dockets that are in

    @property
    def return_rate(self) -> float | None:
        """已报 / 应报; None where nothing is owed."""
        return self.returned / self.expected if self.expected else None

    @property
    def on_time_rate(self) -> float | None:
        """按时 / 应报; None where nothing is owed."""
        return self.on_time / self.expected if self.expected else None


def count(rows: Iterable[BoardRow]) -> Tally:
    """The counts over these rows."""
    every = tuple(rows)
    owed = [
        row
        for row in every
        if row.docket.obligation is Obligation.REQUIRED and row.docket.state is not DocketState.EXEMPT
    ]

    def having(state: DocketState) -> int:
        return sum(row.docket.state is state for row in owed)

    late = sum(row.docket.is_late for row in owed if row.docket.state is DocketState.RETURNED)
    return Tally(
        expected=len(owed),
        returned=having(DocketState.RETURNED),
        on_time=having(DocketState.RETURNED) - late,
        late=late,
        missing=having(DocketState.AWAITED),
        overdue=sum(row.is_overdue for row in owed),
        needs_correction=having(DocketState.NEEDS_CORRECTION),
        in_review=having(DocketState.IN_REVIEW),
        undelivered=having(DocketState.UNDELIVERED),
        by_link=having(DocketState.BY_LINK),
        promised=having(DocketState.PROMISED),
        not_sent=having(DocketState.NOT_SENT),
        exempt=sum(row.docket.state is DocketState.EXEMPT for row in every),
        volunteered=sum(
            row.docket.obligation is not Obligation.REQUIRED and row.docket.state is DocketState.RETURNED
            for row in every
        ),
    )


def tally_of(counts: Iterable[DocketCount]) -> Tally:
    """The same counts from what the database has counted."""
    every = tuple(counts)
    owed = [
        each
        for each in every
        if each.obligation is Obligation.REQUIRED and each.state is not DocketState.EXEMPT
    ]

    def having(state: DocketState) -> int:
        return sum(each.number for each in owed if each.state is state)

    late = sum(each.late for each in owed if each.state is DocketState.RETURNED)
    return Tally(
        expected=sum(each.number for each in owed),
        returned=having(DocketState.RETURNED),
        on_time=having(DocketState.RETURNED) - late,
        late=late,
        missing=having(DocketState.AWAITED),
        overdue=sum(each.overdue for each in owed),
        needs_correction=having(DocketState.NEEDS_CORRECTION),
        in_review=having(DocketState.IN_REVIEW),
        undelivered=having(DocketState.UNDELIVERED),
        by_link=having(DocketState.BY_LINK),
        promised=having(DocketState.PROMISED),
        not_sent=having(DocketState.NOT_SENT),
        exempt=sum(each.number for each in every if each.state is DocketState.EXEMPT),
        volunteered=sum(
            each.number
            for each in every
            if each.obligation is not Obligation.REQUIRED and each.state is DocketState.RETURNED
        ),
    )


def count_by_item(board: Board) -> tuple[tuple[str, Tally], ...]:
    """(item name, counts) for every item, in the campaign's order; an item nobody is asked for has zeros."""
    rows: dict[str, list[BoardRow]] = {name: [] for _, name in board.item_names}
    for row in board.rows:
        rows.setdefault(row.item_name, []).append(row)
    return tuple((name, count(each)) for name, each in rows.items())


def group_of(row: BoardRow) -> str:
    """The group a row is counted under: the unit's first, so that the groups add up to the whole."""
    if row.docket.is_third_party:
        return OUTSIDE
    return row.groups[0] if row.groups else UNGROUPED


def count_by_group(board: Board) -> tuple[tuple[str, Tally], ...]:
    """(group, counts) for every group, in the order of the roster; bodies on no roster stand last."""
    rows: dict[str, list[BoardRow]] = {}
    for row in sorted(board.rows, key=lambda row: row.docket.is_third_party):
        rows.setdefault(group_of(row), []).append(row)
    return tuple((name, count(each)) for name, each in rows.items())


def missing_rows(board: Board) -> tuple[BoardRow, ...]:
    """未报, the most overdue first, then by unit."""
    rows = [row for row in board.rows if row.docket.is_missing]
    return tuple(sorted(rows, key=lambda row: (row.days_left is None, row.days_left or 0)))


def to_be_called(board: Board) -> tuple[tuple[BoardRow, ...], ...]:
    """Units to be called, each with what it still owes; by group, the longest overdue first.

    Called is whoever every reminder has reached in vain, and whoever no mail reaches at all.
    """
    return _by_unit(board, lambda row: not row.has_mail or _is_past(row))


def still_chased(board: Board) -> tuple[tuple[BoardRow, ...], ...]:
    """Units whose missing items the machine still reminds them of, in the same order."""
    return _by_unit(board, lambda row: row.has_mail and not _is_past(row))


def _is_past(row: BoardRow) -> bool:
    return row.climb is not None and row.climb.rung is not Rung.REMINDING


def _by_unit(board: Board, takes: Callable[[BoardRow], bool]) -> tuple[tuple[BoardRow, ...], ...]:
    units: dict[str, list[BoardRow]] = {}
    for row in missing_rows(board):
        if takes(row) and not row.docket.is_third_party:
            units.setdefault(row.docket.unit, []).append(row)
    groups = {name: place for place, (name, _) in enumerate(count_by_group(board))}
    # Within a group in the order of `missing_rows`, the most overdue first.
    return tuple(sorted(map(tuple, units.values()), key=lambda rows: groups[group_of(rows[0])]))


def rows_in(board: Board, *states: DocketState) -> tuple[BoardRow, ...]:
    """Rows in any of these states, in the board's order."""
    return tuple(row for row in board.rows if row.docket.state in states)


def state_words(row: BoardRow) -> str:
    """The state as people say it; half a return names the half that is still out."""
    docket = row.docket
    if docket.state is DocketState.AWAITED:
        if docket.electronic is MediumState.RETURNED and docket.paper is MediumState.AWAITED:
            return "纸质版未到"
        if docket.paper is MediumState.RETURNED and docket.electronic is MediumState.AWAITED:
            return "电子版未到"
        if docket.obligation is not Obligation.REQUIRED:
            # Nobody owes it, so nobody has failed to bring it.
            return "可随时报" if docket.obligation is Obligation.ROLLING else "未报（自愿）"
    return STATE_WORDS[docket.state]


def timeliness_words(row: BoardRow) -> str:
    """按时 or 迟报 for what is in and was owed, 逾期 for what is missing after its time, else nothing."""
    docket = row.docket
    if row.is_overdue:
        return "逾期"
    if docket.state is not DocketState.RETURNED:
        return ""
    if docket.obligation is not Obligation.REQUIRED:
        return OBLIGATION_WORDS[docket.obligation]
    return "迟报" if docket.is_late else "按时"


def left_words(row: BoardRow) -> str:
    """剩 3 天, 今天截止, 逾期 2 天; empty where there is no due date."""
    if row.days_left is None:
        return ""
    if row.days_left < 0 and row.docket.is_missing and not row.is_overdue:
        return "宽限期内"
    if row.days_left < 0:
        return f"逾期 {-row.days_left} 天"
    if row.days_left > 0:
        return f"剩 {row.days_left} 天"
    return "今天已逾期" if row.is_overdue else "今天截止"


def due_of(row: BoardRow, zone: tzinfo | None) -> date | datetime | None:
    """The day that counts, or the hour where one is set, as the clock on the wall shows it."""
    if row.docket.due_until is None:
        return None
    end = row.docket.due_until.astimezone(zone or UTC).replace(tzinfo=None)
    if (end.hour, end.minute, end.second) == (0, 0, 0):
        return (end - timedelta(seconds=1)).date()
    return end


def board_sentence(board: Board) -> str:
    """截至…: the whole board in one sentence."""
    total = count(board.rows)
    parts = [
        f"应报 {total.expected} 项",
        f"已报 {total.returned} 项（按时 {total.on_time}、迟报 {total.late}）",
        f"未报 {total.missing} 项（其中逾期 {total.overdue}）",
        f"待补正 {total.needs_correction} 项",
        f"待人工 {total.in_review} 项",
        f"未送达 {total.undelivered} 项",
    ]
    parts += _where_any(total)
    end = f"；另有自愿报送 {total.volunteered} 项。" if total.volunteered else "。"
    return f"截至{moment(board.at)}，" + "，".join(parts) + end


def apart_sentence(board: Board) -> str:
    """What is neither in nor 未报, each under its own name [law 6]; empty when there is none."""
    total = count(board.rows)
    named = [
        ("待补正", total.needs_correction),
        ("待人工", total.in_review),
        ("未送达", total.undelivered),
    ]
    parts = [f"{word} {number} 项" for word, number in named if number] + _where_any(total)
    return f"另有{'、'.join(parts)}，不算未报。" if parts else ""


def unassigned_sentence(board: Board) -> str:
    """How many letters no unit could be given yet: the list may change by them [law 6]."""
    return unassigned_words(board.unassigned_letters)


def unassigned_words(letters: int) -> str:
    """The same of a number."""
    if not letters:
        return "没有未归属的来信。"
    return f"还有 {letters} 封来信没有归属到单位，名单可能因此变动：请先处理“待人工”。"


def mailbox_sentence(board: Board) -> str:
    """Until when the list can know anything."""
    if board.mailbox_read_at is None:
        return "信箱还没有成功读取过。"
    return f"信箱最近一次成功读取：{moment(board.mailbox_read_at.astimezone(board.at.tzinfo))}。"


def moment(at: datetime) -> str:
    """2024年9月30日10:00."""
    return f"{at.year}年{at.month}月{at.day}日{at:%H:%M}"


def _where_any(total: Tally) -> list[str]:
    named = [
        ("链接待取", total.by_link),
        ("已承诺", total.promised),
        ("未发出", total.not_sent),
        ("免报", total.exempt),
    ]
    return [f"{word} {number} 项" for word, number in named if number]
