"""Which sheets 台账.xlsx has, and which columns and rows each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TypeVar

from service.doors.workbook.sheet import Column, Look, Page, Tone, Value
from service.office.board import AddressRow, Board, BoardRow, DeskRow
from service.office.campaign import Obligation
from service.office.docket import DocketState, MediumState
from service.office.tally import (
    MEDIUM_WORDS,
    OBLIGATION_WORDS,
    apart_sentence,
    due_of,
    left_words,
    mailbox_sentence,
    missing_rows,
    moment,
    rows_in,
    state_words,
    timeliness_words,
    unassigned_sentence,
)

T = TypeVar("T")
Spec = Sequence[tuple[Column, Callable[[T], Value]]]
Cell = tuple[Column, Callable[[BoardRow], Value]]

_NUMBER = Column("序号", 6, Look.NUMBER)
_UNIT: Cell = (Column("单位", 27), lambda row: row.unit_name)
_PARENT: Cell = (Column("上级/地区", 22), lambda row: row.parent)
_ITEM: Cell = (Column("材料", 22), lambda row: row.item_name)
_LEFT: Cell = (Column("剩余/逾期", 12, Look.CENTRE), left_words)
_STATE: Cell = (Column("状况", 14, Look.CENTRE), state_words)
_TIMELY: Cell = (Column("按时与否", 10, Look.CENTRE), timeliness_words)
_CONTACT: Cell = (Column("联系人", 23), lambda row: row.contact)
_ADDRESS: Cell = (Column("邮箱", 28), lambda row: "\n".join(row.addresses) or "没有邮箱")
_LAST: Cell = (Column("最近联系", 15, Look.CENTRE), lambda row: row.last_contact)
_ENTRIES: Cell = (Column("件数", 7, Look.NUMBER), lambda row: row.docket.entries or None)
_VERSION: Cell = (Column("版次", 7, Look.NUMBER), lambda row: row.docket.version or None)
_ELECTRONIC: Cell = (Column("电子版", 9, Look.CENTRE), lambda row: _medium(row.docket.electronic))
_PAPER: Cell = (Column("纸质版", 9, Look.CENTRE), lambda row: _medium(row.docket.paper))
_FINDINGS: Cell = (Column("需要补正的内容", 60), lambda row: "\n".join(row.findings))
_REMARK: Cell = (
    Column("备注", 30),
    lambda row: "\n".join([row.docket.reason or "", *row.findings]).strip(),
)
_ADVICE = "打电话核对邮箱，改正 config/units.xlsx；已另行告知的，用 record 登记"

_ADDRESS_BOOK: Spec[AddressRow] = (
    (Column("单位", 30), lambda row: row.unit),
    (Column("组别", 20), lambda row: row.groups),
    (Column("上级/地区", 18), lambda row: row.parent),
    (Column("联系人", 14), lambda row: row.contact),
    (Column("电话", 24), lambda row: row.phone),
    (Column("邮箱", 34), lambda row: row.address),
    (Column("邮箱状态", 12, Look.CENTRE), lambda row: row.state),
)


def board_pages(board: Board) -> Iterator[Page]:
    """Every sheet after 总览."""
    yield _missing(board)
    yield _returned(board)
    yield _to_correct(board)
    yield desk_page(board.desk, board)
    yield _undelivered(board)
    yield _addresses(board)
    yield _everything(board)


def desk_page(rows: Sequence[DeskRow], board: Board | None) -> Page:
    """待人工, as a sheet of 台账.xlsx or as the one sheet of 待人工.xlsx."""
    zone = board.at.tzinfo if board else None
    spec: Spec[DeskRow] = (
        (Column("事项", 11, Look.CENTRE), lambda row: row.kind),
        (Column("编号", 16), lambda row: row.ref),
        (Column("单位", 26), lambda row: row.unit),
        (Column("自何时起", 17, Look.MOMENT), lambda row: local(row.since, zone or row.since.tzinfo)),
        (Column("说明", 56), lambda row: row.say),
        (Column("怎样处理（命令）", 62), lambda row: row.remedy),
    )
    remarks = _remarks(board) if board else ("请逐项处理；处理后系统会更新本表，不必在表内填写。",)
    return Page(
        name="待人工",
        title=f"待人工处理事项（{len(rows)} 项）",
        remarks=remarks,
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="8A5A00",
        tones=tuple({"事项": Tone.BAD if row.kind in {"密级", "存疑"} else Tone.CARE} for row in rows),
        if_empty="没有需要人工处理的事",
    )


def _missing(board: Board) -> Page:
    rows = missing_rows(board)
    due = _due(board)
    spec = (_UNIT, _PARENT, _ITEM, due, _LEFT, _STATE, _CONTACT, _ADDRESS, _LAST)
    return Page(
        name="未报",
        title=f"未报名单（{len(rows)} 项）",
        remarks=_remarks(board, apart_sentence(board)),
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="B42318",
        tones=tuple({"剩余/逾期": Tone.BAD} if row.is_overdue else {} for row in rows),
        if_empty="没有未报的单位",
    )


def _returned(board: Board) -> Page:
    rows = rows_in(board, DocketState.RETURNED)
    title: Cell = (Column("题目", 26), lambda row: "\n".join(row.entry_titles))
    files: Cell = (Column("文件", 36), lambda row: "\n".join(row.files))
    came = _came(board)
    spec = (_UNIT, _ITEM, came, _TIMELY, _ELECTRONIC, _PAPER, _ENTRIES, _VERSION, title, files, _REMARK)
    return Page(
        name="已报",
        title=f"已报名单（{_size(rows)}）",
        remarks=_remarks(board),
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="1E6B3A",
        tones=tuple({"按时与否": Tone.CARE if row.docket.is_late else Tone.GOOD} for row in rows),
        if_empty="还没有单位报来",
    )


def _to_correct(board: Board) -> Page:
    rows = rows_in(board, DocketState.NEEDS_CORRECTION)
    spec = (_UNIT, _ITEM, _due(board), _LEFT, _FINDINGS, _CONTACT, _LAST)
    return Page(
        name="待补正",
        title=f"待补正名单（{_size(rows)}）",
        remarks=_remarks(board, "报来过、尚需补正的，不算未报。"),
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="C98A00",
        if_empty="没有待补正的材料",
    )


def _undelivered(board: Board) -> Page:
    rows = rows_in(board, DocketState.UNDELIVERED)
    advice: Cell = (Column("怎么办", 44), lambda row: _ADVICE)
    spec = (_UNIT, _ITEM, _ADDRESS, _CONTACT, _LAST, advice)
    return Page(
        name="未送达",
        title=f"通知未送达名单（{_size(rows)}）",
        remarks=_remarks(board, "通知没有送到的，不算未报。"),
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="7A1F5C",
        if_empty="通知都已送达",
    )


def _addresses(board: Board) -> Page:
    return Page(
        name="通讯录",
        title="通讯录",
        remarks=("要改动，请改 config/units.xlsx；本页由系统生成。",),
        columns=_columns(_ADDRESS_BOOK),
        rows=_values(_ADDRESS_BOOK, board.addresses),
        tab="3B5B8C",
        tones=tuple({} if row.state == "正常" else {"邮箱状态": Tone.BAD} for row in board.addresses),
        if_empty="通讯录是空的",
    )


def _everything(board: Board) -> Page:
    duty: Cell = (Column("要求", 9, Look.CENTRE), lambda row: OBLIGATION_WORDS[row.docket.obligation])
    promised: Cell = (Column("承诺日期", 13, Look.DAY), lambda row: row.docket.promised_on)
    reason: Cell = (Column("事由", 24), lambda row: row.docket.reason or "")
    spec = (_UNIT, _PARENT, _ITEM, duty, _STATE, _due(board), _came(board), _TIMELY)
    more = (_ELECTRONIC, _PAPER, _ENTRIES, _VERSION, promised, reason, _CONTACT, _LAST)
    return Page(
        name="全部明细",
        title="全部明细",
        remarks=_remarks(board),
        columns=_columns((*spec, *more)),
        rows=_values((*spec, *more), board.rows),
        tab="6B7280",
        tones=tuple(_state_tones(row) for row in board.rows),
    )


def _due(board: Board) -> Cell:
    zone = board.at.tzinfo
    has_hours = any(isinstance(due_of(row, zone), datetime) for row in board.rows)
    return (Column("截止", 17 if has_hours else 13, Look.DAY), lambda row: due_of(row, zone))


def _came(board: Board) -> Cell:
    return (Column("报送时间", 17, Look.MOMENT), lambda row: local(row.docket.returned_at, board.at.tzinfo))


def _columns(spec: Spec[T]) -> tuple[Column, ...]:
    return (_NUMBER, *(column for column, _ in spec))


def _values(spec: Spec[T], rows: Sequence[T]) -> tuple[tuple[Value, ...], ...]:
    return tuple((number, *(value(row) for _, value in spec)) for number, row in enumerate(rows, start=1))


def _size(rows: Sequence[BoardRow]) -> str:
    """How many, and how many of them are owed: only those stand in the counts of 总览."""
    owed = sum(row.docket.obligation is Obligation.REQUIRED for row in rows)
    return f"{len(rows)} 项" if owed == len(rows) else f"{len(rows)} 项，其中应报 {owed} 项"


def _state_tones(row: BoardRow) -> Mapping[str, Tone]:
    tones: dict[str, Tone] = {}
    if row.docket.state is DocketState.RETURNED:
        tones["状况"] = Tone.GOOD
    elif row.docket.is_missing:
        tones["状况"] = Tone.BAD
    elif row.docket.state is not DocketState.AWAITED:
        tones["状况"] = Tone.CARE
    if row.is_overdue:
        tones["按时与否"] = Tone.BAD
    return tones


def _remarks(board: Board, *more: str) -> tuple[str, ...]:
    """What stands above every list: as of when, and how many letters are nobody's yet [law 6]."""
    first = f"{board.title}　截至 {moment(board.at)}。{mailbox_sentence(board)}"
    return (first, unassigned_sentence(board) + "".join(more))


def _medium(state: MediumState | None) -> str:
    return MEDIUM_WORDS[state] if state else "—"


def local(at: datetime | None, zone: tzinfo | None) -> datetime | None:
    """An instant as the clock on the wall showed it; Excel knows no time zones."""
    return at.astimezone(zone or UTC).replace(tzinfo=None, microsecond=0) if at else None
