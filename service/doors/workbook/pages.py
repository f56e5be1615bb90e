"""Which sheets 台账.xlsx has, and which columns and rows each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from typing import TypeVar

from service.doors.workbook.chased import addresses_page, chased_page
from service.doors.workbook.columns import Column, Look, Page, Tone, Value
from service.doors.workbook.desk_book import URGENT
from service.doors.workbook.entry import entry_page
from service.doors.workbook.links import LINKS_MAX, relative
from service.office.board import Board, BoardRow, DeskRow
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
_ELECTRONIC: Cell = (Column("电子版", 9, Look.CENTRE), lambda row: _tick(row.docket.electronic))
_PAPER: Cell = (Column("纸质版", 13, Look.CENTRE), lambda row: _tick(row.docket.paper, row.paper_on))
_FINDINGS: Cell = (Column("需要补正的内容", 60), lambda row: "\n".join(row.findings))
_REMARK: Cell = (
    Column("备注", 30),
    lambda row: "\n".join(filter(None, [row.remark, row.docket.reason or "", *row.findings])),
)
_FILES = "文件"
_ADVICE = "打电话核对邮箱，改正 config/units.xlsx；已另行告知的，用 record 登记"


def board_pages(board: Board, depth: int) -> Iterator[Page]:
    """Every sheet after 总览; `depth` folders lie between the exchange folder and the workbook."""
    yield _missing(board)
    yield _returned(board, depth)
    yield entry_page(board)
    yield _to_correct(board)
    yield desk_page(board.desk, board)
    yield _undelivered(board)
    yield _third_parties(board, depth)
    yield chased_page(board, _remarks(board), local)
    yield addresses_page(board)
    yield _everything(board)


def desk_page(rows: Sequence[DeskRow], board: Board) -> Page:
    """待人工 as a sheet of 台账.xlsx; what staff settle in a workbook they settle in 待人工.xlsx."""
    zone = board.at.tzinfo
    spec: Spec[DeskRow] = (
        (Column("事项", 11, Look.CENTRE), lambda row: row.kind),
        (Column("编号", 16), lambda row: row.ref),
        (Column("单位", 26), lambda row: row.unit),
        (Column("自何时起", 17, Look.MOMENT), lambda row: local(row.since, zone or row.since.tzinfo)),
        (Column("说明", 56), lambda row: row.say),
        (Column("怎样处理（命令）", 62), lambda row: row.remedy),
    )
    return Page(
        name="待人工",
        title=f"待人工处理事项（{len(rows)} 项）",
        remarks=_remarks(board, "要在表里处理，请填 交换/待人工.xlsx。"),
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="8A5A00",
        tones=tuple({"事项": Tone.BAD if row.kind in URGENT else Tone.CARE} for row in rows),
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


def _returned(board: Board, depth: int) -> Page:
    rows = rows_in(board, DocketState.RETURNED)
    own = tuple(row for row in rows if not row.docket.is_third_party)
    others = len(rows) - len(own)
    more = (f"另有第三方报来 {others} 项，见“第三方”。",) if others else ()
    return _came_in("已报", f"已报名单（{_size(own)}）", own, board, depth, more)


def _third_parties(board: Board, depth: int) -> Page:
    rows = tuple(row for row in board.rows if row.docket.is_third_party)
    more = ("不在通知名单里、自行报来的单位；不计入应报，也不会“未报”。",)
    page = _came_in("第三方", f"第三方报送（{len(rows)} 项）", rows, board, depth, more)
    return replace(page, tab="5B6B8C", if_empty="没有第三方报来")


def _came_in(
    name: str, title: str, rows: Sequence[BoardRow], board: Board, depth: int, more: Sequence[str]
) -> Page:
    """What came, each with a way to its files."""
    work: Cell = (Column("题目", 26), lambda row: "\n".join(row.entry_titles))
    files: Cell = (Column(_FILES, 36), _files_words)
    came = _came(board)
    spec = (_UNIT, _ITEM, came, _TIMELY, _ELECTRONIC, _PAPER, _ENTRIES, _VERSION, work, files, _REMARK)
    return Page(
        name=name,
        title=title,
        remarks=_remarks(board, *more),
        columns=_columns(spec),
        rows=_values(spec, rows),
        tab="1E6B3A",
        tones=tuple(_return_tones(row) for row in rows),
        if_empty="还没有单位报来",
        links=tuple(
            {_FILES: relative(row.document, depth)} if row.document and number < LINKS_MAX else {}
            for number, row in enumerate(rows)
        ),
    )


def _files_words(row: BoardRow) -> str:
    """The names, or a word to click on where what came has no file."""
    return "\n".join(row.files) or ("查看登记" if row.document else "")


def _return_tones(row: BoardRow) -> dict[str, Tone]:
    tones = {"按时与否": Tone.CARE if row.docket.is_late else Tone.GOOD}
    for heading, state in (("电子版", row.docket.electronic), ("纸质版", row.docket.paper)):
        if state is not None:
            tones[heading] = Tone.GOOD if state is MediumState.RETURNED else Tone.BAD
    return tones


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


def _tick(state: MediumState | None, on: date | None = None) -> str:
    """✓ with the day where it is known; a word beside the sign, for whoever prints without colours."""
    if state is None:
        return "—"
    if state is MediumState.AWAITED:
        return MEDIUM_WORDS[state]
    return f"✓ {on.month}月{on.day}日" if on else f"✓ {MEDIUM_WORDS[state]}"


def local(at: datetime | None, zone: tzinfo | None) -> datetime | None:
    """An instant as the clock on the wall showed it; Excel knows no time zones."""
    return at.astimezone(zone or UTC).replace(tzinfo=None, microsecond=0) if at else None
