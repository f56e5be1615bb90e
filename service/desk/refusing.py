"""表格冲突 — what staff typed into a workbook and could not be carried out: written down whole, and shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from service.journey import Office
from service.office.change import Change, ClearStumble, Record, Stumble
from service.office.order import BOOK, REFUSED_EVENT

# The desk's sentence; the event keeps every word.
SHOWN_MAX = 60


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing typed: where, about what, and why it was not carried out. `row` names it on the desk."""

    row: str
    where: str
    why: str
    campaign: str = ""
    unit: str = ""
    item: str = ""
    column: str = ""
    was: str = ""
    typed: str = ""
    now: str = ""
    by: str = ""

    @property
    def piece(self) -> str:
        """What the desk calls it; the same thing typed again takes the place of the first."""
        return " ".join(filter(None, [self.campaign, self.row, self.column]))

    @property
    def say(self) -> str:
        """One sentence for the desk."""
        typed = self.typed if len(self.typed) <= SHOWN_MAX else f"{self.typed[:SHOWN_MAX]}…"
        what = f"“{self.column}”填的“{typed}”没有办：" if self.column else "没有办："
        whose = "" if self.row in self.where else f"（{self.row}）"
        return f"{self.where}{whose} {what}{self.why}"

    def about(self, column: str, was: str, typed: str, now: str, why: str) -> Refusal:
        """The same row, one of its cells."""
        return replace(self, column=column, was=was, typed=typed, now=now, why=why)


def refuse(office: Office, told: Refusal, now: datetime) -> None:
    """Write it down once: the same file read twice, as after a crash, tells the same thing."""
    ledger = office.doors.ledger
    kept = next((each.error for each in ledger.stumbles(BOOK) if each.piece == told.piece), "")
    if kept == told.say:
        return
    names = ("where", "column", "was", "typed", "now", "by", "why")
    about = tuple((name, str(getattr(told, name))) for name in names)
    changes: list[Change] = [
        ClearStumble(BOOK, told.piece),
        Stumble(BOOK, told.piece, now, told.say),
        Record(REFUSED_EVENT, now, "系统", told.campaign, told.unit, told.item, about=about),
    ]
    ledger.apply(changes)


def clear(office: Office, piece: str) -> None:
    """What was refused before has been done now: it need not stand on the desk any more."""
    if any(each.piece == piece for each in office.doors.ledger.stumbles(BOOK)):
        office.doors.ledger.apply([ClearStumble(BOOK, piece)])
