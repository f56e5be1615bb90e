"""读回 — what staff wrote into 台账.xlsx or 待人工.xlsx becomes decisions, or is told back; never lost.

Three ways are compared: what the row said when it was written (its hidden key), what it says now that staff
saved it, and what the ledger says. A word about something that has moved meanwhile is not carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from service.desk import decide
from service.desk.decide import Decided, Via
from service.desk.readback_desk import settle_row
from service.desk.refusing import Refusal, clear, refuse
from service.journey import Office
from service.office.board import Board, BoardRow
from service.office.docket import DocketState
from service.office.order import (
    NOT_ITSELF,
    Ask,
    DeskWritten,
    DocketWritten,
    Field,
    SavedBook,
    SavedLine,
    asks_of,
    desk_faults,
)
from service.office.tally import state_words

# A paper that came needs no more reason than that it came.
PAPER_CAME = "收到纸质件"


def reading_back(office: Office) -> Office:
    """The same office, its 汇总 knowing who carries out what staff wrote."""
    return replace(office, report=replace(office.report, settling=Readback(office)))


@dataclass(frozen=True, slots=True)
class Readback:
    """Implements `needs/settling.py` with the decisions of the desk."""

    office: Office

    def settle(self, book: SavedBook, path: str, now: datetime) -> None:
        """Carry out what was typed; what cannot be is written down as an event and stands on the desk."""
        if book.trouble:
            refuse(self.office, Refusal(f"交换/{path}", f"交换/{path}", book.trouble), now)
            return
        round_ = _Round(self.office, path, now, {}, {})
        for line in book.lines:
            where = f"交换/{path} {line.where}"
            match line.written:
                case DocketWritten():
                    round_.docket(line, line.written, where)
                case DeskWritten():
                    for fault in desk_faults(line):
                        told = Refusal(
                            line.written.ref, where, fault.why, column=fault.column, typed=fault.typed
                        )
                        refuse(self.office, told, now)
                    if not any(line.cell(field).fault for field in line.cells):
                        settle_row(self.office, line, line.written, where, now)
                case None:
                    round_.nobody(line, where)


@dataclass(frozen=True, slots=True)
class _Round:
    """One book's rows, with the boards they are compared with."""

    office: Office
    path: str
    now: datetime
    boards: dict[str, dict[tuple[str, str], BoardRow]]
    seen: dict[tuple[str, str, str], tuple[Ask, ...]]

    def docket(self, line: SavedLine, written: DocketWritten, where: str) -> None:
        """One row of 登记."""
        asks, faults = asks_of(line, written)
        by = line.cell(Field.BY).words
        told = Refusal(
            f"{written.unit}/{written.item}", where, "", written.campaign, written.unit, written.item, by=by
        )
        for fault in faults:
            refuse(self.office, told.about(fault.column, fault.was, fault.typed, "", fault.why), self.now)
        row = self._row(written)
        key = (written.campaign, written.unit, written.item)
        before = self.seen.setdefault(key, asks)
        for ask in asks:
            why = "" if row is not None else "台账里没有这一行了"
            if not line.is_itself:
                why = NOT_ITSELF
            elif row is not None and before != asks:
                why = "同一行在表里出现了两次，填的不一样"
            self._ask(line, written, ask, row, told, why)

    def nobody(self, line: SavedLine, where: str) -> None:
        """A row without a key: added by hand, or its hidden cell was touched."""
        typed = "；".join(
            f"{name}：{text}"
            for name, text in (
                *((field.value, cell.words) for field, cell in line.cells.items() if cell.words),
                *line.foreign,
            )
        )
        why = "认不出这一行是谁的：隐藏的“键”没有了。请在新的表里原有的行上填写"
        told = Refusal(where, where, why, column="整行", typed=typed, by=line.cell(Field.BY).words)
        refuse(self.office, told, self.now)

    def _ask(
        self,
        line: SavedLine,
        written: DocketWritten,
        ask: Ask,
        row: BoardRow | None,
        told: Refusal,
        why: str,
    ) -> None:
        present = _present(row, ask.field) if row else ""
        told = told.about(ask.field.value, ask.was, ask.typed, present, why)
        if not why and row is not None:
            if present == ask.typed:
                clear(self.office, told.piece)
                return
            why = _moved(row, written, ask, present) or _unsigned(self.office, line, ask)
        if not why:
            decided = self._decide(line, written, ask)
            # Another process may have read the same file a moment ago.
            if decided.is_done or self._is_so(written, ask):
                clear(self.office, told.piece)
                return
            why = decided.say
        refuse(self.office, replace(told, why=why), self.now)

    def _decide(self, line: SavedLine, written: DocketWritten, ask: Ask) -> Decided:
        office, now = self.office, self.now
        by, reason = line.cell(Field.BY).words, line.cell(Field.REASON).words
        place = (written.campaign, written.unit, written.item)
        match ask.field:
            case Field.EXEMPT:
                how: Callable[..., Decided] = decide.exempt if ask.typed else decide.reopen
                return how(office, *place, by=by, reason=reason, now=now)
            case Field.EXTENDED:
                assert ask.day is not None
                return decide.extend(office, *place, until=ask.day, by=by, reason=reason, now=now)
            case Field.PAPER:
                assert ask.day is not None
                return decide.record(
                    office, *place, via=Via.PAPER, on=ask.day, by=by, reason=reason or PAPER_CAME, now=now
                )
            case Field.REMARK:
                return decide.remark(office, *place, text=ask.typed, by=by, now=now)
            case _:
                raise AssertionError(f"{ask.field} asks for nothing by itself")

    def _row(self, written: DocketWritten) -> BoardRow | None:
        if written.campaign not in self.boards:
            self.boards[written.campaign] = _rows(self.office, written.campaign, self.now)
        return self.boards[written.campaign].get((written.unit, written.item))

    def _is_so(self, written: DocketWritten, ask: Ask) -> bool:
        row = _rows(self.office, written.campaign, self.now).get((written.unit, written.item))
        return row is not None and _present(row, ask.field) == ask.typed


def _rows(office: Office, campaign: str, now: datetime) -> dict[tuple[str, str], BoardRow]:
    try:
        board: Board = office.report.board(campaign, now)
    except LookupError:
        return {}
    return {(row.docket.unit, row.docket.item): row for row in board.rows}


def _present(row: BoardRow, field: Field) -> str:
    """What the ledger says now, as the cell would."""
    match field:
        case Field.EXEMPT:
            return "是" if row.docket.state is DocketState.EXEMPT else ""
        case Field.EXTENDED:
            return row.extended_on.isoformat() if row.extended_on else ""
        case Field.PAPER:
            return row.paper_on.isoformat() if row.paper_on else ""
        case _:
            return row.remark.strip()


def _moved(row: BoardRow, written: DocketWritten, ask: Ask, present: str) -> str:
    """Why a word about an older state is not carried out; empty where nothing that matters has moved."""
    if present != ask.was:
        return f"这一格已经被改为“{present or '空'}”，与填写前的“{ask.was or '空'}”不同"
    has_moved = row.docket.row_version != written.row_version
    if has_moved and ask.field in (Field.EXEMPT, Field.EXTENDED):
        return f"填写以后台账有了变动，现在是“{state_words(row)}”：请看过新的表再定"
    return ""


def _unsigned(office: Office, line: SavedLine, ask: Ask) -> str:
    """What is missing for the word to stand in the ledger."""
    by = line.cell(Field.BY)
    if by.fault:
        return f"经办人{by.fault}"
    if not by.words:
        return "没有填经办人"
    if office.policy.person(by.words) is None:
        return f"“{by.words}”不在 config/office.yaml 的 staff 名单中"
    reason = line.cell(Field.REASON)
    if reason.fault:
        return f"理由{reason.fault}"
    if ask.field in (Field.EXEMPT, Field.EXTENDED) and not reason.words:
        return "没有写理由"
    return ""
