"""来得及吗 — whether the notice reaches everybody in time, at the account's pace and the planned hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.office.campaign import Campaign, Obligation
from service.office.content import Manifest
from service.office.deadline import day_in_words
from service.office.facts import deadline_of
from service.office.finding import Problem
from service.office.forecast import Forecast, forecast, pace_words
from service.office.policy import Policy, moment_words
from service.office.roster import Roster

_OWED = (Obligation.REQUIRED, Obligation.VOLUNTARY)


@dataclass(frozen=True, slots=True)
class Timing:
    """When the letters go out; `last` names the unit that is reached last."""

    forecast: Forecast
    last: str
    pace: str

    def words(self, policy: Policy) -> str:
        """共 312 封，…，自…起，最后一封（某单位）最迟…发出。"""
        if not self.forecast.seconds:
            return "没有要用邮件发出的。"
        start, end = self.forecast.starts_at, self.forecast.last_at
        count = len(self.forecast.seconds)
        return (
            f"共 {count} 封，按发信帐号的节奏（{self.pace}），自{moment_words(start, policy.zone)}起，"
            f"最后一封（{self.last}）最迟{moment_words(end, policy.zone)}发出。"
        )


def timing_of(manifest: Manifest, policy: Policy, now: datetime) -> Timing:
    """The forecast for this draft; the outbox drains in the order of the draft."""
    start = manifest.starts_at or now
    last = manifest.planned[-1].unit_name if manifest.planned else ""
    return Timing(forecast(len(manifest.planned), start, policy.pace), last, pace_words(policy.pace))


def timing_problems(
    timing: Timing,
    campaign: Campaign,
    manifest: Manifest,
    roster: Roster,
    policy: Policy,
    now: datetime,
    *,
    may_any_hour: bool,
) -> Iterator[Problem]:
    """A planned hour nobody works at or that is over, and due dates too soon after the last letter."""
    planned = manifest.starts_at
    if planned is not None:
        said = moment_words(planned, policy.zone)
        if planned <= now:
            yield _problem(f"计划的发出时刻 {said} 已经过了", "planned-hour-past")
        elif not may_any_hour and not policy.is_open(planned):
            hours = f"{policy.hours.start:%H:%M}—{policy.hours.end:%H:%M}"
            say = f"计划的发出时刻 {said} 不在办公时间（工作日 {hours}）；确实要在这时发的，加 --any-hour"
            yield _problem(say, "planned-hour")
    yield from _too_late(timing, campaign, manifest, roster, policy, now)


def _too_late(
    timing: Timing, campaign: Campaign, manifest: Manifest, roster: Roster, policy: Policy, now: datetime
) -> Iterator[Problem]:
    """The last unit that owes an item must have at least so many days for it."""
    places: dict[str, int] = {}
    for place, each in enumerate(manifest.planned):
        places.setdefault(each.unit, place)  # a unit is reached with its first letter
    for item in campaign.items:
        deadline = deadline_of(item, policy.calendar, policy.zone)
        if deadline is None or deadline.until <= now:
            continue  # without a date, or said already: the date is over
        asked = [
            (places[unit.key], unit.name)
            for unit in roster.in_groups(campaign.groups)
            if unit.key in places and campaign.obligation(item, unit.groups) in _OWED
        ]
        if not asked:
            continue
        place, name = max(asked)
        reached_on = policy.local(timing.forecast.out_at(place)).date()
        left = (deadline.counted_on - reached_on).days
        if left < campaign.minimum_days:
            say = (
                f"最后一个单位（{name}）最迟{day_in_words(reached_on)}才收到通知，离截止日"
                f"{day_in_words(deadline.counted_on)}只剩 {max(left, 0)} 天，"
                f"少于 {campaign.minimum_days} 天："
                f"请提前签发、推迟截止日、加快发信节奏，或在 campaign.yaml 写 minimum_days: {max(left, 0)}"
            )
            yield Problem("复核", f"材料“{item.name}”", say, "too-little-time")


def _problem(say: str, code: str) -> Problem:
    return Problem("复核", "发出时刻", say, code)
