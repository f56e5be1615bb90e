"""点数 — how many dockets stand where, counted by the database, whatever the size of the roster."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, literal_column, select

from service.doors.ledger import register
from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.office.campaign import Obligation
from service.office.docket import Docket, DocketState
from service.office.needs.ledger import DocketCount

# A campaign has a due date for each item and one for each extension. Of more than these the late ones are
# not asked for date by date, but read one by one.
DATES_ASKED_MAX = 40
_Where = tuple[str, Obligation, DocketState]
_d = t.docket.c
_NUMBER = func.count(literal_column("1")).label("number")


def count_dockets(connection: Connection, campaign: str, now: datetime) -> tuple[DocketCount, ...]:
    """By item, obligation and state, in the order of the items."""
    counted = (
        select(_d.item, _d.obligation, _d.state, _d.due_until, _d.grace_days, _NUMBER)
        .where(_d.campaign == campaign)
        .group_by(_d.due_until, _d.grace_days, _d.item, _d.obligation, _d.state)
    )
    numbers: dict[_Where, int] = {}
    overdue: dict[_Where, int] = {}
    dates: set[tuple[datetime, int]] = set()
    for row in connection.execute(counted):
        where = _where(row)
        numbers[where] = numbers.get(where, 0) + row.number
        # The docket's own law says of each date whether it is past.
        one = Docket(campaign, "", *where, due_until=row.due_until, grace_days=row.grace_days)
        overdue[where] = overdue.get(where, 0) + (row.number if one.is_overdue(now) else 0)
        if row.due_until is not None:
            dates.add((row.due_until, row.grace_days))
    late = _late_by_date(connection, campaign, dates) if len(dates) <= DATES_ASKED_MAX else None
    late = _late_one_by_one(connection, campaign) if late is None else late
    order = _order(connection, campaign)
    found = sorted(numbers, key=lambda each: (order.get(each[0], len(order)), each[1].value, each[2].value))
    return tuple(DocketCount(*each, numbers[each], overdue[each], late.get(each, 0)) for each in found)


def _late_by_date(
    connection: Connection, campaign: str, dates: set[tuple[datetime, int]]
) -> dict[_Where, int]:
    """What came at or after each date and its days of grace."""
    found: dict[_Where, int] = {}
    for due_until, grace_days in sorted(dates):
        came = (
            select(_d.item, _d.obligation, _d.state, _NUMBER)
            .where(
                _d.campaign == campaign,
                _d.due_until == due_until,
                _d.grace_days == grace_days,
                _d.obligation == Obligation.REQUIRED.value,
                _d.returned_at >= due_until + timedelta(days=grace_days),
            )
            .group_by(_d.item, _d.obligation, _d.state)
        )
        for row in connection.execute(came):
            found[_where(row)] = found.get(_where(row), 0) + row.number
    return found


def _late_one_by_one(connection: Connection, campaign: str) -> dict[_Where, int]:
    found: dict[_Where, int] = {}
    for docket in register.dockets_where(connection, _d.campaign == campaign, _d.returned_at >= _d.due_until):
        if docket.is_late:
            where = (docket.item, docket.obligation, docket.state)
            found[where] = found.get(where, 0) + 1
    return found


def _where(row: AnyRow) -> _Where:
    return row.item, Obligation(row.obligation), DocketState(row.state)


def _order(connection: Connection, campaign: str) -> dict[str, int]:
    listed = select(t.item.c.key).where(t.item.c.campaign == campaign).order_by(t.item.c.position)
    return {key: position for position, key in enumerate(connection.scalars(listed))}
