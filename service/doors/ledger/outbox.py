"""发件箱 — claim, lease and fence: every step of a dispatch is a compare-and-set on what it must still be."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.connections import machine_now
from service.doors.ledger.pauses import may_go
from service.doors.ledger.upsert import add_all_new, add_new
from service.office.change import BeginSending, FinishSending, LearnDelivered, SettleDispatch
from service.office.dispatch import LANES, Dispatch, DispatchKind, DispatchState, NewDispatch
from service.office.docket import Docket

_KINDS = {kind.value: kind for kind in DispatchKind}
_STATES = {state.value: state for state in DispatchState}
_AGAIN = (DispatchState.READY, DispatchState.RETRY)
_COLUMNS = (
    t.dispatch.c.id,
    t.dispatch.c.dedupe_key,
    t.dispatch.c.kind,
    t.dispatch.c.campaign,
    t.dispatch.c.unit,
    t.dispatch.c.rcpt,
    t.dispatch.c.account,
    t.dispatch.c.message_id,
    t.dispatch.c.content_sha256,
    t.dispatch.c.state,
    t.dispatch.c.due_at,
    t.dispatch.c.attempts,
    t.dispatch.c.attempt_token,
    t.dispatch.c.owner,
    t.dispatch.c.mime_sha256,
    t.dispatch.c.sent_at,
    t.dispatch.c.last_code,
    t.dispatch.c.last_error,
    t.dispatch.c.dockets,
    t.dispatch.c.in_reply_to,
    t.dispatch.c.superseded_by,
)

# Asked for every letter; built once, since building a statement costs several times what it takes to run it.
_BY_ID = select(*_COLUMNS).where(t.dispatch.c.id == bindparam("wanted"))
_BY_OUR_ID = select(*_COLUMNS).where(t.dispatch.c.message_id == bindparam("wanted"))
_BY_LEARNED_ID = select(*_COLUMNS).where(
    t.dispatch.c.id.in_(
        select(t.delivered_id.c.dispatch).where(t.delivered_id.c.message_id == bindparam("wanted"))
    )
)
_COUNT_SENT = select(func.count(literal_column("1"))).where(
    t.dispatch.c.kind.in_(bindparam("of_kinds", expanding=True)),
    t.dispatch.c.state != DispatchState.CANCELLED.value,
    or_(t.dispatch.c.due_at >= bindparam("since"), t.dispatch.c.sent_at >= bindparam("since")),
)
_NEXT_DUE = select(func.min(t.dispatch.c.due_at)).where(t.IS_WAITING, *may_go())
_COUNT_SENT_TO = _COUNT_SENT.where(t.dispatch.c.rcpt_key == bindparam("of_rcpt"))

# The largest cap that settings allow for a day.
SENT_ROWS_MAX = 1_000_000

# --- claim and reap -----------------------------------------------------------------------------------------


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    limit: int,
    accounts: Sequence[str],
    resting: Sequence[tuple[str, str]],
    lease: timedelta,
) -> tuple[Dispatch, ...]:
    """Lease the first rows due by `now`, lane by lane; rows another claim holds are passed over.

    So are recipients in a domain that its account lets rest: (account, domain) in `resting`.
    """
    lot = {"now": now, "at_most": limit} | ({"of_accounts": list(accounts)} if accounts else {})
    held = {"of_owner": owner, "until": machine_now(connection) + lease, "token": uuid.uuid4().hex}
    claimed = connection.execute(_claiming(bool(accounts), tuple(resting)), lot | held)
    # RETURNING promises no order.
    return tuple(sorted(map(_dispatch, claimed), key=lambda each: (LANES[each.kind], each.due_at, each.id)))


# What rests changes now and then; a claim is made for every letter that goes out.
@lru_cache(maxsize=32)
def _claiming(by_account: bool, resting: tuple[tuple[str, str], ...]) -> ReturningUpdate[Any]:
    due = select(t.dispatch.c.id).where(t.IS_WAITING, t.dispatch.c.due_at <= bindparam("now"), *may_go())
    if by_account:
        due = due.where(t.dispatch.c.account.in_(bindparam("of_accounts", expanding=True)))
    for account, domain in resting:
        is_there = t.dispatch.c.rcpt_key.endswith(f"@{domain}", autoescape=True)
        due = due.where(not_(and_(t.dispatch.c.account == account, is_there)))
    due = due.order_by(t.dispatch.c.lane, t.dispatch.c.due_at, t.dispatch.c.id).limit(bindparam("at_most"))
    # A locking CTE is worked out once; a locking subquery may be run again for each row and exceed the limit.
    first = due.with_for_update(skip_locked=True).cte("first")
    return (
        update(t.dispatch)
        .where(t.dispatch.c.id.in_(select(first.c.id)))
        .values(
            state=DispatchState.LEASED.value,
            owner=bindparam("of_owner"),
            lease_until=bindparam("until"),
            attempts=t.dispatch.c.attempts + 1,
            attempt_token=bindparam("token"),
        )
        .returning(*_COLUMNS)
    )


def reap(connection: Connection) -> tuple[Dispatch, ...]:
    """End every lease that ran out by machine time; returns the rows now in doubt."""
    return _end_leases(connection, t.dispatch.c.lease_until <= machine_now(connection))


def recover(connection: Connection, owner: str) -> tuple[Dispatch, ...]:
    """End every lease of an owner that is known to be gone; returns the rows now in doubt."""
    return _end_leases(connection, t.dispatch.c.owner == owner)


def _end_leases(connection: Connection, which: ColumnElement[bool]) -> tuple[Dispatch, ...]:
    is_leased = t.dispatch.c.state == DispatchState.LEASED.value
    ended = (
        update(t.dispatch)
        .where(t.IS_UNDER_WAY, which)
        .values(
            # Nothing was said yet under a mere lease. After `sending`, nobody knows; owner and token stay, so
            # that the same attempt may still bring its answer.
            state=case(
                (is_leased, DispatchState.READY.value),
                else_=DispatchState.IN_DOUBT.value,
            ),
            owner=case((is_leased, ""), else_=t.dispatch.c.owner),
            attempt_token=case((is_leased, ""), else_=t.dispatch.c.attempt_token),
            lease_until=None,
        )
        .returning(*_COLUMNS)
    )
    rows = map(_dispatch, connection.execute(ended))
    doubtful = (each for each in rows if each.state is DispatchState.IN_DOUBT)
    return tuple(sorted(doubtful, key=lambda each: each.id))


# --- changes ------------------------------------------------------------------------------------------------


def queue(connection: Connection, new: NewDispatch) -> bool:
    """Into the outbox, unless its key is there."""
    add_new(connection, t.dispatch, dispatch_row(new), key=["dedupe_key"])
    return True


def queue_all(connection: Connection, new: Sequence[NewDispatch]) -> None:
    """The same for a whole release."""
    add_all_new(connection, t.dispatch, [dispatch_row(each) for each in new], key=["dedupe_key"])


def begin(connection: Connection, change: BeginSending, lease: timedelta) -> bool:
    """leased → sending, if the lease is still ours and no docket it speaks of has changed."""
    if not all(_is_unchanged(connection, docket) for docket in change.unless_changed):
        return False
    values = {
        "state": DispatchState.SENDING.value,
        "mime_sha256": change.mime_sha256,
        "lease_until": machine_now(connection) + lease,
    }
    return _move_attempt(connection, change, values, (DispatchState.LEASED,))


def _move_attempt(
    connection: Connection,
    change: BeginSending | FinishSending,
    values: dict[str, Any],
    may_be: Sequence[DispatchState],
    *,
    is_fenced: bool = False,
) -> bool:
    held: dict[str, Any] = {"of_id": change.dispatch, "of_owner": change.owner, "of_token": change.token}
    held["may_be"] = [each.value for each in may_be]
    return connection.execute(_attempted(tuple(values), is_fenced), held | values).rowcount == 1


@cache
def _attempted(names: tuple[str, ...], is_fenced: bool) -> Update:
    """Set these columns of a row that the same attempt still holds.

    Fenced, a superseded row that would be tried again is cancelled instead.
    """
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if is_fenced:
        is_over = t.dispatch.c.superseded_by > 0
        values["state"] = case((is_over, DispatchState.CANCELLED.value), else_=bindparam("state"))
    return (
        update(t.dispatch)
        .where(
            t.dispatch.c.id == bindparam("of_id"),
            t.dispatch.c.state.in_(bindparam("may_be", expanding=True)),
            t.dispatch.c.owner == bindparam("of_owner"),
            t.dispatch.c.attempt_token == bindparam("of_token"),
        )
        .values(values)
    )


def _is_unchanged(connection: Connection, docket: Docket) -> bool:
    is_it = (t.docket.c.campaign == docket.campaign) & (t.docket.c.unit == docket.unit)
    is_it &= (t.docket.c.item == docket.item) & (t.docket.c.row_version == docket.row_version)
    same = select(t.docket.c.row_version).where(is_it).with_for_update(read=True)
    return connection.execute(same).first() is not None


def finish(connection: Connection, change: FinishSending) -> bool:
    """The end of an attempt, if it is still the same attempt; an answer after the reaper counts."""
    may_be = [change.was]
    if change.was is DispatchState.SENDING and change.to is DispatchState.SENT:
        may_be.append(DispatchState.IN_DOUBT)
    values: dict[str, Any] = {
        "state": change.to.value,
        "lease_until": None,
        "last_code": change.code,
        "last_error": change.error,
    }
    if change.due_at is not None:
        values["due_at"] = change.due_at
    if change.to is DispatchState.SENT:
        values["sent_at"] = change.at
    return _move_attempt(connection, change, values, may_be, is_fenced=change.to in _AGAIN)


def settle(connection: Connection, change: SettleDispatch) -> bool:
    """A decision about a row that no attempt holds."""
    values: dict[str, Any] = {
        "state": change.to.value,
        "settled_at": change.at,
        "settled_why": change.why,
        # Whoever still held the attempt has lost it.
        "attempt_token": "",
        "lease_until": None,
    }
    match change.to:
        case DispatchState.SENT:
            values["sent_at"] = change.at
        case DispatchState.READY | DispatchState.RETRY:
            values["due_at"] = change.at
        case _:
            pass
    settled = (
        update(t.dispatch)
        .where(t.dispatch.c.id == change.dispatch, t.dispatch.c.state == change.was.value)
        .values(values)
    )
    if change.to in _AGAIN:
        # A later release took its place, whatever somebody may still think of sending it.
        settled = settled.where(t.dispatch.c.superseded_by == 0)
    return connection.execute(settled).rowcount == 1


def learn_delivered(connection: Connection, change: LearnDelivered) -> bool:
    """A Message-ID by which a provider replaced ours; the first row to claim it keeps it."""
    row = {"message_id": bracketed(change.message_id), "dispatch": change.dispatch}
    add_new(connection, t.delivered_id, row)
    return True


def dispatch_row(new: NewDispatch) -> dict[str, Any]:
    """A new row of the outbox."""
    return {
        "dedupe_key": new.dedupe_key,
        "kind": new.kind.value,
        "campaign": new.campaign,
        "unit": new.unit,
        "rcpt": new.rcpt,
        "account": new.account,
        "message_id": bracketed(new.message_id),
        "content_sha256": new.content_sha256,
        "state": (DispatchState.HELD if new.is_held else DispatchState.READY).value,
        "due_at": new.due_at,
        "attempts": 0,
        "attempt_token": "",
        "owner": "",
        "mime_sha256": "",
        "last_error": "",
        "dockets": new.dockets,
        "in_reply_to": new.in_reply_to,
        "lane": LANES[new.kind],
        "rcpt_key": new.rcpt.lower(),
        "settled_why": "",
    }


def bracketed(message_id: str) -> str:
    """A Message-ID with its angle brackets."""
    return f"<{message_id.strip().strip('<>').strip()}>"


# --- questions ----------------------------------------------------------------------------------------------


def dispatch(connection: Connection, id: int) -> Dispatch | None:
    """One row."""
    row = connection.execute(_BY_ID, {"wanted": id}).first()
    return _dispatch(row) if row else None


def dispatch_by_message_id(connection: Connection, message_id: str) -> Dispatch | None:
    """By our own id, or one that a provider gave instead."""
    wanted = bracketed(message_id)
    row = connection.execute(_BY_OUR_ID, {"wanted": wanted}).first()
    if row is None:
        row = connection.execute(_BY_LEARNED_ID, {"wanted": wanted}).first()
    return _dispatch(row) if row else None


def dispatches(
    connection: Connection,
    campaign: str | None,
    states: Sequence[DispatchState],
    kinds: Sequence[DispatchKind],
    unit: str | None,
    rcpt: str | None,
) -> tuple[Dispatch, ...]:
    """Rows that meet every condition given, in the order they were written."""
    any_of = (("state", [each.value for each in states]), ("kind", [each.value for each in kinds]))
    lists = {name: wanted for name, wanted in any_of if wanted}
    exact = {"campaign": campaign, "unit": unit, "rcpt_key": rcpt.lower() if rcpt is not None else None}
    given = {name: wanted for name, wanted in exact.items() if wanted is not None}
    return tuple(map(_dispatch, connection.execute(_dispatches(tuple(lists), tuple(given)), lists | given)))


@cache
def _dispatches(lists: tuple[str, ...], given: tuple[str, ...]) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .where(
            *(t.dispatch.c[name].in_(bindparam(name, expanding=True)) for name in lists),
            *(t.dispatch.c[name] == bindparam(name) for name in given),
        )
        .order_by(t.dispatch.c.id)
    )


def count_sent(connection: Connection, rcpt: str, kinds: Sequence[DispatchKind], since: datetime) -> int:
    """Rows not cancelled, and due or sent since."""
    asked = {"of_kinds": [kind.value for kind in kinds], "since": since}
    if rcpt:
        return connection.scalars(_COUNT_SENT_TO, asked | {"of_rcpt": rcpt.lower()}).one()
    return connection.scalars(_COUNT_SENT, asked).one()


def sent_since(connection: Connection, account: str, since: datetime) -> tuple[datetime, ...]:
    """When this account's letters went out, oldest first: those the provider may count still."""
    sent = (
        select(t.dispatch.c.sent_at)
        .where(
            t.dispatch.c.account == account,
            t.dispatch.c.state == DispatchState.SENT.value,
            t.dispatch.c.sent_at >= since,
        )
        .order_by(t.dispatch.c.sent_at.desc())
        .limit(SENT_ROWS_MAX)
    )
    return tuple(reversed(connection.scalars(sent).all()))


def next_due(connection: Connection) -> datetime | None:
    """When the next waiting row that nothing pauses falls due."""
    earliest: datetime | None = connection.scalars(_NEXT_DUE).one()
    return earliest


def _dispatch(row: AnyRow) -> Dispatch:
    (
        id_, dedupe_key, kind, campaign, unit, rcpt, account, message_id, content, state, due_at, *rest,
    ) = row  # fmt: skip
    return Dispatch(
        id_, dedupe_key, _KINDS[kind], campaign, unit, rcpt, account, message_id, content, _STATES[state],
        due_at, *rest,
    )  # fmt: skip
