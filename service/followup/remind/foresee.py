"""明天催谁 — the same computation run ahead to a day: who will be reminded, who will not, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from service.office.change import Timer
from service.office.chased import cases, is_blind, is_paused, left_today, unread
from service.office.chasing import Case, Hold, Weighed, weigh
from service.office.dispatch import Dispatch, step_of
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
        if weighed.ringing is not None:
            rows.append(_rung(case, weighed, at))
            left[day] -= not weighed.is_call
        elif case.unsent:
            rows += [_leaving(each, at) for each in case.unsent]
        case = _afterwards(case, weighed, day)
    rows += [
        Foreseen(case.unit, each.step.step, (each.item,), why=each.why, until=each.until)
        for each in weighed.held
    ]
    return case, rows


def _instants(case: Case, policy: Policy, day: date, now: datetime) -> list[datetime]:
    """When this unit is looked at on a day: at opening (or now), and whenever a step comes."""
    opening = datetime.combine(day, policy.hours.start, policy.zone)
    closing = datetime.combine(day, policy.hours.end, policy.zone)
    first = max(opening, now)
    later = {each.at for each in case.timers if first < each.at < closing}
    return [each for each in (first, *sorted(later)) if each < closing]


def _rung(case: Case, weighed: Weighed, at: datetime) -> Foreseen:
    assert weighed.ringing is not None
    items = tuple(each.item for each in weighed.dockets)
    rcpts = () if weighed.is_call else case.rcpts
    return Foreseen(case.unit, weighed.ringing.step, items, rcpts, at, is_call=weighed.is_call)


def _leaving(reminder: Dispatch, at: datetime) -> Foreseen:
    """Written already, and on its way out."""
    at = max(reminder.due_at, at)
    return Foreseen(reminder.unit, step_of(reminder), reminder.dockets, (reminder.rcpt,), at)


def _afterwards(case: Case, weighed: Weighed, day: date) -> Case:
    """The case once this has been done: steps settled, the mail counted."""
    gone = {each.id for each in weighed.skipped}
    has_mailed = bool(case.unsent)
    if weighed.ringing is not None:
        gone.add(weighed.ringing.id)
        has_mailed = not weighed.is_call
    # A step's held part is not in the ledger yet: any number that no other has will do.
    again = tuple(replace(each, id=-1 - at) for at, each in enumerate(weighed.again, len(case.timers)))
    timers: tuple[Timer, ...] = (*(each for each in case.timers if each.id not in gone), *again)
    return replace(
        case,
        timers=timers,
        unsent=(),
        reminded_on=(*case.reminded_on, day) if has_mailed else case.reminded_on,
        count=case.count + has_mailed,
    )
