"""后续 — a later release carried out: what has not gone out is voided, the rest told, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, tuple_, update

from service.doors.ledger import opening, outbox, register, timers, trail
from service.doors.ledger import tables as t
from service.doors.ledger.columns import AnyRow
from service.doors.ledger.upsert import add_all_new, add_new, batches
from service.office.amendment import (
    AmendCampaign,
    CancelTimers,
    EndCampaign,
    Exempting,
    Planning,
    Redating,
    Voiding,
    VoidUnsent,
)
from service.office.change import Record
from service.office.dispatch import CHASES, SIGNED, UNSENT, DispatchState, NewDispatch
from service.office.docket import DocketState, Trigger
from service.office.holding import move, moved_event

# It may have arrived.
_HAD = (DispatchState.SENT, DispatchState.SENDING, DispatchState.IN_DOUBT)
# What is under way, or was refused, may come back into the outbox; from a release that supersedes it, never.
_MAY_COME_BACK = (DispatchState.SENDING, DispatchState.IN_DOUBT, DispatchState.DEAD)


def carry_out(
    connection: Connection, change: AmendCampaign | EndCampaign | VoidUnsent | CancelTimers
) -> bool:
    """One change of a campaign under way; False says that its guard fails."""
    match change:
        case AmendCampaign():
            return amend(connection, change)
        case EndCampaign():
            return end(connection, change)
        case VoidUnsent():
            void(connection, change.campaign, change.voiding, change.actor, change.at)
            return True
        case CancelTimers():
            timers.cancel(connection, change.campaign, (change.unit,))
            return True
        case _:
            assert_never(change)


def amend(connection: Connection, change: AmendCampaign) -> bool:
    """False where the campaign has ended, the revision exists, or a docket's terms have changed since."""
    if not _still_runs(connection, change):
        return False
    if add_new(connection, t.release, opening.release_row(change.release)) is None:
        return False
    for key, name in change.items:
        its = (t.item.c.campaign == change.campaign, t.item.c.key == key)
        connection.execute(update(t.item).where(*its).values(name=name))
    if change.units:
        opening.put_roster(connection, change.campaign, change.units, is_renewed=True)
    opening.put_codes(connection, change.campaign, change.codes)
    _add_dockets(connection, change)
    if not all(_redate(connection, change, each) for each in change.redates):
        return False
    for exempting in change.exempts:
        _exempt(connection, change, exempting)
    _replace(connection, change)
    if change.unchased is None or change.unchased:
        timers.cancel(connection, change.campaign, change.unchased)
    return timers.put(connection, change.timers)


def end(connection: Connection, change: EndCampaign) -> bool:
    """The campaign runs no more; no timer of it rings, no reminder of it leaves."""
    ended = (
        update(t.campaign)
        .where(t.campaign.c.key == change.campaign, t.campaign.c.state == "open")
        .values(
            state="closed",
            ended=change.how,
            ended_at=change.at,
            ended_by=change.by,
            ended_why=change.why,
        )
    )
    if connection.execute(ended).rowcount != 1:
        return False
    timers.cancel(connection, change.campaign, None)
    why = "活动已撤回" if change.how == "withdrawn" else "活动已办结"
    void(connection, change.campaign, Voiding(CHASES, why), change.by, change.at)
    return True


def void(connection: Connection, campaign: str, voiding: Voiding, actor: str, at: datetime) -> None:
    """Cancel what has not gone out, each with its event; a lease that somebody holds is lost by it."""
    for units in batches(voiding.units) if voiding.units else ((),):
        cancelled = (
            update(t.dispatch)
            .where(t.dispatch.c.campaign == campaign, _unsent(voiding), *_among(units))
            .values(
                state=DispatchState.CANCELLED.value,
                owner="",
                attempt_token="",
                lease_until=None,
                settled_at=at,
                settled_why=voiding.why,
            )
            .returning(t.dispatch.c.id, t.dispatch.c.unit, t.dispatch.c.kind, t.dispatch.c.rcpt)
        )
        rows = sorted(connection.execute(cancelled), key=lambda each: each.id)
        trail.record_all(connection, [_cancelled(row, campaign, voiding.why, actor, at) for row in rows])


def _cancelled(row: AnyRow, campaign: str, why: str, actor: str, at: datetime) -> Record:
    about = (("kind", row.kind), ("to", row.rcpt), ("why", why))
    return Record("cancelled", at, actor, campaign, row.unit, dispatch=row.id, about=about)


def _still_runs(connection: Connection, change: AmendCampaign) -> bool:
    """The facts of the newest release are what every stage reads from this moment on."""
    values = {"title": change.title, "facts_sha256": change.facts_sha256} if change.facts_sha256 else {}
    running = (t.campaign.c.key == change.campaign, t.campaign.c.state == "open")
    # Also without anything new to say: on PostgreSQL the row's lock puts later releases in a queue.
    put = update(t.campaign).where(*running).values(values or {"zone": t.campaign.c.zone})
    return connection.execute(put).rowcount == 1


def _add_dockets(connection: Connection, change: AmendCampaign) -> None:
    stored = select(t.item.c.key, t.item.c.position).where(t.item.c.campaign == change.campaign)
    order = {row.key: row.position for row in connection.execute(stored)}
    rows = [register.docket_row(each) | {"item_order": order[each.item]} for each in change.dockets]
    add_all_new(connection, t.docket, rows)


def _redate(connection: Connection, change: AmendCampaign, terms: Redating) -> bool:
    stands = (
        t.docket.c.campaign == change.campaign,
        t.docket.c.item == terms.item,
        t.docket.c.is_third_party.is_(False),
        t.docket.c.due_rev == terms.was_rev,
        t.docket.c.obligation == terms.was_obligation.value,
        t.docket.c.due_until == terms.was_until
        if terms.was_until is not None
        else t.docket.c.due_until.is_(None),
    )
    values = {
        "due_until": terms.until,
        "due_rev": t.docket.c.due_rev + 1,
        "obligation": terms.obligation.value,
        "grace_days": terms.grace_days,
        "row_version": t.docket.c.row_version + 1,
    }
    moved = 0
    for units in batches(terms.units) if terms.units else ((),):
        among = (t.docket.c.unit.in_(units),) if units else ()
        moved += connection.execute(update(t.docket).where(*stands, *among).values(values)).rowcount
    return moved == terms.count


def _exempt(connection: Connection, change: AmendCampaign, exempting: Exempting) -> None:
    """By the table of legal moves, docket by docket, each with its event."""
    units = set(exempting.units)
    moves = [
        (docket, moved)
        for docket in register.dockets(connection, change.campaign, None, exempting.item, is_locked=True)
        if not docket.is_third_party and (not units or docket.unit in units)
        if (moved := move(docket, Trigger.EXEMPT)) is not None
    ]
    if not moves:
        return
    put = (
        update(t.docket)
        .where(
            t.docket.c.campaign == change.campaign,
            t.docket.c.item == exempting.item,
            t.docket.c.unit == bindparam("whose"),
        )
        .values(
            state=DocketState.EXEMPT.value,
            resting=None,
            reason=exempting.why,
            row_version=t.docket.c.row_version + 1,
        )
    )
    connection.execute(put, [{"whose": docket.unit} for docket, _ in moves])
    trail.record_all(
        connection,
        [moved_event(*each, change.at, change.actor, reason=exempting.why) for each in moves],
    )


def _replace(connection: Connection, change: AmendCampaign) -> None:
    """Void what has not gone out, then tell each recipient what fits it: the whole, or the change."""
    under_way = select(t.dispatch.c.id).where(
        t.dispatch.c.campaign == change.campaign,
        t.dispatch.c.state.in_([each.value for each in (*UNSENT, *_MAY_COME_BACK)]),
    )
    # From here on no sender of another process moves one of these rows.
    connection.execute(under_way.with_for_update()).all()
    hours = _planned_hours(connection, change.campaign)
    for voiding in change.voids:
        _supersede(connection, change, voiding)
        void(connection, change.campaign, voiding, change.actor, change.at)
    had = _had(connection, change.campaign) if change.plans else set()
    outbox.queue_all(connection, [each for plan in change.plans for each in _chosen(plan, had, hours)])


def _planned_hours(connection: Connection, campaign: str) -> dict[tuple[str, str], datetime]:
    """When each notice that has not gone out was to go: nothing takes its place, or follows, before then."""
    rows = connection.execute(
        select(t.dispatch.c.unit, t.dispatch.c.rcpt_key, t.dispatch.c.due_at).where(
            t.dispatch.c.campaign == campaign,
            t.dispatch.c.kind.in_([each.value for each in SIGNED]),
            t.dispatch.c.state.in_([each.value for each in UNSENT]),
        )
    )
    return {(row.unit, row.rcpt_key): row.due_at for row in rows}


def _supersede(connection: Connection, change: AmendCampaign, voiding: Voiding) -> None:
    """What is in a conversation now, doubtful or refused must not be sent again when that is known."""
    states = [each.value for each in _MAY_COME_BACK]
    for units in batches(voiding.units) if voiding.units else ((),):
        connection.execute(
            update(t.dispatch)
            .where(
                t.dispatch.c.campaign == change.campaign,
                t.dispatch.c.kind.in_([each.value for each in voiding.kinds]),
                t.dispatch.c.state.in_(states),
                *_among(units),
                *_to(voiding),
            )
            .values(superseded_by=change.release.rev)
        )


def _had(connection: Connection, campaign: str) -> set[tuple[str, str]]:
    rows = connection.execute(
        select(t.dispatch.c.unit, t.dispatch.c.rcpt_key)
        .where(
            t.dispatch.c.campaign == campaign,
            t.dispatch.c.kind.in_([each.value for each in SIGNED]),
            t.dispatch.c.state.in_([each.value for each in _HAD]),
        )
        .distinct()
    )
    return {(row.unit, row.rcpt_key) for row in rows}


def _chosen(
    plan: Planning, had: set[tuple[str, str]], hours: Mapping[tuple[str, str], datetime]
) -> Iterable[NewDispatch]:
    key = (plan.unit, plan.rcpt.lower())
    if key in had:
        return () if plan.if_had is None else (plan.if_had,)
    if plan.if_unsent is None:
        return ()
    due_at = max(plan.if_unsent.due_at, hours.get(key, plan.if_unsent.due_at))
    return (replace(plan.if_unsent, due_at=due_at),)


def _unsent(voiding: Voiding) -> ColumnElement[bool]:
    states = [each.value for each in UNSENT]
    if voiding.also_dead:
        states.append(DispatchState.DEAD.value)
    may = t.dispatch.c.state.in_(states)
    kinds = t.dispatch.c.kind.in_([each.value for each in voiding.kinds])
    return and_(kinds, may, *_to(voiding))


def _to(voiding: Voiding) -> tuple[ColumnElement[bool], ...]:
    if not voiding.rcpts:
        return ()
    return (tuple_(t.dispatch.c.unit, t.dispatch.c.rcpt_key).in_(voiding.rcpts),)


def _among(units: Any) -> tuple[ColumnElement[bool], ...]:
    return (t.dispatch.c.unit.in_(units),) if units else ()
