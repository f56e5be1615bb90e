"""拆件 — a letter of several units taken apart, with everything that hangs on it, in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from service.doors.ledger import inbox, trail
from service.doors.ledger import tables as t
from service.office.change import Record
from service.office.holding import HELD_EVENT
from service.office.letter import Stage
from service.office.reading import NoteHits, PutMatter
from service.office.splitting import SPLIT_EVENT, NewPortion, SplitLetter

# What a portion has in common with the letter it came in.
_COMMON = (
    t.letter.c.raw_sha256,
    t.letter.c.received_at,
    t.letter.c.arrived_via,
    t.letter.c.kind,
    t.letter.c.sender,
    t.letter.c.subject,
    t.letter.c.message_id,
    t.letter.c.size,
)


def split(connection: Connection, change: SplitLetter) -> bool:
    """One more letter for each portion; the whole one is noted, if it still stands where it was seen."""
    noted = (
        update(t.letter)
        .where(t.letter.c.id == change.letter, t.letter.c.stage == change.was.value)
        .values(
            stage=Stage.NOTED.value,
            campaign=change.campaign,
            unit=None,
            outcome=change.outcome,
            advanced_at=change.at,
        )
    )
    if connection.execute(noted).rowcount != 1:
        return False
    row = connection.execute(
        select(t.letter.c.identity, *_COMMON).where(t.letter.c.id == change.letter)
    ).one()
    common = {column.name: getattr(row, column.name) for column in _COMMON}
    for number, portion in enumerate(change.portions, start=1):
        own = {
            "identity": f"{row.identity}/{number}",
            "facts_sha256": portion.facts_sha256,
            "stage": Stage.MATCHED.value,
            "campaign": change.campaign,
            "unit": portion.unit,
            "outcome": "",
            "advanced_at": change.at,
            "split_from": change.letter,
        }
        inserted = connection.execute(t.letter.insert().values(common | own).returning(t.letter.c.id))
        _write_down(connection, change, portion, int(inserted.scalar_one()))
    return True


def _write_down(connection: Connection, change: SplitLetter, portion: NewPortion, letter: int) -> None:
    inbox.note_hits(connection, NoteHits(letter, "match", portion.hits))
    inbox.put_matter(connection, PutMatter(letter, "match", portion.matter_sha256))
    place = (change.at, change.actor, change.campaign, portion.unit)
    held = [Record(HELD_EVENT, *place, item=item, letter=letter) for item in portion.held]
    about = (("letter", str(letter)),)
    trail.record_all(
        connection,
        [
            Record(SPLIT_EVENT, *place, letter=change.letter, about=about),
            Record("matched", *place, letter=letter, about=(("from", str(change.letter)),)),
            *held,
        ],
    )
