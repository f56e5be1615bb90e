"""自检信 — a letter of ours to ourselves proves the way out and the way back; its absence is an alarm."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from service.office.change import Change, Record
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.letter import LetterFacts
from service.office.mail import OWN_HEADER
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

SEEN_EVENT = "canary-seen"
# Before the office opens, so that the first reminders of the day know whether answers come in.
BEFORE_OPENING = timedelta(hours=1)
_DIGITS_MAX = 15
_UNSENT = (DispatchState.READY, DispatchState.RETRY, DispatchState.LEASED, DispatchState.SENDING)


def is_due(ledger: Ledger, policy: Policy, now: datetime) -> bool:
    """Whether another one should be laid into the outbox: on working days, from an hour before opening."""
    if policy.canary_every <= timedelta(0) or not policy.canary_to:
        return False
    if not (policy.is_open(now) or policy.is_open(now + BEFORE_OPENING)):
        return False
    last = ledger.dispatches(kinds=(DispatchKind.CANARY,))
    if any(each.state in _UNSENT for each in last):
        return False
    return all(now - each.due_at >= policy.canary_every for each in last[-1:])


def canary_key(now: datetime) -> str:
    """One for each instant at which one fell due."""
    return f"canary:{int(now.timestamp())}"


def lost(ledger: Ledger, policy: Policy, now: datetime) -> Dispatch | None:
    """The newest one that went out, has not come back within the written time, and no later one has."""
    if policy.canary_every <= timedelta(0) or not policy.canary_to:
        return None
    states = (DispatchState.SENT, DispatchState.IN_DOUBT, DispatchState.DEAD)
    gone = [
        each
        for each in ledger.dispatches(states=states, kinds=(DispatchKind.CANARY,))
        if each.rcpt == policy.canary_to
    ]
    if not gone:
        return None
    seen = {event.dispatch for event in ledger.events(kind=SEEN_EVENT)}
    for each in reversed(gone):
        if each.id in seen:
            return None
        if each.state is DispatchState.DEAD or now - (each.sent_at or each.due_at) >= policy.canary_wait:
            return each
    return None


def lost_words(dispatch: Dispatch, policy: Policy) -> str:
    """What staff read of it."""
    at = policy.local(dispatch.sent_at or dispatch.due_at)
    how = f"没有发出（{dispatch.last_error}）" if dispatch.state is DispatchState.DEAD else "一直没有收到"
    return (
        f"{at:%m-%d %H:%M} 发给自己（{dispatch.rcpt}）的自检信{how}：来信可能收不进来，已暂不催办。"
        "请登录邮箱查看收信是否正常、自检信是否被拦截或被收信规则移走"
    )


def came_round(
    ledger: Ledger, own_addresses: Collection[str], facts: LetterFacts, now: datetime
) -> list[Change]:
    """The event that one of them has come back, when this letter is one; by our id, or by our own header.

    The header alone could be written by anybody, so it must also come from ourselves.
    """
    if facts.sender is None or facts.sender.key not in own_addresses:
        return []
    found = ledger.dispatch_by_message_id(facts.message_id) if facts.message_id else None
    number = facts.header(OWN_HEADER.lower()).strip()
    if found is None and number.isascii() and number.isdigit() and len(number) <= _DIGITS_MAX:
        # QQ gives a letter another Message-ID on its way out.
        found = ledger.dispatch(int(number))
    if found is None or found.kind is not DispatchKind.CANARY:
        return []
    return [Record(SEEN_EVENT, now, "系统", dispatch=found.id)]
