"""发出 — what a release opens for a unit: its dockets, and the rows of the outbox that ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from service.office.campaign import Campaign, Medium
from service.office.content import Planned
from service.office.dispatch import DispatchKind, NewDispatch, signed_key
from service.office.docket import Docket, DocketState, MediumState
from service.office.facts import deadline_of
from service.office.frozen import items_for
from service.office.message_id import make_message_id
from service.office.policy import Policy
from service.office.roster import Unit


def dockets_of(campaign: Campaign, units: Iterable[Unit], policy: Policy) -> Iterator[Docket]:
    """Every unit × applicable item has a docket from now on [law 6]. Raises CalendarUnknown."""
    for unit in units:
        for item in items_for(campaign, unit.groups):
            obligation = campaign.obligation(item, unit.groups)
            if obligation is None:
                continue
            deadline = deadline_of(item, policy.calendar, policy.zone)
            yield Docket(
                campaign.key,
                unit.key,
                item.key,
                obligation,
                DocketState.NOT_SENT,
                due_until=deadline.until if deadline else None,
                electronic=MediumState.AWAITED if Medium.ELECTRONIC in item.media else None,
                paper=MediumState.AWAITED if Medium.PAPER in item.media else None,
                unit_order=unit.order,
                grace_days=item.grace_days,
            )


def dispatch_of(planned: Planned, campaign: str, rev: int, policy: Policy, now: datetime) -> NewDispatch:
    """The outbox row of one planned mail; its key and its Message-ID follow from what it is."""
    kind = DispatchKind(planned.kind)
    key = signed_key(kind, campaign, planned.unit, planned.rcpt, rev)
    return NewDispatch(
        dedupe_key=key,
        kind=kind,
        campaign=campaign,
        unit=planned.unit,
        rcpt=planned.rcpt,
        account=policy.account,
        message_id=make_message_id(policy.code_key, key, policy.sender_domain),
        content_sha256=planned.content_sha256,
        due_at=now,
    )
