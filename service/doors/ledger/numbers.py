"""发文字号 — numbers given out one after the other, each once for ever."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text, update

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.upsert import add_new
from service.office.doc_number import NUMBER_MAX, DocNumber, NumberState, ReserveNumber, SettleNumber

_LIVE = (NumberState.RESERVED.value, NumberState.ISSUED.value)


def reserve(connection: Connection, change: ReserveNumber) -> bool:
    """The next one; False where the campaign holds one, or the series is used up."""
    if connection.dialect.name == "postgresql":
        # One taker at a time; on SQLite the transaction itself is that already.
        connection.execute(text("LOCK TABLE doc_number IN EXCLUSIVE MODE"))
    if of_campaign(connection, change.campaign) is not None:
        return False
    last = connection.scalars(
        select(func.max(t.doc_number.c.number)).where(
            t.doc_number.c.series == change.series, t.doc_number.c.year == change.year
        )
    ).one()
    number = max(change.first, (last or 0) + 1)
    if number > NUMBER_MAX:
        return False
    row = {
        "series": change.series,
        "year": change.year,
        "number": number,
        "campaign": change.campaign,
        "state": NumberState.RESERVED.value,
        "reserved_by": change.by,
        "reserved_at": change.at,
        "settled_by": "",
        "settled_at": None,
        "reason": "",
    }
    return add_new(connection, t.doc_number, row) is not None


def settle(connection: Connection, change: SettleNumber) -> bool:
    """reserved → issued or void, for the campaign that holds it."""
    held = change.held
    settled = (
        update(t.doc_number)
        .where(
            t.doc_number.c.series == held.series,
            t.doc_number.c.year == held.year,
            t.doc_number.c.number == held.number,
            t.doc_number.c.campaign == held.campaign,
            t.doc_number.c.state == NumberState.RESERVED.value,
        )
        .values(state=change.to.value, settled_by=change.by, settled_at=change.at, reason=change.reason)
    )
    return connection.execute(settled).rowcount == 1


def of_campaign(connection: Connection, campaign: str) -> DocNumber | None:
    """The number a campaign holds, reserved or issued."""
    row = connection.execute(
        select(t.doc_number)
        .where(t.doc_number.c.campaign == campaign, t.doc_number.c.state.in_(_LIVE))
        .limit(1)
    ).first()
    return _number(row) if row else None


def all_of(connection: Connection, year: int | None) -> tuple[DocNumber, ...]:
    """Every number ever given, gaps included, by series, year and number."""
    found = select(t.doc_number).order_by(t.doc_number.c.series, t.doc_number.c.year, t.doc_number.c.number)
    if year is not None:
        found = found.where(t.doc_number.c.year == year)
    return tuple(_number(row) for row in connection.execute(found))


def _number(row: AnyRow) -> DocNumber:
    return DocNumber(
        series=row.series,
        year=row.year,
        number=row.number,
        campaign=row.campaign,
        state=NumberState(row.state),
        by=row.reserved_by,
        at=row.reserved_at,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        reason=row.reason,
    )
