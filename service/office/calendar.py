"""工作日 — which days the office works, with 调休, and what staff override; never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

import chinese_calendar

# The longest run of days off ever announced is nine; sixty in a row are a slip in workdays.yaml.
DAYS_OFF_MAX = 60
# A span longer than this is a mistyped year, and walking it day by day would take its time.
SPAN_DAYS_MAX = 20_000


class CalendarUnknown(ValueError):
    """Nobody has said whether `day` is a working day; the message is a Chinese sentence with the remedy."""

    def __init__(self, day: date, say: str) -> None:
        super().__init__(say)
        self.day = day


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days as announced by the State Council; `overrides` (date → works) always win."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Whether the office works that day; raises CalendarUnknown rather than guess."""
        stated = self.overrides.get(day)
        if stated is not None:
            return stated
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            raise CalendarUnknown(
                day,
                f"不知道{day.year}年的放假安排，无法判断{_words(day)}是不是工作日："
                f"请按国务院办公厅的通知，在 config/workdays.yaml 中写明{day.year}年的“休息”和“上班”日期，"
                f"并在“整年”中列入{day.year}",
            ) from error

    def next_workday(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it [顺延]."""
        return self._seek(day, timedelta(days=1))

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after `day` (n < 0: before it); 0 is `day` or the next working day."""
        if n == 0:
            return self.next_workday(day)
        step = timedelta(days=1 if n > 0 else -1)
        for _ in range(abs(n)):
            day = self._seek(day + step, step)
        return day

    def workdays_between(self, a: date, b: date) -> int:
        """Working days met when walking from `a` to `b`, `a` itself not counted; negative when b < a."""
        span = (b - a).days
        if abs(span) > SPAN_DAYS_MAX:
            raise CalendarUnknown(b, f"{_words(a)}到{_words(b)}相隔太久，请检查年份是否写错")
        sign = 1 if span > 0 else -1
        return sign * sum(self.is_workday(a + timedelta(days=sign * i)) for i in range(1, abs(span) + 1))

    def _seek(self, day: date, step: timedelta) -> date:
        start = day
        for _ in range(DAYS_OFF_MAX):
            if self.is_workday(day):
                return day
            day += step
        raise CalendarUnknown(
            start,
            f"从{_words(start)}起连续 {DAYS_OFF_MAX} 天都不是工作日，"
            "请检查 config/workdays.yaml 中的“休息”日期",
        )


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When the office is open on a working day, local time; `end` itself is closed."""

    start: time = time(8, 30)
    end: time = time(17, 30)

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("上班时间必须早于下班时间")

    def is_office_time(self, instant: datetime, zone: tzinfo) -> bool:
        """Whether the clock on the wall stands within the hours; the day is the calendar's matter."""
        return self.start <= instant.astimezone(zone).time() < self.end

    def next_open(self, instant: datetime, calendar: WorkCalendar, zone: tzinfo) -> datetime:
        """The instant itself when the office is open, else the next opening; for mails a machine starts."""
        local = instant.astimezone(zone)
        day = local.date()
        if calendar.is_workday(day):
            if self.is_office_time(instant, zone):
                return instant
            if local.time() < self.start:
                return datetime.combine(day, self.start, zone)
        return datetime.combine(calendar.add_workdays(day, 1), self.start, zone)


def _words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
