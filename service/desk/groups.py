"""分组进度 — how far each group is, as bars; and which rows of a board a person asked for."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from service.desk.tables import below, plain
from service.office.board import Board, BoardRow
from service.office.docket import DocketState
from service.office.tally import Tally, board_sentence, count, count_by_group, group_of

BAR_CELLS = 24
# One sign for each of them, so that a bar without colours, on paper or in a file, is read all the same.
_IN, _UNDER_WAY, _OUT = ("█", "green"), ("▒", "yellow"), ("░", "red")
# These wait for somebody to settle them: neither in nor 未报.
_REVIEW = (DocketState.IN_REVIEW, DocketState.BY_LINK, DocketState.NEEDS_CORRECTION)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows somebody asks for; several conditions are met by what meets any, a group narrows them."""

    is_missing: bool = False
    is_late: bool = False
    is_in_review: bool = False
    group: str = ""

    @property
    def is_everything(self) -> bool:
        """No row is left out."""
        return not (self.is_missing or self.is_late or self.is_in_review or self.group)

    def takes(self, row: BoardRow) -> bool:
        """Whether this row is asked for."""
        if self.group and self.group not in (*row.groups, group_of(row)):
            return False
        if not (self.is_missing or self.is_late or self.is_in_review):
            return True
        docket = row.docket
        return (
            (self.is_missing and docket.is_missing)
            or (self.is_late and (docket.is_late or row.is_overdue))
            or (self.is_in_review and docket.state in _REVIEW)
        )


def groups(board: Board) -> tuple[str, ...]:
    """Every group that somebody may ask for, in the order of the roster."""
    named = [name for row in board.rows for name in (*row.groups, group_of(row))]
    return tuple(dict.fromkeys(named))


def group_table(board: Board) -> RenderableType:
    """One line a group with its bar, and the sum."""
    table = Table(
        title=plain(f"分组进度：{board.title}", "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("组别", overflow="fold")
    table.add_column("进度", no_wrap=True)
    for heading in ("报送率", "应报", "已报", "待办", "未报", "逾期", "未送达", "自愿已报"):
        table.add_column(heading, justify="right")
    named = count_by_group(board)
    for name, tally in (*named, ("合计", count(board.rows))) if len(named) > 1 else named:
        rate = "—" if tally.return_rate is None else f"{tally.return_rate:.1%}"
        numbers = (
            tally.expected,
            tally.returned,
            _under_way(tally),
            tally.missing,
            tally.overdue,
            tally.undelivered,
            tally.volunteered,
        )
        table.add_row(plain(name), bar(tally), rate, *(str(number) for number in numbers))
    key = Text.assemble(
        _IN, " 已报　", _UNDER_WAY, " 待补正、待人工、链接待取、已承诺　", _OUT, " 未报、未发出、未送达"
    )
    return Group(table, key, *below(board, board_sentence(board)))


def bar(tally: Tally) -> Text:
    """What is in, what is under way, what is out, over what is owed; nothing where nothing is."""
    if not tally.expected:
        return Text("·" * BAR_CELLS, style="dim")
    done = _cells(tally.returned, tally.expected)
    both = max(done, _cells(tally.returned + _under_way(tally), tally.expected))
    pieces = ((_IN, done), (_UNDER_WAY, both - done), (_OUT, BAR_CELLS - both))
    return Text.assemble(*((sign * length, style) for (sign, style), length in pieces))


def _under_way(tally: Tally) -> int:
    return tally.needs_correction + tally.in_review + tally.by_link + tally.promised


def _cells(part: int, whole: int) -> int:
    """Full only when everything is in, and empty only when nothing is."""
    if part in (0, whole):
        return BAR_CELLS if part else 0
    return min(BAR_CELLS - 1, max(1, round(BAR_CELLS * part / whole)))
