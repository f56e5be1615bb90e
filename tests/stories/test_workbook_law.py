"""The law of the workbook: whatever is typed and whatever moves meanwhile, each word is done or told back."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from service.desk import decide
from service.desk.decide import Via
from service.desk.readback import Readback
from service.office.board import BoardRow
from service.office.docket import DocketState
from service.office.order import REFUSED_EVENT, DocketWritten, Field, SavedBook, SavedLine, Typed
from tests.stories.story import CAMPAIGN, CLERK, Story

ROUNDS = 60
FIELDS = (Field.PAPER, Field.EXTENDED, Field.EXEMPT, Field.REMARK)


def rows(story: Story) -> dict[tuple[str, str], BoardRow]:
    board = story.office.report.board(CAMPAIGN, story.now)
    return {(row.docket.unit, row.docket.item): row for row in board.rows}


def present(row: BoardRow, field: Field) -> str:
    """What the ledger says, as the cell would."""
    match field:
        case Field.PAPER:
            return row.paper_on.isoformat() if row.paper_on else ""
        case Field.EXTENDED:
            return row.extended_on.isoformat() if row.extended_on else ""
        case Field.EXEMPT:
            return "是" if row.docket.state is DocketState.EXEMPT else ""
        case _:
            return row.remark


@dataclass
class Sheet:
    """登记 as somebody has it open: as it was written, and what was typed over it."""

    written: DocketWritten
    typed: dict[Field, str]
    by: str
    reason: str

    def line(self, number: int) -> SavedLine:
        base = {
            Field.PAPER: self.written.paper,
            Field.EXTENDED: self.written.extended,
            Field.EXEMPT: "是" if self.written.is_exempt else "",
            Field.REMARK: self.written.remark,
        }
        cells = {field: Typed(self.typed.get(field, base[field])) for field in FIELDS}
        cells |= {Field.BY: Typed(self.by), Field.REASON: Typed(self.reason)}
        return SavedLine(f"第 {number} 行", self.written, cells)


def opened(row: BoardRow) -> DocketWritten:
    docket = row.docket
    paper, extended = present(row, Field.PAPER), present(row, Field.EXTENDED)
    is_exempt = docket.state is DocketState.EXEMPT
    return DocketWritten(*docket.key, docket.row_version, paper, extended, is_exempt, row.remark)


def typing(chance: random.Random, now: date) -> dict[Field, str]:
    words: dict[Field, Callable[[], str]] = {
        Field.PAPER: lambda: chance.choice([now.isoformat(), "2024-08-01", "2030-01-01", "昨天", ""]),
        Field.EXTENDED: lambda: chance.choice(
            [(date(2024, 10, 1) + timedelta(days=chance.randrange(60))).isoformat(), "2024-01-01", "下周", ""]
        ),
        Field.EXEMPT: lambda: chance.choice(["是", "", "否", "也许"]),
        Field.REMARK: lambda: chance.choice([f"备注{chance.randrange(10_000)}", "", "=1+1"]),
    }
    return {field: words[field]() for field in chance.sample(FIELDS, chance.randint(1, 3))}


def somebody_else(story: Story, chance: random.Random, unit: str, item: str) -> None:
    """One thing that may happen to a docket while the workbook lies open; most are refused in most states."""
    at = {"by": CLERK, "reason": f"别处{chance.randrange(10_000)}", "now": story.now}
    place = (story.office, CAMPAIGN, unit, item)
    until = date(2024, 10, 1) + timedelta(days=chance.randrange(60))
    moves: tuple[Callable[[], object], ...] = (
        lambda: decide.exempt(*place, **at),  # type: ignore[arg-type]
        lambda: decide.reopen(*place, **at),  # type: ignore[arg-type]
        lambda: decide.extend(*place, until=until, **at),  # type: ignore[arg-type]
        lambda: decide.record(*place, via=Via.OA, on=story.now.date(), **at),  # type: ignore[arg-type]
        lambda: decide.record(*place, via=Via.PROMISE, on=until, **at),  # type: ignore[arg-type]
        lambda: decide.remark(*place, text=f"别人{chance.randrange(10_000)}", by=CLERK, now=story.now),
    )
    chance.choice(moves)()


def refused(story: Story, known: int) -> list[tuple[str, str, str, str]]:
    """(unit, item, column, typed) of everything told back since."""
    found = []
    for event in story.ledger.events(kind=REFUSED_EVENT):
        about = dict(event.about)
        if event.id > known:
            found.append((event.unit, event.item, about["column"], about["typed"]))
    return found


def test_every_word_is_done_or_told_back(released: Story) -> None:
    chance = random.Random(20240930)
    keys = sorted(rows(released))
    done = told = 0
    for number in range(ROUNDS):
        released.clock.advance(timedelta(minutes=1))
        sheets = []
        for key in chance.sample(keys, 2):
            signed = chance.random() < 0.8
            typed = typing(chance, released.now.date())
            reason = f"理由{number}" if chance.random() < 0.8 else ""
            sheets.append(Sheet(opened(rows(released)[key]), typed, CLERK if signed else "", reason))
        for _ in range(chance.randrange(3)):
            somebody_else(released, chance, *chance.choice(keys))
        before = rows(released)
        # Whatever stood on the desk of earlier rounds was seen.
        for each in released.ledger.stumbles("book"):
            decide.try_again(released.office, "book", each.piece, by=CLERK, now=released.now)
        known = max((each.id for each in released.ledger.events(campaign=CAMPAIGN)), default=0)
        lines = [sheet.line(row) for row, sheet in enumerate(sheets)]
        chance.shuffle(lines)
        Readback(released.office).settle(SavedBook(tuple(lines)), "台账/台账.xlsx", released.now)
        after, back = rows(released), refused(released, known)
        for sheet in sheets:
            key = (sheet.written.unit, sheet.written.item)
            base = Sheet(sheet.written, {}, "", "").line(0).cells
            for field, text in sheet.typed.items():
                wanted = "" if field is Field.EXEMPT and text == "否" else text
                if wanted == base[field].text:
                    continue
                is_done = present(after[key], field) == wanted
                is_told = any(each[:3] == (*key, field.value) for each in back)
                assert is_done or is_told, (number, key, field, text)
                done, told = done + is_done, told + is_told
                if not sheet.by:
                    # Nobody's word moves nothing.
                    assert present(after[key], field) == present(before[key], field)
            for field in set(FIELDS) - set(sheet.typed):
                # What nobody typed stays what it was; a promise or extension never comes out of another cell.
                assert present(after[key], field) == present(before[key], field), (number, key, field)
        # Read a second time, as after a crash, nothing happens again.
        events = len(released.ledger.events())
        Readback(released.office).settle(SavedBook(tuple(lines)), "台账/台账.xlsx", released.now)
        again = [each.kind for each in released.ledger.events()[events:]]
        assert set(again) <= {REFUSED_EVENT}, (number, again)
    assert done > ROUNDS // 3 and told > ROUNDS // 3, "the rounds try both"
