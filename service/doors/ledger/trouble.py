"""搁置 — pieces of work that raised, and the bytes the ledger counts on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select, update

from service.doors.ledger import tables as t
from service.doors.ledger.upsert import add_new
from service.office.change import ClearStumble, Stumble
from service.office.keeping import GONE
from service.office.needs.ledger import StumbleRow

_ALL = select(t.stumble).order_by(t.stumble.c.stage, t.stumble.c.piece)
_OF_STAGE = _ALL.where(t.stumble.c.stage == bindparam("of_stage"))


def carry_out(connection: Connection, change: Stumble | ClearStumble) -> bool:
    """Once more, or forgotten."""
    return stumble(connection, change) if isinstance(change, Stumble) else clear(connection, change)


def stumble(connection: Connection, change: Stumble) -> bool:
    """Once more."""
    row = {
        "stage": change.stage,
        "piece": change.piece,
        "tries": 1,
        "error": change.error,
        "at": change.at,
    }
    if add_new(connection, t.stumble, row) is None:
        same = (t.stumble.c.stage == change.stage, t.stumble.c.piece == change.piece)
        again = {"tries": t.stumble.c.tries + 1, "error": change.error, "at": change.at}
        connection.execute(update(t.stumble).where(*same).values(again))
    return True


def clear(connection: Connection, change: ClearStumble) -> bool:
    """Forgotten."""
    same = (t.stumble.c.stage == change.stage, t.stumble.c.piece == change.piece)
    connection.execute(delete(t.stumble).where(*same))
    return True


def stumbles(connection: Connection, stage: str | None) -> tuple[StumbleRow, ...]:
    """What raised, by stage and piece."""
    rows = connection.execute(_ALL) if stage is None else connection.execute(_OF_STAGE, {"of_stage": stage})
    return tuple(StumbleRow(row.stage, row.piece, row.tries, row.error, row.at) for row in rows)


def blobs(connection: Connection, without: Sequence[int] = ()) -> tuple[str, ...]:
    """Every sha256 that a row names, but for rows of letters that are gone and of those in `without`."""
    named = (
        t.campaign.c.facts_sha256,
        t.draft.c.manifest_sha256,
        t.release.c.manifest_sha256,
        t.release.c.roster_sha256,
        t.proofing.c.manifest_sha256,
        t.dispatch.c.content_sha256,
        t.dispatch.c.mime_sha256,
        t.filing_doc.c.sha256,
    )
    found: set[str] = set()
    for column in named:
        found.update(connection.scalars(select(column).where(column != "").distinct()))
    of_letters = (
        (t.letter.c.raw_sha256, t.letter.c.id),
        (t.letter.c.facts_sha256, t.letter.c.id),
        (t.sighting.c.raw_sha256, t.sighting.c.letter),
        (t.matter.c.sha256, t.matter.c.letter),
    )
    left_out = {*without, *connection.scalars(select(t.letter.c.id).where(t.letter.c.keeping.in_(GONE)))}
    for column, owner in of_letters:
        found.update(
            row.sha256
            for row in connection.execute(select(column.label("sha256"), owner.label("owner")))
            if row.sha256 and row.owner not in left_out
        )
    return tuple(sorted(found))
