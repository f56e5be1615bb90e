"""明天催谁 — the same computation run ahead to a day: who will be reminded, who will not, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from service.office.chased import cases, is_blind, is_paused, left_today, unread
from service.office.chasing import (
    Case,
    Hold,
    Weighed,
    asked_again,
    has_had_its_share,
    hold_of,
    is_owed,
    weigh,
)
from service.office.dispatch import DispatchState, step_of
from service.office.frozen import open_campaign
from service.office.needs.archive import Archive
from service.office.needs.ledger import Ledger
from service.office.policy import Policy

# Further ahead too much will have happened; every working day until then is gone through.
AHEAD_DAYS_MAX = 60


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One unit on that day: reminded or called at `at`, or held (`why`) although a step has come."""

    unit: str
    step: str
    items: tuple[str, ...]
    rcpts: tuple[str, ...] = ()
    at: datetime | None = None
    is_call: bool = False
    why: Hold | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A day's chasing of a campaign; the flags hold all of it, as things stand now."""

    campaign: str
    on: date
    rows: tuple[Foreseen, ...] = ()
    is_workday: bool = True
    is_over: bool = False
    is_paused: bool = False
    is_blind: bool = False
    is_unread: bool = False
    makes_drafts: bool = False  # a clerk lets each reminder go


def foresee(
    ledger: Ledger, archive: Archive, policy: Policy, campaign: str, on: date, now: datetime
) -> Outlook:
    """Go through every working day until then with what is known now. Raises CalendarUnknown."""
    facts, row = open_campaign(campaign, ledger, archive), ledger.campaign(campaign)
    seen = unread(ledger)
    outlook = Outlook(
        campaign,
        on,
        is_workday=policy.calendar.is_workday(on),
        is_over=row is not None and not row.is_open,
        is_paused=is_paused(ledger, campaign),
        is_blind=is_blind(ledger, policy, now),
        is_unread=seen.is_anybodys or campaign in seen.campaigns,
        makes_drafts=facts is not None and not facts.sends_reminders,
    )
    ends = datetime.combine(on, policy.hours.end, policy.zone)
    if outlook.is_over or not outlook.is_workday or ends <= now:
        return outlook
    pending = [timer for timer, state in ledger.timers(campaign) if state == "pending" and timer.at < ends]
    found = list(cases(ledger, policy, campaign, pending).values())
    left = {policy.local(now).date(): left_today(ledger, policy, now)}
    days = _working_days(policy, policy.local(now).date(), on)
    rows: list[Foreseen] = []
    for day in days:
        for number, case in enumerate(found):
            found[number], said = _one_day(case, policy, day, now, left)
            rows += said if day == on else []
    # A letter of this unit alone that could not be read to its end holds it, and nobody else.
    own = {unit for key, unit in seen.units if key == campaign}
    rows = [replace(each, at=None, rcpts=(), why=Hold.UNREAD) if each.unit in own else each for each in rows]
    order = {standing.unit.key: at for at, standing in enumerate(ledger.standings(campaign))}
    return replace(
        outlook, rows=tuple(sorted(rows, key=lambda each: (each.why is not None, order[each.unit])))
    )


def _working_days(policy: Policy, start: date, end: date) -> list[date]:
    days = [start + timedelta(days=ahead) for ahead in range((end - start).days + 1)]
    return [each for each in days[: AHEAD_DAYS_MAX + 1] if policy.calendar.is_workday(each)]


def _one_day(
    case: Case, policy: Policy, day: date, now: datetime, left: dict[date, int]
) -> tuple[Case, list[Foreseen]]:
    """What a unit's steps come to on one day, and its case in the evening."""
    rows: list[Foreseen] = []
    weighed = Weighed()
    for at in _instants(case, policy, day, now):
        weighed = weigh(case, policy, at, left.setdefault(day, policy.reminders_per_day))
        if weighed.ringing is None:
            case, leaving = _leaving(case, policy, at)
            rows += leaving
            weighed = weigh(case, policy, at, left[day])
        if weighed.ringing is not None:
            rows.append(_rung(case, weighed, at))
            left[day] -= not weighed.is_call
        case = _afterwards(case, weighed, day)
    held = (
        Foreseen(case.unit, each.step.step, (each.item,), why=each.why, until=each.until)
        for each in weighed.held
    )
    return case, [*rows, *held]


def _instants(case: Case, policy: Policy, day: date, now: datetime) -> list[datetime]:
    """When this unit is looked at on a day: at opening (or now), and whenever a step or a mail comes due."""
    opening = datetime.combine(day, policy.hours.start, policy.zone)
    closing = datetime.combine(day, policy.hours.end, policy.zone)
    first = max(opening, now)
    due = (*(each.at for each in case.timers), *(each.due_at for each in case.unsent))
    later = {each for each in due if first < each < closing}
    return [each for each in (first, *sorted(later)) if each < closing]


def _leaving(case: Case, policy: Policy, at: datetime) -> tuple[Case, list[Foreseen]]:
    """Reminders written already that leave at this instant; or, outdated, are asked for again."""
    today = policy.local(at).date()
    rows: list[Foreseen] = []
    for each in case.unsent:
        if each.due_at > at or each.state is DispatchState.HELD or has_had_its_share(case, policy, today):
            continue
        owed = [one for one in case.dockets if one.item in each.dockets and is_owed(one)]
        free = [one for one in owed if hold_of(one, case, policy, at) is None]
        rest = tuple(one for one in case.unsent if one is not each)
        if len(free) == len(each.dockets):
            rows.append(Foreseen(each.unit, step_of(each), each.dockets, (each.rcpt,), at))
            case = replace(case, unsent=rest, reminded_on=(*case.reminded_on, today), count=case.count + 1)
        else:
            again = (replace(asked_again(each, owed, at), id=-each.id),) if owed else ()
            case = replace(case, unsent=rest, timers=(*case.timers, *again))
    return case, rows


def _rung(case: Case, weighed: Weighed, at: datetime) -> Foreseen:
    assert weighed.ringing is not None
    items = tuple(each.item for each in weighed.dockets)
    rcpts = () if weighed.is_call else case.rcpts
    return Foreseen(case.unit, weighed.ringing.step, items, rcpts, at, is_call=weighed.is_call)


def _afterwards(case: Case, weighed: Weighed, day: date) -> Case:
    """The case once this has been done: steps settled, the mail counted."""
    gone = {each.id for each in weighed.skipped}
    if weighed.ringing is None:
        return replace(case, timers=tuple(each for each in case.timers if each.id not in gone))
    gone.add(weighed.ringing.id)
    # A step's held part is not in the ledger yet: any number that no other has will do.
    lowest = min((each.id for each in case.timers), default=0)
    again = (replace(each, id=min(lowest, 0) - 1 - at) for at, each in enumerate(weighed.again))
    timers = (*(each for each in case.timers if each.id not in gone), *again)
    if weighed.is_call:
        return replace(case, timers=timers)
    return replace(case, timers=timers, unsent=(), reminded_on=(*case.reminded_on, day), count=case.count + 1)
