"""催办的警报 — holding must never become forgetting: what waits too long is an event, once [law 5]."""

from __future__ import annotations

from datetime import datetime

from service.office.change import Change, Record
from service.office.chased import OVERDUE_EVENT, blind_boxes, unread
from service.office.letter import Letter, Stage
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

BLIND_EVENT = "intake-blind"
ASIDE_EVENT = "chasing-held"


def raise_alarms(ledger: Ledger, policy: Policy, now: datetime) -> bool:
    """Every alarm that is new; True when there was one."""
    fresh = [*_blind(ledger, policy, now), *_aside(ledger, now)]
    if fresh:
        ledger.apply(fresh)
    return bool(overdue_reviews(ledger, policy, now)) or bool(fresh)


def overdue_reviews(ledger: Ledger, policy: Policy, now: datetime) -> tuple[int, ...]:
    """Letters that have waited for a person for more than the written working days; each is alarmed once."""
    waiting = [each for stage in (Stage.REVIEW, Stage.ASKED) for each in ledger.letters(stage=stage)]
    if not waiting:
        return ()
    alarmed = {event.letter for event in ledger.events(kind=OVERDUE_EVENT)}
    late = [
        each for each in waiting if each.id not in alarmed and now >= policy.review_ends(each.received_at)
    ]
    if late:
        ledger.apply([_alarm(OVERDUE_EVENT, each, now) for each in late])
    return tuple(each.id for each in late)


def _alarm(kind: str, letter: Letter, now: datetime) -> Record:
    about = (("say", letter.outcome),)
    return Record(kind, now, "系统", letter.campaign or "", letter.unit or "", letter=letter.id, about=about)


def _blind(ledger: Ledger, policy: Policy, now: datetime) -> list[Change]:
    """A mailbox that cannot be read is told once for each time that it falls silent."""
    boxes = blind_boxes(ledger, policy, now)
    if not boxes:
        return []
    told = {event.about for event in ledger.events(kind=BLIND_EVENT)}
    about = [
        (
            ("box", f"{each.account}/{each.folder}"),
            ("since", policy.local(each.read_at).isoformat() if each.read_at else ""),
        )
        for each in boxes
    ]
    return [Record(BLIND_EVENT, now, "系统", about=each) for each in about if each not in told]


def _aside(ledger: Ledger, now: datetime) -> list[Change]:
    """A letter that could not be read to its end holds reminders until a person has looked at it."""
    aside = unread(ledger).aside
    if not aside:
        return []
    told = {event.letter for event in ledger.events(kind=ASIDE_EVENT)}
    return [_alarm(ASIDE_EVENT, each, now) for each in aside if each.id not in told]
