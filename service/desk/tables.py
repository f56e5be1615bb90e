"""What a terminal shows: 谁没报, the whole board, the desk, and what doctor found."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from service.desk.shapes import Check
from service.office.board import Board, BoardRow, DeskRow
from service.office.campaign import Obligation
from service.office.docket import DocketState
from service.office.tally import (
    OBLIGATION_WORDS,
    Tally,
    apart_sentence,
    board_sentence,
    count,
    count_by_item,
    due_of,
    left_words,
    mailbox_sentence,
    missing_rows,
    state_words,
    timeliness_words,
    unassigned_sentence,
)

_GOOD, _BAD, _CARE, _QUIET = "green", "bold red", "yellow", "dim"


def every_row(_row: BoardRow) -> bool:
    """No row is left out."""
    return True


def missing_table(board: Board, takes: Callable[[BoardRow], bool] = every_row) -> RenderableType:
    """谁没报: the required and awaited, whom to call, and how far the list can be trusted."""
    rows = [row for row in missing_rows(board) if takes(row)]
    table = _table(f"谁没报：{board.title}（{len(rows)} 项）")
    for heading in ("单位", "材料", "截止", "剩余/逾期", "联系人", "最近联系"):
        # Folded, never cut: half a unit's name is another unit's.
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            plain(row.unit_name),
            plain(_item_words(row)),
            plain(_due_words(row, board)),
            plain(left_words(row), _BAD if row.is_overdue else ""),
            plain(row.contact),
            plain(row.last_contact),
        )
    body: RenderableType = table if rows else plain(f"谁没报：{board.title}。没有未报的单位。", _GOOD)
    return Group(body, *below(board, apart_sentence(board)))


def status_table(board: Board, takes: Callable[[BoardRow], bool] = every_row) -> RenderableType:
    """Every unit and item with its state; what stands below is said of the whole board."""
    table = _table(board.title)
    for heading in ("单位", "材料", "要求", "状态", "截止", "报送", "按时与否", "件/版", "说明"):
        table.add_column(heading, overflow="fold")
    for row in filter(takes, board.rows):
        docket = row.docket
        came = docket.returned_at.astimezone(board.at.tzinfo) if docket.returned_at else None
        table.add_row(
            plain(row.unit_name),
            plain(row.item_name),
            plain(OBLIGATION_WORDS[docket.obligation]),
            plain(state_words(row), _state_style(row)),
            plain(_due_words(row, board)),
            plain(f"{came.month}月{came.day}日{came:%H:%M}" if came else ""),
            plain(timeliness_words(row), _BAD if row.is_overdue else ""),
            plain(f"{docket.entries}/{docket.version}" if docket.entries else ""),
            plain(_note(row)),
        )
    return Group(table, *below(board, board_sentence(board)))


def summary_table(board: Board) -> RenderableType:
    """Counts for every item, and the sum."""
    table = _counts(board.title, count_by_item(board), count(board.rows))
    return Group(table, *below(board, board_sentence(board)))


def totals_table(
    title: str, named: Sequence[tuple[str, Tally]], whole: Tally, unassigned: int
) -> RenderableType:
    """The same without a board behind it, for rosters of any size."""
    say = f"还有 {unassigned} 封来信没有归属到单位或待人工，数目可能因此变动。" if unassigned else ""
    return Group(_counts(title, named, whole), *([plain(say, _BAD)] if say else []))


def _counts(title: str, named: Sequence[tuple[str, Tally]], whole: Tally) -> Table:
    table = _table(title)
    table.add_column("材料", overflow="fold")
    headings = (
        "应报",
        "已报",
        "按时",
        "迟报",
        "未报",
        "逾期",
        "待补正",
        "待人工",
        "未送达",
        "免报",
        "自愿已报",
    )
    for heading in (*headings, "报送率"):
        table.add_column(heading, justify="right")
    for name, tally in (*named, ("合计", whole)) if len(named) > 1 else named:
        numbers = (tally.expected, tally.returned, tally.on_time, tally.late, tally.missing, tally.overdue)
        more = (tally.needs_correction, tally.in_review, tally.undelivered, tally.exempt, tally.volunteered)
        rate = "—" if tally.return_rate is None else f"{tally.return_rate:.1%}"
        table.add_row(plain(name), *(str(number) for number in (*numbers, *more)), rate)
    return table


def desk_list(rows: Sequence[DeskRow], now: datetime) -> RenderableType:
    """What needs a person, each with its command on a line of its own.

    Print it with `soft_wrap=True`: a line broken by us could not be copied as one command.
    """
    if not rows:
        return plain("没有需要人工处理的事。", _GOOD)
    lines: list[Text] = []
    for number, row in enumerate(rows, start=1):
        head = Text(f"{number}. ", style="bold")
        head.append_text(plain(row.kind, _BAD if row.kind in {"密级", "存疑"} else _CARE))
        head.append_text(plain(f"  {row.ref}  {row.unit}".rstrip(), "bold"))
        head.append_text(plain(f"  已等{waited_words(now - row.since)}", _QUIET))
        lines += [head, plain(f"   {row.say}"), plain(f"   {row.remedy}", "cyan"), Text()]
    return Group(plain(f"需要人工处理的事：{len(rows)} 项", "bold"), Text(), *lines[:-1])


def check_list(checks: Sequence[Check]) -> RenderableType:
    """What doctor or health looked at, one line each, and the verdict."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in checks:
        sign = Text("✓", _GOOD) if each.is_ok else Text("✗", _BAD)
        table.add_row(sign, plain(each.check), plain(each.say, "" if each.is_ok else "red"))
    wrong = sum(not each.is_ok for each in checks)
    end = plain(f"有 {wrong} 项需要处理。", _BAD) if wrong else plain("全部正常。", _GOOD)
    return Group(table, end)


def waited_words(waited: timedelta) -> str:
    """2 天, 3 小时, 不到 1 小时."""
    if waited >= timedelta(days=1):
        return f" {waited.days} 天"
    hours = int(waited.total_seconds() // 3600)
    return f" {hours} 小时" if hours >= 1 else "不到 1 小时"


def _table(title: str) -> Table:
    return Table(title=plain(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def below(board: Board, *sentences: str) -> list[Text]:
    """What stands under every list [law 6]."""
    lines = [plain(each) for each in sentences if each]
    lines.append(plain(unassigned_sentence(board), _BAD if board.unassigned_letters else ""))
    lines.append(plain(mailbox_sentence(board), _QUIET))
    return lines


def _item_words(row: BoardRow) -> str:
    """The item, and which half of it is still out where the other is in."""
    state = state_words(row)
    return row.item_name if state == "未报" else f"{row.item_name}（{state}）"


def _due_words(row: BoardRow, board: Board) -> str:
    match due_of(row, board.at.tzinfo):
        case None:
            return "随时" if row.docket.obligation is Obligation.ROLLING else "—"
        case datetime() as at:
            return f"{at.month}月{at.day}日{at:%H:%M}"
        case date() as day:
            return f"{day.month}月{day.day}日"


def _note(row: BoardRow) -> str:
    promised = row.docket.promised_on
    parts = [
        f"承诺{promised.month}月{promised.day}日" if promised else "",
        row.docket.reason or "",
        "；".join(row.findings) if row.docket.state is DocketState.NEEDS_CORRECTION else "",
    ]
    return "；".join(filter(None, parts))


def _state_style(row: BoardRow) -> str:
    if row.docket.state is DocketState.RETURNED:
        return _GOOD
    if row.docket.state is DocketState.AWAITED:
        return _BAD if row.docket.is_missing else ""
    return _CARE


def plain(text: str, style: str = "") -> Text:
    """Words of whoever wrote them: neither markup nor an order to the terminal."""
    kept = "".join(ch for ch in text if ch == "\n" or unicodedata.category(ch) not in {"Cc", "Cf"})
    return Text(kept, style=style)
