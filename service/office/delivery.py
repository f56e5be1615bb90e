"""送达 — when a unit counts as reached, and when as not: every address that got the notice has refused it."""

from __future__ import annotations

from datetime import datetime

from service.office.change import Change, MarkAddress, PutDocket
from service.office.dispatch import INFORMS, Dispatch, DispatchState
from service.office.docket import Trigger
from service.office.holding import move, moved_event
from service.office.needs.ledger import Ledger

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


def undelivered_changes(ledger: Ledger, failed: Dispatch, now: datetime) -> list[Change]:
    """Docket moves once this notice has failed, if no other address of the unit may still have it.

    A unit that was told otherwise (by OA, by hand) knows what is asked, whatever comes back.
    """
    if failed.kind not in INFORMS:
        return []
    notices = ledger.dispatches(failed.campaign, kinds=INFORMS, unit=failed.unit)
    if any(each.id != failed.id and each.state not in _HOPELESS for each in notices):
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
