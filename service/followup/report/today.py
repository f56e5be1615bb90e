"""今日情况 — one screen of plain text by group, ready to be pasted into a message to the leaders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.office.board import Board
from service.office.brief import GroupBrief, UnitBrief, briefs, has_several_items, left_of_all, listed, whole
from service.office.docket import STATE_WORDS, DocketState
from service.office.policy import day_words
from service.office.tally import mailbox_sentence, unassigned_words
from service.office.tree_names import short_title

FILE = "今日情况.txt"
# One screen: of a longer list the first so many are named, and the workbook has all.
NAMES_MAX = 30
_NAMED_APART = (
    DocketState.NEEDS_CORRECTION,
    DocketState.IN_REVIEW,
    DocketState.BY_LINK,
    DocketState.UNDELIVERED,
    DocketState.PROMISED,
    DocketState.NOT_SENT,
)


def today_text(boards: Sequence[Board], unassigned: int) -> bytes:
    """The text of one campaign or several; with a mark for the encoding, for Windows' editor.

    `unassigned` letters are told before any unit is named [law 6].
    """
    at = boards[0].at
    lines = [f"报送情况（截至{day_words(at.date())}{at:%H:%M}）"]
    if unassigned:
        lines += ["", f"注意：{unassigned_words(unassigned)}"]
    for number, board in enumerate(boards, start=1):
        lines += ["", *_campaign(board, f"{number}. " if len(boards) > 1 else "")]
    lines += ["", mailbox_sentence(boards[0])]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _campaign(board: Board, number: str) -> Iterator[str]:
    groups = briefs(board)
    yield f"{number}{short_title(board.title)}"
    if not groups:
        yield "没有必须报送的材料。"
        return
    total, with_items = whole(groups), has_several_items(board)
    yield f"{total.counts_words}。"
    for group in groups:
        if len(groups) > 1:
            yield f"【{group.name}】{group.counts_words}。"
        yield from _names(group, with_items)


def _names(group: GroupBrief, with_items: bool) -> Iterator[str]:
    if group.missing:
        left = left_of_all(group.missing)
        yield f"  未报{left}：{_said(group.missing, with_items, with_left=not left)}。"
    for state in _NAMED_APART:
        if found := group.in_states(state):
            yield f"  {STATE_WORDS[state]}：{_said(found, with_items)}。"


def _said(units: Sequence[UnitBrief], with_items: bool, *, with_left: bool = True) -> str:
    names = [each.words(with_items=with_items, with_left=with_left) for each in units]
    return listed(names, NAMES_MAX)
