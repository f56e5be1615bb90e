"""送达 — when a unit counts as reached, and when as not: every address that got the notice has refused it."""

from __future__ import annotations

from datetime import datetime

from service.office.change import Change, MarkAddress, PutDocket, PutTimers, QueueDispatch, Record, Timer
from service.office.dispatch import INFORMS, Dispatch, DispatchKind, DispatchState, NewDispatch, notice_key
from service.office.docket import Trigger
from service.office.holding import move, moved_event
from service.office.message_id import make_message_id
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

_HOPELESS = (DispatchState.DEAD, DispatchState.CANCELLED)
# The event that says that a unit was told otherwise than by mail.
DELIVERED_EVENT = "delivered"
# The event that says that a chasing step has come for a unit that no mail reaches: a person calls.
CALL_EVENT = "call-due"


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
    """Docket moves once a server took a mail that says what is asked: what was not reached is awaited."""
    if sent.kind not in INFORMS:
        return []
    return _moved(ledger, sent, Trigger.SENT, now)


def elsewhere_changes(
    ledger: Ledger,
    policy: Policy,
    failed: Dispatch,
    now: datetime,
    *,
    also_gone: frozenset[str] = frozenset(),
) -> list[Change]:
    """The mailbox is gone: what was to be said goes to the unit's next living address that has not had it.

    A notice is sent to it as it was; a reminder is thought over anew, by a timer of its own. Empty where no
    other address is left, where a later release took the notice's place, and once the campaign has ended.
    `also_gone`: lower-case addresses that the same report says are gone, which the ledger does not know yet.
    """
    standing = ledger.standing(failed.campaign, failed.unit)
    campaign = ledger.campaign(failed.campaign)
    if standing is None or failed.superseded_by or campaign is None or campaign.ended_at is not None:
        return []
    gone = {each.lower() for each in standing.gone} | {failed.rcpt.lower()} | also_gone
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
    notices = ledger.dispatches(failed.campaign, kinds=INFORMS, unit=failed.unit)
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


def undelivered_changes(
    ledger: Ledger, failed: Dispatch, now: datetime, *, also_failed: frozenset[int] = frozenset()
) -> list[Change]:
    """Docket moves once this notice has failed, if no other address of the unit may still have it.

    A unit that was told otherwise (by OA, by hand) knows what is asked, whatever comes back.
    `also_failed`: ids of mails that fail in the same transaction, which the ledger still has as sent.
    """
    if failed.kind not in INFORMS:
        return []
    notices = ledger.dispatches(failed.campaign, kinds=INFORMS, unit=failed.unit)
    failing = also_failed | {failed.id}
    if any(each.id not in failing and each.state not in _HOPELESS for each in notices):
        return []
    if ledger.events(campaign=failed.campaign, unit=failed.unit, kind=DELIVERED_EVENT):
        return []
    return _moved(ledger, failed, Trigger.BOUNCED, now)


def _moved(ledger: Ledger, dispatch: Dispatch, trigger: Trigger, now: datetime) -> list[Change]:
    changes: list[Change] = []
    for docket in ledger.dockets(dispatch.campaign, dispatch.unit):
        moved = move(docket, trigger)
        if moved is not None and moved != docket:
            changes.append(PutDocket(moved))
            if moved.state is not docket.state:
                changes.append(moved_event(docket, moved, now, "系统"))
    return changes
