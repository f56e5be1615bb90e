"""撤回 — a letter is nobody's again: its filings stay as they are and count no more."""

from __future__ import annotations

from sqlalchemy import Connection, update

from service.doors.ledger import tables as t
from service.office.taking_back import TakeBack


def take_back(connection: Connection, change: TakeBack) -> bool:
    """Its unit and its filings under it, if the letter still stands where it was seen."""
    loosened = (
        update(t.letter)
        .where(
            t.letter.c.id == change.letter,
            t.letter.c.stage == change.was.value,
            t.letter.c.unit == change.unit,
        )
        .values(unit=None, advanced_at=change.at)
    )
    if connection.execute(loosened).rowcount != 1:
        return False
    marked = (
        update(t.filing)
        .where(t.filing.c.letter == change.letter, t.filing.c.taken_back_at.is_(None))
        .values(taken_back_at=change.at)
    )
    return connection.execute(marked).rowcount == change.filings
