"""保管 — what became of letters' bytes, and which letters are nobody's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, delete, exists, select, union, update

from service.doors.ledger import journal
from service.doors.ledger import tables as t
from service.office.keeping import GONE, PURGED, KeepLetter
from service.office.letter import Stage

# What a letter of no campaign may be let go from: never while a person must look at it.
_SETTLED = (Stage.IGNORED, Stage.NOTED)


def keep(connection: Connection, change: KeepLetter) -> bool:
    """Another keeping, with what it was about; a purged letter's words are taken out of rows and journal."""
    if change.to == PURGED:
        journal.blank(connection, change.letter)
    values = {"keeping": change.to, "kept_since": change.at, "kept_blobs": change.blobs}
    if change.to == PURGED:
        values |= {"sender": "", "subject": "", "message_id": "", "outcome": "密级来信，已由两人销毁"}
    kept = (
        update(t.letter)
        .where(t.letter.c.id == change.letter, t.letter.c.keeping == change.was)
        .values(values)
    )
    if connection.execute(kept).rowcount != 1:
        return False
    if change.to in GONE:
        connection.execute(delete(t.matter).where(t.matter.c.letter == change.letter))
    if change.to == PURGED:
        connection.execute(delete(t.rule_hit).where(t.rule_hit.c.letter == change.letter))
        connection.execute(delete(t.finding).where(t.finding.c.letter == change.letter))
    return True


def is_purge(change: object) -> bool:
    """Whether words are taken out by this, which must then lie nowhere else either."""
    return isinstance(change, KeepLetter) and change.to == PURGED


def strangers(connection: Connection, before: datetime, limit: int) -> tuple[int, ...]:
    """Letters of no campaign, dealt with, that came before this instant and that nothing speaks of."""
    found = (
        select(t.letter.c.id)
        .where(
            t.letter.c.stage.in_([each.value for each in _SETTLED]),
            t.letter.c.received_at < before,
            t.letter.c.campaign.is_(None),
            t.letter.c.keeping == "",
            ~exists().where(t.approval_letter.c.letter == t.letter.c.id),
            ~exists().where(t.errand.c.letter == t.letter.c.id),
            ~exists().where(t.approval.c.letter == t.letter.c.id),
            ~exists().where(t.filing.c.letter == t.letter.c.id),
            # A bounce or a read receipt of a campaign tells of it in an event.
            ~exists().where(t.event.c.letter == t.letter.c.id, t.event.c.campaign != ""),
        )
        .order_by(t.letter.c.received_at)
        .limit(limit)
    )
    return tuple(connection.scalars(found))


def put_aside(connection: Connection) -> tuple[int, ...]:
    """Letters whose bytes are not kept like all others."""
    return tuple(
        connection.scalars(select(t.letter.c.id).where(t.letter.c.keeping != "").order_by(t.letter.c.id))
    )


def blobs_of(connection: Connection, letter: int) -> tuple[str, ...]:
    """Every sha256 that rows of one letter name."""
    own: tuple[Select[tuple[str]], ...] = (
        select(t.letter.c.raw_sha256.label("sha256")).where(t.letter.c.id == letter),
        select(t.letter.c.facts_sha256).where(t.letter.c.id == letter),
        select(t.sighting.c.raw_sha256).where(t.sighting.c.letter == letter),
        select(t.matter.c.sha256).where(t.matter.c.letter == letter),
    )
    every = union(*own).subquery()
    return tuple(connection.scalars(select(every.c.sha256).order_by(every.c.sha256)))
