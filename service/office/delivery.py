"""送达 — when a unit counts as not reached: every address that got the notice has refused it."""

from __future__ import annotations

from datetime import datetime

from service.office.change import Change, MarkAddress, PutDocket, PutTimers, QueueDispatch, Record, Timer
from service.office.dispatch import Dispatch, DispatchKind, DispatchState, NewDispatch, notice_key
from service.office.docket import DocketState, Trigger
from service.office.holding import move, moved_event
from service.office.message_id import make_message_id
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

_HOPELESS = (DispatchState.DEAD, DispatchState.CANCELLED)


def retired(ledger: Ledger, refused: Dispatch) -> list[Change]:
    """The mailbox does not exist: say so on the unit's roster line, and nowhere else.

    An address that merely wrote to us once must not become known for a unit by being refused.
    """
    standing = ledger.standing(refused.campaign, refused.unit)
    listed = {each.key for each in standing.unit.addresses} if standing else set()
    if refused.rcpt.lower() not in listed:
        return []
    return [MarkAddress(refused.unit, refused.rcpt, "gone")]


def reached_changes(ledger: Ledger, sent: Dispatch, now: datetime) -> list[Change]:
    """Docket moves once a server took a notice: what was not reached is awaited."""
    if sent.kind is not DispatchKind.NOTICE:
        return []
    changes: list[Change] = []
    for docket in ledger.dockets(sent.campaign, sent.unit):
        if docket.state in (DocketState.NOT_SENT, DocketState.UNDELIVERED):
            moved = move(docket, Trigger.SENT) or docket
            changes += [PutDocket(moved), moved_event(docket, moved, now, "系统")]
    return changes


def elsewhere_changes(ledger: Ledger, policy: Policy, failed: Dispatch, now: datetime) -> list[Change]:
    """The mailbox is gone: what was to be said goes to the unit's next living address that has not had it.

    A notice is sent to it as it was; a reminder is thought over anew, by a timer of its own. Empty where no
    other address is left.
    """
    standing = ledger.standing(failed.campaign, failed.unit)
    if standing is None:
        return []
    gone = {each.lower() for each in standing.gone} | {failed.rcpt.lower()}
    living = [each for each in standing.unit.addresses if each.key not in gone]
    if failed.kind is DispatchKind.REMINDER and living:
        dockets = (ledger.docket(failed.campaign, failed.unit, item) for item in failed.dockets)
        missing = tuple(each for each in dockets if each is not None and each.is_missing)
        if not missing:
            return []
        items = tuple(each.item for each in missing)
        step = f"改投@{failed.id}"
        return [PutTimers((Timer(failed.campaign, failed.unit, step, missing[0].due_rev, now, items),))]
    if failed.kind is not DispatchKind.NOTICE:
        return []
    notices = ledger.dispatches(failed.campaign, kinds=(DispatchKind.NOTICE,), unit=failed.unit)
    had = {each.rcpt.lower() for each in notices}
    fresh = [each for each in living if each.key not in had]
    if not fresh:
        return []
    rev = failed.dedupe_key.rpartition(":")[2]
    key = notice_key(failed.campaign, failed.unit, fresh[0].text, int(rev) if rev.isdigit() else 1)
    new = NewDispatch(
        dedupe_key=key,
        kind=failed.kind,
        campaign=failed.campaign,
        unit=failed.unit,
        rcpt=fresh[0].text,
        account=failed.account,
        message_id=make_message_id(policy.code_key, key, policy.sender_domain),
        content_sha256=failed.content_sha256,
        due_at=now,
    )
    about = (("from", failed.rcpt), ("to", fresh[0].text))
    moved = Record("next-address", now, "系统", failed.campaign, failed.unit, dispatch=failed.id, about=about)
    return [QueueDispatch(new), moved]


def undelivered_changes(ledger: Ledger, failed: Dispatch, now: datetime) -> list[Change]:
    """Docket moves once this notice has failed, if no other address of the unit may still have it."""
    if failed.kind is not DispatchKind.NOTICE:
        return []
    notices = ledger.dispatches(failed.campaign, kinds=(DispatchKind.NOTICE,), unit=failed.unit)
    if any(each.id != failed.id and each.state not in _HOPELESS for each in notices):
        return []
    changes: list[Change] = []
    for docket in ledger.dockets(failed.campaign, failed.unit):
        moved = move(docket, Trigger.BOUNCED)
        if moved is not None and moved.state is not docket.state:
            changes.append(PutDocket(moved))
            changes.append(moved_event(docket, moved, now, "系统"))
    return changes
