"""暂停 — what must not go out now, when the office last worked, and how far Sent was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, delete, exists, not_, or_, select

from service.doors.ledger import tables as t
from service.doors.ledger.upsert import add_new, put_all
from service.office.change import MoveSentCursor, Pause, Resume, Tick
from service.office.dispatch import PAUSABLE
from service.office.needs.ledger import PauseRow


def carry_out(connection: Connection, change: Pause | Resume | Tick | MoveSentCursor) -> bool:
    """What belongs to standing still, and to reading Sent."""
    match change:
        case Pause():
            return pause(connection, change)
        case Resume():
            return resume(connection, change)
        case Tick():
            return tick(connection, change)
        case MoveSentCursor():
            return move_sent_cursor(connection, change)
        case _:
            assert_never(change)


def pause(connection: Connection, change: Pause) -> bool:
    """Paused, with the first reason given; refused when it is paused already."""
    row = {"campaign": change.campaign, "at": change.at, "by_whom": change.by, "why": change.why}
    return add_new(connection, t.pause, row) is not None


def resume(connection: Connection, change: Resume) -> bool:
    """No longer; refused when it was not paused."""
    gone = delete(t.pause).where(t.pause.c.campaign == change.campaign)
    return connection.execute(gone).rowcount == 1


def tick(connection: Connection, change: Tick) -> bool:
    """The office worked at this instant."""
    put_all(connection, t.pulse, [{"no": 1, "at": change.at}])
    return True


def move_sent_cursor(connection: Connection, change: MoveSentCursor) -> bool:
    """Sent was read up to here."""
    row = {"account": change.account, "uidvalidity": change.uidvalidity, "last_uid": change.last_uid}
    put_all(connection, t.sent_cursor, [row])
    return True


def may_go() -> tuple[ColumnElement[bool], ...]:
    """Conditions on a dispatch: nothing holds the whole office, and its campaign does not hold its kind."""
    paused: Any = select(t.pause.c.campaign)
    return (
        not_(exists(paused.where(t.pause.c.campaign == ""))),
        or_(
            t.dispatch.c.kind.not_in([kind.value for kind in PAUSABLE]),
            t.dispatch.c.campaign.not_in(paused),
        ),
    )


def pauses(connection: Connection) -> tuple[PauseRow, ...]:
    """Everything that is paused, by campaign."""
    rows = connection.execute(select(t.pause).order_by(t.pause.c.campaign))
    return tuple(PauseRow(row.campaign, row.at, row.by_whom, row.why) for row in rows)


def worked_at(connection: Connection) -> datetime | None:
    """When the office last looked around; None before the first time."""
    found: datetime | None = connection.scalars(select(t.pulse.c.at)).first()
    return found


def sent_cursor(connection: Connection, account: str) -> tuple[int, int]:
    """UIDVALIDITY and last UID read; (0, 0) before the first reading."""
    row = connection.execute(select(t.sent_cursor).where(t.sent_cursor.c.account == account)).first()
    return (row.uidvalidity, row.last_uid) if row else (0, 0)
