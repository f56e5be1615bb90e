"""送达 — when a unit counts as not reached: every address that got the notice has refused it."""

from __future__ import annotations

from datetime import datetime

from service.office.change import Change, MarkAddress, PutDocket
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.docket import Trigger
from service.office.holding import move, moved_event
from service.office.needs.ledger import Ledger

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
