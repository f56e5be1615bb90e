"""催办日程 — when each unit will be chased and for what, computed from the campaign alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from service.office.campaign import Campaign, Item, Obligation, ReminderStep
from service.office.change import Timer
from service.office.content import Chase, Manifest
from service.office.docket import Docket, DocketState
from service.office.facts import deadline_of
from service.office.frozen import items_for
from service.office.policy import Policy, moment_words
from service.office.roster import Roster, Unit


def chasing_timers(
    campaign: Campaign, units: Iterable[Unit], policy: Policy, at: datetime
) -> Iterator[Timer]:
    """Chasing steps of the units' required items, for a notice that goes out at the instant `at`.

    Steps falling at one instant share a timer, hence one mail. A step is left out where the notice would be
    younger than the policy's rest by then. Raises CalendarUnknown where 顺延 or the rest cannot be decided.
    """
    earliest = policy.calendar.add_workdays(policy.local(at).date(), policy.notice_rest_workdays)
    for unit in units:
        at_instant: dict[datetime, tuple[str, list[str]]] = {}
        for item in items_for(campaign, unit.groups):
            if campaign.obligation(item, unit.groups) is not Obligation.REQUIRED:
                continue
            for name, instant in chasing_steps(item, policy):
                if instant > at and policy.local(instant).date() >= earliest:
                    at_instant.setdefault(instant, (name, []))[1].append(item.key)
        for instant, (name, items) in sorted(at_instant.items()):
            step = f"{name}@{policy.local(instant):%Y-%m-%d}"
            yield Timer(campaign.key, unit.key, step, 0, instant, tuple(items))


def schedule_of(campaign: Campaign, units: Iterable[Unit], policy: Policy, at: datetime) -> tuple[Chase, ...]:
    """The same for people: units that are chased at one instant for the same items stand together."""
    together: dict[tuple[datetime, str, tuple[str, ...]], list[str]] = {}
    for timer in chasing_timers(campaign, units, policy, at):
        together.setdefault((timer.at, timer.step, timer.items), []).append(timer.unit)
    return tuple(
        Chase(step, instant, items, tuple(chased))
        for (instant, step, items), chased in sorted(together.items())
    )


def chasing_steps(item: Item, policy: Policy) -> Iterator[tuple[str, datetime]]:
    """Every step of an item with its instant, in the order written; nothing for an item without a date."""
    deadline = deadline_of(item, policy.calendar, policy.zone)
    if deadline is None:
        return
    for step in item.reminders:
        yield step.name, _instant(deadline.counted_on, step, item.grace_days, policy)


def _instant(counted_on: date, step: ReminderStep, grace_days: int, policy: Policy) -> datetime:
    """When a step rings. One after the date counts from the end of the grace: nobody is late before."""
    grace = timedelta(days=grace_days if step.days_before < 0 else 0)
    day = counted_on - timedelta(days=step.days_before) + grace
    return datetime.combine(day, step.at, policy.zone)


def chasing_anew(
    campaign: Campaign, dockets: Iterable[Docket], policy: Policy, at: datetime, mark: str
) -> Iterator[Timer]:
    """Chasing steps of these dockets, of whole units, from the instants at which they are due now.

    For terms that changed after a release: an extension may differ from what the campaign says. `mark` goes
    into each step's name, so that a step that rang before, or was cancelled, may come once more.
    """
    earliest = policy.calendar.add_workdays(policy.local(at).date(), policy.notice_rest_workdays)
    by_unit: dict[str, list[Docket]] = {}
    for docket in dockets:
        by_unit.setdefault(docket.unit, []).append(docket)
    for unit, owed in by_unit.items():
        due_rev = max(each.due_rev for each in owed)
        at_instant: dict[datetime, tuple[str, list[str]]] = {}
        for docket in owed:
            for name, instant in _steps_of(docket, campaign.item(docket.item), policy):
                if instant > at and policy.local(instant).date() >= earliest:
                    at_instant.setdefault(instant, (name, []))[1].append(docket.item)
        for instant, (name, items) in sorted(at_instant.items()):
            step = f"{name}@{policy.local(instant):%Y-%m-%d}#{mark}"
            yield Timer(campaign.key, unit, step, due_rev, instant, tuple(items))


def _steps_of(docket: Docket, item: Item | None, policy: Policy) -> Iterator[tuple[str, datetime]]:
    owed = docket.obligation is Obligation.REQUIRED and docket.state is not DocketState.EXEMPT
    if item is None or item.is_withdrawn or docket.due_until is None or not owed:
        return
    end = policy.local(docket.due_until)
    # A whole day ends at midnight of the next one.
    counted_on = (end - timedelta(microseconds=1)).date() if end.time() == time(0) else end.date()
    for step in item.reminders:
        yield step.name, _instant(counted_on, step, docket.grace_days, policy)


def untimely(
    manifest: Manifest, campaign: Campaign, roster: Roster, policy: Policy, now: datetime, at: datetime | None
) -> str:
    """Why this hour no longer fits the schedule that was proofed, or an empty string."""
    planned = manifest.starts_at
    if at is not None and at != planned:
        said = moment_words(planned, policy.zone) if planned else "签发后即发"
        return (
            f"校样的发出时刻是“{said}”，与 --at 不同：请先运行 "
            f"huizhi proof {campaign.key} --at {policy.local(at):%Y-%m-%dT%H:%M}，核对后再签发"
        )
    if planned is not None and planned <= now:
        return f"计划的发出时刻 {moment_words(planned, policy.zone)} 已经过了：请用新的时刻重新复核"
    units = roster.in_groups(campaign.groups)
    counted = schedule_of(campaign, units, policy, planned or now)
    if counted != manifest.schedule:
        gone = [each for each in manifest.schedule if each not in counted]
        names = "、".join(
            f"{policy.local(each.at):%-m月%-d日}{each.step.partition('@')[0]}" for each in gone[:5]
        )
        return f"复核以后过了些日子，催办日程有变（{names or '有增加'}），请重新复核"
    return ""
