"""登记 — the one sheet of 台账.xlsx in which staff write; every row carries what it was, hidden."""

from __future__ import annotations

from collections.abc import Iterator

from service.doors.workbook.columns import Column, Look, Page, Pick, Tone, Value
from service.doors.workbook.keys import KEY, docket_key
from service.office.board import Board, BoardRow
from service.office.docket import DocketState
from service.office.order import DocketWritten, Field
from service.office.tally import state_words, unassigned_sentence

ENTRY = "登记"
# Cells of text only, which every program gives back as they were: what staff change here is noticed.
SHOWN = ("单位", "材料", "状况", "截止")
_COLUMNS = (
    Column("单位", 27),
    Column("材料", 24),
    Column("状况", 13, Look.CENTRE),
    Column("截止", 25, Look.CENTRE),
    Column(Field.PAPER.value, 14, Look.DAY, is_open=True, pick=Pick.DAY),
    Column(Field.EXTENDED.value, 14, Look.DAY, is_open=True, pick=Pick.DAY),
    Column(Field.EXEMPT.value, 8, Look.CENTRE, is_open=True, pick=Pick.YES),
    Column(Field.REASON.value, 26, is_open=True),
    Column(Field.REMARK.value, 30, is_open=True),
    Column(Field.BY.value, 12, Look.CENTRE, is_open=True, pick=Pick.STAFF),
    Column(KEY, 4, is_hidden=True),
)
_HOW = (
    "只在黄色的格子里填：收到纸质件填日期，延期填新的日期，免报填“是”，都要写理由（纸质件可不写）和经办人。"
    "保存并关闭后由系统办理；办不了的列在“待人工”，填的内容记在 冲突 日期.xlsx，不会丢。"
)


def entry_page(board: Board) -> Page:
    """Every docket once, in the board's order."""
    return Page(
        name=ENTRY,
        title="登记（可以填写）",
        remarks=(_HOW, unassigned_sentence(board)),
        columns=_COLUMNS,
        rows=tuple(_rows(board)),
        tab="E0A800",
        tones=tuple(_tones(row) for row in board.rows),
        if_empty="没有要登记的",
        lists={Pick.STAFF: board.staff},
    )


def _rows(board: Board) -> Iterator[tuple[Value, ...]]:
    for row in board.rows:
        # What 顺延 did to the date stands in 全部明细; here one line does.
        due = row.due_words.partition("，")[0]
        shown = (row.unit_name, row.item_name, state_words(row), due)
        is_exempt = row.docket.state is DocketState.EXEMPT
        written = DocketWritten(
            *row.docket.key,
            row.docket.row_version,
            row.paper_on.isoformat() if row.paper_on else "",
            row.extended_on.isoformat() if row.extended_on else "",
            is_exempt,
            row.remark,
        )
        yes = "是" if is_exempt else None
        open_cells = (row.paper_on, row.extended_on, yes, None, row.remark or None, None)
        yield (*shown, *open_cells, docket_key(written, shown))


def _tones(row: BoardRow) -> dict[str, Tone]:
    if row.docket.is_missing:
        return {"状况": Tone.BAD}
    return {"状况": Tone.GOOD} if row.docket.state is DocketState.RETURNED else {}
