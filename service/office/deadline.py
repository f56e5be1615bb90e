"""期限 — a due date as written, as it counts, and the instant after which a return is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from service.office.calendar import WorkCalendar
from service.office.campaign import Due

_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date fixed on the clock. A return received at `until` or after it is late.

    `due_on` is the day as written, `counted_on` the day after 顺延; `until` is in UTC, `shown` the last
    second still on time, in local time, as `status --json` prints it.
    """

    due_on: date
    counted_on: date
    until: datetime
    shown: datetime
    is_whole_day: bool = True

    @property
    def is_carried_over(self) -> bool:
        """Whether the written day was a day off and a later one counts."""
        return self.counted_on != self.due_on


def fix_deadline(due: Due, calendar: WorkCalendar, zone: tzinfo) -> Deadline:
    """Fix a due date on the clock; raises CalendarUnknown only where 顺延 must be decided and cannot."""
    counted_on = calendar.next_workday(due.on) if due.carries_over else due.on
    until = _midnight_after(counted_on, zone) if due.at is None else _instant(counted_on, due.at, zone)
    return Deadline(
        due_on=due.on,
        counted_on=counted_on,
        until=until,
        shown=(until - timedelta(seconds=1)).astimezone(zone),
        is_whole_day=due.at is None,
    )


def is_late(received_at: datetime, deadline: Deadline) -> bool:
    """Whether a return came too late: 24:00 sharp is late, the last moment before it is not."""
    # In UTC: two times of one zone are compared by the clock on the wall, which may show an hour twice.
    return received_at.astimezone(UTC) >= deadline.until.astimezone(UTC)


def days_left(now: datetime, deadline: Deadline, zone: tzinfo) -> int:
    """Calendar days from today to the day that counts: 0 on the day itself, negative after it."""
    return (deadline.counted_on - now.astimezone(zone).date()).days


def in_words(deadline: Deadline, zone: tzinfo) -> str:
    """For mails: 2024年9月29日（星期日）24:00前（含当日）, or with an hour 2024年9月29日（星期日）17:00前."""
    if deadline.is_whole_day:
        return f"{day_in_words(deadline.shown.astimezone(zone).date())}24:00前（含当日）"
    end = deadline.until.astimezone(zone)
    return f"{day_in_words(end.date())}{end:%H:%M}前"


def carry_words(deadline: Deadline) -> str:
    """Why the day differs from the notice: 原定9月28日（星期六），遇休息日顺延; empty when it does not."""
    if not deadline.is_carried_over:
        return ""
    written = deadline.due_on
    return f"原定{written.month}月{written.day}日（星期{_WEEKDAYS[written.weekday()]}），遇休息日顺延"


def day_in_words(day: date) -> str:
    """2024年9月29日（星期日）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"


def _midnight_after(day: date, zone: tzinfo) -> datetime:
    # fold=0: where midnight is skipped this is the instant of the change, where it comes twice the first one,
    # so a day never reaches into the next.
    local = datetime.combine(day + timedelta(days=1), time(0), zone)
    return local.astimezone(UTC)


def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    # An hour that the clock shows twice, or skips, is read in the unit's favour.
    hour = at.replace(tzinfo=None)
    readings = (datetime.combine(day, hour.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return max(readings)
