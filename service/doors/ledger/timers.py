"""定时 — the rows that say when a unit is chased; nothing else remembers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.upsert import add_all_new, batches
from service.office.change import SettleTimer, Timer


def put(connection: Connection, timers: Sequence[Timer]) -> bool:
    """Add timers by their key, once; pending ones that an older due date left behind are cancelled."""
    add_all_new(connection, t.timer, [_row(timer) for timer in timers])
    for timer in timers:
        if timer.due_rev > 0:
            _cancel_older(connection, timer)
    return True


def _cancel_older(connection: Connection, newer: Timer) -> None:
    older = connection.execute(
        select(t.timer.c.id, t.timer.c.item_keys).where(
            t.IS_PENDING,
            t.timer.c.campaign == newer.campaign,
            t.timer.c.unit == newer.unit,
            t.timer.c.due_rev < newer.due_rev,
        )
    )
    overtaken = [row.id for row in older if set(row.item_keys) & set(newer.items)]
    if overtaken:
        connection.execute(
            update(t.timer).where(t.timer.c.id.in_(overtaken), t.IS_PENDING).values(state="cancelled")
        )


def cancel(connection: Connection, campaign: str, units: Sequence[str] | None) -> None:
    """Pending timers of these units (None: of all) ring no more."""
    cancelled = update(t.timer).where(t.timer.c.campaign == campaign, t.IS_PENDING)
    for some in batches(units) if units is not None else (None,):
        among = cancelled if some is None else cancelled.where(t.timer.c.unit.in_(some))
        connection.execute(among.values(state="cancelled"))


def settle(connection: Connection, change: SettleTimer) -> bool:
    """pending → fired or skipped, once."""
    settled = (
        update(t.timer)
        .where(t.timer.c.id == change.timer, t.IS_PENDING)
        .values(state=change.to, settled_at=change.at)
    )
    return connection.execute(settled).rowcount == 1


def due(connection: Connection, now: datetime) -> tuple[Timer, ...]:
    """Pending timers whose instant has come."""
    rows = connection.execute(
        select(t.timer)
        .where(t.IS_PENDING, t.timer.c.at <= now)
        .order_by(t.timer.c.campaign, t.timer.c.unit, t.timer.c.at, t.timer.c.id)
    )
    return tuple(_timer(row) for row in rows)


def of_campaign(connection: Connection, campaign: str) -> tuple[tuple[Timer, str], ...]:
    """Every timer of a campaign with its state."""
    rows = connection.execute(
        select(t.timer)
        .where(t.timer.c.campaign == campaign)
        .order_by(t.timer.c.unit, t.timer.c.at, t.timer.c.id)
    )
    return tuple((_timer(row), row.state) for row in rows)


def next_at(connection: Connection) -> datetime | None:
    """When the next pending timer comes."""
    earliest: datetime | None = connection.scalars(select(func.min(t.timer.c.at)).where(t.IS_PENDING)).one()
    return earliest


def _row(timer: Timer) -> dict[str, Any]:
    return {
        "campaign": timer.campaign,
        "unit": timer.unit,
        "step": timer.step,
        "due_rev": timer.due_rev,
        "at": timer.at,
        "item_keys": timer.items,
        "state": "pending",
    }


def _timer(row: AnyRow) -> Timer:
    return Timer(
        campaign=row.campaign,
        unit=row.unit,
        step=row.step,
        due_rev=row.due_rev,
        at=row.at,
        items=row.item_keys,
        id=row.id,
    )
